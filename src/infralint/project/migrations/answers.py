"""What a revision is told while it runs: the dialect, that it runs on a database, and what is in the database."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from infralint.facts import program as ir
from infralint.project.catalog import Column, Table
from infralint.project.interpret import (
    UNANSWERED,
    Argument,
    AttributeOf,
    DictValue,
    External,
    Frame,
    Hooks,
    ItemOf,
    ListValue,
    Made,
    Unknown,
    Value,
    key_of,
)
from infralint.project.lookup import Known, Lookup, Open
from infralint.project.migrations.calls import text_of

# What the tree's database is as long as nothing says otherwise.
POSTGRESQL = "postgresql"
_MAX_DEPTH = 20
# Methods that give rows.
_QUERIES = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "query", "stream"})
# Functions that change the white space of a text of SQL.
_DEDENTING: dict[str, Callable[[str], str]] = {"textwrap.dedent": textwrap.dedent, "inspect.cleandoc": textwrap.dedent}
# Attributes on the way from a connection to the name of its dialect (SQLAlchemy: Connection, Engine, Dialect).
_HOLDERS = frozenset({"dialect", "engine", "bind", "impl"})


class Answers(Hooks):
    """Answers for one run of `upgrade` or `downgrade`.

    `look_up` gives the table of a name and schema as it is now; `names` all tables of a schema, None where they cannot
    be told. `note` is told of each call before its answer is known.
    """

    def __init__(
        self,
        dialect: str,
        look_up: Callable[[str, str], Lookup[Table]],
        names: Callable[[str], list[str] | None],
        note: Callable[[Made], None],
    ) -> None:
        self.dialect = dialect
        self.look_up = look_up
        self.names = names
        self.note = note

    def call(self, call: Made) -> Value:
        """The answer to a call of Alembic's context or of an inspector."""
        self.note(call)
        first = call.args[0].value if call.args else None
        if call.name in _DEDENTING and isinstance(first, str):
            return _DEDENTING[call.name](first)
        name = _last_name(call.callee)
        if name == "is_offline_mode" and _leads_to_alembic(call):
            return False
        if name in _INSPECTIONS and isinstance(call.callee, AttributeOf) and _is_inspected(call.callee.value):
            return _INSPECTIONS[name](self, call)
        return UNANSWERED

    def attribute(self, value: Value, name: str) -> Value:
        """The answer to `bind.dialect.name` in all its forms, and to `context.as_sql`."""
        if name == "name" and isinstance(value, AttributeOf) and value.name in _HOLDERS and _leads_to_alembic(value):
            return self.dialect
        if name == "url" and _leads_to_alembic(value):
            # What its text begins with is all that is asked of it: `str(bind.engine.url).startswith("mysql")`.
            return f"{self.dialect}://"
        if name == "as_sql" and _leads_to_alembic(value):
            return False
        return UNANSWERED

    def _table(self, call: Made, position: int) -> Lookup[Table]:
        argument = call.argument(position, "table_name")
        name = text_of(argument.value) if argument is not None else None
        schema = call.kwargs.get("schema") or call.argument(position + 1)
        written = schema.value if schema is not None else None
        if name is None or not isinstance(written, (str, type(None))):
            return Open("its name cannot be told")
        return self.look_up(name, written or "")

    def _has_table(self, call: Made) -> Value:
        # Dialect.has_table takes the connection first.
        first = call.argument(0)
        found = self._table(call, 0 if first is None or text_of(first.value) is not None else 1)
        return UNANSWERED if isinstance(found, Open) else isinstance(found, Known)

    def _table_names(self, call: Made) -> Value:
        schema = call.argument(0, "schema")
        written = schema.value if schema is not None else None
        names = self.names(written or "") if isinstance(written, (str, type(None))) else None
        return UNANSWERED if names is None else _list(call, list(names))

    def _columns(self, call: Made) -> Value:
        found = self._table(call, 0)
        if not isinstance(found, Known) or any(column.open for column in found.value.columns.values()):
            return UNANSWERED
        columns = found.value.columns.values()
        return _list(call, [_dict(call, {"name": column.name, **_reflected(call, column)}) for column in columns])

    def _named(self, call: Made, what: Callable[[Table], list[tuple[str, tuple[str, ...]]]], columns: str) -> Value:
        found = self._table(call, 0)
        if not isinstance(found, Known) or found.value.constraints_open:
            return UNANSWERED
        named = [{"name": name, columns: _list(call, list(keys))} for name, keys in what(found.value)]
        return _list(call, [_dict(call, each) for each in named])

    def _indexes(self, call: Made) -> Value:
        # The server makes an index of each unique constraint, and reflection lists it too.
        return self._named(
            call,
            lambda table: [
                *((index.name, index.columns) for index in table.indexes),
                *((each.name, each.columns) for each in table.constraints if each.kind == "unique"),
            ],
            "column_names",
        )

    def _unique(self, call: Made) -> Value:
        return self._named(
            call,
            lambda table: [(each.name, each.columns) for each in table.constraints if each.kind == "unique"],
            "column_names",
        )

    def _primary_key(self, call: Made) -> Value:
        first = call.argument(0)
        # Dialect.get_pk_constraint takes the connection first.
        found = self._table(call, 0 if first is None or text_of(first.value) is not None else 1)
        if not isinstance(found, Known) or found.value.constraints_open:
            return UNANSWERED
        table = found.value
        columns = _list(call, list(table.primary_key))
        return _dict(call, {"name": table.primary_key_name or None, "constrained_columns": columns})

    def _foreign_keys(self, call: Made) -> Value:
        return self._named(
            call, lambda table: [(each.name, each.columns) for each in table.foreign_keys], "constrained_columns"
        )


