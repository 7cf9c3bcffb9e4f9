"""References to container images."""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class ImageUse(msgspec.Struct, frozen=True):
    """An image that a file runs or builds upon.

    `where` names the kind of place in words for messages: "FROM", "compose service 'web'",
    "Cloud Run job 'worker'", "`docker run`". `built` is the place of a `build:` beside it (the image is
    made here, not pulled). `pushed`: this is an image that the same file builds or pushes under this name.
    """

    image: Text
    where: str
    built: bool = False
    pushed: bool = False

    @property
    def span(self) -> Span:
        return self.image.span
