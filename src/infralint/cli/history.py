"""What git tells of a run: the project as its index has it, and what was wrong before the present change."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.scope import prefix_below
from infralint.git_program import Blob, Contents, GitError, Repository

if TYPE_CHECKING:
    from infralint.cli.running import Options, Result
    from infralint.fingerprints import Identity
    from infralint.report import Report
    from infralint.settings import Settings


def lint_index(root: Path, settings: Settings, options: Options) -> Report:
    """Lint what the next commit would hold. Raises click.ClickException."""
    try:
        repository = Repository.around(root)
        return _lint(root, repository.staged_files(), settings, options)
    except GitError as error:
        raise click.ClickException(f"--staged: {error}") from error


def only_caused(result: Result, revision: str, options: Options) -> Result:
    """The result without the findings that are there at `revision` as well; files that were renamed since are the same
    files. Raises click.ClickException."""
    from infralint.fingerprints import without

    known = list(_known(result, revision, options))
    return replace(result, findings=tuple(without(result.findings, known)))


def _known(result: Result, revision: str, options: Options) -> Iterator[Identity]:
    """The findings at the place where the present change began, under the present names of their files."""
    from infralint.cli.running import settings_of
    from infralint.cli.scope import relocated
    from infralint.fingerprints import identity

    for target in result.targets:
        try:
            repository = Repository.around(target.root)
            commit = repository.fork_point(revision)
            files, moved = repository.files_of(commit), repository.renamed_since(commit)
            report = _lint(target.root, files, settings_of(target, options), options)
        except GitError as error:
            raise click.ClickException(f"--diff-base: {error}") from error
        prefix = prefix_below(target.root, result.base)
        names = {old: new for new, old in moved.items()}
        for finding in report.findings:
            known = identity(relocated(finding, prefix))
            yield replace(known, path=prefix + names.get(finding.path, finding.path))


def _lint(root: Path, files: Mapping[str, Blob], settings: Settings, options: Options) -> Report:
    from infralint import engine
    from infralint.cli.progress import ProgressBar
    from infralint.git_trees import GitTree

    with Contents(root) as contents, ProgressBar(sys.stderr) as progress:
        tree = GitTree(None, {}, blobs=files, contents=contents)
        return engine.lint_tree(
            tree, settings, cache=root if options.cache else None, jobs=options.jobs, progress=progress
        )
