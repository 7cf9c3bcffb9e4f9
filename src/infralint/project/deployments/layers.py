"""What several files say of one container, from the first to the last, which wins."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from infralint.facts.deployments import Import, Variable, Workload
from infralint.facts.text import HOLE, Text
from infralint.project.deployments.model import Gap


@dataclass(frozen=True, slots=True)
class Layer:
    """A workload of one file. `folder`: what its relative paths start from, "" for the root."""

    path: str
    folder: str
    workload: Workload


@dataclass(frozen=True, slots=True)
class PlacedVariable:
    """A variable and the file that sets it. `certain` as of Setting."""

    path: str
    variable: Variable
    certain: bool = True


@dataclass(frozen=True, slots=True)
class PlacedImport:
    """An import, the file that asks for it and the folder where its path starts."""

    path: str
    folder: str
    wanted: Import


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text and its file."""

    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class PlacedWords:
    """Words of a command line and their file."""

    path: str
    words: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A container after its layers have been joined.

    `first`: the layer that names it. `builds`: the layers that ask for a build, the last one first. `together`: files
    that are deployed with it, where something says which.
    """

    first: Layer
    layers: tuple[Layer, ...]
    image: PlacedText | None
    builds: tuple[Layer, ...]
    entrypoint: PlacedWords | None
    arguments: PlacedWords | None
    working_directory: PlacedText | None
    variables: tuple[PlacedVariable, ...]
    imports: tuple[PlacedImport, ...]
    service_account: PlacedText | None
    mounts: tuple[tuple[str, Text, Text], ...]
    gaps: tuple[Gap, ...]
    together: frozenset[str] = frozenset()


def merged(layers: Iterable[Layer], extra: Iterable[Gap] = (), first: Layer | None = None) -> Merged:
    """Join layers: a later value takes the place of an earlier one, variables by name, env files are added.

    Compose specification, "Merge" (2.30): sequences are appended, `command` and `entrypoint` are replaced.
    """
    kept = tuple(layers)
    variables: dict[str, PlacedVariable] = {}
    imports: list[PlacedImport] = []
    for layer in kept:
        own = layer.workload
        if _is_reset(own, "environment"):
            variables.clear()
        if _is_reset(own, "env_file"):
            imports.clear()
        for name in own.removed:
            variables.pop(name, None)
        variables.update((variable.name.value, PlacedVariable(layer.path, variable)) for variable in own.variables)
        imports += [PlacedImport(layer.path, layer.folder, wanted) for wanted in own.imports]
    gaps = [
        Gap(each.kind, each.reason, layer.path, each.span, each.names)
        for layer in kept
        for each in layer.workload.unseen
    ]
    return Merged(
        first or kept[0],
        kept,
        _last_text(kept, "image"),
        tuple(layer for layer in reversed(_since_reset(kept, "build")) if layer.workload.build is not None),
        _last_words(kept, "entrypoint"),
        _last_words(kept, "arguments"),
        _last_text(kept, "working_directory"),
        tuple(variables.values()),
        _unique(imports),
        _last_text(kept, "service_account"),
        tuple((layer.folder, source, target) for layer in kept for source, target in layer.workload.mounts),
        (*gaps, *extra),
    )


def _unique(imports: Iterable[PlacedImport]) -> tuple[PlacedImport, ...]:
    """Each file once, where it comes first, as compose-go 2.13 has it."""
    found: dict[tuple[str, str, str], PlacedImport] = {}
    for each in imports:
        name = each.wanted.name.value
        place = joined_path(each.folder, name) if each.wanted.kind == "env-file" else None
        found.setdefault((each.wanted.kind, each.wanted.prefix, place or f"{each.folder}:{name}"), each)
    return tuple(found.values())


def _is_reset(workload: Workload, key: str) -> bool:
    return key in workload.resets or "*" in workload.resets


def _since_reset(layers: tuple[Layer, ...], key: str) -> tuple[Layer, ...]:
    """The layers from the last one that drops what those before say of a key."""
    at = max((at for at, layer in enumerate(layers) if _is_reset(layer.workload, key)), default=0)
    return layers[at:]


def _last_text(layers: tuple[Layer, ...], attribute: str) -> PlacedText | None:
    for layer in reversed(_since_reset(layers, attribute)):
        text: Text | None = getattr(layer.workload, attribute)
        if text is not None:
            return PlacedText(layer.path, text)
    return None


def _last_words(layers: tuple[Layer, ...], attribute: str) -> PlacedWords | None:
    key = "command" if attribute == "arguments" else attribute
    for layer in reversed(_since_reset(layers, key)):
        words: tuple[Text, ...] | None = getattr(layer.workload, attribute)
        if words is not None:
            return PlacedWords(layer.path, words)
    return None


def folder_of(path: str) -> str:
    """The folder of a file, "" for the root."""
    return path.rpartition("/")[0]


def joined_path(folder: str, written: str) -> str | None:
    """A path of the tree from one that is relative to a folder; None where it is not known or leads out of the tree."""
    if HOLE in written or "$" in written or written.startswith(("/", "~")) or not written:
        return None
    path = posixpath.normpath(posixpath.join(folder, written.replace("\\", "/")))
    if path == ".":
        return ""
    return None if path.startswith("../") or path == ".." else path
