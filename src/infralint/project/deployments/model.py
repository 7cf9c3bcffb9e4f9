"""Deployments: what runs, from which image, with which variables, after everything that files add to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infralint.facts.commands import Word
from infralint.facts.text import HOLE, Text
from infralint.project.deployments.platform import is_given
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.source import Span

if TYPE_CHECKING:
    from infralint.project.builds.values import BuiltImage
    from infralint.project.entry_points import Start


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the tree."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that a deployment sets.

    `path` and `span`: the name where it is set. `source`: "literal", "secret", "config-map", "field", "host" as in
    facts.deployments.Variable; "env-file" (a literal in an env file); "image" (ENV of the Dockerfile); "platform"
    (every container of this kind has it; its place is the deployment's). `value` is None where it is no literal, and
    may hold HOLE. `reference` and `key`: of a secret or config map. `certain` False: only some runs set it (a value
    passed on from the host that may not have it, a flag under an `if`). `host`: variables of the environment from which
    it is deployed that the value takes.
    """

    name: str
    value: str | None
    source: str
    path: str
    span: Span
    reference: str = ""
    key: str = ""
    certain: bool = True
    host: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.path, self.span)

    @property
    def known_value(self) -> str | None:
        """The whole value, None where a part of it is not known."""
        return None if self.value is None or HOLE in self.value else self.value


@dataclass(frozen=True, slots=True)
class Gap:
    """Why names may be set that the tree does not show.

    `kind`: "unread", "kept", "external" as in facts.deployments.Unseen; "kept-secret" (as "kept", of secrets alone);
    "env-file" (an env file that is not in the tree, which is how most keep their secrets); "base-image" (ENV of an
    image that is made elsewhere). `names`: a regular expression for the whole names, "" = any.
    """

    kind: str
    reason: str
    path: str
    span: Span
    names: str = ""

    def covers(self, name: str) -> bool:
        """Whether a variable of this name may come so."""
        return not self.names or re.fullmatch(self.names, name) is not None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A container that runs.

    `kind`: that of facts.deployments.Workload. `name`: the service, job or workload. `title`: words for messages:
    "compose service `web`". `path` and `span`: its name where it stands. `image`: the reference, None where it has none
    or is not known. `built`: the build that makes the image, where the tree has it. `command`: the words that start
    the process, after the image's and the deployment's have been joined; None where not known. `environment`: every
    variable that is seen to be set. `open`: why others may be set too. `starts`: the modules of the tree that the
    command runs. `sources`: all files that say something of it, its own first.
    """

    kind: str
    name: str
    title: str
    path: str
    span: Span
    container: str = ""
    image: Text | None = None
    image_path: str = ""
    built: BuiltImage | None = None
    command: tuple[Word, ...] | None = None
    command_path: str = ""
    environment: dict[str, Setting] = field(default_factory=dict)
    open: tuple[Gap, ...] = ()
    service_account: Text | None = None
    starts: tuple[Start, ...] = ()
    profiles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.path, self.span)

    def setting(self, name: str) -> Lookup[Setting]:
        """What is known of a variable: set here, surely not set, or perhaps set."""
        found = self.environment.get(name)
        if found is not None:
            return Known(found)
        if is_given(self.kind, name):
            return Known(Setting(name, None, "platform", self.path, self.span))
        gap = next((gap for gap in self.open if gap.covers(name)), None)
        return Open(gap.reason) if gap is not None else Absent()
