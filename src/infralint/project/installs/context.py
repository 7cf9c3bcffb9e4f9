"""Where a command of an image runs: its folder, its files, what the stage has made so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infralint.facts.commands import Command
from infralint.project.builds import FileSystem, RunStep, Setting
from infralint.project.installs.folders import is_below, joined
from infralint.project.lookup import Known, Lookup, Open
from infralint.project.requirements import RequirementSet
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Place:
    """A command with what it sees. `path` and `span`: the instruction that runs it. `source`: the file of its words."""

    command: Command
    path: str
    span: Span
    source: str
    workdir: str | None
    environment: Mapping[str, Setting]
    files: FileSystem
    mounts: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def of_step(cls, step: RunStep) -> Place:
        """The place of a command of a RUN."""
        return cls(
            step.command, step.path, step.span, step.path, step.workdir, step.environment, step.files, step.mounts
        )

    def at(self, written: str) -> str | None:
        """The image path that the command means by a path."""
        return joined(self.workdir, written)

    def find(self, path: str) -> Lookup[str]:
        """The path in the tree of a file or folder of the image: what is mounted for this command comes first."""
        for target, folder in sorted(self.mounts, key=lambda mount: -len(mount[0])):
            if path == target or is_below(path, target):
                if folder is None:
                    return Open(f"`{target}` is mounted from elsewhere")
                return Known(f"{folder}/{path[len(target) :].strip('/')}".strip("/"))
        found = self.files.find(path)
        if isinstance(found, Known):
            return Known(found.value.tree) if found.value.tree is not None else Open(f"`{path}` is made by the build")
        return found

    def variable(self, name: str) -> str | None:
        """The value of a variable of the environment; None where it is not set, or not known."""
        setting = self.environment.get(name)
        return setting.value.static if setting is not None else None


@dataclass(slots=True)
class Made:
    """What a stage has written so far and later installs read.

    `wheels`: what `pip wheel`, `pip download` and builds of the project left in folders; `requirements`: requirement
    files that were made from lock files, by image path, "" for those that the shell sends somewhere.
    """

    wheels: list[RequirementSet] = field(default_factory=list)
    requirements: dict[str, RequirementSet] = field(default_factory=dict)

    def add(self, other: Made) -> None:
        """Take what another stage has made too: files are copied under any name."""
        self.wheels += other.wheels
        self.requirements = {**other.requirements, **self.requirements}


def known_tree(found: Lookup[str]) -> str | None:
    """The path that a lookup knows."""
    return found.value if isinstance(found, Known) else None
