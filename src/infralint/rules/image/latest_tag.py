"""image-latest-tag: an image without tag or digest, or with the tag `latest`."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.text import HOLE
from infralint.findings import Applicability, Diagnostic, Place, Rename, TitledFix
from infralint.project.image_names import shown, split
from infralint.project.images import PlacedImage
from infralint.project.pins import Pin, pin_for
from infralint.project.project import Project

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
            fixes=_fixes(project, placed),
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


def _fixes(project: Project, placed: PlacedImage) -> tuple[TitledFix, ...]:
    """The digest that the user gave for the image."""
    use = placed.use
    pin = pin_for(use.image.value, project.settings.pins)
    if pin is None or use.defaults:
        return ()
    edit = _pinned(placed, pin)
    if project.images.is_published_from(placed.path, edit.span):
        # The text also names what a build makes, and nothing can be built under a digest.
        return ()
    # A name that is written elsewhere may serve other commands, too.
    around = placed.command or use.span
    is_here = around.start <= edit.span.start and edit.span.end <= around.end
    grade = Applicability.SAFE if is_here and HOLE not in use.image.value else Applicability.UNSAFE
    return (TitledFix(f"pin `{shown(placed.repository)}` to its digest", (edit,), grade),)


def _pinned(placed: PlacedImage, pin: Pin) -> Rename:
    """The tag becomes the digest; without a tag the digest follows the name's last letter."""
    image = placed.use.image
    name, tag = split(image.value)
    start = len(name) if tag is not None else len(name) - 1
    kept = "" if tag is not None else name[-1]
    return Rename(placed.path, image.locate(start, len(image.value)), image.value[start:], kept + pin.suffix)
