"""What SQL texts declare and what they name, as one file shows it.

Names are kept as written, without quotes; whether two of them meet is decided when they are linked.
"""

from __future__ import annotations

import msgspec

from infralint.facts.sql_calls import SqlCall, SqlText, SqlWrapper
from infralint.source import Span

# The alias of a set operation's first branch, whose columns are the result's.
FIRST_BRANCH = "\x00first"


class SqlTable(msgspec.Struct, frozen=True, array_like=True):
    """A table as named: `schema` is "" where none is written. A name that holds HOLE cannot be read."""

    name: str
    span: Span
    schema: str = ""
    quoted: bool = False


class SqlSource(msgspec.Struct, frozen=True, array_like=True):
    """One item of FROM, or the target of a change.

    `kind`: "table" (then `table`), "query" (then `query`, an index of the statement's scopes) or "open"
    (functions, and what cannot be read). `alias`: the name by which columns are qualified. `columns`: those
    of `t(a, b)`, which take the place of the first columns.
    """

    kind: str
    alias: str
    table: SqlTable | None = None
    query: int = -1
    columns: tuple[str, ...] = ()


class SqlRef(msgspec.Struct, frozen=True, array_like=True):
    """A column that is named.

    `clause`: "select", "on", "using", "where", "group", "having", "order", "from", "window", "limit" or, for
    names that can only be columns of a change's target, "insert", "set" and "conflict"; "field" for the `a` of
    `SET a.b = ...`, which PostgreSQL takes for a column of the target, and MySQL for a table; "row" for the `b` of
    `(a).b`, where `a` may be a source; "order" and "group" for names that stand alone there, "within" for those in
    expressions.
    """

    name: str
    span: Span
    qualifier: str
    clause: str
    quoted: bool = False
    # Where the qualifier stands.
    qualifier_span: Span | None = None


class SqlOutput(msgspec.Struct, frozen=True, array_like=True):
    """A column of a result: `name`, "" where the server makes one up; or a star, of the source `qualifier` if
    given. A star of HOLE: any number of columns that are not known.

    `alias`: the name is one that the query gives (`x AS name`).
    """

    name: str
    star: bool = False
    qualifier: str = ""
    alias: bool = False


class SqlScope(msgspec.Struct, frozen=True, array_like=True):
    """A place where names have one meaning: a SELECT, a set operation, a part of INSERT, UPDATE, DELETE,
    MERGE.

    `parent` is the index of the scope whose sources are visible too, -1 for none. `open`: sources may be
    missing here (a hole where FROM items may stand). A query's alias for a whole row is a source's alias.
    """

    parent: int
    sources: tuple[SqlSource, ...] = ()
    refs: tuple[SqlRef, ...] = ()
    outputs: tuple[SqlOutput, ...] = ()
    open: bool = False


class SqlLiteral(msgspec.Struct, frozen=True, array_like=True):
    """A value that is written out. `kind`: "string" (`value` is what it means), "number", "null" or "default"."""

    kind: str
    value: str
    span: Span


class SqlConstraint(msgspec.Struct, frozen=True, array_like=True):
    """A key, constraint or index of a definition. Names are as written, quotes included.

    `kind`: "primary", "unique", "check", "foreign", "exclude" or "index". `condition`: of CHECK, or of WHERE behind an
    index; `allowed`: for a CHECK that only lists values, these values of the one column in `columns`. `using`: the
    index method, or the index that ADD CONSTRAINT ... USING INDEX takes.
    """

    kind: str
    span: Span
    columns: tuple[str, ...] = ()
    name: str = ""
    condition: str = ""
    allowed: tuple[SqlLiteral, ...] = ()
    target: SqlTable | None = None
    target_columns: tuple[str, ...] = ()
    on_delete: str = ""
    on_update: str = ""
    using: str = ""
    unique: bool = False


class SqlColumn(msgspec.Struct, frozen=True, array_like=True):
    """A column's definition. `type`, `default` and `using` as written, "" for none.

    `generated`: "identity always", "identity by default", "computed", "autoincrement", or "" (a serial is told by its
    type). `constraints`: those that stand with the column, `columns` being the column itself.
    """

    name: str
    span: Span
    type: str = ""
    not_null: bool = False
    default: str = ""
    primary_key: bool = False
    generated: str = ""
    constraints: tuple[SqlConstraint, ...] = ()
    quoted: bool = False
    type_span: Span | None = None
    # The expression behind `ALTER COLUMN ... TYPE ... USING`.
    using: str = ""
    using_span: Span | None = None
    comment: str = ""


class SqlLike(msgspec.Struct, frozen=True, array_like=True):
    """`LIKE table INCLUDING ...`; `at`: how many columns stand before it."""

    table: SqlTable
    including: tuple[str, ...] = ()
    at: int = 0


class SqlChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of the schema. `table` is what it changes: a table or view, else what `object` says.

    `kind`, and what else is filled:

    - "create": `columns`, `parents`, `likes`, `constraints`; or the columns of the scope `query` of its statement,
      whose names `columns` then replace; a `reason` tells why these are not all;
    - "add", "drop-column" (`old`), "rename-column" (`old` to `columns[0]`), "alter-column" (`columns[0]`, and which
      of its parts: the options "type", "set not null", "drop not null", "set default", "drop default", "set
      generated", "drop generated", "comment");
    - "rename" (to `renamed`), "drop", "set-schema" (`name`), "attach" and "detach" (`parents`), "fill" (a trigger),
      "comment" (`name` is the text);
    - "add-constraint" (`constraints`; an index is one, too), "drop-constraint", "rename-constraint" (`old` to `name`),
      "drop-index", "rename-index" (`old` to `name`);
    - of types: "create-enum" and "add-label" (`labels`), "rename-label" (`old` to `name`), "create-domain" and
      "alter-domain" (`columns[0]`), "drop-type", "rename-type" (to `name`);
    - "create-schema", "drop-schema", "search-path" (`names`);
    - "open": touched in a way that was not understood: `reason`.

    `object`: "table", "view", "materialized view", "foreign table", "type", "schema", "index". `options`: words of the
    statement that matter: "if exists", "if not exists", "or replace", "temporary", "cascade", "partition", "before",
    "after". `flavour`: the one server that takes what is written here, "" for several. Names in `old`, `name` and
    `names` are as written, quotes included.
    """

    kind: str
    table: SqlTable
    columns: tuple[SqlColumn, ...] = ()
    parents: tuple[SqlTable, ...] = ()
    query: int = -1
    renamed: SqlTable | None = None
    old: str = ""
    reason: str = ""
    constraints: tuple[SqlConstraint, ...] = ()
    likes: tuple[SqlLike, ...] = ()
    labels: tuple[SqlLiteral, ...] = ()
    name: str = ""
    names: tuple[str, ...] = ()
    object: str = "table"
    options: tuple[str, ...] = ()
    flavour: str = ""


class SqlRow(msgspec.Struct, frozen=True, array_like=True):
    """One row of values: how many (-1 = a hole may be several), and those that are written out, by position."""

    span: Span
    count: int
    literals: tuple[tuple[int, SqlLiteral], ...] = ()


class SqlInsert(msgspec.Struct, frozen=True, array_like=True):
    """An INSERT into `table`.

    `columns`: its column list, None for none; `open`: a part of the list cannot be read. `rows`: those of VALUES.
    `query`: the scope with the result of its SELECT, else -1. `lenient`: its failures are passed over (`OR IGNORE`).
    """

    table: SqlTable
    columns: tuple[str, ...] | None = None
    open: bool = False
    rows: tuple[SqlRow, ...] = ()
    query: int = -1
    lenient: bool = False


class SqlComparison(msgspec.Struct, frozen=True, array_like=True):
    """Literals that stand beside a column: `a = 'x'`, `a IN ('x', 'y')`, `SET a = 'x'`, `CASE a WHEN 'x'`.

    `column` is the place of the column's name, which is a reference of some scope; of `'x'::type` it is the place of
    the type's name, and `type` is that name.
    """

    column: Span
    literals: tuple[SqlLiteral, ...]
    type: str = ""


class SqlFault(msgspec.Struct, frozen=True, array_like=True):
    """Something that no server's grammar takes: the token, and what is wrong. `at_end`: it would be right if the
    statement ended elsewhere, or no semicolon says that it ends here."""

    span: Span
    reason: str
    at_end: bool = False


class SqlStatement(msgspec.Struct, frozen=True):
    """One statement: the scopes of its names, and its changes of the schema.

    `guarded`: it may name what is not there, since its failure is expected (a `try` that handles just that), or since
    what executes it is called after another server (`snowflake_client.execute`).
    `executed`: it is seen to reach a database call, or stands in a .sql file.
    """

    span: Span
    scopes: tuple[SqlScope, ...] = ()
    changes: tuple[SqlChange, ...] = ()
    guarded: bool = False
    executed: bool = True
    inserts: tuple[SqlInsert, ...] = ()
    comparisons: tuple[SqlComparison, ...] = ()
    faults: tuple[SqlFault, ...] = ()


class SqlFacts(msgspec.Struct, frozen=True):
    """All SQL of one file, in order.

    `functions`: names that it declares by CREATE FUNCTION (`t.f` may then be `f(t)`). `drivers`: the dialects
    whose drivers it imports, "other" for servers that infralint does not know. `servers`: those of the database URLs
    in it, and "other" where it is in the words of such a server. `search_path`: schemas that it puts on the search
    path. `unread`: places of statements that no parser read. `texts`, `calls`, `wrappers` and `subqueries` are there
    for Python alone. `subqueries`: names in small letters that a text in it gives by WITH: another text may go on with
    them.
    """

    statements: tuple[SqlStatement, ...] = ()
    functions: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ()
    unread: tuple[Span, ...] = ()
    texts: tuple[SqlText, ...] = ()
    calls: tuple[SqlCall, ...] = ()
    wrappers: tuple[SqlWrapper, ...] = ()
    servers: tuple[str, ...] = ()
    subqueries: tuple[str, ...] = ()
