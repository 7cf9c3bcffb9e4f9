"""What is deployed, for people: service by service, with where each fact comes from, and what is open and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infralint.reports.harmless import harmless
from infralint.reports.rows import place, rows
from infralint.services_document import (
    BuildObject,
    DistributionObject,
    InstalledObject,
    ServiceObject,
    ServicesDocument,
    VariableObject,
)


def render_services_text(document: ServicesDocument) -> str:
    """All services, separated by empty lines; every line ends with a newline."""
    return "\n".join("".join(f"{harmless(line)}\n" for line in block) for block in _blocks(document))


def _blocks(document: ServicesDocument) -> Iterator[list[str]]:
    number = len(document["services"])
    yield [f"# {number} deployment{'' if number == 1 else 's'}"]
    for service in document["services"]:
        yield list(_service(service))
    if document["images"]:
        yield ["# built here, and run by no deployment that is seen", *rows([*map(_unused, document["images"])], "")]


def _service(service: ServiceObject) -> Iterator[str]:
    container = f", container `{service['container']}`" if service["container"] else ""
    yield f"{service['title']}{container}  {place(service['span'])}"
    yield from rows(list(_facts(service)))
    if service["installed"] is not None:
        yield from _installed(service["installed"])
    if service["environment"]:
        yield "  environment"
        yield from rows([_variable(each) for each in service["environment"]], "    ")
    for gap in service["environment_open"]:
        names = f" ({gap['names']})" if gap["names"] else ""
        yield f"  environment open: {gap['reason']}{names}  {place(gap['span'])}"


def _facts(service: ServiceObject) -> Iterator[tuple[str, ...]]:
    if len(service["sources"]) > 1:
        yield ("files", ", ".join(service["sources"]))
    if service["profiles"]:
        yield ("profiles", ", ".join(service["profiles"]))
    if service["image"] is not None:
        yield ("image", service["image"]["reference"], place(service["image"]["span"]))
    if service["build"] is not None:
        yield ("built", _build(service["build"]), place(service["build"]["span"]))
    if service["command"] is not None:
        yield ("command", _words(service["command"]["words"]), place(service["command"]["span"]))
    for start in service["entry_points"]:
        yield ("starts", start["path"], place(start["span"]))
    if service["service_account"]:
        yield ("runs as", service["service_account"])


def _words(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if " " in word or not word else word for word in words)


def _build(build: BuildObject) -> str:
    context = "" if build["context"] is None else f" in {build['context'] or '.'}"
    base = f", upon {build['base']}" if build["base"] else ""
    return f"from {build['dockerfile']}{context}{base}"


def _unused(build: BuildObject) -> tuple[str, ...]:
    return (_build(build), ", ".join(build["names"]), place(build["span"]))


def _installed(installed: InstalledObject) -> Iterator[str]:
    python = f" (Python {installed['python']})" if installed["python"] else ""
    yield f"  installs{python}"
    yield from rows([_distribution(each) for each in installed["distributions"]], "    ")
    for reason in installed["open"]:
        yield f"  installs open: {reason}"


def _distribution(one: DistributionObject) -> tuple[str, ...]:
    notes = [
        f"because of {' > '.join(one['because'])}" if one["because"] else "",
        "" if one["certain"] else "perhaps",
    ]
    where = place(one["span"]) if one["span"] is not None else "of the base image"
    return (one["name"], one["version"] or one["specifier"] or "", ", ".join(filter(None, notes)), where)


def _variable(one: VariableObject) -> tuple[str, ...]:
    notes = [
        "" if one["known"] or one["value"] is None or not one["host"] else f"takes {', '.join(one['host'])}",
        "" if one["certain"] else "perhaps",
    ]
    return (one["name"], _value(one), ", ".join(filter(None, notes)), place(one["span"]))


def _value(one: VariableObject) -> str:
    if one["source"] == "host" and one["value"] is None:
        return "from the host"
    if one["value"] is None or one["source"] in ("secret", "config-map"):
        words = {"secret": "secret", "config-map": "config map", "field": "from the platform"}.get(one["source"], "?")
        reference = " ".join(filter(None, (words, one["reference"], one["key"])))
        return reference if one["value"] is None else f"{one['value']} ({reference})"
    return one["value"] or '""'
