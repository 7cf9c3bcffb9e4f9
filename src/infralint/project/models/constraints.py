"""Constraints, indexes and foreign keys of a table, made when all tables have their columns.

Sources: SQLAlchemy 1.3 to 2.1, `sql/schema.py` (ForeignKey._column_tokens, UniqueConstraint, Index), `sql/naming.py`.
"""

from __future__ import annotations

import dataclasses

from infralint.project.catalog import Column, Constraint, ForeignKey, Index, Table
from infralint.project.interpret import Argument, ListValue, Made, TupleValue, Value
from infralint.project.models.columns import condition_text, plain_name
from infralint.project.models.expressions import expression_text
from infralint.project.models.naming import Subject, conventional_name
from infralint.project.models.tables import Declaration, Find, PendingKey, column_names, key_of
from infralint.project.models.vocabulary import called_name


def settle(declaration: Declaration, find: Find) -> None:
    """Make the constraints of a table, when all tables have their columns."""
    table = declaration.table
    _settle_primary_key(declaration)
    for made in declaration.waiting:
        _settle_item(declaration, made, find)
    for column in list(table.columns.values()):
        _settle_flags(declaration, column)
    for key in declaration.pending:
        table.foreign_keys.append(_foreign_key(declaration, key, find))


def _settle_primary_key(declaration: Declaration) -> None:
    table = declaration.table
    named: tuple[str, ...] = ()
    for made in declaration.waiting:
        if _is_primary_key(made):
            named = tuple(name for name in column_names(declaration, made.positional()) if name in table.columns)
    for name in named:
        column, draft = table.columns[name], declaration.drafts.get(name)
        nullable = False if draft is None or (draft.nullable is None and not draft.nullable_open) else column.nullable
        table.columns[name] = dataclasses.replace(column, primary_key=True, nullable=nullable)
    flagged = tuple(name for name, column in table.columns.items() if column.primary_key)
    given = next((_given_name(made) for made in declaration.waiting if _is_primary_key(made)), "")
    table.primary_key_name = _named(declaration, "pk", flagged, given)
    table.primary_key = named if named and set(named) == set(flagged) else flagged


def _is_primary_key(made: Made) -> bool:
    return called_name(made).endswith("PrimaryKeyConstraint")


def _settle_item(declaration: Declaration, made: Made, find: Find) -> None:
    kind = called_name(made).rpartition(".")[2]
    if kind == "UniqueConstraint":
        columns = column_names(declaration, made.positional(), find)
        _add_constraint(declaration, "unique", "uq", columns, made)
    elif kind == "CheckConstraint":
        text = made.argument(0, "sqltext")
        _add_constraint(declaration, "check", "ck", (), made, condition_text(text.value) if text else "")
    elif kind == "ExcludeConstraint":
        columns = tuple(name for pair in made.positional() for name in _excluded(declaration, pair.value, find))
        _add_constraint(declaration, "exclude", "", columns, made)
    elif kind == "ForeignKeyConstraint":
        _add_foreign_keys(declaration, made, find)
    elif kind == "Index":
        add_index(declaration, made, find)


def _excluded(declaration: Declaration, value: Value, find: Find) -> tuple[str, ...]:
    items = value.items[:1] if isinstance(value, TupleValue) else []
    return column_names(declaration, items, find)


def _given_name(made: Made) -> str:
    named = made.kwargs.get("name")
    return (plain_name(named.value) or "") if named else ""


def _add_constraint(
    declaration: Declaration, kind: str, prefix: str, columns: tuple[str, ...], made: Made, condition: str = ""
) -> None:
    name = _named(declaration, prefix, columns, _given_name(made))
    declaration.table.constraints.append(Constraint(kind, columns, made.origin, name, condition))


def _named(declaration: Declaration, prefix: str, columns: tuple[str, ...], given: str = "") -> str:
    table = declaration.table
    subject = Subject(table.name, table.schema, columns, given, tuple(key_of(declaration, c) for c in columns))
    return conventional_name(declaration.metadata.convention, prefix, subject)


