"""Settings classes of pydantic: which variables their fields are read from.

Sources: pydantic-settings 2.16, `sources/base.py` (`_extract_field_info`) and `sources/providers/env.py`; pydantic
1.10, `env_settings.py` (`BaseSettings.Config.prepare_field`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.environment.reads import Read
from infralint.project.interpret import (
    NOTHING,
    Bound,
    ClassValue,
    DictValue,
    External,
    FunctionValue,
    Interpreter,
    ItemOf,
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
_FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field"})
# Who fills in what is not given, or takes it from elsewhere than the environment.
_FILLERS = frozenset({"settings_customise_sources", "customise_sources", "__init__", "__new__"})
_VALIDATORS = frozenset({"model_validator", "root_validator"})
_OPTIONAL = re.compile(r"\bOptional\b|\bNone\b|\bAny\b")
_CONFIG_FILES = ("yaml_file", "json_file", "toml_file", "secrets_dir")
_MAX_ROUNDS = 20


@dataclass(slots=True)
class SettingsClass:
    """A settings class. `env_files`: files that it takes variables from, as written, None where that cannot be told.
    `read_at_import`: modules whose import makes an instance of it. `is_made`: instances of it are made somewhere, and
    `given` are the fields that some of them are given, None for any. `open`: why the names of its variables cannot
    be told."""

    cls: ClassValue
    config: dict[str, Value]
    old: bool
    read_at_import: tuple[str, ...] = ()
    is_made: bool = False
    given: frozenset[str] | None = frozenset()
    env_files: list[str | None] = field(default_factory=list)
    open: str = ""

    @property
    def path(self) -> str:
        """The module of its statement."""
        return self.cls.path


class SettingsClasses:
    """The settings classes of a tree."""

    def __init__(self, files: Mapping[str, FileFacts], interpreter: Interpreter) -> None:
        self.files = files
        self.interpreter = interpreter
        self._calls_by_path: dict[str, dict[str, list[ir.Call]]] = {}
        self._made_by_path: dict[str, frozenset[int]] = {}

    @cached_property
    def all(self) -> tuple[SettingsClass, ...]:
        """Every settings class, with the bases that others only inherit from."""
        found = [made for path in self._modules() for made in self._in_module(path)]
        users = self._users({made.cls.name for made in found})
        for made in found:
            paths = sorted({made.path, *users[made.cls.name], *users["*"]})
            made.read_at_import = tuple(path for path in paths if id(made.cls) in self._made_at_import(path))
            keywords = [each for path in paths for each in self._keywords(path, made.cls.name)]
            made.is_made = bool(keywords)
            names = {name for each in keywords for name in each}
            # `Settings(_env_file=...)` and its kin change where the values come from.
            made.given = None if any(not name or name.startswith("_") for name in names) else frozenset(names)
        return tuple(found)

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """The reads of all fields."""
        return tuple(read for made in self.all if not made.open for read in self._reads(made))

    def _modules(self) -> list[str]:
        """The modules with classes that may descend from `BaseSettings`, by the names of their bases."""
        names = {"BaseSettings"}
        found: set[str] = set()
        for _ in range(_MAX_ROUNDS):
            before = len(names)
            for path, facts in self.files.items():
                for stub in facts.python.stubs if facts.python else ():
                    if names.intersection(stub.bases):
                        names.add(stub.name)
                        found.add(path)
            if len(names) == before:
                break
        return sorted(found)

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
            self.interpreter.module(path)
            data = self.files[path].program
            found = self._calls_by_path[path] = {}
            for node in nodes_in(ir.decode_program(data)) if data else ():
                if isinstance(node, ir.Call) and isinstance(node.function, (ir.Name, ir.Attribute)):
                    called = node.function
                    found.setdefault(called.id if isinstance(called, ir.Name) else called.name, []).append(node)
        return self._calls_by_path[path]

    def _users(self, names: set[str]) -> dict[str, set[str]]:
        """The modules that may import something of each of these names, under "*" those that may import anything."""
        found: dict[str, set[str]] = {name: set() for name in (*names, "*")}
        for path, facts in self.files.items():
            module = facts.python
            if module is None:
                continue
            imported = {name.name for statement in module.imports for name in statement.names or ()}
            for name in names.intersection(word for line in module.imported for word in line.split()):
                found[name].add(path)
            for name in imported.intersection(found):
                found[name].add(path)
        return found

    # Fields

    def _reads(self, made: SettingsClass) -> Iterator[Read]:
        filled = self._is_filled(made)
        for name, bound in _fields(made.cls, old=made.old):
            read = self._field(made, name, bound, filled=filled)
            if read is not None:
                yield read

    def _is_filled(self, made: SettingsClass) -> bool:
        """Whether values may come from elsewhere than the environment."""
        if any(made.config.get(name) for name in (*_CONFIG_FILES, "cli_parse_args")):
            return True
        for base in made.cls.mro:
            for name, bound in base.namespace.items() if isinstance(base, ClassValue) else ():
                decorators = bound.value.decorators if isinstance(bound.value, FunctionValue) else ()
                if name in _FILLERS or any(_is_early(each.value) for each in decorators):
                    return True
        return False

    def _field(self, made: SettingsClass, name: str, bound: Bound, *, filled: bool) -> Read | None:
        info = self._info(bound)
        default = self._default(made, bound, info)
        names = _names_old(made, name, info) if made.old else _names_new(made, name, info)
        if not names:
            return None
        any_case = made.config.get("case_sensitive") is not True
        written = tuple(each.upper() if any_case else each for each in names)
        delimiter = made.config.get("env_nested_delimiter")
        nested = f"{written[0]}{delimiter}" if isinstance(delimiter, str) and delimiter else ""
        origin = bound.name_origin
        at_import = made.path in made.read_at_import
        return Read(
            origin.path,
            origin.span,
            written[0],
            default is NOTHING and not filled and made.given is not None and made.given.isdisjoint((name, *names)),
            _text(default),
            False,
            "" if made.read_at_import else made.cls.name,
            written,
            any_case,
            nested.upper() if any_case else nested,
            asked=not made.is_made,
            owner=(made.path, made.cls.qualname),
            loaders=() if at_import and origin.path == made.path else made.read_at_import or (made.path,),
        )

    def _info(self, bound: Bound) -> tuple[Made, ...]:
        """The `Field(...)` calls that say something of a field: its value, and those of `Annotated`."""
        found = [bound.value] if isinstance(bound.value, Made) and bound.value.name in _FIELDS else []
        if bound.annotation is not None and "Annotated" in bound.annotation.text:
            value = self.interpreter.annotation(bound.annotation)
            if isinstance(value, ItemOf):
                inner = [each.value for each in value.indexes[1:]]
                found += [each for each in inner if isinstance(each, Made) and each.name in _FIELDS]
        return tuple(each for each in found if isinstance(each, Made))

    def _default(self, made: SettingsClass, bound: Bound, info: tuple[Made, ...]) -> Value:
        """A field's default; NOTHING where it has none."""
        value = bound.value
        if isinstance(value, Made) and value.name in _FIELDS:
            value = NOTHING
        for field_ in info:
            given = field_.argument(0, "default")
            if given is not None and given.value is not Ellipsis:
                value = given.value
            elif field_.is_open or "default_factory" in field_.kwargs:
                value = External("made")
        if value is Ellipsis:
            value = NOTHING
        text = bound.annotation.text if bound.annotation else ""
        required_anyway = bound.value is Ellipsis or any(
            (given := each.argument(0, "default")) and given.value is Ellipsis for each in info
        )
        if value is NOTHING and made.old and _OPTIONAL.search(text) and not required_anyway:
            return None
        return value


