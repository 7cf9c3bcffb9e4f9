"""Which services a finding is of: those whose files it stands in, or whose own lines in a file that several share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infralint.document_parts import SpanObject
from infralint.reports.html.marks import Marked, Marks
from infralint.reports.html.parts import Part
from infralint.reports.html.services_picture import service_name
from infralint.services_document import ServiceObject


class Owners:
    """The services of all projects of a page, numbered one after the other."""

    def __init__(self, parts: Sequence[Part], marks: Marks) -> None:
        self.names = tuple(_distinct(parts))
        self._of_files: dict[str, tuple[int, ...]] = {}
        self._of_places: dict[str, list[int]] = {}
        before = 0
        for part in parts:
            for path, owners in part.owners.items():
                self._of_files[part.prefix + path] = tuple(before + owner for owner in owners)
            for at, service in enumerate(part.services["services"], start=before):
                here = {
                    each.fingerprint for span in _spans(service) for each in marks.at(part.prefix, span) if each.own
                }
                for fingerprint in here:
                    self._of_places.setdefault(fingerprint, []).append(at)
            before += len(part.services["services"])

    def of(self, marked: Marked) -> tuple[int, ...]:
        """The numbers of the services that a finding is of; none where no service uses its file."""
        found = {*self._of_files.get(marked.finding.path, ()), *self._of_places.get(marked.fingerprint, ())}
        return tuple(sorted(found))


def _spans(service: ServiceObject) -> Iterator[SpanObject]:
    """What a service says of itself."""
    yield service["span"]
    for part in (service["image"], service["command"], service["build"]):
        if part is not None:
            yield part["span"]
    for each in service["entry_points"]:
        yield each["span"]
    for variable in service["environment"]:
        yield variable["span"]


def _distinct(parts: Sequence[Part]) -> Iterator[str]:
    """The names of services; where two have the same, each with the file that it stands in."""
    everyone = [(part.prefix, each) for part in parts for each in part.services["services"]]
    names = [service_name(each) for _, each in everyone]
    for name, (prefix, each) in zip(names, everyone, strict=True):
        yield name if names.count(name) == 1 else f"{name} ({prefix}{each['span']['path']})"
