"""Digests that the user gives for images, and which of them an image is meant to have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infralint.project.image_names import LATEST, may_be_same, repository, split


@dataclass(frozen=True, slots=True)
class Pin:
    """A repository and the digest (`sha256:...`) that stands for it; `tag`: the version that this is, "" for none."""

    repository: str
    tag: str
    digest: str

    @property
    def suffix(self) -> str:
        """What stands behind the name of a pinned image."""
        return f":{self.tag}@{self.digest}" if self.tag else f"@{self.digest}"


def pin_of(text: str) -> Pin:
    """The pin that a text `image@sha256:...` gives."""
    reference, _, digest = text.partition("@")
    tag = split(reference)[1]
    return Pin(repository(reference), tag if tag and tag != LATEST else "", digest)


def pin_for(reference: str, pins: Iterable[str]) -> Pin | None:
    """The one pin for a reference without digest; None where there is none, or where several differ.

    One with a version takes the pin of that version, a floating one any: of several the one that names no version.
    """
    name, tag = repository(reference), split(reference)[1]
    found = {pin for pin in map(pin_of, pins) if may_be_same(name, pin.repository)}
    if tag is None or tag == LATEST:
        chosen = {pin for pin in found if not pin.tag} or found
    else:
        chosen = {pin for pin in found if pin.tag == tag}
    return chosen.pop() if len(chosen) == 1 else None