def _fields(cls: ClassValue, *, old: bool) -> Iterator[tuple[str, Bound]]:
    """The fields of a class: those of its bases first, each as the nearest class has it."""
    found: dict[str, Bound] = {}
    for base in reversed(cls.mro):
        for name, bound in base.namespace.items() if isinstance(base, ClassValue) else ():
            if name.startswith("_") or name in ("model_config", "Config"):
                continue
            if bound.annotation is not None:
                if "ClassVar" not in bound.annotation.text:
                    found[name] = bound
            elif name in found or (old and not isinstance(bound.value, (FunctionValue, ClassValue))):
                found[name] = _with_annotation(bound, found.get(name))
    yield from found.items()


def _with_annotation(bound: Bound, before: Bound | None) -> Bound:
    """A binding without an annotation has that of the base."""
    annotation = before.annotation if before else None
    return Bound(bound.value, bound.node, bound.frame, bound.name_node, annotation)


def _names_new(made: SettingsClass, name: str, info: tuple[Made, ...]) -> list[str]:
    """The variables of a field in pydantic-settings 2, the first that is set wins."""
    config = made.config
    target = config.get("env_prefix_target", "variable")
    prefix = str(config.get("env_prefix") or "")
    aliases: list[str] | None = []
    if config.get("validate_by_alias") is not False:
        for field_ in info:
            given = field_.kwargs.get("validation_alias") or field_.kwargs.get("alias")
            if given is not None and given.value is not None:
                aliases = _aliases(given.value)
            elif field_.is_open:
                aliases = None
    if aliases is None:
        return []
    of_alias = prefix if target in ("alias", "all") else ""
    names = [of_alias + alias for alias in aliases]
    if not names or config.get("populate_by_name") is True or config.get("validate_by_name") is True:
        names.append((prefix if target in ("variable", "all") else "") + name)
    return names


