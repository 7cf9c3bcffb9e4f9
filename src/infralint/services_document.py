"""The services document: what infralint believes is deployed, as plain values; docs/services.md describes it.

All formats of `infralint services` are made from it, so that it holds whatever one of them shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypedDict

from infralint.document_parts import Locate, SpanObject, span_object
from infralint.facts.text import HOLE
from infralint.project.builds import BuiltImage
from infralint.project.catalog import Origin
from infralint.project.deployments import Deployment, Gap, Setting
from infralint.project.entry_points import Start
from infralint.project.installs.values import Installed
from infralint.project.requirements import Provided
from infralint.source import Span

# Raised when a field goes or changes its meaning; new fields do not raise it.
VERSION = 1
# Stands for what is not known in a text.
UNKNOWN = "…"
HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"PASS|PWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|(?:^|_)KEYS?(?:_|$)|APIKEY|SALT|DSN", re.IGNORECASE
)
_PASSWORD_OF_ADDRESS = re.compile(r"(?<=://)([^/?#:@\s]*):([^/?#@\s]+)(?=@)")


class ImageObject(TypedDict):
    """An image reference. `known`: no part of it is unknown."""

    reference: str
    known: bool
    span: SpanObject


class BuildObject(TypedDict):
    """How an image is made."""

    dockerfile: str
    context: str | None
    stage: str
    base: str | None
    kind: str
    names: list[str]
    span: SpanObject


class CommandObject(TypedDict):
    """The words that start the process."""

    words: list[str]
    known: bool
    span: SpanObject


class EntryPointObject(TypedDict):
    """A module of the tree that the command runs."""

    path: str
    written: str
    span: SpanObject


class DistributionObject(TypedDict):
    """A distribution of the image. `span`: the requirement that asks for it; null: the base image has it."""

    name: str
    version: str | None
    specifier: str | None
    because: list[str]
    certain: bool
    span: SpanObject | None


class InstalledObject(TypedDict):
    """What an image installs. `open`: why it may hold more."""

    python: str | None
    distributions: list[DistributionObject]
    open: list[str]


class VariableObject(TypedDict):
    """A variable that is set."""

    name: str
    value: str | None
    known: bool
    hidden: bool
    source: str
    reference: str | None
    key: str | None
    host: list[str]
    certain: bool
    span: SpanObject


class GapObject(TypedDict):
    """Why variables may be set that are not seen. `names`: a regular expression for their whole names."""

    kind: str
    reason: str
    names: str | None
    span: SpanObject


class ServiceObject(TypedDict):
    """A container that is deployed."""

    name: str
    kind: str
    title: str
    container: str | None
    sources: list[str]
    profiles: list[str]
    image: ImageObject | None
    build: BuildObject | None
    command: CommandObject | None
    entry_points: list[EntryPointObject]
    installed: InstalledObject | None
    environment: list[VariableObject]
    environment_open: list[GapObject]
    service_account: str | None
    span: SpanObject


class ServicesDocument(TypedDict):
    """The whole document. `images`: built here, and run by no deployment that is seen."""

    version: int
    services: list[ServiceObject]
    images: list[BuildObject]


def document_of(
    deployments: Iterable[Deployment],
    images: Iterable[BuiltImage],
    installed: Callable[[BuiltImage], Installed | None],
    locate: Locate,
    *,
    values: bool = False,
) -> ServicesDocument:
    """The document. `values`: values of secrets are shown as they stand in the files."""
    maker = _Maker(locate, installed, values)
    services = list(deployments)
    used = {(each.built.build.dockerfile, each.built.stage) for each in services if each.built is not None}
    unused = {
        (image.build.dockerfile, image.stage): image
        for image in images
        if (image.build.dockerfile, image.stage) not in used
    }
    return {
        "version": VERSION,
        "services": [maker.service(each) for each in services],
        "images": [maker.build(unused[key]) for key in sorted(unused)],
    }


def limited_to(document: ServicesDocument, names: Iterable[str]) -> ServicesDocument:
    """The document with the services of these names alone."""
    wanted = set(names)
    services = [each for each in document["services"] if wanted & {each["name"], each["title"]}]
    return {**document, "services": services, "images": []}


def service_names(document: ServicesDocument) -> set[str]:
    """The names by which services may be asked for."""
    return {each["name"] for each in document["services"]}


class _Maker:
    """Turns the project's values into the document's."""

    def __init__(self, locate: Locate, installed: Callable[[BuiltImage], Installed | None], values: bool) -> None:
        self.locate = locate
        self.installed_in = installed
        self.values = values

    def span(self, path: str, span: Span) -> SpanObject:
        return span_object(Origin(path, span), self.locate)

    def service(self, one: Deployment) -> ServiceObject:
        return {
            "name": shown(one.name),
            "kind": one.kind,
            "title": one.title,
            "container": one.container or None,
            "sources": list(one.sources),
            "profiles": list(one.profiles),
            "image": self.image(one),
            "build": self.build(one.built) if one.built is not None else None,
            "command": self.command(one),
            "entry_points": [self.entry_point(each) for each in one.starts],
            "installed": self.installed(one.built) if one.built is not None else None,
            "environment": [self.variable(one.environment[name]) for name in sorted(one.environment)],
            "environment_open": [self.gap(each) for each in one.open],
            "service_account": shown(one.service_account.value) if one.service_account is not None else None,
            "span": self.span(one.path, one.span),
        }

    def image(self, one: Deployment) -> ImageObject | None:
        if one.image is None:
            return None
        value = one.image.value
        return {
            "reference": shown(value),
            "known": HOLE not in value,
            "span": self.span(one.image_path or one.path, one.image.span),
        }

    def build(self, image: BuiltImage) -> BuildObject:
        return {
            "dockerfile": image.build.dockerfile,
            "context": image.build.context,
            "stage": image.stage,
            "base": shown(image.base.value) if image.base is not None else None,
            "kind": image.build.kind,
            "names": [shown(name.value) for name in image.build.names],
            "span": self.span(image.build.path, image.build.span),
        }

    def command(self, one: Deployment) -> CommandObject | None:
        if not one.command:
            return None
        words = [word.value for word in one.command]
        span = one.command[-1].span
        start = min(one.command[0].span.start, span.start)
        return {
            "words": [self.value("", shown(word)) for word in words],
            "known": not any(HOLE in word for word in words),
            "span": self.span(one.command_path or one.path, Span(start, span.end)),
        }

    def entry_point(self, start: Start) -> EntryPointObject:
        return {"path": start.module, "written": start.written, "span": self.span(start.path, start.span)}

    def installed(self, image: BuiltImage) -> InstalledObject | None:
        found = self.installed_in(image)
        if found is None:
            return None
        provided = found.provided
        return {
            "python": found.python or None,
            "distributions": [self.distribution(provided[name]) for name in sorted(provided)],
            "open": list(found.open),
        }

    def distribution(self, one: Provided) -> DistributionObject:
        return {
            "name": one.distribution,
            "version": one.version or None,
            "specifier": one.specifier or None,
            "because": list(one.because),
            "certain": one.certain,
            "span": self.span(one.path, one.span) if one.path else None,
        }

    def variable(self, one: Setting) -> VariableObject:
        written = one.value
        value = None if written is None else self.value(one.name, shown(written))
        return {
            "name": one.name,
            "value": value,
            "known": written is not None and HOLE not in written,
            "hidden": written is not None and value != shown(written),
            "source": one.source,
            "reference": one.reference or None,
            "key": one.key or None,
            "host": list(one.host),
            "certain": one.certain,
            "span": self.span(one.path, one.span),
        }

    def value(self, name: str, value: str) -> str:
        """A value for others' eyes: what looks like a secret is hidden, the password of an address too."""
        if self.values or not value:
            return value
        if _SECRET_NAME.search(name) and value.strip(UNKNOWN):
            return HIDDEN
        return _PASSWORD_OF_ADDRESS.sub(_without_password, value)

    def gap(self, one: Gap) -> GapObject:
        return {
            "kind": one.kind,
            "reason": one.reason,
            "names": one.names or None,
            "span": self.span(one.path, one.span),
        }


def _without_password(match: re.Match[str]) -> str:
    return match[0] if not match[2].strip(UNKNOWN) else f"{match[1]}:{HIDDEN}"


def shown(text: str) -> str:
    """A text with a mark for what is not known."""
    return text.replace(HOLE, UNKNOWN)
