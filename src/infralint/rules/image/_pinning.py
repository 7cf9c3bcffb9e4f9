"""The digests that the user gave, as fixes of the rules about tags."""

from __future__ import annotations

from infralint.facts.text import HOLE
from infralint.findings import Applicability, Rename, TitledFix
from infralint.project.image_names import LATEST, shown, split
from infralint.project.images import PlacedImage
from infralint.project.pins import Pin, pin_for
from infralint.project.project import Project


def pinning(project: Project, placed: PlacedImage) -> tuple[TitledFix, ...]:
    """The digest that the user gave for an image."""
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
    """The digest takes the place of `latest`; else it follows the last letter of the name or of the tag."""
    image = placed.use.image
    name, tag = split(image.value)
    start = len(name) if tag == LATEST else len(image.value) - 1
    kept = "" if tag == LATEST else image.value[-1]
    behind = f"@{pin.digest}" if tag is not None and tag != LATEST else pin.suffix
    return Rename(placed.path, image.locate(start, len(image.value)), image.value[start:], kept + behind)
