"""Columns as they are written: `Column(...)`, `mapped_column(...)`, and what wraps them.

Sources: SQLAlchemy 1.3 to 2.1, `sql/schema.py` (Column.__init__, Column._merge, Identity, Computed),
`orm/properties.py` (MappedColumn).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infralint.project.catalog import DataType, Origin
from infralint.project.interpret import NOTHING, Argument, AttributeOf, External, Made, Unknown, Value
from infralint.project.models.render import rendered
from infralint.project.models.vocabulary import called_name, kind_name, library_name

_COLUMNS = frozenset({"sqlalchemy.Column", "sqlalchemy.mapped_column", "sqlalchemy.MappedColumn"})
_UNMAPPED = frozenset({"sqlalchemy.unmapped_column", "sqlalchemy.UnmappedColumn"})
# Wrappers whose column is their first argument.
_WRAPPERS = frozenset({"sqlalchemy.deferred", "sqlalchemy.column_property", "sqlalchemy.ColumnProperty"})
# What may stand among a column's positional arguments and is no type.
_ITEMS = frozenset(
    {
        "ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "UniqueConstraint", "PrimaryKeyConstraint",
        "ForeignKeyConstraint", "ExcludeConstraint", "Index", "ColumnDefault", "FetchedValue", "DefaultClause",
        "DefaultGenerator", "PassiveDefault", "Constraint",
    }
)  # fmt: skip
# Functions of SQLAlchemy whose result is their text.
_TEXTS = frozenset({"sqlalchemy.text", "sqlalchemy.literal_column", "sqlalchemy.DefaultClause", "sqlalchemy.conv"})
_WORDS = {"sqlalchemy.true": "true", "sqlalchemy.false": "false", "sqlalchemy.null": "NULL"}


@dataclass(slots=True)
class ColumnDraft:
    """A column while it is put together.

    `name`, `key`: "" while they are the attribute's. `nullable`: as given, None where it is not; `nullable_open`: it is
    given, but cannot be told. `type_value`: the type's expression, NOTHING where none is given. `term`: the Column.
    """

    origin: Origin
    term: Made | None = None
    name: str = ""
    key: str = ""
    type_value: Value = NOTHING
    type: DataType | None = None
    nullable: bool | None = None
    nullable_open: bool = False
    primary_key: bool = False
    default: str = ""
    server_default: str = ""
    generated: str = ""
    unique: bool = False
    index: bool = False
    comment: str = ""
    foreign_keys: list[Made] = field(default_factory=list)
    constraints: list[Made] = field(default_factory=list)
    sort_order: int = 0
    mapped: bool = True
    use_existing: bool = False
    # The Identity gives no nullability of its own where an annotation does.
    from_annotation: bool | None = None
    attribute: str = ""
    open: str = ""

    @property
    def has_type(self) -> bool:
        return self.type_value is not NOTHING

    @property
    def is_nullable(self) -> bool | None:
        """Whether the column takes NULL, as SQLAlchemy has it before the table's own constraints are read."""
        if self.nullable_open:
            return None
        if self.nullable is not None:
            return self.nullable
        if self.from_annotation is not None:
            return self.from_annotation
        return not self.primary_key and self.generated != "identity"


def is_column(value: Value) -> bool:
    """Whether a value is a Column or a mapped_column, wrappers aside."""
    return isinstance(value, Made) and called_name(value) in _COLUMNS | _UNMAPPED


def column_in(value: Value) -> Made | None:
    """The column that a value is, or that `deferred()` or `column_property()` wraps; None where there is none."""
    for _ in range(4):
        if not isinstance(value, Made):
            return None
        if is_column(value):
            return value
        if _is_get(value):
            inner = value.argument(1)
        elif called_name(value) in _WRAPPERS:
            inner = value.argument(0, "column")
        else:
            return None
        value = inner.value if inner else None
    return None


def _is_get(made: Made) -> bool:
    """`Parent.__table__.c.get("name", Column("name", ...))`: the parent's column if there is one."""
    callee = made.callee
    if not isinstance(callee, AttributeOf) or callee.name != "get" or not isinstance(callee.value, AttributeOf):
        return False
    return callee.value.name in ("c", "columns")


