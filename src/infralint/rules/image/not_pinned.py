"""image-not-pinned: an image by a tag and no digest."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.image_names import shown, split
from infralint.project.project import Project
from infralint.rules.image._pinning import pinning


def check(project: Project) -> Iterator[Diagnostic]:
    """Report every use of an image whose tag somebody else may move."""
    for placed in project.images.tagged():
        image = placed.use.image.value
        name, tag = split(image)
        yield Diagnostic(
            placed.path,
            placed.use.span,
            f"`{shown(image)}` in {placed.use.where} has no digest: whoever publishes it may move the tag",
            help=f"pin the digest of what you tested: `{shown(name)}:{tag}@sha256:<digest>`",
            fixes=pinning(project, placed),
        )
