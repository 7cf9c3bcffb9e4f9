"""Which projects a command line speaks of, and which of their findings it wants to see."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from infralint.findings import Finding
from infralint.settings_load import find_root


@dataclass(frozen=True, slots=True)
class Target:
    """A project, and the files and folders in it (relative, `/`) whose findings are wanted; "": all."""

    root: Path
    wanted: frozenset[str]

    def wants(self, finding: Finding) -> bool:
        """Whether the finding's own place is among those that are wanted."""
        return self.wants_path(finding.path)

    def wants_path(self, path: str) -> bool:
        """Whether a file is among those that are wanted."""
        return any(not wanted or path == wanted or path.startswith(f"{wanted}/") for wanted in self.wanted)


def wanted_paths(named: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files and folders that are named; without any, the whole project around here."""
    return named or (find_root(Path()),)


def targets(paths: Iterable[Path]) -> list[Target]:
    """The projects that paths belong to, by root, each linted as a whole."""
    wanted: dict[Path, set[str]] = {}
    for path in paths:
        # Not resolved: a link inside a project is known there by its own name.
        absolute = Path(os.path.normpath(path.absolute()))
        root = find_root(absolute)
        relative = absolute.relative_to(root).as_posix()
        wanted.setdefault(root, set()).add("" if relative == "." else relative)
    return [Target(root, frozenset(wanted[root])) for root in sorted(wanted)]


def common_base(found: Iterable[Target]) -> Path:
    """The folder that reported paths are relative to: the project's root, or what several have in common."""
    return Path(os.path.commonpath([target.root for target in found]))


def relocated(finding: Finding, prefix: str) -> Finding:
    """The finding with a folder before all of its paths. `prefix` is "" or ends with `/`."""
    if not prefix:
        return finding
    fixes = tuple(
        replace(fix, edits=tuple(replace(edit, path=prefix + edit.path) for edit in fix.edits)) for fix in finding.fixes
    )
    related = tuple(replace(place, path=prefix + place.path) for place in finding.related)
    return replace(finding, path=prefix + finding.path, related=related, fixes=fixes)


def prefix_below(root: Path, base: Path) -> str:
    """What leads from `base` down to `root`: "" where they are the same or `root` is not below."""
    if root == base or base not in root.parents:
        return ""
    return f"{root.relative_to(base).as_posix()}/"
