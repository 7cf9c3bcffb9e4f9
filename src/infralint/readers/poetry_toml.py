"""Poetry's tables in pyproject.toml (Poetry manual, "The pyproject.toml file", "Managing dependencies"; 1.0 to 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from infralint.facts.requirements import Include, Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.facts.text import plain
from infralint.readers.poetry_versions import specifier_of
from infralint.readers.requirement_tables import extras_of, word
from infralint.readers.toml_file import TomlFile
from infralint.readers.version_markers import marker_of_python, with_and
from infralint.toml_places import KeyPath

_POETRY: KeyPath = ("tool", "poetry")
# Poetry manual, "Dependency specification": what `platform` compares with.
_PLATFORM = 'sys_platform == "{}"'


def poetry_facts(file: TomlFile, facts: RequirementFacts) -> RequirementFacts:
    """The facts of a file with those of its `[tool.poetry]` joined to them."""
    has_project = facts.tool == "project"
    groups = list(facts.groups)
    main, optional = _main(file)
    listed = has_project and "dependencies" in file.table("project")
    if main is not None and not listed:
        # `[project]` leaves its dependencies to Poetry, by `dynamic` or by silence.
        groups = [main, *(group for group in groups if group.kind != "main")]
    groups.extend(_extras(file, optional))
    groups.extend(_groups(file))
    python = file.table("tool", "poetry", "dependencies").get("python")
    return structs.replace(
        facts,
        groups=tuple(groups),
        name=facts.name or normalised(file.string("tool", "poetry", "name")),
        version=facts.version or file.string("tool", "poetry", "version"),
        python=facts.python or ((specifier_of(python) or "") if isinstance(python, str) else ""),
    )


def _main(file: TomlFile) -> tuple[RequirementGroup | None, dict[str, tuple[Requirement, ...]]]:
    """The main group, and the optional requirements by name, which only extras install."""
    path: KeyPath = (*_POETRY, "dependencies")
    table = file.table("tool", "poetry", "dependencies")
    if not table:
        return None, {}
    requirements: list[Requirement] = []
    optional: dict[str, tuple[Requirement, ...]] = {}
    for name, value in table.items():
        if name == "python":
            continue
        found = tuple(_requirements(file, (*path, name), name, value))
        if _is_optional(value):
            optional[normalised(name)] = found
        else:
            requirements.extend(found)
    return RequirementGroup("main", file.name_span(path), requirements=tuple(requirements)), optional


def _is_optional(value: object) -> bool:
    tables = value if isinstance(value, list) else [value]
    return any(isinstance(table, dict) and table.get("optional") is True for table in tables)


def _extras(file: TomlFile, optional: dict[str, tuple[Requirement, ...]]) -> Iterator[RequirementGroup]:
    for name, value in file.table("tool", "poetry", "extras").items():
        names = [normalised(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
        found = tuple(requirement for each in names for requirement in optional.get(each, ()))
        span = file.name_span((*_POETRY, "extras", name))
        yield RequirementGroup("extra", span, normalised(name), found, default=False)


def _groups(file: TomlFile) -> Iterator[RequirementGroup]:
    for name, table in file.table("tool", "poetry", "group").items():
        if isinstance(table, dict):
            yield _group(file, name, (*_POETRY, "group", name), table)
    dev = file.table("tool", "poetry", "dev-dependencies")
    if dev:
        path: KeyPath = (*_POETRY, "dev-dependencies")
        yield RequirementGroup("group", file.name_span(path), "dev", tuple(_all(file, path, dev)))


def _group(file: TomlFile, name: str, path: KeyPath, table: dict[str, Any]) -> RequirementGroup:
    dependencies = table.get("dependencies")
    requirements = tuple(_all(file, (*path, "dependencies"), dependencies)) if isinstance(dependencies, dict) else ()
    included = [
        Include("group", plain(normalised(text.value), text.span.start), text.span)
        for text in file.strings((*path, "include-groups"), table.get("include-groups"))
    ]
    is_default = table.get("optional") is not True
    return RequirementGroup(
        "group", file.name_span(path), normalised(name), requirements, tuple(included), default=is_default
    )


def _all(file: TomlFile, path: KeyPath, table: dict[str, Any]) -> Iterator[Requirement]:
    for name, value in table.items():
        yield from _requirements(file, (*path, name), name, value)


def _requirements(file: TomlFile, path: KeyPath, name: str, value: object) -> Iterator[Requirement]:
    """One requirement, or one for each of multiple constraints."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield _requirement(file, path, (*path, index), name, item)
    else:
        yield _requirement(file, path, path, name, value)


def _requirement(file: TomlFile, key: KeyPath, path: KeyPath, name: str, value: object) -> Requirement:
    name_span = file.name_span(key)
    if isinstance(value, str):
        found = Requirement(file.span(path), name_span, normalised(name))
        return _with_version(found, file, path, value)
    if not isinstance(value, dict):
        return Requirement(name_span, name_span, normalised(name), open="the form of this requirement is not known")
    span = file.span(path)
    found = Requirement(span if len(span) else name_span, name_span, normalised(name))
    version = value.get("version")
    if isinstance(version, str):
        found = _with_version(found, file, (*path, "version"), version)
    return _with_options(found, value)


def _with_version(found: Requirement, file: TomlFile, path: KeyPath, written: str) -> Requirement:
    specifier = specifier_of(written)
    if specifier is None:
        return structs.replace(found, open=f"`{written}` is more than one range of versions")
    return structs.replace(found, specifier=specifier, specifier_span=file.text_at(path).span)


def _with_options(found: Requirement, table: dict[str, Any]) -> Requirement:
    git = word(table, "git")
    markers = [word(table, "markers"), marker_of_python(specifier_of(word(table, "python")) or "")]
    if word(table, "platform"):
        markers.append(_PLATFORM.format(word(table, "platform")))
    return structs.replace(
        found,
        extras=extras_of(table),
        marker=with_and(markers),
        url=f"git+{git}" if git else word(table, "url"),
        path=word(table, "path") or word(table, "file"),
        editable=table.get("develop") is True,
    )
