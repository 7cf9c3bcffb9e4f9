"""Targets of patches that name what the tree's own modules do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.project.unresolved_imports import NameJudge
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class UnresolvedPatch:
    """A patch that must fail: `name` is no name of the module in `target`, nor a module below it."""

    path: str
    span: Span
    name: str
    target: str
    is_module: bool


def unresolved_patches(files: Mapping[str, FileFacts], judge: NameJudge) -> Iterator[UnresolvedPatch]:
    """Every patch of a name that the tree should have and has not, by file and place."""
    for path, facts in files.items():
        for patch in facts.python.patches if facts.python else ():
            found = _judged(judge, path, patch.target)
            if found is not None:
                yield UnresolvedPatch(path, patch.span, *found)


def _judged(judge: NameJudge, path: str, target: str) -> tuple[str, str, bool] | None:
    """The missing name, the file that lacks it, and whether it is a module's; None where it may be there.

    `unittest.mock` imports the longest path that it can, and asks the rest as attributes: only the first attribute of
    a module of the tree is judged.
    """
    parts = target.split(".")
    if not all(part.isidentifier() for part in parts) or not judge.is_own(parts[0]):
        return None
    for end in range(len(parts) - 1, 0, -1):
        module = judge.find(".".join(parts[:end]), path)
        if module is None:
            continue
        name = parts[end]
        if not judge.all_lack(".".join(parts[:end]), module, path, name):
            return None
        return name, module, end < len(parts) - 1
    return None
