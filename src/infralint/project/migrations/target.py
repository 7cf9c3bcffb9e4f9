"""What env.py tells Alembic of the models: `target_metadata`, and which tables and columns it is to look at.

Alembic manual, "Auto Generating Migrations" and `EnvironmentContext.configure` (1.20).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial

from infralint.project.catalog import Table
from infralint.project.interpret import (
    UNANSWERED,
    AttributeOf,
    DictValue,
    External,
    FunctionValue,
    Hooks,
    Interpreter,
    ItemOf,
    ListValue,
    Made,
    SetValue,
    TupleValue,
    Unknown,
    Value,
)
from infralint.project.models import MetaData, OrmView
from infralint.project.places import is_test

_CONFIGURE = "alembic.context.configure"
# Stands for the object that `include_object` is asked about.
_OBJECT = External("infralint.object")
_FILTERS = ("include_object", "include_name", "include_symbol")


@dataclass(slots=True)
class Target:
    """The models of an environment. No metadatas: none are told, or they cannot be.

    `filters`: (name of the option, its function); `version_tables`: the names that Alembic's own table may have.
    """

    interpreter: Interpreter
    metadatas: list[MetaData] = field(default_factory=list)
    filters: list[tuple[str, Value]] = field(default_factory=list)
    version_tables: set[str] = field(default_factory=set)
    # What `info` of each table holds, by the table's key; no entry: it cannot be told. Asked for where filters are.
    infos: Callable[[], dict[tuple[str, str], DictValue]] = dict
    _answers: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    def includes(self, kind: str, name: str, table: Table | None = None) -> bool:
        """Whether Alembic is certain to compare a table ("table", given as well) or a column ("column")."""
        if not self.filters:
            return True
        key = (kind, name, table.schema if table is not None else "")
        if key not in self._answers:
            info = self.infos().get((table.schema, table.name)) if table is not None else None
            hooks = _Object(info)
            self._answers[key] = all(
                _passes(self.interpreter, option, value, kind, name, hooks) for option, value in self.filters
            )
        return self._answers[key]


def find_target(interpreter: Interpreter, models: OrmView, env: str) -> Target:
    """What the env.py in `env` says."""
    target = Target(interpreter, infos=cache(partial(_infos, models)))
    module = interpreter.module(env)
    calls = [call for call in interpreter.calls(env) if call.name == _CONFIGURE]
    values = [call.kwargs["target_metadata"].value for call in calls if "target_metadata" in call.kwargs]
    bound = module.names.get("target_metadata")
    if bound is not None:
        values.append(interpreter.value(bound))
    for value in values:
        for each in _spread(value):
            found = models.metadata(each) or _flask_metadata(models, each)
            if found is None:
                # One that cannot be told may hold anything.
                return Target(interpreter)
            if found not in target.metadatas:
                target.metadatas.append(found)
    for call in calls:
        for option in _FILTERS:
            given = call.kwargs.get(option)
            if given is not None and given.value is not None:
                target.filters.append((option, given.value))
        version = call.kwargs.get("version_table")
        if version is not None and isinstance(version.value, str):
            target.version_tables.add(version.value)
    return target


def _spread(value: Value) -> Iterator[Value]:
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        yield from value.values
    elif isinstance(value, Unknown) and value.candidates:
        # Flask-Migrate's template asks which version of Flask-SQLAlchemy there is.
        yield from value.candidates
    elif value is not None:
        yield value


def _flask_metadata(models: OrmView, value: Value) -> MetaData | None:
    """`current_app.extensions["migrate"].db.metadata`: that of the application's one `SQLAlchemy()`."""
    if "migrate" not in _items_in(value):
        return None
    bases = [base for base in models.bases if base.form == "SQLAlchemy" and not is_test(base.origin.path)]
    return bases[0].metadata if len(bases) == 1 else None


def _items_in(value: Value) -> set[object]:
    """The indexes on the way from `current_app` to a value."""
    found: set[object] = set()
    while isinstance(value, (AttributeOf, ItemOf, Made)):
        if isinstance(value, ItemOf):
            found.add(value.index)
            value = value.value
        elif isinstance(value, Made):
            value = value.callee
        else:
            value = value.value
    return found if isinstance(value, External) and value.name.startswith("flask.") else set()


def _infos(models: OrmView) -> dict[tuple[str, str], DictValue]:
    """`__table_args__ = {"info": {...}}` of mapped classes; an empty dict where there is none."""
    found: dict[tuple[str, str], DictValue] = {}
    for mapped in models.classes:
        if mapped.table is None:
            continue
        bound = mapped.value.lookup("__table_args__")
        options = bound.value if bound is not None else None
        if isinstance(options, TupleValue) and options.items:
            options = options.values[-1]
        given = options.get("info") if isinstance(options, DictValue) else None
        info = given.value if given is not None else DictValue({})
        if isinstance(info, DictValue) and isinstance(options, (DictValue, TupleValue, type(None))):
            found.setdefault((mapped.table.schema, mapped.table.name), info)
    return found


class _Object(Hooks):
    """Answers for the object that `include_object` is asked about: a table's `info`."""

    def __init__(self, info: DictValue | None) -> None:
        self.info = info

    def attribute(self, value: Value, name: str) -> Value:
        if value == _OBJECT and name == "info" and self.info is not None:
            return self.info
        return UNANSWERED

    def call(self, call: Made) -> Value:
        if call.name == "builtins.hasattr" and call.args[0].value == _OBJECT and self.info is not None:
            return True
        return UNANSWERED


def _passes(interpreter: Interpreter, option: str, function: Value, kind: str, name: str, hooks: Hooks) -> bool:
    if not isinstance(function, FunctionValue):
        return False
    if option == "include_object":
        arguments: list[Value] = [_OBJECT, name, kind, False, None]
    elif option == "include_name":
        arguments = [name, kind, External("infralint.parents")]
    else:
        if kind != "table":
            return True
        arguments = [name, None]
    return interpreter.call(function, arguments, hooks=hooks) is True
