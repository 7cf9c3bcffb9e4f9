"""Lock files: uv.lock, poetry.lock, pdm.lock and pylock.toml (PEP 751), told apart by what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from infralint.facts.requirements import Lock, LockedPackage, LockedRequirement, normalised
from infralint.facts.text import plain
from infralint.pep508 import pep508_requirement
from infralint.readers.version_markers import marker_of_python, with_and
from infralint.source import Span

# Locks are written by programs: each package begins with its header and its name.
_PACKAGE = re.compile(r'^\[\[packages?\]\][ \t]*\r?\n(?:(?!\[\[)[^\n]*\n)*?name[ \t]*=[ \t]*"([^"\n]*)"', re.MULTILINE)
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?")
_PATHS = {"path": "path", "directory": "path", "editable": "editable", "virtual": "virtual"}


def lock_in(text: str, document: dict[str, Any]) -> Lock | None:
    """The lock that a TOML document is; None where it is none."""
    tables = document.get("package", document.get("packages"))
    if not isinstance(tables, list):
        return None
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    if "packages" in document:
        return _lock(text, "pylock", tables) if "lock-version" in document else None
    if "lock_version" in metadata:
        return _lock(text, "pdm", tables)
    if "lock-version" in metadata or "content-hash" in metadata:
        return _lock(text, "poetry", tables)
    # Cargo's lock has this shape too, without sources that are tables.
    sources = [table.get("source") for table in tables if isinstance(table, dict)]
    return _lock(text, "uv", tables) if sources and all(isinstance(source, dict) for source in sources) else None


def _lock(text: str, tool: str, tables: list[Any]) -> Lock:
    spans = [Span(*match.span(1)) for match in _PACKAGE.finditer(text)]
    if len(spans) != len(tables):
        spans = [Span(0, 0)] * len(tables)
    read = {"uv": _uv, "poetry": _poetry, "pdm": _pdm, "pylock": _pylock}[tool]
    packages = tuple(
        read(table, span)
        for table, span in zip(tables, spans, strict=True)
        if isinstance(table, dict) and isinstance(table.get("name"), str)
    )
    return Lock(tool, packages, edges=tool != "pylock")


def _string(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _uv(table: dict[str, Any], span: Span) -> LockedPackage:
    """uv's lock has no manual; by the files that uv 0.4 to 0.9 write."""
    source = _table(table, "source")
    kind = next((key for key in source if key in _PATHS), "")
    forks = _strings(table.get("resolution-markers"))
    return LockedPackage(
        name=normalised(table["name"]),
        span=span,
        version=_string(table, "version"),
        requires=tuple(_uv_requirements(table.get("dependencies"))),
        extras={
            normalised(name): tuple(_uv_requirements(value))
            for name, value in _table(table, "optional-dependencies").items()
        },
        groups={
            normalised(name): tuple(_uv_requirements(value))
            for name, value in _table(table, "dev-dependencies").items()
        },
        source=_PATHS.get(kind, "") or next((key for key in ("git", "url") if key in source), "registry"),
        path=_string(source, kind) if kind else "",
        marker=" or ".join(f"({fork})" for fork in forks) if len(forks) > 1 else "".join(forks),
    )


def _uv_requirements(value: object) -> Iterator[LockedRequirement]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            extras = tuple(map(normalised, _strings(item.get("extra"))))
            version = _string(item, "version")
            yield LockedRequirement(normalised(item["name"]), extras, _string(item, "marker"), version)


def _poetry(table: dict[str, Any], span: Span) -> LockedPackage:
    """Poetry 1.0 to 2.2."""
    source = _table(table, "source")
    kind = {"directory": "path", "file": "path", "git": "git", "url": "url"}.get(_string(source, "type"), "registry")
    dependencies = _table(table, "dependencies")
    optional = {
        normalised(name) for name, value in dependencies.items() if isinstance(value, dict) and value.get("optional")
    }
    required = {name: value for name, value in dependencies.items() if normalised(name) not in optional}
    # Extras list names alone; their markers stand with the optional dependencies, with `extra == "name"` in them.
    marked = {each.name: each.marker for each in _poetry_requirements(dependencies) if each.name in optional}
    markers = table.get("markers")
    category = _string(table, "category")
    return LockedPackage(
        name=normalised(table["name"]),
        span=span,
        version=_string(table, "version"),
        requires=tuple(_poetry_requirements(required)),
        extras={normalised(name): tuple(_named(value, marked)) for name, value in _table(table, "extras").items()},
        source=kind,
        path=_string(source, "url") if kind == "path" else "",
        # By group where the groups' markers differ: then it is not certain anywhere.
        marker=markers if isinstance(markers, str) else "",
        members=_strings(table.get("groups")) or ((category,) if category else ()),
    )


def _poetry_requirements(table: dict[str, Any]) -> Iterator[LockedRequirement]:
    for name, value in table.items():
        for item in value if isinstance(value, list) else [value]:
            details = item if isinstance(item, dict) else {}
            extras = tuple(map(normalised, _strings(details.get("extras"))))
            python = _string(details, "python")
            marker = with_and([_string(details, "markers"), marker_of_python(python)])
            yield LockedRequirement(normalised(name), extras, marker)


def _named(value: object, marked: dict[str, str]) -> Iterator[LockedRequirement]:
    """Requirements of an extra, as `name[extra] (>=1.0)` with a marker behind, or with one in `marked`."""
    for item in _strings(value):
        match = _REQUIREMENT.match(item)
        if match is not None:
            extras = tuple(normalised(extra.strip()) for extra in (match[2] or "").split(",") if extra.strip())
            name = normalised(match[1])
            yield LockedRequirement(name, extras, item.partition(";")[2].strip() or marked.get(name, ""))


def _pdm(table: dict[str, Any], span: Span) -> LockedPackage:
    """pdm's lock, format 4. A distribution with extras is a package of its own beside the one without."""
    found = [pep508_requirement(plain(item, 0)) for item in _strings(table.get("dependencies"))]
    requires = tuple(LockedRequirement(each.name, each.extras, each.marker) for each in found if each.name)
    own = frozenset(map(normalised, _strings(table.get("extras"))))
    kind = next((key for key in ("path", "git", "url") if key in table), "registry")
    return LockedPackage(
        name=normalised(table["name"]),
        span=span,
        version=_string(table, "version"),
        requires=() if own else requires,
        extras=dict.fromkeys(sorted(own), requires),
        source="editable" if table.get("editable") is True else kind,
        path=_string(table, "path"),
        marker=_string(table, "marker") or marker_of_python(_string(table, "requires_python")),
        members=_strings(table.get("groups")),
    )


def _pylock(table: dict[str, Any], span: Span) -> LockedPackage:
    """PEP 751, "File Format": a list of all that is installed; markers say where and with which groups."""
    directory = _table(table, "directory")
    kind = "path" if directory else next((key for key in ("vcs", "archive") if key in table), "registry")
    return LockedPackage(
        name=normalised(table["name"]),
        span=span,
        version=_string(table, "version"),
        source={"vcs": "git", "archive": "url"}.get(kind, kind),
        path=_string(directory, "path"),
        marker=_string(table, "marker"),
    )
