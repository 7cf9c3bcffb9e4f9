"""Pipfile.lock (Pipenv manual, "Pipfile & Pipfile.lock"): JSON with a list of packages for each category."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from infralint.facts.files import FileFacts, Problem
from infralint.facts.requirements import Lock, LockedPackage, LockedRequirement, RequirementFacts, normalised
from infralint.source import Span

_KEY = re.compile(r'"((?:[^"\\\n]|\\.)*)"\s*:\s*\{')


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Pipfile.lock."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = getattr(error, "pos", 0)
        return FileFacts(problem=Problem("unparsable", getattr(error, "msg", "nested too deeply"), Span(at, at + 1)))
    if not isinstance(document, dict) or "_meta" not in document:
        return FileFacts()
    lock = Lock("pipenv", tuple(_packages(text, document)), edges=False)
    return FileFacts(requirements=RequirementFacts("lock", lock=lock, compiled=True))


def _packages(text: str, document: dict[str, Any]) -> Iterator[LockedPackage]:
    # Keys stand in the order of the document, `_meta` first.
    keys = _KEY.finditer(text)
    for category, table in document.items():
        if category == "_meta" or not isinstance(table, dict):
            continue
        for name, entry in table.items():
            if isinstance(entry, dict):
                span = next((Span(*key.span(1)) for key in keys if key[1] == name), Span(0, 0))
                yield _package(name, entry, span, category)


def _package(name: str, entry: dict[str, Any], span: Span, category: str) -> LockedPackage:
    def word(key: str) -> str:
        value = entry.get(key)
        return value if isinstance(value, str) else ""

    extras = [normalised(extra) for extra in entry.get("extras", ()) if isinstance(extra, str)]
    none: tuple[LockedRequirement, ...] = ()
    return LockedPackage(
        name=normalised(name),
        span=span,
        version=word("version").removeprefix("==") if word("version").startswith("==") else "",
        extras=dict.fromkeys(extras, none),
        source="path" if "path" in entry else "git" if "git" in entry else "registry",
        path=word("path"),
        marker=word("markers"),
        members=("dev" if category == "develop" else category,),
    )
