"""What the installs of an image bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infralint.project.builds import BuiltImage
from infralint.project.installs.requests import InstallRequest
from infralint.project.requirements import Provided, RequirementSet
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class PlacedInstall:
    """One install of an image. `path` and `span`: the instruction that runs it. `brings`: what it asks for, with
    everything that comes along. `folder`: the image's folder that it is told to install into, None for none."""

    request: InstallRequest
    path: str
    span: Span
    brings: RequirementSet
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Installed:
    """The distributions of an image.

    `installs`: in order, those of other stages that are copied into the image among them. `brings`: all of them
    together. `python`: the version of the interpreter as "3.11", "" where it is not known. `open`: reasons why the
    image may hold more distributions than these; empty = `provided` holds every one.
    """

    image: BuiltImage
    installs: tuple[PlacedInstall, ...]
    brings: RequirementSet
    python: str = ""
    open: tuple[str, ...] = ()

    @property
    def provided(self) -> Mapping[str, Provided]:
        """What is installed, by normalised name, each with the requirement that asks for it."""
        return self.brings.provided or {}
