"""Variables under a name: ConfigMaps, Secrets and env files of the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.deployments import Import, VariableSet
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.deployments.layers import Merged, PlacedImport, PlacedVariable, folder_of, joined_path
from infralint.project.deployments.model import Gap


@dataclass(frozen=True, slots=True)
class PlacedSet:
    """A set and its file."""

    path: str
    found: VariableSet


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import brings: its variables, and why it may bring more."""

    variables: tuple[PlacedVariable, ...]
    gaps: tuple[Gap, ...]


class VariableSets:
    """All sets of the tree. `paths`: all of its files; `more`: sets that commands make."""

    def __init__(self, files: Mapping[str, FileFacts], paths: frozenset[str], more: tuple[PlacedSet, ...] = ()) -> None:
        self.files = files
        self.paths = paths
        self._objects: dict[tuple[str, str], list[PlacedSet]] = {}
        for placed in (*_objects(files), *more):
            assert placed.found.name is not None
            self._objects.setdefault((placed.found.kind, placed.found.name.value), []).append(placed)

    def objects(self, kind: str, name: str, container: Merged) -> list[PlacedSet]:
        """The ConfigMaps or Secrets of a name that a container may get.

        Those of its namespace, if there are any; of these, those that are deployed with it, else those of its folder.
        """
        found = self._objects.get((kind, name), [])
        namespace, folder = container.first.workload.namespace, container.first.folder
        found = [each for each in found if namespace and each.found.namespace == namespace] or found
        together = [each for each in found if each.path in container.together]
        return together or [each for each in found if folder_of(each.path) == folder] or found

    def taken(self, wanted: PlacedImport, container: Merged) -> Taken:
        """What an import of a container brings."""
        if wanted.wanted.kind == "env-file":
            return self._of_env_file(wanted)
        return self._of_object(wanted, container)

    def _of_env_file(self, placed: PlacedImport) -> Taken:
        path = joined_path(placed.folder, placed.wanted.name.value)
        found = self.env_file(path) if path is not None else None
        if found is None or path is None:
            shown = placed.wanted.name.value.replace(HOLE, "…")
            reason = f"`{shown}` is not read" if path in self.paths else f"`{shown}` is not in the tree"
            return Taken((), (Gap("env-file", reason, placed.path, placed.wanted.span),))
        return Taken(tuple(PlacedVariable(path, each) for each in found.variables), ())

    def env_file(self, path: str) -> VariableSet | None:
        """The variables of an env file of the tree."""
        facts = self.files.get(path)
        sets = facts.deployments.sets if facts is not None and facts.deployments is not None else ()
        return next((each for each in sets if each.kind == "env-file"), None)

    def _of_object(self, placed: PlacedImport, container: Merged) -> Taken:
        wanted = placed.wanted
        found = self.objects(wanted.kind, wanted.name.value, container)
        if not found:
            return Taken((), (_missing(placed),))
        gaps = [
            Gap("external", f"{_words(wanted)} has more", placed.path, wanted.span)
            for each in found
            if not each.found.closed
        ]
        sets = [list(self._variables(each, gaps, placed)) for each in found]
        # Of several objects of one name (one for each environment) it is not known which one counts.
        everywhere = set.intersection(*({each.variable.name.value for each in variables} for variables in sets))
        variables = {
            each.variable.name.value: PlacedVariable(
                each.path, each.variable, each.certain and each.variable.name.value in everywhere
            )
            for own in sets
            for each in own
        }
        return Taken(tuple(variables.values()), tuple(gaps))

    def _variables(self, placed: PlacedSet, gaps: list[Gap], asked: PlacedImport) -> Iterator[PlacedVariable]:
        for wanted in placed.found.files:
            taken = self._of_env_file(PlacedImport(placed.path, folder_of(placed.path), wanted))
            gaps += [Gap(gap.kind, gap.reason, asked.path, asked.wanted.span) for gap in taken.gaps]
            yield from taken.variables
        yield from (PlacedVariable(placed.path, variable) for variable in placed.found.variables)


def _objects(files: Mapping[str, FileFacts]) -> Iterator[PlacedSet]:
    for path, facts in files.items():
        for found in facts.deployments.sets if facts.deployments is not None else ():
            if found.name is not None:
                yield PlacedSet(path, found)


def _missing(placed: PlacedImport) -> Gap:
    return Gap("external", f"{_words(placed.wanted)} is not in the tree", placed.path, placed.wanted.span)


def _words(wanted: Import) -> str:
    return f"{'Secret' if wanted.kind == 'secret' else 'ConfigMap'} `{wanted.name.value}`"
