"""Settings classes of pydantic: where they are, how they are configured, and where instances of them are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.environment.reads import Read
from infralint.project.environment.settings_fields import SettingsClass, SettingsFields
from infralint.project.interpret import (
    ClassValue,
    DictValue,
    External,
    Interpreter,
    ListValue,
    Made,
    TupleValue,
    Value,
)
from infralint.project.program_walk import nodes_in

_BASES_V2 = frozenset({"pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings"})
_BASES_V1 = frozenset(
    {"pydantic.BaseSettings", "pydantic.v1.BaseSettings", "pydantic.env_settings.BaseSettings",
     "pydantic.v1.env_settings.BaseSettings"}
)  # fmt: skip
_MODELS = frozenset({"pydantic.BaseModel", "pydantic.v1.BaseModel", "pydantic.main.BaseModel", *_BASES_V1, *_BASES_V2})
_MAX_ROUNDS = 20


@dataclass(frozen=True)
class Candidates:
    """Modules with classes that may descend from `BaseSettings`, sorted, and the names of these classes, by the names
    of their bases alone."""

    paths: tuple[str, ...]
    names: frozenset[str]


def candidates_in(files: Mapping[str, FileFacts]) -> Candidates:
    """Where settings classes may be."""
    stubs = [(path, stub) for path, facts in files.items() if facts.python for stub in facts.python.stubs]
    names = {"BaseSettings"}
    found: set[str] = set()
    for _ in range(_MAX_ROUNDS):
        before = len(names)
        for path, stub in stubs:
            if not names.isdisjoint(stub.bases):
                names.add(stub.name)
                found.add(path)
        if len(names) == before:
            break
    return Candidates(tuple(sorted(found)), frozenset(names))


def imported_names(facts: FileFacts) -> set[str]:
    """The names that a module imports from others, "*" for all of one."""
    imports = facts.python.imports if facts.python is not None else ()
    return {name.name for statement in imports for name in statement.names or ()}


def users_of(candidates: Candidates, imported: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    """The modules that may import something of each name of a candidate, under "*" those that may import anything.
    `imported`: the names that modules import, by path."""
    found: dict[str, set[str]] = {name: set() for name in (*candidates.names, "*")}
    for path, names in imported:
        for name in names:
            if name in found:
                found[name].add(path)
    return found


class SettingsClasses:
    """The settings classes of a tree. `users` as in `users_of`."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        interpreter: Interpreter,
        candidates: Candidates,
        users: Mapping[str, set[str]],
    ) -> None:
        self.files = files
        self.interpreter = interpreter
        self._candidates = candidates
        self._known_users = users
        self._fields = SettingsFields(interpreter)
        self._calls_by_path: dict[str, dict[str, list[ir.Call]]] = {}
        self._made_by_path: dict[str, frozenset[int]] = {}

    @cached_property
    def all(self) -> tuple[SettingsClass, ...]:
        """Every settings class, with the bases that others only inherit from."""
        found = [made for path in self._candidates.paths for made in self._in_module(path)]
        for made in found:
            name = made.cls.name
            paths = sorted({made.path, *self._users(name), *self._users("*")})
            made.read_at_import = tuple(path for path in paths if id(made.cls) in self._made_at_import(path))
            keywords = [each for path in paths for each in self._keywords(path, name)]
            made.is_made = bool(keywords)
            names = {given for each in keywords for given in each}
            # `Settings(_env_file=...)` and its kin change where the values come from.
            made.given = None if any(not given or given.startswith("_") for given in names) else frozenset(names)
        return tuple(found)

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """The reads of all fields."""
        return tuple(read for made in self.all if not made.open for read in self._fields.reads(made))

    def _in_module(self, path: str) -> Iterator[SettingsClass]:
        for cls in self.interpreter.classes(path):
            names = {base.name for base in cls.mro if isinstance(base, External)}
            if cls.path == path and names & (_BASES_V1 | _BASES_V2):
                yield self._settings(cls, old=not names & _BASES_V2)

    def _settings(self, cls: ClassValue, *, old: bool) -> SettingsClass:
        made = SettingsClass(cls, self._config(cls), old)
        if cls.open is not None:
            made.open = cls.open.reason
        if not all(isinstance(base, (ClassValue, External)) for base in cls.mro):
            made.open = "a base of it cannot be told"
        if any(isinstance(base, External) and not _is_harmless(base.name) for base in cls.mro):
            made.open = "a base comes from outside of the tree"
        if "alias_generator" in made.config or not _is_text(made.config.get("env_prefix", "")):
            made.open = "names are made at run time"
        made.env_files = list(_files(made.config.get("env_file")))
        return made

    def _config(self, cls: ClassValue) -> dict[str, Value]:
        """The class's configuration with that of its bases, the nearest first."""
        found: dict[str, Value] = {}
        for base in reversed(cls.mro):
            if not isinstance(base, ClassValue):
                continue
            inner = base.namespace.get("Config")
            if inner is not None and isinstance(inner.value, ClassValue):
                for each in reversed(inner.value.mro):
                    if isinstance(each, ClassValue):
                        found |= {name: bound.value for name, bound in each.namespace.items()}
            bound = base.namespace.get("model_config")
            if bound is not None:
                found |= _entries(bound.value)
            found |= {name: argument.value for name, argument in base.keywords.items()}
        return found

    # Where instances are made

    def _made_at_import(self, path: str) -> frozenset[int]:
        """The classes, by identity, that statements at a module's top call."""
        if path not in self._made_by_path:
            calls = self.interpreter.calls(path)
            here = [each for each in calls if each.frame.path == path and each.frame.function is None]
            self._made_by_path[path] = frozenset(id(each.callee) for each in here)
        return self._made_by_path[path]

    def _keywords(self, path: str, name: str) -> Iterator[tuple[str, ...]]:
        """The names of the arguments of each call of a class of this name in a module, "" for those not seen."""
        for call in self._calls(path).get(name, ()):
            yield (*(keyword.name for keyword in call.keywords), *("" for _ in call.arguments))

    def _calls(self, path: str) -> dict[str, list[ir.Call]]:
        """All calls of a module, those in functions too, by the last name of what is called."""
        if path not in self._calls_by_path:
            data = self.interpreter.program(path)
            found = self._calls_by_path[path] = {}
            for node in nodes_in(ir.decode_program(data)) if data else ():
                if isinstance(node, ir.Call) and isinstance(node.function, (ir.Name, ir.Attribute)):
                    called = node.function
                    found.setdefault(called.id if isinstance(called, ir.Name) else called.name, []).append(node)
        return self._calls_by_path[path]

    def _users(self, name: str) -> set[str]:
        """The modules that import something of a name; of one that a class has only when it is run, all are asked."""
        known = self._known_users.get(name)
        if known is None:
            known = {path for path, facts in self.files.items() if name in imported_names(facts)}
        return known


def _entries(value: Value) -> dict[str, Value]:
    """What `SettingsConfigDict(...)`, `dict(...)` or a dict display holds."""
    if isinstance(value, Made):
        return {name: argument.value for name, argument in value.kwargs.items()}
    if isinstance(value, DictValue):
        return {key.value: each.value for key, each in value.pairs() if isinstance(key.value, str)}
    return {}


def _files(value: Value) -> Iterator[str | None]:
    if value is None:
        return
    if isinstance(value, (ListValue, TupleValue)):
        for item in value.values:
            yield item if isinstance(item, str) else None
    else:
        yield value if isinstance(value, str) else None


def _is_text(value: Value) -> bool:
    return isinstance(value, str) or value is None


def _is_harmless(name: str) -> bool:
    """Bases that bring no fields."""
    return name in _MODELS or name.partition(".")[0] in ("abc", "typing", "builtins", "enum", "typing_extensions")
