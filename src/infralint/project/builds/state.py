"""An image in the making, as it stands after an instruction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from infralint.facts.builds import Start, Step
from infralint.facts.text import Text
from infralint.project.builds.bases import sets_variable
from infralint.project.builds.filesystem import FileSystem, joined
from infralint.project.builds.values import CopyStep, Doubt, RunStep, Setting
from infralint.project.builds.words import Scope


@dataclass(frozen=True, slots=True)
class PlacedStart:
    """A CMD or ENTRYPOINT, and the Dockerfile that it stands in."""

    path: str
    start: Start


@dataclass(frozen=True, slots=True)
class Override:
    """What a deployment puts in the place of an image's ENTRYPOINT, CMD and WORKDIR; None leaves the image's own."""

    entrypoint: Start | None = None
    arguments: Start | None = None
    workdir: Text | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The image so far. `arguments` are those of the stage, `onbuild` what a build upon it runs first,
    each with its Dockerfile.

    `own_cmd`: the stage itself gives the CMD, so that an ENTRYPOINT behind it leaves it.
    """

    base: Text | None
    files: FileSystem
    environment: Mapping[str, Setting] = field(default_factory=dict)
    arguments: Mapping[str, Setting] = field(default_factory=dict)
    workdir: str | None = "/"
    user: str = ""
    steps: tuple[RunStep | CopyStep, ...] = ()
    entrypoint: PlacedStart | None = None
    cmd: PlacedStart | None = None
    own_cmd: bool = False
    onbuild: tuple[tuple[str, Step], ...] = ()
    open: tuple[Doubt, ...] = ()

    def as_base(self) -> State:
        """What a stage upon this one begins with."""
        return replace(self, arguments={}, own_cmd=False)

    @property
    def variables(self) -> dict[str, Setting]:
        """What an instruction sees: ENV beats an argument of the same name."""
        return {**self.arguments, **self.environment}

    def scope(self, *, running: bool = False) -> Scope:
        """The variables for texts; those of a container alone where it is `running`."""
        settings = self.environment if running else self.variables
        base = self.base.static if self.base is not None else None
        values = {name: setting.value for name, setting in settings.items()}
        return Scope(values, lambda name: running or base is None or sets_variable(base, name))

    def folder(self, text: Text) -> str | None:
        """An absolute path for one that an instruction names; None where it is not known, as on Windows."""
        written = text.static
        if not written or "\\" in written or written[1:2] == ":":
            return None
        if written.startswith("/"):
            return joined("/", written)
        return None if self.workdir is None else joined(self.workdir, written)

    @property
    def search_path(self) -> tuple[str, ...] | None:
        """The folders of PYTHONPATH; None where a part is not known."""
        setting = self.environment.get("PYTHONPATH")
        if setting is None:
            return None if self.base is None else ()
        if not setting.value.is_static or (self.workdir is None and not setting.value.value.startswith("/")):
            return None
        parts = [part for part in setting.value.value.split(":") if part]
        return tuple(joined(self.workdir or "/", part) for part in parts)
