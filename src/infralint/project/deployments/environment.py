"""The variables of a container: those of its image, of its env files and objects, and its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.text import HOLE
from infralint.project.builds.values import BuiltImage
from infralint.project.deployments.layers import Merged, PlacedVariable
from infralint.project.deployments.model import Gap, Setting
from infralint.project.deployments.sets import VariableSets
from infralint.project.image_names import repository

# Images whose ENV is documented and sets nothing of an application's: Docker's official images and their mirrors,
# distroless, images of toolchains.
_PLAIN_BASES = re.compile(
    r"[^/]+|(?:public\.ecr\.aws/docker|mirror\.gcr\.io)/library/[^/]+|gcr\.io/distroless/.+"
    r"|mcr\.microsoft\.com/(?:devcontainers|vscode/devcontainers|playwright)/.+|ghcr\.io/astral-sh/uv"
    r"|(?:docker\.io/)?(?:nvidia/cuda|bitnami/(?:python|minideb)|chainguard/.+|condaforge/.+|continuumio/.+)"
    r"|(?:cgr\.dev/chainguard|registry\.access\.redhat\.com|quay\.io/(?:fedora|centos))/.+"
)


class Environments:
    """Makes the environment of containers."""

    def __init__(self, sets: VariableSets) -> None:
        self.sets = sets

    def of(self, container: Merged, built: BuiltImage | None) -> tuple[dict[str, Setting], tuple[Gap, ...]]:
        """The variables that are seen to be set, and why there may be others."""
        gaps = list(container.gaps)
        found: dict[str, Setting] = {}
        if built is not None:
            found.update(_of_image(built))
        gaps += _image_gaps(container, built)
        for wanted in container.imports:
            taken = self.sets.taken(wanted, container)
            gaps += taken.gaps
            for placed in taken.variables:
                prefix, kind = wanted.wanted.prefix, wanted.wanted.kind
                self._add(
                    placed, container, found, gaps, prefix=prefix, source=kind, reference=wanted.wanted.name.value
                )
        for placed in container.variables:
            self._add(placed, container, found, gaps)
        return found, tuple(dict.fromkeys(gaps))

    def _add(
        self,
        placed: PlacedVariable,
        container: Merged,
        found: dict[str, Setting],
        gaps: list[Gap],
        *,
        prefix: str = "",
        source: str = "",
        reference: str = "",
    ) -> None:
        variable = placed.variable
        name = prefix + variable.name.value
        if HOLE in name:
            gaps.append(
                Gap("unread", "the name of a variable is not known", placed.path, variable.span, _pattern(name))
            )
            return
        own = variable.source
        certain = placed.certain and own != "host" and not variable.optional
        value = variable.value.value if variable.value is not None else self._referred(placed, container)
        if own != "host" and source:
            own = source
        earlier = found.get(name)
        if own == "host" and earlier is not None:
            # Where the host does not have it, what was set before may stay.
            value = None
        found[name] = Setting(
            name,
            value,
            own,
            placed.path,
            variable.span,
            variable.reference or (reference if source in ("secret", "config-map") else ""),
            variable.key,
            certain,
            variable.host,
        )

    def _referred(self, placed: PlacedVariable, container: Merged) -> str | None:
        """The value of a key of a ConfigMap, where the tree has one alone."""
        variable = placed.variable
        if variable.source != "config-map":
            return None
        values = {
            each.value.value
            for one in self.sets.objects("config-map", variable.reference, container)
            for each in one.found.variables
            if each.name.value == variable.key and each.value is not None
        }
        return next(iter(values)) if len(values) == 1 else None


def _of_image(built: BuiltImage) -> Iterator[tuple[str, Setting]]:
    for name, setting in built.environment.items():
        if HOLE not in name:
            yield name, Setting(name, setting.value.value, "image", setting.path, setting.span)


def _image_gaps(container: Merged, built: BuiltImage | None) -> Iterator[Gap]:
    if built is None:
        image = container.image
        span = image.text.span if image is not None else container.first.workload.span
        yield Gap("base-image", "its image is not built here", image.path if image else container.first.path, span)
        return
    place = built.build
    if built.base is None or not _PLAIN_BASES.fullmatch(repository(built.base.value)) or HOLE in built.base.value:
        shown = built.base.value.replace(HOLE, "…") if built.base is not None else "an image that is not known"
        yield Gap("base-image", f"the image is built upon {shown}", place.path, place.span)
        return
    for each in built.open:
        yield Gap("base-image", each.reason, place.path, place.span)


def _pattern(name: str) -> str:
    return ".*".join(re.escape(part) for part in name.split(HOLE))
