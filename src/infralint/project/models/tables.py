"""Tables from their parts: columns, constraints, indexes, arguments.

Sources: SQLAlchemy 1.3 to 2.1, `sql/schema.py` (Table, Column._set_parent, ForeignKey, UniqueConstraint, Index) and
`sql/naming.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from infralint.project.catalog import Column, Origin, Table, Unknown
from infralint.project.interpret import (
    Argument,
    AttributeOf,
    DictValue,
    ListValue,
    Made,
    TupleValue,
    Value,
)
from infralint.project.interpret import Unknown as UnknownValue
from infralint.project.models.columns import ColumnDraft, draft_of, is_column, plain_name
from infralint.project.models.mapping import MappedClass, MetaData
from infralint.project.models.vocabulary import called_name

_CONSTRAINTS = frozenset(
    {
        "UniqueConstraint",
        "CheckConstraint",
        "ForeignKeyConstraint",
        "PrimaryKeyConstraint",
        "ExcludeConstraint",
        "Index",
    }
)
# Arguments of Table that make it a part of one that is there already.
_EXTENDING = ("extend_existing", "keep_existing", "useexisting")
_REFLECTING = ("autoload", "autoload_with")

# Where a column is that an expression means: its table's declaration and its name.
Find = Callable[[Value], "tuple[Declaration, str] | None"]


@dataclass(slots=True)
class PendingKey:
    """A foreign key whose target is looked up when all tables are known."""

    columns: tuple[str, ...]
    targets: tuple[Argument, ...]
    made: Made
    origin: Origin


@dataclass(eq=False, slots=True)
class Declaration:
    """A table as one class or one `Table(...)` declares it.

    `cls`: the mapped class, None for a `Table(...)`. `extends`: it may be declared before (`extend_existing`).
    `certain`: False under a condition that cannot be told. `terms`: names of columns by the id of their Column object;
    `keys`: names by key, where they differ.
    """

    table: Table
    metadata: MetaData
    made: Made | None = None
    cls: MappedClass | None = None
    extends: bool = False
    certain: bool = True
    terms: dict[int, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, ColumnDraft] = field(default_factory=dict)
    pending: list[PendingKey] = field(default_factory=list)
    waiting: list[Made] = field(default_factory=list)
    kept: list[object] = field(default_factory=list)

    def note(self, reason: str, origin: Origin) -> None:
        """Say why columns of the table may be missing."""
        self.table.open.append(Unknown(reason, origin))


def declare(
    name: str,
    metadata: MetaData,
    origin: Origin,
    base: str,
    arguments: Mapping[str, Argument],
    made: Made | None = None,
) -> Declaration:
    """A table without columns, with what the keywords of Table say."""
    table = Table(name, origin, schema=metadata.schema, base=base)
    declaration = Declaration(table, metadata, made)
    schema = arguments.get("schema")
    if schema is not None:
        _read_schema(declaration, schema)
    comment = arguments.get("comment")
    table.comment = comment.value if comment and isinstance(comment.value, str) else ""
    declaration.extends = any(_is_on(arguments.get(word)) for word in _EXTENDING)
    for word in _REFLECTING:
        if (given := arguments.get(word)) and given.value not in (None, False):
            declaration.note("its columns are reflected from the database", given.origin)
    return declaration


def _is_on(argument: Argument | None) -> bool:
    return argument is not None and argument.value is not False and argument.value is not None


def _read_schema(declaration: Declaration, schema: Argument) -> None:
    name = plain_name(schema.value)
    if name is not None:
        declaration.table.schema = name
    elif isinstance(schema.value, UnknownValue) or (schema.value is not None and isinstance(schema.value, Made)):
        declaration.note("its schema cannot be told", schema.origin)
    elif schema.value is not None:
        # `BLANK_SCHEMA`: not even the MetaData's.
        declaration.table.schema = ""


def add_column(declaration: Declaration, draft: ColumnDraft) -> None:
    """Put a column into a table; one of the same name is replaced, at its place."""
    name = draft.name
    if draft.term is not None:
        declaration.terms[id(draft.term)] = name
        declaration.kept.append(draft.term)
    if draft.key and draft.key != name:
        declaration.keys[draft.key] = name
    declaration.drafts[name] = draft
    declaration.table.columns[name] = Column(
        name,
        draft.origin,
        type=draft.type,
        nullable=draft.is_nullable,
        primary_key=draft.primary_key,
        default=draft.default,
        server_default=draft.server_default,
        generated=draft.generated,
        unique=draft.unique,
        index=draft.index,
        comment=draft.comment,
        attribute=draft.attribute,
        open=draft.open,
        key=draft.key if draft.key != name else "",
    )
    for made in draft.foreign_keys:
        target = made.argument(0, "column")
        if target is not None:
            origin = target.origin
            declaration.pending.append(PendingKey((name,), (target,), made, origin))
    for made in draft.constraints:
        declaration.waiting.append(made)


def add_items(declaration: Declaration, items: Iterable[Argument], read: Callable[[Made], ColumnDraft]) -> None:
    """Put columns and constraints into a table that were given as arguments."""
    for item in items:
        value = _unconditional(item.value)
        if item.star or isinstance(value, UnknownValue):
            declaration.note("an argument of the table cannot be read", item.origin)
        elif isinstance(value, (ListValue, TupleValue)):
            add_items(declaration, value.items, read)
        elif is_column(value) and isinstance(value, Made):
            draft = read(value)
            if draft.name:
                add_column(declaration, draft)
            else:
                declaration.note("the name of a column cannot be read", item.origin)
        elif is_constraint(value):
            declaration.waiting.append(value)  # type: ignore[arg-type]
        elif isinstance(value, Made) and not called_name(value).startswith("sqlalchemy."):
            declaration.note("an argument of the table cannot be read", item.origin)


def _unconditional(value: Value) -> Value:
    """`Index(...).ddl_if(dialect="postgresql")` is the index: in the MetaData it stands in any case."""
    if isinstance(value, Made) and isinstance(value.callee, AttributeOf) and value.callee.name == "ddl_if":
        return value.callee.value
    return value


def is_constraint(value: Value) -> bool:
    """Whether a term is a constraint or an index."""
    return isinstance(value, Made) and called_name(value).rpartition(".")[2] in _CONSTRAINTS


def column_names(declaration: Declaration, arguments: Iterable[Argument], find: Find | None = None) -> tuple[str, ...]:
    """The names of a table's own columns that constraints speak of, by key, by object, or as attributes."""
    found = []
    for argument in arguments:
        name = column_name(declaration, argument.value, find)
        if name:
            found.append(name)
    return tuple(found)


