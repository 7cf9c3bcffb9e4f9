"""Containers of manifests, Cloud Run YAML, terraform and CI, with the kustomizations that change them.

Kustomize 5: `resources`, `bases` and `components` are taken in, patches of the same kind and name are laid over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from infralint.facts.deployments import Workload
from infralint.facts.files import FileFacts
from infralint.project.deployments.layers import Layer, Merged, folder_of, joined_path, merged
from infralint.project.deployments.model import Gap

_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class _Overlay:
    """What a kustomization leads to: manifests, patches in order, and why not all of it could be followed.

    `kustomizations`: itself, and those that it takes in.
    """

    kustomizations: tuple[str, ...]
    manifests: tuple[str, ...]
    patches: tuple[str, ...]
    gaps: tuple[Gap, ...]


class Manifests:
    """The containers of all files but compose."""

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self.facts = {path: facts.deployments for path, facts in files.items() if facts.deployments is not None}

    def containers(self) -> Iterator[Merged]:
        """Every container: once for each kustomization that nothing else takes in, else as its file has it."""
        overlays = {path: self._overlay(path, 0) for path in self._roots()}
        taken = {path for overlay in overlays.values() for path in (*overlay.manifests, *overlay.patches)}
        for overlay in overlays.values():
            yield from self._patched(overlay)
        for path, facts in self.facts.items():
            if path not in taken:
                yield from (merged([Layer(path, folder_of(path), each)]) for each in facts.workloads if _counts(each))

    def _roots(self) -> list[str]:
        """Kustomizations that no other one takes in."""
        with_one = [path for path, facts in self.facts.items() if facts.kustomizations]
        inner = {
            other
            for path in with_one
            for each in self.facts[path].kustomizations
            for reference in each.references
            if (other := self._kustomization_of(joined_path(folder_of(path), reference.path.value))) is not None
        }
        # A loop of kustomizations is a fault; each of them is shown then.
        return [path for path in with_one if path not in inner]

    def _kustomization_of(self, folder: str | None) -> str | None:
        if folder is None:
            return None
        paths = (f"{folder}/{name}" if folder else name for name in _FILES)
        return next((path for path in paths if path in self.facts and self.facts[path].kustomizations), None)

    def _overlay(self, path: str, depth: int) -> _Overlay:
        manifests: list[str] = []
        patches: list[str] = []
        taken: list[str] = [path]
        gaps: list[Gap] = []
        for each in self.facts[path].kustomizations if depth < _MAX_DEPTH else ():
            if not each.plain:
                gaps.append(Gap("unread", "the kustomization changes it in a way that is not read", path, each.span))
            for reference in each.references:
                other = joined_path(folder_of(path), reference.path.value)
                inner = self._kustomization_of(other)
                if inner is not None and inner != path:
                    below = self._overlay(inner, depth + 1)
                    taken += below.kustomizations
                    manifests += below.manifests
                    patches += below.patches
                    gaps += below.gaps
                elif other in self.facts:
                    (patches if reference.kind == "patch" else manifests).append(other)
        return _Overlay(_unique(taken), _unique(manifests), _unique(patches), tuple(gaps))

    def _patched(self, overlay: _Overlay) -> Iterator[Merged]:
        for path in overlay.manifests:
            for workload in self.facts[path].workloads:
                if not _counts(workload):
                    continue
                layers = [Layer(path, folder_of(path), workload)]
                layers += [
                    Layer(other, folder_of(other), patch)
                    for other in overlay.patches
                    for patch in self.facts[other].workloads
                    if _changes(patch, workload)
                ]
                together = frozenset((*overlay.kustomizations, *overlay.manifests))
                yield replace(merged(layers, overlay.gaps), together=together)


def _unique(paths: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))


def _counts(workload: Workload) -> bool:
    return workload.kind != "compose"


def _changes(patch: Workload, workload: Workload) -> bool:
    """Whether a patch is one of this container: a strategic merge goes by kind, name and the container's name."""
    return (
        patch.resource == workload.resource
        and patch.name.value == workload.name.value
        and patch.container == workload.container
    )
