"""image-latest-tag: an image without tag or digest, or with the tag `latest`."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.image_names import shown, split
from infralint.project.images import PlacedImage
from infralint.project.project import Project
from infralint.rules.image._pinning import pinning

# More places than these say nothing new.
_MAX_RELATED = 3


def check(project: Project) -> Iterator[Diagnostic]:
    """Report every use of an image that the next push changes."""
    for placed in project.images.floating():
        if "docs" in placed.path.split("/")[:-1]:
            continue
        # One place a file is enough to find the build.
        publishers = list({other.path: other for other in project.images.publishers(placed)}.values())[:_MAX_RELATED]
        yield Diagnostic(
            placed.path,
            placed.use.span,
            _message(placed),
            tuple(Place(other.path, other.use.span, "the project publishes it here") for other in publishers),
            help=_help(placed, own=bool(publishers)),
            fixes=pinning(project, placed),
        )


def _message(placed: PlacedImage) -> str:
    use = placed.use
    _, tag = split(use.image.value)
    start = f"`{shown(use.image.value)}` in {use.where}{_unset(use.defaults)}"
    if tag is None:
        return f"{start} has neither tag nor digest: it is another image after every push"
    return f"{start} is another image after every push: the tag moves"


def _unset(variables: tuple[str, ...]) -> str:
    if not variables:
        return ""
    names = " and ".join(f"`{variable}`" for variable in variables)
    return f" (where {names} {'is' if len(variables) == 1 else 'are'} not set)"


def _help(placed: PlacedImage, *, own: bool) -> str:
    name = shown(split(placed.use.image.value)[0])
    if own:
        return f"use the digest of the build: `{name}@sha256:<digest>`"
    return f"pin a version and its digest: `{name}:<version>@sha256:<digest>`"
