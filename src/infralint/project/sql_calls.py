"""Calls that execute SQL: the project's own wrappers are followed to the drivers, imported texts to their modules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlStatement
from infralint.facts.sql_calls import SqlArgument, SqlArguments, SqlCall, SqlPassed, SqlText, SqlWrapper
from infralint.project.lookup import Known
from infralint.project.modules import ModuleGraph, Symbol

# A wrapper of a wrapper of a wrapper: longer chains are not followed.
_MAX_CHAIN = 6


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call that executes SQL. `texts`: every text that it may execute, with the file that each stands in.

    `indices`: those of the texts in their files. `all_texts`, `driver`, `arguments`: see SqlCall. `wrapper`: it reaches
    its driver through one of the project's.
    """

    path: str
    call: SqlCall
    texts: tuple[tuple[str, SqlText], ...]
    indices: tuple[tuple[str, int], ...]
    all_texts: bool
    driver: str
    arguments: SqlArguments | None
    wrapper: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """What a wrapper comes to in the end: the driver, and how values reach it (see SqlWrapper.forwarded)."""

    wrapper: SqlWrapper
    driver: str
    forwarded: str
    rows: bool
    complete: bool


class Asked(Protocol):
    """What is asked of a project."""

    files: dict[str, FileFacts]

    @property
    def modules(self) -> ModuleGraph: ...
    @property
    def sql_paths(self) -> tuple[str, ...]: ...
    @property
    def sql_wrappers(self) -> Mapping[str, list[tuple[str, SqlWrapper]]]: ...
    @property
    def sql_text_names(self) -> Mapping[tuple[str, str], int]: ...
    @property
    def sql_sites(self) -> tuple[CallSite, ...]: ...
    @property
    def executed_texts(self) -> Mapping[str, frozenset[int]]: ...


def wrappers_by_name(paths: Iterable[str], files: Mapping[str, FileFacts]) -> dict[str, list[tuple[str, SqlWrapper]]]:
    """The functions of all files that hand on SQL, with their files, by the last part of their names."""
    found: dict[str, list[tuple[str, SqlWrapper]]] = defaultdict(list)
    for path in paths:
        facts = files[path].sql
        for wrapper in facts.wrappers if facts is not None else ():
            found[_last(wrapper.name)].append((path, wrapper))
    return dict(found)


def texts_by_name(paths: Iterable[str], files: Mapping[str, FileFacts]) -> dict[tuple[str, str], int]:
    """The texts that modules bind to names: their indices, by path and name."""
    found: dict[tuple[str, str], int] = {}
    for path in paths:
        facts = files[path].sql
        for index, text in enumerate(facts.texts if facts is not None else ()):
            found.update(((path, name), index) for name in text.names)
    return found


def executed_by_path(sites: Iterable[CallSite]) -> dict[str, frozenset[int]]:
    """The texts that a call was found for, by the paths of their files."""
    found: dict[str, set[int]] = {}
    for site in sites:
        for path, index in site.indices:
            found.setdefault(path, set()).add(index)
    return {path: frozenset(indices) for path, indices in found.items()}


