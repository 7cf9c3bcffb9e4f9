"""pyproject.toml: `[project]` (PEP 621), dependency groups (PEP 735), tables of setuptools, hatch, pdm, flit, uv."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infralint.facts.requirements import Include, Requirement, RequirementFacts, RequirementGroup, Source, normalised
from infralint.facts.slices import sliced
from infralint.facts.text import plain
from infralint.pep508 import pep508_requirement, pip_requirement
from infralint.readers.poetry_toml import poetry_facts
from infralint.readers.toml_file import TomlFile
from infralint.source import Span
from infralint.toml_places import KeyPath

_UNREAD = "the form of this requirement is not known"


def requirements_of_project(file: TomlFile) -> RequirementFacts | None:
    """What a pyproject.toml asks for; None where it says nothing of that."""
    poetry = file.table("tool", "poetry")
    facts = RequirementFacts(
        tool=_tool(file),
        groups=tuple(_groups(file)),
        name=normalised(file.string("project", "name")),
        version=file.string("project", "version"),
        python=file.string("project", "requires-python"),
        sources=tuple(_uv_sources(file)),
        members=_globs(file, "members"),
        left_out=_globs(file, "exclude"),
    )
    if poetry:
        facts = poetry_facts(file, facts)
    return facts if facts.tool or facts.groups or facts.members else None


def _tool(file: TomlFile) -> str:
    if file.table("project"):
        return "project"
    if file.table("tool", "poetry"):
        return "poetry"
    if file.table("tool", "flit", "metadata"):
        return "flit"
    return "uv" if file.table("tool", "uv", "workspace") or file.table("dependency-groups") else ""


def _globs(file: TomlFile, key: str) -> tuple[str, ...]:
    value = file.table("tool", "uv", "workspace").get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _groups(file: TomlFile) -> Iterator[RequirementGroup]:
    yield from _project_groups(file)
    yield from _dependency_groups(file)
    yield from _tool_groups(file)
    requires = file.table("build-system").get("requires")
    if requires is not None:
        yield group_of(file, "build", "", ("build-system", "requires"), requires, default=False)


def _project_groups(file: TomlFile) -> Iterator[RequirementGroup]:
    project = file.table("project")
    flit = file.table("tool", "flit", "metadata")
    if project:
        main = group_of(file, "main", "", ("project", "dependencies"), project.get("dependencies", []))
        yield _with_dynamic(file, main, project, "dependencies", ())
        for name, value in file.table("project", "optional-dependencies").items():
            yield group_of(file, "extra", name, ("project", "optional-dependencies", name), value, default=False)
        yield from _dynamic_extras(file, project)
    elif flit:
        path: KeyPath = ("tool", "flit", "metadata", "requires")
        yield group_of(file, "main", "", path, flit.get("requires", []))
        for name, value in file.table("tool", "flit", "metadata", "requires-extra").items():
            place: KeyPath = ("tool", "flit", "metadata", "requires-extra", name)
            yield group_of(file, "extra", name, place, value, default=False)


def _with_dynamic(
    file: TomlFile, group: RequirementGroup, project: dict[str, Any], field: str, keys: tuple[str, ...]
) -> RequirementGroup:
    """A group that `dynamic` says other files tell, by the build systems that read files."""
    if field not in _words(project.get("dynamic")):
        return group
    includes = tuple(_dynamic_files(file, field, keys))
    reason = "" if includes else "its build system makes its requirements"
    return RequirementGroup(group.kind, group.span, group.name, includes=includes, default=group.default, open=reason)


def _words(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _dynamic_files(file: TomlFile, field: str, keys: tuple[str, ...]) -> Iterator[Include]:
    """setuptools, "Dynamic Metadata": `{file = [...]}`; hatch-requirements-txt: `files = [...]`."""
    path: KeyPath = ("tool", "setuptools", "dynamic", field, *keys, "file")
    value = file.table(*(str(key) for key in path[:-1])).get("file")
    hook = ("tool", "hatch", "metadata", "hooks", "requirements_txt")
    if value is None and field == "dependencies":
        path, value = (*hook, "files"), file.table(*hook).get("files")
    elif value is None and keys:
        path, value = (*hook, field, keys[0]), file.table(*hook, field).get(keys[0])
    for text in file.strings(path, value):
        yield Include("requirements", text, text.span)


def _dynamic_extras(file: TomlFile, project: dict[str, Any]) -> Iterator[RequirementGroup]:
    field = "optional-dependencies"
    if field not in _words(project.get("dynamic")):
        return
    named = {**file.table("tool", "setuptools", "dynamic", field)}
    named.update(file.table("tool", "hatch", "metadata", "hooks", "requirements_txt", field))
    for name in named:
        empty = RequirementGroup("extra", file.span(("project",)), normalised(name), default=False)
        yield _with_dynamic(file, empty, project, field, (name,))


def _dependency_groups(file: TomlFile) -> Iterator[RequirementGroup]:
    """PEP 735, "Specification". uv installs the group `dev` unless `default-groups` names others."""
    defaults = file.table("tool", "uv").get("default-groups", ["dev"])
    for name, value in file.table("dependency-groups").items():
        is_default = defaults == "all" or (isinstance(defaults, list) and name in defaults)
        yield group_of(file, "group", name, ("dependency-groups", name), value, default=is_default)


def _tool_groups(file: TomlFile) -> Iterator[RequirementGroup]:
    uv = file.table("tool", "uv")
    if "dev-dependencies" in uv:
        yield group_of(file, "group", "dev", ("tool", "uv", "dev-dependencies"), uv["dev-dependencies"])
    for kind in ("constraint", "override"):
        path: KeyPath = ("tool", "uv", f"{kind}-dependencies")
        if f"{kind}-dependencies" in uv:
            yield group_of(file, kind, "", path, uv[f"{kind}-dependencies"])
    for name, value in file.table("tool", "pdm", "dev-dependencies").items():
        yield group_of(file, "group", name, ("tool", "pdm", "dev-dependencies", name), value)
    for name, value in file.table("tool", "hatch", "envs").items():
        listed = [*_list(value, "dependencies"), *_list(value, "extra-dependencies")]
        if listed:
            path = ("tool", "hatch", "envs", name, "dependencies")
            yield group_of(file, "group", f"hatch.{name}", path, value.get("dependencies", []), default=False)


def _list(table: object, key: str) -> list[Any]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, list) else []


def group_of(
    file: TomlFile, kind: str, name: str, path: KeyPath, value: object, *, default: bool = True
) -> RequirementGroup:
    """The group that a list of requirements in the form of PEP 508 makes."""
    span = file.name_span(path)
    name = normalised(name)
    if not isinstance(value, list):
        return RequirementGroup(kind, span, name, default=default, open=_UNREAD)
    requirements, includes = [], []
    for index, item in enumerate(value):
        place = (*path, index)
        included = item.get("include-group") if isinstance(item, dict) else None
        if isinstance(included, str):
            target = file.text_at((*place, "include-group"))
            includes.append(Include("group", plain(normalised(target.value), target.span.start), target.span))
        else:
            requirements.append(_requirement(file, place, item))
    return RequirementGroup(kind, span, name, tuple(requirements), tuple(includes), default)


def _requirement(file: TomlFile, place: KeyPath, item: object) -> Requirement:
    if not isinstance(item, str):
        return Requirement(file.span(place), file.span(place), open=_UNREAD)
    text = file.text_at(place)
    if item.startswith("-e "):
        # pdm's development dependencies take pip's editables.
        return pip_requirement(sliced(text, len("-e "), len(item)), editable=True)
    return pep508_requirement(text)


def _uv_sources(file: TomlFile) -> Iterator[Source]:
    """uv manual, "Dependency sources"; the value is a table, or a list of tables with markers."""
    for name, value in file.table("tool", "uv", "sources").items():
        path: KeyPath = ("tool", "uv", "sources", name)
        tables = value if isinstance(value, list) else [value]
        for index, table in enumerate(tables):
            if isinstance(table, dict):
                yield _source(name, table, file.name_span(path if isinstance(value, dict) else (*path, index)))


def _source(name: str, table: dict[str, Any], span: Span) -> Source:
    def word(key: str) -> str:
        value = table.get(key)
        return value if isinstance(value, str) else ""

    git = word("git")
    return Source(
        normalised(name),
        span,
        path=word("path"),
        url=f"git+{git}" if git and not git.startswith("git+") else git or word("url"),
        workspace=table.get("workspace") is True,
    )
