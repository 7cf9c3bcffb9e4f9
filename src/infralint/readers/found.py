"""What a reader has gathered of a deployment file so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from infralint.facts.accounts import Grant, SignIn
from infralint.facts.builds import BuildUse
from infralint.facts.commands import Command, Word
from infralint.facts.deployments import (
    DeploymentFacts,
    FileReference,
    Kustomization,
    VariableSet,
    Workload,
)
from infralint.facts.files import FileFacts, Problem
from infralint.facts.images import ImageOverride, ImageUse
from infralint.facts.text import Piece, Text


@dataclass(slots=True)
class Found:
    """Facts in the making."""

    images: list[ImageUse] = field(default_factory=list)
    overrides: list[ImageOverride] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    builds: list[BuildUse] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    sets: list[VariableSet] = field(default_factory=list)
    includes: list[FileReference] = field(default_factory=list)
    kustomizations: list[Kustomization] = field(default_factory=list)
    project_name: str = ""
    sign_ins: list[SignIn] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def image(self, image: Text | None, place: str, where: str, *, owner: str = "") -> None:
        """Note an image where there is a text for it."""
        if image is not None:
            self.images.append(ImageUse(image, place, where, owner=owner))

    def published(self, image: Text | None) -> None:
        """Note a name under which an image is published."""
        if image is not None:
            self.images.append(ImageUse(image, "published", "published image", pushed=True))

    def override(self, kind: str, name: Text | None) -> None:
        """Note a name that is decided here."""
        if name is not None:
            self.overrides.append(ImageOverride(kind, name))

    def runs_in(self, folder: Text | None, first: int) -> None:
        """Note that the commands from the number `first` on run in a folder: as behind a `cd` of their own shell."""
        commands = self.commands[first:]
        if folder is None or not commands:
            return
        shell = (folder.span.start,)
        words = (Word(Text((Piece("cd", folder.span),), folder.span)), Word(folder))
        inside = [msgspec.structs.replace(each, subshells=(*shell, *each.subshells)) for each in commands]
        self.commands[first:] = [Command(words, folder.span, subshells=shell), *inside]

    def facts(self, problem: Problem | None = None) -> FileFacts:
        """All of it, an image that is reached through several aliases once."""
        return FileFacts(
            problem=problem,
            commands=tuple(dict.fromkeys(self.commands)),
            images=tuple({(use.span, use.pushed, use.built, use.owner): use for use in self.images}.values()),
            image_overrides=tuple(self.overrides),
            builds=tuple(dict.fromkeys(self.builds)),
            deployments=self._deployments(),
            sign_ins=tuple(self.sign_ins),
            grants=tuple(self.grants),
        )

    def _deployments(self) -> DeploymentFacts | None:
        found = DeploymentFacts(
            workloads=tuple(dict.fromkeys(self.workloads)),
            sets=tuple(self.sets),
            includes=tuple(self.includes),
            kustomizations=tuple(self.kustomizations),
            project_name=self.project_name,
        )
        return None if found == DeploymentFacts() else found
