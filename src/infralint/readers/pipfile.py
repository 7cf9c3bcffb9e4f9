"""Pipfile and Pipfile.lock (Pipenv manual, "Pipfile & Pipfile.lock", "Specifying Package Categories")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from infralint.facts.requirements import Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.readers.requirement_tables import extras_of, word
from infralint.readers.toml_file import TomlFile
from infralint.readers.version_markers import with_and
from infralint.toml_places import KeyPath

_NO_CATEGORIES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile"})
_MARKERS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
    "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
    "implementation_version",
)  # fmt: skip


def is_pipfile(document: dict[str, Any]) -> bool:
    """Whether a TOML document is a Pipfile, by its tables."""
    tables = (document.get("packages"), document.get("dev-packages"))
    return any(isinstance(table, dict) for table in tables) and not {"project", "tool"} & document.keys()


def requirements_of_pipfile(file: TomlFile) -> RequirementFacts:
    """What a Pipfile asks for; its categories are groups, `dev-packages` the group `dev`."""
    python = file.string("requires", "python_full_version") or file.string("requires", "python_version")
    groups = tuple(
        _group(file, category, table)
        for category, table in file.document.items()
        if category not in _NO_CATEGORIES and isinstance(table, dict)
    )
    return RequirementFacts("pipenv", groups, python=f"=={python}.*" if python else "")


def _group(file: TomlFile, category: str, table: dict[str, Any]) -> RequirementGroup:
    requirements = tuple(_requirements(file, category, table))
    span = file.name_span((category,))
    if category == "packages":
        return RequirementGroup("main", span, requirements=requirements)
    name = "dev" if category == "dev-packages" else normalised(category)
    return RequirementGroup("group", span, name, requirements, default=False)


def _requirements(file: TomlFile, category: str, table: dict[str, Any]) -> Iterator[Requirement]:
    for name, value in table.items():
        path: KeyPath = (category, name)
        name_span = file.name_span(path)
        if isinstance(value, str):
            found = Requirement(file.span(path), name_span, normalised(name))
            yield _with_version(found, file, path, value)
        elif isinstance(value, dict):
            span = file.span(path)
            found = Requirement(span if len(span) else name_span, name_span, normalised(name))
            found = _with_version(found, file, (*path, "version"), value.get("version", "*"))
            yield _with_options(found, value)
        else:
            yield Requirement(name_span, name_span, normalised(name), open="the form of this requirement is not known")


def _with_version(found: Requirement, file: TomlFile, path: KeyPath, written: object) -> Requirement:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if written == "*" or not isinstance(written, str):
        return found
    try:
        specifier = str(SpecifierSet(written if written[:1] in "<>=!~" else f"=={written}"))
    except InvalidSpecifier:
        return structs.replace(found, open=f"`{written}` is no range of versions")
    return structs.replace(found, specifier=specifier, specifier_span=file.text_at(path).span)


def _with_options(found: Requirement, table: dict[str, Any]) -> Requirement:
    git = next((f"{tool}+{word(table, tool)}" for tool in ("git", "hg", "svn", "bzr") if word(table, tool)), "")
    own = [f"{name} {word(table, name)}" for name in _MARKERS if word(table, name)]
    return structs.replace(
        found,
        extras=extras_of(table),
        marker=with_and([word(table, "markers"), *own]),
        url=git or word(table, "file") if "://" in (git or word(table, "file")) else "",
        path=word(table, "path") or (word(table, "file") if "://" not in word(table, "file") else ""),
        editable=table.get("editable") is True,
    )