_INSPECTIONS: dict[str, Callable[[Answers, Made], Value]] = {
    "has_table": Answers._has_table,
    "get_table_names": Answers._table_names,
    "get_columns": Answers._columns,
    "get_indexes": Answers._indexes,
    "get_unique_constraints": Answers._unique,
    "get_foreign_keys": Answers._foreign_keys,
    "get_pk_constraint": Answers._primary_key,
}


def _list(call: Made, values: list[Value]) -> ListValue:
    return ListValue([Argument(value, call.node, call.frame) for value in values])


def _dict(call: Made, entries: dict[str, Value]) -> DictValue:
    place: tuple[ir.Node, Frame] = (call.node, call.frame)
    return DictValue({key_of(key): (Argument(key, *place), Argument(value, *place)) for key, value in entries.items()})


def _reflected(call: Made, column: Column) -> dict[str, Value]:
    """What else reflection says of a column."""
    unknown = Unknown("it is reflected", call.node, call.frame)
    nullable = unknown if column.nullable is None else column.nullable
    return {"type": unknown, "nullable": nullable, "default": unknown, "autoincrement": unknown, "comment": unknown}


def _last_name(value: Value) -> str:
    if isinstance(value, (External, AttributeOf)):
        return value.name.rpartition(".")[2]
    return ""


def _is_inspected(value: Value) -> bool:
    """An inspector, or the dialect, of the database that is migrated."""
    if isinstance(value, AttributeOf) and value.name in _HOLDERS:
        return _leads_to_alembic(value)
    return (
        isinstance(value, Made)
        and (_last_name(value.callee) in ("inspect", "Inspector", "from_engine", "reflect"))
        and any(_leads_to_alembic(argument.value) for argument in value.args)
    )


def leads_to_database(value: Value) -> bool:
    """Whether something is the database that is migrated: `op.get_bind()`, what is made of it, or of its context; not
    the rows that a query gives."""
    return _leads_to_alembic(value) and not _is_result(value)


def _is_result(value: Value) -> bool:
    for _ in range(_MAX_DEPTH):
        if isinstance(value, AttributeOf) and value.name in _QUERIES:
            return True
        if isinstance(value, (AttributeOf, ItemOf)):
            value = value.value
        elif isinstance(value, Made):
            value = value.callee
        else:
            return False
    return False


def _leads_to_alembic(value: Value, depth: int = 0) -> bool:
    """Whether a term begins with something of Alembic's, or is made with it: `Session(bind=op.get_bind()).bind`."""
    for _ in range(_MAX_DEPTH):
        if isinstance(value, External):
            return value.name.startswith("alembic.") or value.name == "alembic"
        if isinstance(value, (AttributeOf, ItemOf)):
            value = value.value
        elif isinstance(value, Made):
            given = [argument.value for argument in (*value.args, *value.kwargs.values())]
            if depth < 4 and any(_leads_to_alembic(each, depth + 1) for each in given[:4]):
                return True
            value = value.callee
        else:
            return False
    return False
