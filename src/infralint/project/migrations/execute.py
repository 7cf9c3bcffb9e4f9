"""What one run of `upgrade` or `downgrade` does to the schema: its calls in order, as operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infralint.facts.program import Attribute, Call
from infralint.project.catalog import EnumType, Index, Origin
from infralint.project.interpret import (
    Argument,
    AttributeOf,
    DictValue,
    External,
    ListValue,
    Made,
    TupleValue,
    Unknown,
    Value,
)
from infralint.project.migrations.answers import leads_to_database
from infralint.project.migrations.calls import OpCall, op_call, text_of
from infralint.project.migrations.items import Items, is_table_of_columns, is_true
from infralint.project.migrations.partial import partial_text
from infralint.project.migrations.server_types import type_name
from infralint.project.migrations.sql_files import SqlFiles
from infralint.project.migrations.translate import Translator
from infralint.project.models.vocabulary import called_name, library_name
from infralint.project.replay.operations import (
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropTable,
    DropType,
    OpenTables,
    Operation,
    TableRef,
)

# Gives the operations of a text of SQL: the text, its place, whether it runs for certain.
ReadSql = Callable[[str, Origin, bool], list[Operation]]
# Methods of connections and sessions that run a statement.
_EXECUTING = frozenset({"execute", "exec_driver_sql", "executemany", "stream", "executescript"})
# The same, and methods of results without arguments.
_SCALARS = frozenset({"scalar", "scalars"})
# Wrappers of a text, and methods that give the text again.
_TEXTS = frozenset({"sqlalchemy.text", "sqlalchemy.DDL", "sqlalchemy.TextClause"})
_CHAINED = frozenset({"bindparams", "columns", "execution_options", "on", "execute_if", "params"})
_TABLE_DDL = frozenset(
    {"CreateTable", "DropTable", "CreateIndex", "DropIndex", "AddConstraint", "DropConstraint", "CreateColumn"}
)
# Libraries that get a connection and change no schema with it, apart from what is looked at by name.
_TRUSTED = frozenset({"sqlalchemy", "alembic", "builtins", "logging", "sqlmodel", "typing", "contextlib", "functools"})
# Why the interpreter does not follow a function of the tree.
_OWN_CODE = frozenset(
    {
        "the body of a large function is not read", "too many steps", "calls nested too deeply",
        "a recursion whose end cannot be told", "a function with a decorator that is not followed", "nested too deeply",
    }
)  # fmt: skip
# alembic_utils: objects that hold no columns.
_ENTITIES = frozenset({"create_entity", "replace_entity", "drop_entity"})
_NO_VIEW = ("PGFunction", "PGTrigger", "PGExtension", "PGPolicy", "PGGrantTable")


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns the calls of a run into operations."""

    items: Items
    read_sql: ReadSql
    sql_files: SqlFiles

    def operations(self, made: Made, certain: bool) -> list[Operation]:
        """What one external call does to the schema."""
        call = op_call(made)
        if call is not None:
            return list(self._operation(call, certain))
        callee = made.callee
        if isinstance(callee, AttributeOf):
            return list(self._method(callee, made, certain))
        if _is_handed_over(made):
            return [OpenTables(origin=made.origin, certain=certain, reason=f"`{_name(callee)}` gets the connection")]
        return []

    def _operation(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        if call.name == "execute":
            yield from self._execute(call.argument("sqltext"), call.origin, certain)
        elif call.name == "sync_enum_values":
            yield from _synced(call, certain)
        elif call.name in _ENTITIES:
            yield from _entity(call, certain)
        else:
            yield from Translator(self.items).translate(call, certain)

    def _method(self, callee: AttributeOf, made: Made, certain: bool) -> Iterator[Operation]:
        """Methods of connections, of types, tables and metadata."""
        name, receiver = callee.name, callee.value
        if name in _EXECUTING or (name in _SCALARS and made.args):
            # Whatever a migration runs statements on is the database that it migrates.
            yield from self._execute(made.argument(0), made.origin, certain)
        elif name in ("create", "drop") and _gets_database(made):
            yield from self._create(receiver, made, name == "create", certain)
        elif name in ("create_all", "drop_all") and _gets_database(made):
            reason = "it makes the tables that the models of today declare"
            yield OpenTables(origin=made.origin, certain=certain, reason=reason)
        elif name == "run_sync" and leads_to_database(receiver):
            yield OpenTables(origin=made.origin, certain=certain, reason="a function gets the connection")

    # Statements

    def _execute(self, argument: Argument | None, origin: Origin, certain: bool) -> Iterator[Operation]:
        if argument is None:
            yield OpenTables(origin=origin, certain=certain, reason="the statement cannot be told")
            return
        value = _unwrapped(argument.value)
        if isinstance(value, str):
            yield from self.read_sql(value, argument.origin, certain)
        elif (path := self.sql_files.named_in(value, argument.origin.path)) is not None:
            yield from self.sql_files.operations(path, certain)
        elif isinstance(value, Unknown):
            yield from self._unknown(value, argument, certain)
        elif isinstance(value, (ListValue, TupleValue)):
            for item in value.items:
                yield from self._execute(item, origin, certain)
        elif type_name(value) in _TABLE_DDL or not library_name(_root(value)).startswith("sqlalchemy."):
            yield OpenTables(origin=argument.origin, certain=certain, reason="the statement cannot be told")

    def _unknown(self, value: Unknown, argument: Argument, certain: bool) -> Iterator[Operation]:
        """A statement of which only the texts that it may be are known, if that."""
        written = partial_text(value.node)
        if written:
            yield from self.read_sql(written, argument.origin, certain)
            return
        texts = [text for each in value.candidates if isinstance(text := _unwrapped(each), str)]
        if texts and len(texts) == len(value.candidates):
            for text in texts:
                yield from self.read_sql(text, argument.origin, False)
        else:
            yield OpenTables(origin=argument.origin, certain=certain, reason="the SQL is made at run time")

    # Objects that make themselves

    def _create(self, receiver: Value, made: Made, creates: bool, certain: bool) -> Iterator[Operation]:
        origin = made.origin
        checked = made.kwargs.get("checkfirst")
        if_exists = checked is None or is_true(checked.value)
        if type_name(receiver) in ("Enum", "ENUM", "DOMAIN"):
            yield from self._type(receiver, origin, creates, if_exists, certain)
        elif isinstance(receiver, Made) and is_table_of_columns(receiver):
            yield from self._table(receiver, origin, creates, if_exists, certain)
        elif type_name(receiver) == "Index":
            yield from self._index(receiver, origin, certain)
        elif type_name(receiver) != "Sequence":
            yield OpenTables(origin=origin, certain=certain, reason="it makes something that cannot be told")

    def _type(
        self, receiver: Value, origin: Origin, creates: bool, if_exists: bool, certain: bool
    ) -> Iterator[Operation]:
        if not isinstance(receiver, Made):
            return
        types = self.items.types.types
        labels, name = types.labels(receiver), types.enum_name(receiver)
        schema = receiver.kwargs.get("schema")
        written = schema.value if schema is not None and isinstance(schema.value, str) else ""
        if name and creates and labels is not None:
            enum = EnumType(name, labels, receiver.origin, written)
            yield CreateEnum(origin=origin, certain=certain, enum=enum, if_not_exists=if_exists)
        elif name and not creates:
            yield DropType(origin=origin, certain=certain, name=name, schema=written, if_exists=if_exists)

    def _table(
        self, receiver: Made, origin: Origin, creates: bool, if_exists: bool, certain: bool
    ) -> Iterator[Operation]:
        first = receiver.argument(0, "name")
        name = text_of(first.value) if first is not None else None
        schema = receiver.kwargs.get("schema")
        if first is None or name is None or receiver.is_open:
            yield OpenTables(origin=origin, certain=certain, reason="the table that it makes cannot be told")
            return
        written = text_of(schema.value) or "" if schema is not None else ""
        ref = TableRef(name, first.origin, written)
        if not creates:
            yield DropTable(origin=origin, certain=certain, table=ref, if_exists=if_exists)
            return
        parts = self.items.table(ref, receiver.args[2:], receiver.kwargs)
        for enum in parts.enums:
            yield self.items.create_enum(enum, origin, certain)
        yield CreateTable(origin=origin, certain=certain, table=parts.table, if_not_exists=if_exists)

    def _index(self, receiver: Value, origin: Origin, certain: bool) -> Iterator[Operation]:
        """`Index("name", table.c.column).create(bind)`."""
        if not isinstance(receiver, Made):
            return
        columns = [each.value for each in receiver.args[1:]]
        names = tuple(each.name for each in columns if isinstance(each, AttributeOf))
        first = columns[0] if columns else None
        table = first.value.value if isinstance(first, AttributeOf) and isinstance(first.value, AttributeOf) else None
        name = receiver.argument(0)
        label = table.argument(0, "name") if isinstance(table, Made) else None
        if label is None or name is None or (ref := text_of(label.value)) is None or len(names) < len(columns):
            yield OpenTables(origin=origin, certain=certain, reason="the index that it makes cannot be told")
            return
        index = Index(text_of(name.value) or "", names, receiver.origin)
        yield CreateIndex(origin=origin, certain=certain, table=TableRef(ref, label.origin), index=index)


def _synced(call: OpCall, certain: bool) -> Iterator[Operation]:
    """`op.sync_enum_values(schema, name, labels, columns)` of alembic-postgresql-enum: the type is made anew under its
    name, and the columns have it as before."""
    arguments = [call.made.argument(at, name) for at, name in enumerate(("enum_schema", "enum_name", "new_values"))]
    schema, name, values = (each.value if each is not None else None for each in arguments)
    labels = values.values if isinstance(values, (ListValue, TupleValue)) else []
    written = "" if schema in (None, "public") else str(schema)
    if not isinstance(name, str):
        return
    yield DropType(origin=call.origin, certain=certain, name=name, schema=written, if_exists=True)
    if labels and all(isinstance(label, str) for label in labels):
        enum = EnumType(name, tuple(map(str, labels)), call.origin, written)
        yield CreateEnum(origin=call.origin, certain=certain, enum=enum)


def _entity(call: OpCall, certain: bool) -> Iterator[Operation]:
    """`op.create_entity(PGView(schema=..., signature="name", ...))` of alembic_utils."""
    value = call.made.args[0].value if call.made.args else None
    kind = _last(value.callee) if isinstance(value, Made) else ""
    if kind in _NO_VIEW:
        return
    signature = value.kwargs.get("signature") if isinstance(value, Made) else None
    name = text_of(signature.value) if signature is not None else None
    tables = (TableRef(name, call.origin),) if name is not None else ()
    yield OpenTables(origin=call.origin, certain=certain, reason="a view is made here", tables=tables)


def _unwrapped(value: Value) -> Value:
    """The text of `text("...")`, `DDL("...")`, `text("...").bindparams(...)`; anything else as it is."""
    for _ in range(8):
        if not isinstance(value, Made):
            return value
        if called_name(value) in _TEXTS:
            first = value.argument(0, "text") or value.argument(-1, "statement")
            return first.value if first is not None else value
        if isinstance(value.callee, AttributeOf) and value.callee.name in _CHAINED:
            value = value.callee.value
        else:
            return value
    return value


def _root(value: Value) -> Value:
    """What a chain of attributes and calls begins with: `sqlalchemy.select` of `select(...).where(...)`."""
    for _ in range(60):
        if isinstance(value, Made):
            value = value.callee
        elif isinstance(value, AttributeOf):
            value = value.value
        else:
            return value
    return value


def _gets_database(made: Made) -> bool:
    """Whether a call is given the database: `.create(op.get_bind())`, `.create_all(bind=connection)`."""
    return any(leads_to_database(each.value) for each in (*made.args, *made.kwargs.values()))


def _is_handed_over(made: Made) -> bool:
    """Whether a function of a library that may do anything is given the database, or `op` itself."""
    name = _name(made.callee)
    if not name or name.partition(".")[0] in _TRUSTED:
        return False
    given = [each.value for each in (*made.args, *made.kwargs.values())]
    return any(not isinstance(each, DictValue) and (leads_to_database(each) or _is_op(each)) for each in given)


def may_reach_database(made: Made) -> bool:
    """Whether a call that could not be followed may change the schema: a function of the tree, or what is given the
    database. A method of something unknown (`row.name.lower()`) is taken to be harmless."""
    callee = made.callee
    is_method = isinstance(made.node, Call) and isinstance(made.node.function, Attribute)
    given = [each.value for each in (*made.args, *made.kwargs.values())]
    if any(leads_to_database(each) or _is_op(each) for each in given):
        return True
    return not is_method or not isinstance(callee, Unknown) or callee.reason in _OWN_CODE


def _is_op(value: Value) -> bool:
    return isinstance(value, External) and value.name in ("alembic.op", "alembic.context")


def _name(value: Value) -> str:
    return value.name if isinstance(value, External) else ""


def _last(value: Value) -> str:
    return value.name.rpartition(".")[2] if isinstance(value, (External, AttributeOf)) else ""