def _add_foreign_keys(declaration: Declaration, made: Made, find: Find) -> None:
    own, targets = made.argument(0, "columns"), made.argument(1, "refcolumns")
    if own is None or targets is None:
        return
    own_items, target_items = _items(own.value), _items(targets.value)
    if own_items is None or target_items is None:
        declaration.table.foreign_keys.append(
            ForeignKey((), "", (), made.origin, open="the columns of a foreign key cannot be read")
        )
        return
    columns = column_names(declaration, own_items, find)
    declaration.pending.append(PendingKey(columns, tuple(target_items), made, made.origin))


def _items(value: Value) -> list[Argument] | None:
    """The items of a list or tuple that is read whole."""
    if isinstance(value, (ListValue, TupleValue)) and value.open is None:
        return value.items
    return None


def add_index(declaration: Declaration, made: Made, find: Find) -> None:
    """Add an `Index(...)`: its columns, and expressions as they are written."""
    given = made.positional()
    name = plain_name(given[0].value) if given else None
    if not given and "name" in made.kwargs:
        name = _given_name(made)
    columns = tuple(expression_text(declaration, argument.value, find) for argument in given[1:])
    where = next((made.kwargs[key] for key in made.kwargs if key.endswith("_where")), None)
    condition = expression_text(declaration, where.value, find) if where and where.value is not None else ""
    unique = made.kwargs.get("unique")
    name = _named(declaration, "ix", columns, name or "")
    method = _word(made, "postgresql_using")
    index = Index(name, columns, made.origin, bool(unique and unique.value is True), condition, method)
    declaration.table.indexes.append(index)


def _settle_flags(declaration: Declaration, column: Column) -> None:
    """`index=True` and `unique=True` of a column make an index, or a constraint where there is no index."""
    columns = (column.name,)
    if column.index:
        name = _named(declaration, "ix", columns)
        declaration.table.indexes.append(Index(name, columns, column.origin, column.unique))
    elif column.unique:
        name = _named(declaration, "uq", columns)
        declaration.table.constraints.append(Constraint("unique", columns, column.origin, name))


def add_search_indexes(table: Table) -> None:
    """SQLAlchemy-Searchable indexes every TSVectorType of its MetaData (SearchManager.append_index)."""
    for column in table.columns.values():
        kind = column.type
        if kind is not None and kind.name == "TSVectorType" and "auto_index=False" not in kind.arguments:
            name = f"ix_{table.name}_{column.name}"
            table.indexes.append(Index(name, (column.name,), column.origin, method="gin"))


# Foreign keys


def _foreign_key(declaration: Declaration, key: PendingKey, find: Find) -> ForeignKey:
    read = [_target(declaration, target, find) for target in key.targets]
    written = tuple(target.origin for target in key.targets)
    known = [each for each in read if each is not None]
    if not key.columns or len(known) < len(read) or len({each[:2] for each in known}) != 1:
        return ForeignKey(key.columns, "", (), key.origin, open="the target cannot be told", written=written)
    schema, table, _ = known[0]
    columns = tuple(each[2] or key.columns[min(index, len(key.columns) - 1)] for index, each in enumerate(known))
    subject = Subject(
        declaration.table.name,
        declaration.table.schema,
        key.columns,
        _given_name(key.made),
        referred_table=table,
        referred_columns=columns,
    )
    return ForeignKey(
        key.columns,
        table,
        columns,
        key.origin,
        schema,
        conventional_name(declaration.metadata.convention, "fk", subject),
        _word(key.made, "ondelete"),
        _word(key.made, "onupdate"),
        written,
        by_object=any(plain_name(target.value) is None for target in key.targets),
    )


def _word(made: Made, name: str) -> str:
    given = made.kwargs.get(name)
    return given.value if given and isinstance(given.value, str) else ""


def _target(declaration: Declaration, target: Argument, find: Find) -> tuple[str, str, str] | None:
    """Schema, table and column (by its key) that a foreign key names; None where it cannot be told."""
    written = plain_name(target.value)
    if written is not None:
        return split_target(written, declaration.metadata.schema)
    place = find(target.value)
    if place is None:
        return None
    other, name = place
    return other.table.schema, other.table.name, key_of(other, name)


def split_target(written: str, default_schema: str) -> tuple[str, str, str]:
    """The parts of `schema.table.column`, `table.column` or `table` (ForeignKey._column_tokens)."""
    parts = written.split(".")
    if len(parts) == 1:
        return default_schema, parts[0], ""
    *schema, table, column = parts
    return ".".join(schema) or default_schema, table, column
