"""Pages of `--format html` for tests: made of files in memory, and read by an HTML parser that forgives nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from justhtml import JustHTML

import infralint
from infralint.findings import Finding
from infralint.overview import overview_of
from infralint.reports.html.page import render_html
from infralint.reports.html.parts import Part
from infralint.reports.sources import Sources
from infralint.settings import Settings

SVG = "{http://www.w3.org/2000/svg}"


def page_of(files: Mapping[str, str], settings: Settings | None = None) -> tuple[str, infralint.Report]:
    """The page of a project in memory, with its report."""
    settings = settings or Settings(select=("ALL",))
    report = infralint.lint(files, settings)
    seen = overview_of(files, settings)
    part = Part("", seen.schema, seen.services, seen.owners)
    return page(report.findings, report.suppressed, [part], files), report


def page(
    findings: Sequence[Finding],
    suppressed: Sequence[Finding] = (),
    parts: Sequence[Part] = (),
    files: Mapping[str, str] | None = None,
    name: str = "shop",
) -> str:
    """The page of findings."""
    sources = Sources(Path("/nowhere"), {path: text.encode() for path, text in (files or {}).items()})
    return render_html(findings, suppressed, parts, sources.line, name=name, files=len(files or {}))


def parsed(page: str) -> Any:
    """The document, as the HTML standard reads it. Raises what `JustHTML` raises for any parse error."""
    return JustHTML(page, strict=True, sanitize=False)


def elements(node: Any) -> Iterator[Any]:
    """All elements of a document, in its order; templates have their content apart, and the page has none."""
    stack = [node]
    while stack:
        here = stack.pop()
        if not here.name.startswith("#") and here.name != "!doctype":
            yield here
        stack += reversed(getattr(here, "children", None) or [])


def text_of(node: Any) -> str:
    """The text of an element, as it is written."""
    if node.name == "#text":
        return str(node.data)
    return "".join(map(text_of, getattr(node, "children", None) or []))


def with_class(node: Any, name: str) -> list[Any]:
    return [each for each in elements(node) if name in (each.attrs.get("class") or "").split()]


def pictures(page: str) -> list[ElementTree.Element]:
    """The drawings of a page, read as XML, which stops at anything that is not well-formed."""
    return [ElementTree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def boxes(picture: ElementTree.Element) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of each card, by its id."""
    found = {}
    for card in picture.iter(f"{SVG}g"):
        if "card" in (card.get("class") or "").split():
            x, y = map(float, re.findall(r"-?[\d.]+", card.get("transform") or ""))
            frame = next(rect for rect in card.iter(f"{SVG}rect") if rect.get("class") == "frame")
            found[card.get("id") or ""] = (x, y, x + float(frame.get("width", "")), y + float(frame.get("height", "")))
    return found