class SqlCalls:
    """All calls of all files, those of each file found when they are first asked for."""

    def __init__(self, project: Asked) -> None:
        self._project = project
        self._files = project.files

    @property
    def sites(self) -> tuple[CallSite, ...]:
        """Every call that certainly executes SQL, in order of path and place."""
        return self._project.sql_sites

    def sites_in(self, path: str) -> Iterator[CallSite]:
        """Those of one file."""
        facts = self._files[path].sql
        for call in facts.calls if facts is not None else ():
            if (site := self._site(path, call)) is not None:
                yield site

    def statements(self, path: str) -> Iterator[SqlStatement]:
        """The statements of a file, as what is known of the calls has them: executed, or open at the end."""
        facts = self._files[path].sql
        if facts is None:
            return
        texts = facts.texts
        executed = self._project.executed_texts.get(path, frozenset()) if texts else frozenset()
        statements = facts.statements
        changed: dict[int, SqlStatement] = {}
        for index, text in enumerate(texts):
            if index in executed:
                for at in text.statements:
                    changed[at] = msgspec.structs.replace(statements[at], executed=True)
            elif text.loose and text.statements:
                last = text.statements[-1]
                changed[last] = _opened(statements[last])
        for at, statement in enumerate(statements):
            yield changed.get(at, statement)

    def _site(self, path: str, call: SqlCall) -> CallSite | None:
        indices = tuple(self._indices(path, call))
        texts = tuple(
            (where, facts.texts[index]) for where, index in indices if (facts := self._files[where].sql) is not None
        )
        if not texts:
            return None
        all_texts = call.all_texts and len(texts) == len(call.texts) + len(call.constants)
        if call.sink:
            return CallSite(path, call, texts, indices, all_texts, call.driver, call.arguments)
        target = self._target(path, call)
        if target is None or not target.complete:
            return None
        arguments = _arguments(call.passed, target)
        return CallSite(path, call, texts, indices, all_texts, call.driver or target.driver, arguments, wrapper=True)

    def _indices(self, path: str, call: SqlCall) -> Iterator[tuple[str, int]]:
        """The texts of a call as (path, index), those of other modules too."""
        yield from ((path, index) for index in call.texts)
        for constant in call.constants:
            found = self._constant(path, constant)
            if found is not None:
                yield found

    def _constant(self, path: str, dotted: str) -> tuple[str, int] | None:
        origin = self._symbol(path, dotted)
        if origin is None:
            return None
        name = f"{origin.name}.{origin.rest}" if origin.rest else origin.name
        index = self._project.sql_text_names.get((origin.path, name.removesuffix(".value")))
        return None if index is None else (origin.path, index)

    def _symbol(self, path: str, dotted: str) -> Symbol | None:
        """What a dotted name, imports applied, is in the tree."""
        module, name = dotted, ""
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            parts = dotted.lstrip(".").split(".")
            for cut in range(len(parts) - 1, -1, -1):
                found = self._project.modules.find_relative(level, ".".join(parts[:cut]), path)
                if found is not None:
                    return self._defined(found, parts[cut:])
            return None
        while "." in module:
            module, _, last = module.rpartition(".")
            name = f"{last}.{name}" if name else last
            found = self._project.modules.find_module(module, path)
            if found is not None:
                return self._defined(found, name.split("."))
        return None

    def _defined(self, path: str, parts: list[str]) -> Symbol | None:
        found = self._project.modules.resolve(path, ".".join(parts)) if parts else None
        return found.value if isinstance(found, Known) and isinstance(found.value, Symbol) else None

    # Wrappers

    def _target(self, path: str, call: SqlCall) -> _Target | None:
        """The wrapper that a call calls; None where none is, or several that differ."""
        passed = call.passed[call.position]
        found = []
        for where, wrapper in self._called(path, call.callee):
            given = passed.name or _at(wrapper.parameters, call.position)
            if given != wrapper.parameter:
                continue
            target = self._end(where, wrapper, 0)
            if target is not None:
                found.append(target)
        if not found or any(_meaning(target) != _meaning(found[0]) for target in found):
            return None
        return found[0]

    def _called(self, path: str, callee: str) -> list[tuple[str, SqlWrapper]]:
        """The wrappers that a dotted name may mean."""
        head, _, rest = callee.partition(".")
        named = self._project.sql_wrappers.get(_last(callee), [])
        if not named:
            return []
        methods = [each for each in named if "." in each[1].name]
        if head == "self":
            here = [each for each in methods if each[0] == path]
            return here or methods
        if head == "*":
            return methods
        if not rest:
            return [each for each in named if each[0] == path and each[1].name == callee]
        symbol = self._symbol(path, callee)
        if symbol is not None:
            name = f"{symbol.name}.{symbol.rest}" if symbol.rest else symbol.name
            exact = [each for each in named if each[0] == symbol.path and each[1].name == name]
            if exact or not symbol.rest:
                return exact
        return methods

    def _end(self, path: str, wrapper: SqlWrapper, depth: int) -> _Target | None:
        """Where a wrapper's text goes in the end."""
        if wrapper.sink:
            return _Target(wrapper, wrapper.driver, wrapper.forwarded, wrapper.rows, wrapper.complete)
        if depth > _MAX_CHAIN:
            return None
        targets = [
            target
            for where, inner in self._called(path, wrapper.callee)
            if inner is not wrapper and _at(inner.parameters, wrapper.position) == inner.parameter
            if (target := self._end(where, inner, depth + 1)) is not None
        ]
        if not targets:
            return None
        # A wrapper that calls its driver in several ways passes now these values and now those.
        first = targets[0]
        same = all((t.forwarded, t.rows) == (first.forwarded, first.rows) for t in targets)
        forwarded = _composed(wrapper.forwarded, first.forwarded) if same else ""
        complete = wrapper.complete and all(target.complete for target in targets)
        return _Target(wrapper, first.driver, forwarded, first.rows, complete)


def _composed(outer: str, inner: str) -> str:
    """How values reach the driver through two wrappers."""
    if inner == "-" or outer == "-":
        return "-"
    if inner == "*":
        return "*" if outer == "*" else ""
    return outer if inner and outer != "*" else ""


def _meaning(target: _Target) -> tuple[object, ...]:
    wrapper = target.wrapper
    return (wrapper.parameters, wrapper.parameter, target.driver, target.forwarded, target.rows, target.complete)


def _arguments(passed: tuple[SqlPassed, ...], target: _Target) -> SqlArguments | None:
    """What a call of a wrapper passes on to the driver as values; None where that is not known."""
    if any(each.star for each in passed) or target.rows:
        return None
    if target.forwarded == "-":
        return SqlArguments("none")
    positions = [each for each in passed if not each.name]
    if target.forwarded == "*" and target.driver != "asyncpg":
        # `execute(sql, *args)` of other drivers: what is passed may be the whole sequence.
        return None
    if target.forwarded == "*":
        values = positions[len(target.wrapper.parameters) :]
        return SqlArguments("positions" if values else "none", tuple(SqlArgument(each.span) for each in values))
    given = [each for each in passed if each.name == target.forwarded]
    if not given and target.forwarded in target.wrapper.parameters:
        given = positions[target.wrapper.parameters.index(target.forwarded) :][:1]
    elif not given:
        return None
    return given[0].values if given else SqlArguments("none")


def _opened(statement: SqlStatement) -> SqlStatement:
    """A statement to whose end more may be added: sources of columns too."""
    scopes = tuple(msgspec.structs.replace(scope, open=True) for scope in statement.scopes)
    return msgspec.structs.replace(statement, scopes=scopes)


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _at(names: tuple[str, ...], index: int) -> str:
    return names[index] if index < len(names) else ""
