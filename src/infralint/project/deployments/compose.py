"""Compose projects: which files are used together, and the services that they make.

Docker documentation, "Merge Compose files", "extends", "include" and "Set or change pre-defined environment variables"
(Compose 2.30).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from infralint.facts.commands import Word
from infralint.facts.deployments import DeploymentFacts, Variable, Workload
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Piece, Text, hole
from infralint.project.commands import CommandUse
from infralint.project.deployments.layers import Layer, Merged, folder_of, joined_path, merged
from infralint.project.deployments.model import Gap

# In the order in which Compose looks for them.
_DEFAULTS = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = (
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
)
_MAX_EXTENDS = 20
_MAX_INCLUDES = 20
_FILE_OPTIONS = ("-f", "--file")


@dataclass(frozen=True, slots=True)
class FileSet:
    """Compose files that are used together, in order.

    `folder`: where the relative paths of all of them start. `is_guess`: nothing says that they are used so.
    """

    paths: tuple[str, ...]
    folder: str
    is_guess: bool = False


@dataclass(slots=True)
class ComposeProjects:
    """All services of all sets of compose files."""

    files: Mapping[str, FileFacts]
    commands: Sequence[CommandUse]
    facts: dict[str, DeploymentFacts] = field(init=False)

    def __post_init__(self) -> None:
        self.facts = {
            path: facts.deployments
            for path, facts in self.files.items()
            if facts.deployments is not None
            and (facts.deployments.includes or any(each.kind == "compose" for each in facts.deployments.workloads))
        }

    def services(self) -> Iterator[Merged]:
        """The services of every set, each with all of its layers; those that two sets have alike once."""
        seen = set()
        for files in self._sets():
            for service in self._services(files):
                places = tuple((layer.path, layer.folder, layer.workload.span) for layer in service.layers)
                if places not in seen:
                    seen.add(places)
                    yield service

    def _sets(self) -> list[FileSet]:
        """Sets that commands name, those that Compose finds by itself, and each file that is in none of these."""
        found = dict.fromkeys([*self._named_sets(), *self._default_sets()])
        # A command that names the default files alone says nothing more.
        used = {path for files in found for path in files.paths}
        used |= {path for each in used for path in self._included(each, 0)}
        alone = [path for path in self.facts if path not in used]
        return [*found, *(self._lone(path) for path in alone)]

    def _default_sets(self) -> Iterator[FileSet]:
        for folder in sorted({folder_of(path) for path in self.facts}):
            base = self._beside(folder, _DEFAULTS)
            if base is not None:
                override = self._beside(folder, _OVERRIDES)
                yield FileSet((base, override) if override is not None else (base,), folder)

    def _beside(self, folder: str, names: Iterable[str]) -> str | None:
        paths = (f"{folder}/{name}" if folder else name for name in names)
        return next((path for path in paths if path in self.facts), None)

    def _named_sets(self) -> Iterator[FileSet]:
        for use in self.commands:
            written = _files_of(use.command.words)
            paths = self._resolved(written, folder_of(use.path)) if written else None
            if paths is not None:
                yield FileSet(paths, folder_of(paths[0]))

    def _resolved(self, written: Sequence[str], near: str) -> tuple[str, ...] | None:
        """The files of a command: seen from the folder of the script, or from one above it."""
        folder = near
        while True:
            paths = [joined_path(folder, each) for each in written]
            if all(path in self.facts for path in paths):
                return tuple(path for path in paths if path is not None)
            if not folder:
                return None
            folder = folder_of(folder)

    def _lone(self, path: str) -> FileSet:
        """A file that no command names: it adds to the default one where it would not do by itself."""
        folder = folder_of(path)
        base = self._beside(folder, _DEFAULTS)
        if base is None or base == path or not self._is_partial(path, base):
            return FileSet((path,), folder, is_guess=True)
        return FileSet((base, path), folder, is_guess=True)

    def _is_partial(self, path: str, base: str) -> bool:
        """Whether a file has services that get their image from another file's."""
        known = {each.name.value for each in self.facts[base].workloads}
        return any(
            each.image is None and each.build is None and each.extends is None and each.name.value in known
            for each in self.facts[path].workloads
        )

    def _included(self, path: str, depth: int) -> list[str]:
        """The files that a file includes, those of the included first."""
        found: list[str] = []
        facts = self.facts.get(path)
        for reference in facts.includes if facts is not None and depth < _MAX_INCLUDES else ():
            other = joined_path(folder_of(path), reference.path.value)
            if other is not None and other in self.facts and other != path:
                found += [*self._included(other, depth + 1), other]
        return list(dict.fromkeys(found))

    def _services(self, files: FileSet) -> Iterator[Merged]:
        order = [(each, folder_of(each)) for path in files.paths for each in self._included(path, 0)]
        order += [(path, files.folder) for path in files.paths]
        chains: dict[str, list[list[Layer]]] = {}
        gaps: dict[str, list[Gap]] = {}
        for path, folder in order:
            for workload in self.facts[path].workloads:
                name = workload.name.value
                if workload.kind == "compose":
                    missing = gaps.setdefault(name, [])
                    chain = self._extended(path, folder, workload, missing, files.folder)
                    chains.setdefault(name, []).append(chain)
        for name, found in chains.items():
            layers = [layer for chain in found for layer in chain]
            # What a chain begins with is another service, which it extends.
            yield merged(layers, (*gaps[name], *self._perhaps_over(files, name)), found[0][-1])

    def _interpolated(self, workload: Workload, folder: str) -> Workload:
        """A service with the values that the project's `.env` gives to what its own values take.

        A value that is more than one such variable, and one with a default, is no longer known then.
        """
        given = self._dotenv(folder)
        if not given:
            return workload
        variables = tuple(
            msgspec.structs.replace(each, value=_with(each, given)) if each.value is not None else each
            for each in workload.variables
        )
        return msgspec.structs.replace(workload, variables=variables)

    def _dotenv(self, folder: str) -> dict[str, Text]:
        facts = self.files.get(f"{folder}/.env" if folder else ".env")
        sets = facts.deployments.sets if facts is not None and facts.deployments is not None else ()
        return {
            each.name.value: each.value
            for one in sets
            if one.kind == "env-file"
            for each in one.variables
            if each.value is not None
        }

    def _extended(
        self, path: str, folder: str, workload: Workload, gaps: list[Gap], top: str, depth: int = 0
    ) -> list[Layer]:
        """A service behind those that it extends. `top`: the folder of the project, whose `.env` counts."""
        own = Layer(path, folder, self._interpolated(workload, top))
        extends = workload.extends
        if extends is None or depth >= _MAX_EXTENDS:
            return [own]
        other, other_folder = path, folder
        if extends.file is not None:
            found = joined_path(folder, extends.file.value)
            other, other_folder = (found or "", folder_of(found or ""))
        facts = self.facts.get(other)
        parent = next((each for each in facts.workloads if each.name == extends.service), None) if facts else None
        parent = parent or _named(facts, extends.service.value)
        if parent is None or parent is workload:
            reason = f"it extends `{extends.service.value.replace(HOLE, '…')}`, which is not in the tree"
            gaps.append(Gap("external", reason, path, extends.span))
            return [own]
        return [*self._extended(other, other_folder, parent, gaps, top, depth + 1), own]

    def _perhaps_over(self, files: FileSet, name: str) -> Iterator[Gap]:
        """A lone file may be used over the default one, which then sets more."""
        base = self._beside(files.folder, _DEFAULTS)
        if not files.is_guess or base is None or base in files.paths:
            return
        other = _named(self.facts[base], name)
        if other is None:
            return
        names = "|".join(re.escape(each.name.value) for each in other.variables if HOLE not in each.name.value)
        if other.imports or other.extends is not None or other.unseen:
            names = ""
        elif not names:
            return
        yield Gap("unread", f"it may be used together with {base}", base, other.span, names)


