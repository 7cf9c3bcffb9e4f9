"""CREATE, ALTER and DROP of types, domains, schemas and indexes; triggers; comments; the search path."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.ddl.alter import domain_definition
from infralint.ddl.checks import literal_of
from infralint.ddl.columns import read_constraint
from infralint.ddl.cursor import Cursor, joined, names_in
from infralint.ddl.tokens import split_commas
from infralint.facts.sql import SqlChange, SqlColumn, SqlConstraint, SqlLiteral, SqlTable
from infralint.facts.text import HOLE


def _nothing(cursor: Cursor) -> SqlTable:
    """Stands for the table of a change that names none."""
    return SqlTable("", cursor.locate(cursor.tokens[0].start, cursor.tokens[0].end))


def create_type(cursor: Cursor) -> Iterator[SqlChange]:
    """CREATE TYPE name AS ENUM (...); composite and range types declare nothing of tables."""
    name = cursor.table()
    if name is None or not cursor.take("AS", "ENUM"):
        return
    inner = cursor.bracket() or ()
    found = [literal_of(part[0], cursor.locate) if len(part) == 1 else None for part in split_commas(inner)]
    labels = tuple(label for label in found if label is not None and HOLE not in label.value)
    reason = "" if len(labels) == len(found) else "a label cannot be read"
    yield SqlChange("create-enum", name, labels=labels, object="type", reason=reason)


def alter_type(cursor: Cursor) -> Iterator[SqlChange]:
    """ALTER TYPE name ADD VALUE, RENAME VALUE, RENAME TO."""
    name = cursor.table()
    if name is None:
        return
    if cursor.take("ADD", "VALUE"):
        options = ("if not exists",) if cursor.take("IF", "NOT", "EXISTS") else ()
        label, side = _label(cursor), cursor.word().lower()
        cursor.at += 1
        beside = _label(cursor) if side in ("before", "after") else None
        if label is not None:
            labels = (label, beside) if beside is not None else (label,)
            yield SqlChange("add-label", name, labels=labels, object="type", options=(*options, side))
    elif cursor.take("RENAME", "VALUE"):
        old = _label(cursor)
        new = _label(cursor) if cursor.take("TO") else None
        if old is not None and new is not None:
            yield SqlChange("rename-label", name, labels=(old, new), object="type")
    elif cursor.take("RENAME", "TO"):
        yield SqlChange("rename-type", name, name=cursor.written(), object="type")


def _label(cursor: Cursor) -> SqlLiteral | None:
    token = cursor.peek()
    label = literal_of(token, cursor.locate) if token is not None else None
    cursor.at += label is not None
    return label


def create_domain(cursor: Cursor) -> Iterator[SqlChange]:
    """CREATE DOMAIN name [AS] type ..."""
    name = cursor.table()
    if name is not None:
        cursor.take("AS")
        yield SqlChange("create-domain", name, (domain_definition(cursor, name),), object="type")


def alter_domain(cursor: Cursor) -> Iterator[SqlChange]:
    """ALTER DOMAIN; what is not understood makes its conditions unknown."""
    name = cursor.table()
    if name is None:
        return
    column = SqlColumn(name.name, name.span)
    if cursor.take("SET", "NOT", "NULL"):
        yield SqlChange("alter-domain", name, (column,), object="type", options=("set not null",))
    elif cursor.take("DROP", "NOT", "NULL"):
        yield SqlChange("alter-domain", name, (column,), object="type", options=("drop not null",))
    elif cursor.take("SET", "DEFAULT"):
        column = SqlColumn(name.name, name.span, default=joined(cursor.rest()))
        yield SqlChange("alter-domain", name, (column,), object="type", options=("set default",))
    elif cursor.take("DROP", "DEFAULT"):
        yield SqlChange("alter-domain", name, (column,), object="type", options=("drop default",))
    elif cursor.take("ADD"):
        constraint = read_constraint(cursor)
        made = (constraint,) if constraint is not None else ()
        yield SqlChange("alter-domain", name, (column,), constraints=made, object="type", options=("add",))
    elif cursor.take("RENAME", "TO"):
        yield SqlChange("rename-type", name, name=cursor.written(), object="type")
    elif cursor.take("DROP", "CONSTRAINT"):
        yield SqlChange("alter-domain", name, (column,), object="type", reason="a condition of it is dropped")


def drop_types(cursor: Cursor) -> Iterator[SqlChange]:
    """DROP TYPE or DOMAIN."""
    options = _drop_options(cursor)
    for name in cursor.tables():
        yield SqlChange("drop-type", name, object="type", options=options)


def _drop_options(cursor: Cursor) -> tuple[str, ...]:
    options = ("if exists",) if cursor.take("IF", "EXISTS") else ()
    return (*options, "cascade") if cursor.tokens[-1].upper == "CASCADE" else options


def drop_tables(cursor: Cursor, kind: str) -> Iterator[SqlChange]:
    """DROP TABLE or VIEW."""
    options = _drop_options(cursor)
    for table in cursor.tables():
        yield SqlChange("drop", table, object=kind, options=options)


def create_schema(cursor: Cursor) -> Iterator[SqlChange]:
    """CREATE SCHEMA [name] [AUTHORIZATION role]."""
    options = ("if not exists",) if cursor.take("IF", "NOT", "EXISTS") else ()
    cursor.take("AUTHORIZATION")
    if name := cursor.written():
        yield SqlChange("create-schema", _nothing(cursor), name=name, object="schema", options=options)


def drop_schemas(cursor: Cursor) -> Iterator[SqlChange]:
    """DROP SCHEMA."""
    options = _drop_options(cursor)
    for table in cursor.tables():
        yield SqlChange("drop-schema", table, name=table.name, object="schema", options=options)


def create_index(cursor: Cursor, unique: bool) -> Iterator[SqlChange]:
    """CREATE INDEX behind that word."""
    cursor.take("CONCURRENTLY")
    options = ("if not exists",) if cursor.take("IF", "NOT", "EXISTS") else ()
    start = cursor.at
    name = "" if cursor.word() == "ON" else cursor.label()
    if not cursor.take("ON"):
        return
    span = cursor.span(cursor.tokens[start : cursor.at])
    cursor.take("ONLY")
    table = cursor.table()
    method = cursor.written().lower() if cursor.take("USING") else ""
    columns = names_in(cursor.bracket() or ())
    while not cursor.done and not cursor.take("WHERE"):
        cursor.at += 1
    if table is not None:
        made = SqlConstraint("index", span, columns, name, joined(cursor.rest()), using=method, unique=unique)
        yield SqlChange("add-constraint", table, constraints=(made,), object="index", options=options)


def drop_indexes(cursor: Cursor) -> Iterator[SqlChange]:
    """DROP INDEX; MySQL names the table behind ON."""
    cursor.take("CONCURRENTLY")
    options = _drop_options(cursor)
    names = cursor.tables()
    table = cursor.table() if cursor.take("ON") else None
    for name in names:
        written = f'"{name.name}"' if name.quoted else name.name
        where = table or SqlTable("", name.span, name.schema)
        yield SqlChange("drop-index", where, old=written, object="index", options=options)


def alter_index(cursor: Cursor) -> Iterator[SqlChange]:
    """ALTER INDEX ... RENAME TO."""
    options = ("if exists",) if cursor.take("IF", "EXISTS") else ()
    nothing = _nothing(cursor)
    old = cursor.label()
    if cursor.take("RENAME", "TO"):
        yield SqlChange("rename-index", nothing, old=old, name=cursor.written(), object="index", options=options)


def create_trigger(cursor: Cursor) -> Iterator[SqlChange]:
    """CREATE TRIGGER: one that runs before, or in place of, an INSERT may fill what it leaves out."""
    words = [token.upper for token in cursor.tokens]
    on = next((at for at, word in enumerate(words) if word == "ON" and at > cursor.at), None)
    if on is None or "INSERT" not in words[cursor.at : on] or not {"BEFORE", "INSTEAD"} & set(words[cursor.at : on]):
        return
    table = Cursor(cursor.tokens, cursor.locate, on + 1).table()
    if table is not None:
        yield SqlChange("fill", table, reason="a trigger runs before an INSERT")


def create_rule(cursor: Cursor) -> Iterator[SqlChange]:
    """CREATE RULE ... ON INSERT TO table: what is inserted is another matter."""
    words = [token.upper for token in cursor.tokens]
    for at in range(cursor.at, len(words) - 2):
        if words[at : at + 3] == ["ON", "INSERT", "TO"]:
            table = Cursor(cursor.tokens, cursor.locate, at + 3).table()
            if table is not None:
                yield SqlChange("fill", table, reason="a rule stands in for INSERT")
            return


def comment(cursor: Cursor) -> Iterator[SqlChange]:
    """COMMENT ON TABLE t IS '...', COMMENT ON COLUMN t.c IS '...'."""
    if not cursor.take("ON"):
        return
    column = cursor.word() == "COLUMN"
    if not (cursor.take("COLUMN") or cursor.take("TABLE") or cursor.take("VIEW")):
        return
    start = cursor.at
    named = cursor.table()
    parts = [token for token in cursor.tokens[start : cursor.at] if token.is_name]
    if named is None or not cursor.take("IS") or (column and len(parts) < 2):
        return
    token = cursor.peek()
    literal = literal_of(token, cursor.locate) if token is not None else None
    if literal is None:
        return
    if not column:
        yield SqlChange("comment", named, name=literal.value)
        return
    schema = parts[-3].name if len(parts) > 2 else ""
    table = SqlTable(parts[-2].name, cursor.span([parts[-2]]), schema, parts[-2].kind == "quoted")
    yield SqlChange("comment", table, name=literal.value, old=parts[-1].text)


def search_path(cursor: Cursor) -> Iterator[SqlChange]:
    """SET search_path TO a, b; SELECT set_config('search_path', 'a, b', false)."""
    nothing = _nothing(cursor)
    if cursor.take("SET"):
        cursor.take("LOCAL")
        cursor.take("SESSION")
        if cursor.take("SEARCH_PATH") and (cursor.take("TO") or cursor.take_text("=")):
            parts = [part[0] for part in split_commas(cursor.rest()) if part]
            names = tuple(token.text.strip("'") for token in parts)
            yield SqlChange("search-path", nothing, names=() if "DEFAULT" in names else names, object="schema")
        return
    texts = [token.text for token in cursor.tokens if token.kind == "string"]
    if len(texts) > 1 and texts[0] == "'search_path'":
        names = tuple(part.strip() for part in texts[1].strip("'").split(",") if part.strip())
        yield SqlChange("search-path", nothing, names=names, object="schema")
