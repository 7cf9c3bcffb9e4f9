"""What is deployed as cards: each deployment, and what links several of them or leads out of the project.

A deployment is linked to the build or the image that it runs, to the modules that it starts, and through its variables
to secrets, to the hosts of addresses (which may be other deployments), and to buckets, topics, queues and databases
that a variable names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.reports.html.cards import Card, Link, Row, picture
from infralint.reports.html.marks import Marked, Marks, united
from infralint.reports.html.markup import Markup, count
from infralint.services_document import HIDDEN, UNKNOWN, BuildObject, ServiceObject, ServicesDocument, VariableObject

# A picture of more is no longer read; deployments with findings come first.
MOST_SERVICES = 120
# Of a deployment's variables that lead somewhere; those that findings speak of are always shown.
MOST_VARIABLES = 24
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/?#@\s]*@)?([A-Za-z0-9_.-]+)(?::\d+)?", re.IGNORECASE)
_RESOURCE = re.compile(r"(?:^|_)(TOPIC|SUBSCRIPTION|QUEUE|BUCKET|DATABASE|STREAM)(?:_(?:NAME|ID))?$")
_HERE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"})
_DATABASES = frozenset(
    {"postgresql", "postgres", "mysql", "mariadb", "redis", "rediss", "mongodb", "amqp", "amqps", "kafka", "nats",
     "clickhouse", "memcached", "elasticsearch", "mssql", "oracle"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServicesPicture:
    """The map; None where nothing is deployed. `left_out`: how many deployments were one too many."""

    svg: Markup | None
    left_out: int
    marked: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """What a row leads to: a card of this key, which is made of the other values where it is not there yet."""

    key: str
    kind: str
    title: str
    subtitle: str = ""
    marked: tuple[Marked, ...] = ()


def service_name(service: ServiceObject) -> str:
    """A service as lists name it."""
    title = service["title"].replace("`", "")
    return f"{title}, {service['container']}" if service["container"] else title


def draw_services(document: ServicesDocument, prefix: str, marks: Marks, name: str) -> ServicesPicture:
    """Draw the map. `name` begins the ids of its elements."""
    makers = [_Service(at, service, prefix, marks) for at, service in enumerate(document["services"])]
    kept = sorted(sorted(makers, key=lambda maker: not maker.marked)[:MOST_SERVICES], key=lambda maker: maker.number)
    names: dict[tuple[str, str], int] = {}
    for maker in kept:
        for source in maker.service["sources"]:
            names.setdefault((source, maker.service["name"]), maker.number)
    built = {
        name: each["build"]
        for each in document["services"]
        if each["build"]
        for name in _references(each, each["build"])
    }
    runs = Counter(image for image in (_runs(maker.service) for maker in kept) if image)
    ends: dict[str, _End] = {}
    cards: list[Card] = []
    links: list[Link] = []
    for maker in kept:
        rows = list(maker.rows(names, built, runs))
        cards.append(maker.card(f"{name}-service-{maker.number}", [row for row, _ in rows]))
        for at, (row, end) in enumerate(rows):
            if end is not None:
                if end.kind != "service":
                    ends.setdefault(end.key, end)
                links.append(Link(cards[-1].key, at, end.key, None, f"{row.left}: {end.title}", row.marked))
    for build in document["images"]:
        end = _of_build(build, prefix, marks)
        ends.setdefault(end.key, end)
    for number, end in enumerate(ends.values()):
        cards.append(Card(end.key, f"{name}-end-{number}", end.kind, end.title, end.subtitle, (), end.marked))
    return ServicesPicture(
        picture(cards, links, name, "What is deployed, and what links it") if cards else None,
        len(makers) - len(kept),
        united(*(card.all_marked for card in cards)),
    )


class _Service:
    """A deployment with the findings that speak of it."""

    def __init__(self, number: int, service: ServiceObject, prefix: str, marks: Marks) -> None:
        self.number = number
        self.service = service
        self.prefix = prefix
        self.marks = marks
        self.of_itself = marks.at(prefix, service["span"])
        parts = (service["image"], service["command"], *service["entry_points"], *service["environment"])
        self.marked = united(self.of_itself, *(marks.at(prefix, part["span"]) for part in parts if part is not None))

    def card(self, anchor: str, rows: Iterable[Row]) -> Card:
        service = self.service
        title = f"{service['name']}, {service['container']}" if service["container"] else service["name"]
        kind = service["kind"].replace("cloud-run-", "Cloud Run ").replace("-", " ")
        return Card(f"service {self.number}", anchor, "service", title, kind, tuple(rows), self.of_itself)

    def rows(
        self, names: dict[tuple[str, str], int], built: Mapping[str, BuildObject], runs: Mapping[str, int]
    ) -> Iterator[tuple[Row, _End | None]]:
        """The rows of the card, each with what it leads to."""
        yield from self._image(built, runs)
        for start in self.service["entry_points"]:
            own = self.marks.of_file(self.prefix + start["path"])
            marked = self.marks.at(self.prefix, start["span"])
            end = _End(f"module {start['path']}", "module", start["path"], "starts", own)
            yield Row("starts", start["path"], "", marked), end
        command = self.service["command"]
        if command is not None and not self.service["entry_points"]:
            marked = self.marks.at(self.prefix, command["span"])
            yield Row("command", " ".join(command["words"]), "", marked, quiet=True), None
        yield from self._variables(names)

    def _image(self, built: Mapping[str, BuildObject], runs: Mapping[str, int]) -> Iterator[tuple[Row, _End | None]]:
        """What the service runs. An image from elsewhere that nothing else runs needs no card of its own."""
        image, build = self.service["image"], self.service["build"]
        marked = self.marks.at(self.prefix, image["span"]) if image is not None else ()
        if build is not None:
            if image is not None:
                yield Row("image", image["reference"], "", marked), None
            end = _of_build(build, self.prefix, self.marks)
            yield Row("build", end.title, "", self.marks.at(self.prefix, build["span"])), end
        elif image is not None:
            reference = image["reference"]
            found = None
            if image["known"] and reference in built:
                found = _of_build(built[reference], self.prefix, self.marks)
            elif runs.get(reference, 0) > 1:
                found = _End(f"image {reference}", "image", reference, "image", marked)
            yield Row("image", reference, "", marked), found

    def _variables(self, names: dict[tuple[str, str], int]) -> Iterator[tuple[Row, _End | None]]:
        others = shown = 0
        for variable in self.service["environment"]:
            marked = self.marks.at(self.prefix, variable["span"])
            end = self._end(variable, names)
            if not marked and (end is None or shown == MOST_VARIABLES):
                others += 1
                continue
            shown += 1
            value = variable["value"] or ""
            yield Row(variable["name"], end.title if end else value, "", marked), end
        if others:
            yield Row(f"… {count(others, 'more variable')}", quiet=True), None

    def _end(self, variable: VariableObject, names: dict[tuple[str, str], int]) -> _End | None:
        """What a variable leads to; None for a plain value."""
        if variable["source"] in ("secret", "config-map") and variable["reference"]:
            kind = "secret" if variable["source"] == "secret" else "config"
            return _End(f"{kind} {variable['reference']}", kind, variable["reference"], kind)
        value = variable["value"]
        if not value or value == HIDDEN:
            return None
        if address := _ADDRESS.match(value):
            return self._host(address[1].lower(), address[2], names)
        resource = _RESOURCE.search(variable["name"])
        if resource and variable["known"] and UNKNOWN not in value:
            kind = resource[1].lower()
            return _End(f"{kind} {value}", "resource", value, kind)
        return None

    def _host(self, scheme: str, host: str, names: dict[tuple[str, str], int]) -> _End | None:
        if host.lower() in _HERE:
            return None
        for source in self.service["sources"]:
            number = names.get((source, host))
            if number is not None:
                return _End(f"service {number}", "service", host)
        plain = scheme.partition("+")[0]
        kind = "database" if plain in _DATABASES else "host"
        return _End(f"{kind} {host}", kind, host, plain)


def _runs(service: ServiceObject) -> str:
    return service["image"]["reference"] if service["image"] is not None else ""


def _references(service: ServiceObject, build: BuildObject) -> Iterator[str]:
    """The names that others may run an image by which is built for a service."""
    yield from build["names"]
    if service["image"] is not None and service["image"]["known"]:
        yield service["image"]["reference"]


def _of_build(build: BuildObject, prefix: str, marks: Marks) -> _End:
    dockerfile, stage = build["dockerfile"], build["stage"]
    own = marks.of_file(prefix + dockerfile)
    said = f"stage {stage}" if not stage.isdigit() else "build"
    return _End(f"build {dockerfile} {stage}", "build", dockerfile, said, own)