def plain_name(value: Value) -> str | None:
    """A name written as a string, `quoted_name(...)` too; None where it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, Made) and called_name(value) in ("sqlalchemy.quoted_name", "sqlalchemy.conv"):
        inner = value.argument(0, "value")
        return inner.value if inner and isinstance(inner.value, str) else None
    return None


def draft_of(made: Made) -> ColumnDraft:
    """What a `Column(...)` or `mapped_column(...)` says."""
    draft = ColumnDraft(made.origin, made)
    if made.is_open:
        draft.open = "arguments of the column cannot be read"
    draft.mapped = called_name(made) not in _UNMAPPED
    _read_positional(draft, list(made.positional()))
    for name, argument in made.kwargs.items():
        apply_keyword(draft, name, argument)
    return draft


def _read_positional(draft: ColumnDraft, arguments: list[Argument]) -> None:
    if arguments and (name := plain_name(arguments[0].value)) is not None:
        draft.name = draft.key = name
        draft.origin = arguments.pop(0).origin
    elif arguments and arguments[0].value is None:
        arguments.pop(0)
    elif arguments and isinstance(arguments[0].value, Unknown):
        draft.open = draft.open or arguments[0].value.reason
    if arguments and not _is_item(arguments[0].value):
        given = arguments.pop(0).value
        draft.type_value = NOTHING if given is None else given
    for argument in arguments:
        read_item(draft, argument.value)


def _is_item(value: Value) -> bool:
    """Whether a positional argument is a part of the column and no type."""
    if isinstance(value, Made):
        return called_name(value).rpartition(".")[2] in _ITEMS
    return False


def read_item(draft: ColumnDraft, value: Value) -> None:
    """Apply a positional argument of a column: a foreign key, a constraint, a default."""
    last = called_name(value).rpartition(".")[2]
    if not isinstance(value, Made):
        if isinstance(value, Unknown):
            draft.open = draft.open or value.reason
        return
    if last == "ForeignKey":
        draft.foreign_keys.append(value)
    elif last in ("Identity", "Computed"):
        draft.generated = last.lower()
    elif last in ("Sequence", "ColumnDefault"):
        draft.default = rendered(value)
    elif last in ("FetchedValue", "DefaultClause", "PassiveDefault"):
        draft.server_default = sql_text(value)
    elif last.endswith("Constraint"):
        draft.constraints.append(value)


def apply_keyword(draft: ColumnDraft, name: str, argument: Argument) -> None:
    """Apply a keyword of `Column`; one that says nothing of the table is left alone."""
    value = argument.value
    if name in ("name", "key"):
        _read_name(draft, name, argument)
    elif name == "type_":
        draft.type_value = NOTHING if value is None else value
    elif name == "nullable":
        _read_nullable(draft, value)
    elif name in ("primary_key", "unique", "index"):
        setattr(draft, name, value is True)
        if isinstance(value, Unknown):
            draft.open = draft.open or value.reason
    elif name in ("default", "insert_default"):
        draft.default = "" if value is None or value is NOTHING else rendered(value)
    elif name == "server_default":
        draft.server_default = "" if value is None else sql_text(value)
    elif name == "comment":
        draft.comment = value if isinstance(value, str) else ""
    elif name == "sort_order":
        draft.sort_order = value if isinstance(value, int) else 0
    elif name == "use_existing_column":
        draft.use_existing = value is True


def _read_name(draft: ColumnDraft, name: str, argument: Argument) -> None:
    written = plain_name(argument.value)
    if written is None:
        if argument.value is not None:
            draft.open = draft.open or f"the column's {name} cannot be read"
        return
    if name == "name":
        draft.name = written
        draft.key = draft.key or written
        draft.origin = argument.origin
    else:
        draft.key = written


def _read_nullable(draft: ColumnDraft, value: Value) -> None:
    if isinstance(value, bool):
        draft.nullable = value
    elif not isinstance(value, External):
        draft.nullable_open = value is not None


def merge(brought: ColumnDraft, draft: ColumnDraft) -> None:
    """Give a column what `Annotated[..., mapped_column()]` brings and the column itself does not say."""
    draft.primary_key = draft.primary_key or brought.primary_key
    if not draft.has_type:
        draft.type_value = brought.type_value
    if draft.nullable is None:
        draft.nullable = brought.nullable
        draft.nullable_open = draft.nullable_open or brought.nullable_open
    for name in ("default", "server_default", "generated", "comment", "open", "sort_order"):
        setattr(draft, name, getattr(draft, name) or getattr(brought, name))
    draft.unique = draft.unique or brought.unique
    draft.index = draft.index or brought.index
    draft.use_existing = draft.use_existing or brought.use_existing
    draft.foreign_keys += brought.foreign_keys
    draft.constraints += brought.constraints


def sql_text(value: Value) -> str:
    """A server default or condition as SQL: of `text("now()")` the text, of a string the quoted string."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Made):
        name = kind_name(value.callee)
        if name in _WORDS:
            return _WORDS[name]
        if name in _TEXTS or name.endswith(".text"):
            inner = value.argument(0, "text") or value.argument(0, "arg")
            return inner.value if inner and isinstance(inner.value, str) else sql_text(inner.value if inner else None)
        if isinstance(value.callee, AttributeOf) and not library_name(value.callee):
            return rendered(value)
        return rendered(value).removeprefix("func.")
    return rendered(value)


def condition_text(value: Value) -> str:
    """The condition of a CHECK: a string is SQL as it stands."""
    return value if isinstance(value, str) else sql_text(value)
