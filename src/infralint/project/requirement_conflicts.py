"""Requirements that contradict each other: in what one command of an image installs, and in files by themselves."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from infralint.facts.files import FileFacts
from infralint.facts.requirements import RequirementFacts
from infralint.project.builds import Builds
from infralint.project.installs import Installs
from infralint.project.requirements import RequirementSet
from infralint.project.requirements.conflicts import Conflict, conflicts
from infralint.project.requirements.environment import ANYWHERE
from infralint.project.requirements.view import Requirements
from infralint.source import Span

# Tools that resolve a project's groups together with its own requirements.
_TOGETHER = frozenset({"poetry", "uv"})


@dataclass(frozen=True, slots=True)
class PlacedConflict:
    """A contradiction. `installed`: the instruction that installs both, None where no image is known to."""

    conflict: Conflict
    installed: tuple[str, Span] | None = None


def distinct(found: Iterable[PlacedConflict]) -> tuple[PlacedConflict, ...]:
    """Each contradiction once, by place: the first, with the image that shows it where there is one."""
    by_place: dict[tuple[str, Span, str, Span], PlacedConflict] = {}
    for placed in found:
        by_place.setdefault(_key(placed.conflict), placed)
    return tuple(by_place[key] for key in sorted(by_place))


def conflicts_in_images(builds: Builds, installs: Installs, dockerfile: str) -> Iterator[PlacedConflict]:
    """The contradictions in what single commands of a Dockerfile's images install."""
    for image in builds.of_dockerfile(dockerfile):
        for install in installs.of(image).installs:
            for conflict in conflicts([install.brings]):
                yield PlacedConflict(conflict, (install.path, install.span))


class FileConflicts:
    """The contradictions of files by themselves. `asking`: those that ask for distributions."""

    def __init__(self, files: Mapping[str, FileFacts], asking: Iterable[str], requirements: Requirements) -> None:
        self._files = files
        self._asking = asking
        self._requirements = requirements

    def all(self) -> Iterator[PlacedConflict]:
        """All contradictions, file by file."""
        for path in self._asking:
            asked = self._files[path].requirements
            if asked is None or asked.lock is not None:
                continue
            sets = [self._of_file(path)] if asked.tool == "pip" else self._of_project(path, asked)
            for each in sets:
                yield from (PlacedConflict(conflict) for conflict in conflicts([each]))

    def _of_file(self, path: str) -> RequirementSet:
        return self._requirements.of_file(path, dependencies=False, environment=ANYWHERE)

    def _of_project(self, path: str, facts: RequirementFacts) -> Iterator[RequirementSet]:
        """The sets that a project's file offers: its own requirements, with one extra or one group more."""
        folder = posixpath.dirname(path)
        overridden = {
            requirement.name for group in facts.groups if group.kind == "override" for requirement in group.requirements
        }
        for group in facts.groups:
            extras = (group.name,) if group.kind == "extra" else ()
            groups = (group.name,) if group.kind == "group" else ()
            if group.kind not in ("main", "extra", "group") or group.name.startswith("hatch."):
                continue
            found = self._requirements.of_project(
                folder,
                extras=extras,
                groups=groups,
                main=group.kind != "group" or facts.tool in _TOGETHER or self._has_lock(folder),
                dependencies=False,
                environment=ANYWHERE,
            )
            asked = tuple(each for each in found.asked if each.requirement.name not in overridden)
            yield replace(found, asked=asked)

    def _has_lock(self, folder: str) -> bool:
        """Whether a lock file shows that all groups of a project are resolved together."""
        names = ("uv.lock", "poetry.lock")
        return any(self._requirements.facts(posixpath.join(folder, name)) is not None for name in names)


def _key(conflict: Conflict) -> tuple[str, Span, str, Span]:
    first, second = conflict.first, conflict.second
    return (second.path, second.requirement.span, first.path, first.requirement.span)