def _aliases(value: Value) -> list[str] | None:
    """The names of an alias; None where they cannot be told."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Made) or value.is_open:
        return None
    last = value.name.rpartition(".")[2]
    if last == "AliasPath":
        first = value.argument(0, "first_arg")
        return [first.value] if first is not None and isinstance(first.value, str) else None
    if last != "AliasChoices":
        return None
    found: list[str] = []
    for argument in value.args:
        inner = _aliases(argument.value)
        if inner is None:
            return None
        found += inner
    return found


def _names_old(made: SettingsClass, name: str, info: tuple[Made, ...]) -> list[str]:
    """The variables of a field in pydantic 1: those of `env`, which take no prefix, else the field's name."""
    fields = made.config.get("fields")
    entry = fields.get(name) if isinstance(fields, DictValue) else None
    configured = entry.value.get("env") if entry is not None and isinstance(entry.value, DictValue) else None
    given = configured or next((each.kwargs["env"] for each in info if "env" in each.kwargs), None)
    if given is None:
        return [str(made.config.get("env_prefix") or "") + name]
    if isinstance(given.value, str):
        return [given.value]
    items = given.value.values if isinstance(given.value, (ListValue, TupleValue)) else []
    return [item for item in items if isinstance(item, str)]


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


def _is_early(decorator: Value) -> bool:
    """Validators that see the values before they are missed."""
    made = decorator if isinstance(decorator, Made) else None
    name = (made.name if made else decorator.name if isinstance(decorator, External) else "").rpartition(".")[2]
    if name not in _VALIDATORS or made is None:
        return name == "root_validator"
    mode, pre = made.kwargs.get("mode"), made.kwargs.get("pre")
    return (mode is not None and mode.value != "after") or (pre is not None and pre.value is True)


def _text(default: Value) -> str | None:
    """A default as text: None for nothing, HOLE for what is no text."""
    if default is NOTHING or default is None:
        return None
    if isinstance(default, Made) and len(default.args) == 1 and isinstance(default.args[0].value, str):
        return default.args[0].value
    return default if isinstance(default, str) else HOLE
