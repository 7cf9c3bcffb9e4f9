"""What git tells of a run: the project as its index has it, and what was wrong before the present change."""

from __future__ import annotations

import contextlib
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
    from infralint.git_trees import GitTree
    from infralint.report import Report
    from infralint.settings import Settings


def lint_index(root: Path, settings: Settings, options: Options) -> Report:
    """Lint what the next commit would hold. Raises click.ClickException."""
    with index_of(root) as tree:
        return _lint(tree, root, settings, options)


@contextlib.contextmanager
def index_of(root: Path) -> Iterator[GitTree]:
    """The folder of a project as git's index has it. Raises click.ClickException."""
    try:
        files = Repository.around(root).staged_files()
    except GitError as error:
        raise click.ClickException(f"--staged: {error}") from error
    with _tree(root, files) as tree:
        yield tree


def staged_texts(result: Result) -> dict[str, bytes]:
    """The files in which something was found, as git's index has them. Raises click.ClickException."""
    findings = (*result.findings, *result.suppressed)
    wanted = {path for finding in findings for path in (finding.path, *(place.path for place in finding.related))}
    texts = {}
    # A project inside of another comes behind it, and has the say in its own folder.
    for target in result.targets:
        prefix = prefix_below(target.root, result.base)
        with index_of(target.root) as tree:
            for path in wanted:
                if path.startswith(prefix):
                    with contextlib.suppress(OSError):
                        texts[path] = tree.read(path[len(prefix) :])
    return texts


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
            with _tree(target.root, files) as tree:
                report = _lint(tree, target.root, settings_of(target, options), options)
        except GitError as error:
            raise click.ClickException(f"--diff-base: {error}") from error
        prefix = prefix_below(target.root, result.base)
        names = {old: new for new, old in moved.items()}
        for finding in report.findings:
            known = identity(relocated(finding, prefix))
            yield replace(known, path=prefix + names.get(finding.path, finding.path))


@contextlib.contextmanager
def _tree(root: Path, files: Mapping[str, Blob]) -> Iterator[GitTree]:
    from infralint.git_trees import GitTree

    with Contents(root) as contents:
        yield GitTree(None, {}, blobs=files, contents=contents)


def _lint(tree: GitTree, root: Path, settings: Settings, options: Options) -> Report:
    from infralint import engine
    from infralint.cli.progress import ProgressBar

    with ProgressBar(sys.stderr) as progress:
        return engine.lint_tree(
            tree, settings, cache=root if options.cache else None, jobs=options.jobs, progress=progress
        )
