"""The report as a page: what it shows besides findings is read from the projects of the run once more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import tomli

if TYPE_CHECKING:
    from infralint.cli.running import Options, Result
    from infralint.cli.scope import Target
    from infralint.overview import Overview
    from infralint.reports.html.parts import Part


def html_of(result: Result) -> str:
    """The page of a run. Raises click.ClickException."""
    from infralint.cli.source_lines import lines_of
    from infralint.reports.html.page import render_html

    return render_html(
        result.findings,
        result.suppressed,
        list(_parts(result)),
        lines_of(result),
        name=", ".join(dict.fromkeys(_name(target.root) for target in result.targets)) or result.base.name,
        files=result.files,
    )


def _parts(result: Result) -> Iterator[Part]:
    """The projects of the run, linked again: with facts from the cache this takes a part of the first time."""
    from infralint.cli.scope import prefix_below
    from infralint.reports.html.parts import Part

    if result.options is None:
        return
    for target in result.targets:
        seen = _overview(target, result, result.options)
        yield Part(prefix_below(target.root, result.base), seen.schema, seen.services, seen.owners)


def _overview(target: Target, result: Result, options: Options) -> Overview:
    from infralint.cli.history import index_of
    from infralint.cli.progress import ProgressBar
    from infralint.cli.running import settings_of
    from infralint.overview import overview_of, overview_of_tree

    settings = settings_of(target, options)
    with ProgressBar(sys.stderr) as progress:
        if not options.staged:
            return overview_of(
                target.root,
                settings,
                overlay=result.overlay,
                jobs=options.jobs,
                cache=options.cache,
                progress=progress,
            )
        cache = target.root if options.cache else None
        with index_of(target.root) as tree:
            return overview_of_tree(tree, settings, cache=cache, jobs=options.jobs, progress=progress)


def _name(root: Path) -> str:
    """What a project calls itself in pyproject.toml, else its folder's name."""
    try:
        found = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return root.resolve().name
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name else root.resolve().name