def column_name(declaration: Declaration, value: Value, find: Find | None = None) -> str:
    """The name of the table's column that a value means; "" for what is none."""
    written = plain_name(value)
    if written is not None:
        return declaration.keys.get(written, written)
    if isinstance(value, Made) and id(value) in declaration.terms:
        return declaration.terms[id(value)]
    place = find(value) if find else None
    return place[1] if place is not None else ""


def key_of(declaration: Declaration, name: str) -> str:
    """The key by which a table's column is known."""
    column = declaration.table.columns.get(name)
    return (column.key if column else "") or name


def table_arguments(value: Value) -> tuple[list[Argument], dict[str, Argument], str]:
    """`__table_args__` as arguments of Table: by position, by name, and why more may be missing ("" = none)."""
    if isinstance(value, DictValue):
        return [], _keywords(value), value.open.reason if value.open else ""
    if isinstance(value, (TupleValue, ListValue)):
        items = list(value.items)
        keywords: dict[str, Argument] = {}
        if items and isinstance(items[-1].value, DictValue):
            last = items.pop().value
            keywords = _keywords(last) if isinstance(last, DictValue) else {}
        return items, keywords, value.open.reason if value.open else ""
    if isinstance(value, UnknownValue):
        return [], {}, value.reason
    return [], {}, "" if value is None else "`__table_args__` cannot be read"


def _keywords(value: DictValue) -> dict[str, Argument]:
    return {key.value: item for key, item in value.pairs() if isinstance(key.value, str)}


def read_plain(made: Made, type_of: Callable[[Value], object]) -> ColumnDraft:
    """A column without annotation, with its type."""
    draft = draft_of(made)
    if draft.has_type:
        draft.type = type_of(draft.type_value)  # type: ignore[assignment]
    return draft
