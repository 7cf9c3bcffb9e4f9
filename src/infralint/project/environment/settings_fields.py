"""The fields of settings classes of pydantic: which variables they are read from, and their defaults.

Sources: pydantic-settings 2.16, `sources/base.py` (`_extract_field_info`) and `sources/providers/env.py`; pydantic
1.10, `env_settings.py` (`BaseSettings.Config.prepare_field`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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

_FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field"})
# Who fills in what is not given, or takes it from elsewhere than the environment.
_FILLERS = frozenset({"settings_customise_sources", "customise_sources", "__init__", "__new__"})
_VALIDATORS = frozenset({"model_validator", "root_validator"})
_OPTIONAL = re.compile(r"\bOptional\b|\bNone\b|\bAny\b")
_CONFIG_FILES = ("yaml_file", "json_file", "toml_file", "secrets_dir")


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


class SettingsFields:
    """Reads the fields of settings classes."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def reads(self, made: SettingsClass) -> Iterator[Read]:
        """The reads of a class's fields, in order."""
        filled = _is_filled(made)
        for name, bound in _fields(made.cls, old=made.old):
            read = self._field(made, name, bound, filled=filled)
            if read is not None:
                yield read

    def _field(self, made: SettingsClass, name: str, bound: Bound, *, filled: bool) -> Read | None:
        info = self._info(bound)
        default = _default(made, bound, info)
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


def _is_filled(made: SettingsClass) -> bool:
    """Whether values may come from elsewhere than the environment."""
    if any(made.config.get(name) for name in (*_CONFIG_FILES, "cli_parse_args")):
        return True
    for base in made.cls.mro:
        for name, bound in base.namespace.items() if isinstance(base, ClassValue) else ():
            decorators = bound.value.decorators if isinstance(bound.value, FunctionValue) else ()
            if name in _FILLERS or any(_is_early(each.value) for each in decorators):
                return True
    return False


def _default(made: SettingsClass, bound: Bound, info: tuple[Made, ...]) -> Value:
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