def _with(variable: Variable, given: Mapping[str, Text]) -> Text | None:
    """The value of a variable that takes others, after those of `.env` are filled in."""
    taken = [name for name in variable.host if name in given]
    if not taken or variable.value is None:
        return variable.value
    if len(variable.host) == 1 and variable.value.value == HOLE:
        span = variable.value.span
        return Text(tuple(Piece(piece.text, span) for piece in given[taken[0]].pieces), span)
    return variable.value if HOLE in variable.value.value else hole(variable.value.span)


def _named(facts: DeploymentFacts | None, name: str) -> Workload | None:
    return next((each for each in facts.workloads if each.name.value == name), None) if facts is not None else None


def _files_of(words: Sequence[Word]) -> list[str]:
    """The files that `docker compose -f a -f b` names; empty where one of them is not known, or none is named."""
    values = [word.value for word in words]
    at = _behind_program(values)
    if at is None:
        return []
    found: list[str] = []
    while at < len(values) and values[at].startswith("-"):
        name, equals, value = values[at].partition("=")
        if name in _FILE_OPTIONS:
            found.append(value if equals else values[at + 1] if at + 1 < len(values) else HOLE)
            at += 1 if equals else 2
        elif not equals and name in _VALUE_OPTIONS:
            at += 2
        else:
            at += 1
    return [] if any(HOLE in each or not each for each in found) else found


# docker compose, "Options" (2.30): those that take the next word.
_VALUE_OPTIONS = frozenset(
    {"-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi", "--progress", "--parallel"}
)


def _behind_program(values: Sequence[str]) -> int | None:
    program = values[0].rpartition("/")[2] if values else ""
    if program in ("docker-compose", "podman-compose"):
        return 1
    return 2 if program in ("docker", "podman", "nerdctl") and values[1:2] == ["compose"] else None
