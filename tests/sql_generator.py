"""Statements of growing complexity, half of them with one mistake; a server says which of them it takes.

A statement is made as a list of pieces. The names in it are pieces of their own (`Name`), so that a mistake can be put into
one of them. Expressions have types, so that a server that refuses a statement does it for that mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from sql_schemas import LABELS, Column, Schema, Table, literal

MISTAKES = ("column", "table", "qualifier", "arity", "missing", "null", "check", "enum", "parameters")


@dataclass(frozen=True)
class Name:
    """A part of a statement that may be wrong. `kind`: "column", "table", "qualifier", "check" or "enum"; "parameter" for a
    placeholder, whose text is what follows it."""

    kind: str
    text: str


Piece = str | Name
Pieces = list[Piece]


@dataclass(frozen=True)
class Case:
    """A statement with the number of arguments that its call passes; `mistake`: what was broken, "" for nothing."""

    sql: str
    arguments: int
    mistake: str


@dataclass
class Source:
    """What FROM gives: the name for qualifying, and the columns."""

    alias: str
    columns: tuple[Column, ...]


@dataclass
class Scope:
    """Sources that an expression sees; `outer` for correlated queries."""

    sources: list[Source]
    outer: Scope | None = None

    def every(self) -> list[Source]:
        return [*self.sources, *(self.outer.every() if self.outer else [])]


@dataclass
class Maker:
    """Draws one statement."""

    draw: st.DrawFn
    schema: Schema
    postgres: bool = True
    ctes: list[Source] = field(default_factory=list)
    made: int = 0

    def pick(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int = 2) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    def new(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made}"

    # Expressions

    def column(self, scope: Scope, kind: str) -> Pieces | None:
        """A reference to a column of the type, if there is one; qualified where it must be."""
        every = scope.every()
        found = [(source, column) for source in every for column in source.columns if column.type == kind]
        if not found:
            return None
        source, column = self.draw(st.sampled_from(found))
        same = [other for other in every for c in other.columns if c.name == column.name]
        if len(same) > 1 or self.chance(3):
            if [other.alias for other in every].count(source.alias) > 1:
                return None
            return [Name("qualifier", source.alias), ".", Name("column", column.name)]
        if any(other.alias == column.name for other in every):
            return None
        return [Name("column", column.name)]

    def value(self, kind: str, scope: Scope, depth: int = 0) -> Pieces:
        """An expression of a type."""
        if kind == "integer":
            return self.integer(scope, depth)
        if kind == "text":
            return self.text(scope, depth)
        if kind == "boolean":
            return self.boolean(scope, depth)
        plain = literal(Column("", kind))
        column = self.column(scope, kind)
        return column if column is not None and self.chance() else [f"{plain}::{kind}" if self.postgres else plain]

    def _literal_or_parameter(self, kind: str, plain: str) -> Pieces:
        cast = f"::{kind}" if self.postgres else ""
        return [Name("parameter", cast) if self.chance(3) else plain]

    def integer(self, scope: Scope, depth: int) -> Pieces:
        column = self.column(scope, "integer")
        form = self.draw(st.integers(0, 7 if depth < 2 else 2))
        if form <= 2 or column is None:
            return column if column is not None and form else self._literal_or_parameter("integer", "5")
        if form == 3:
            return [*column, " + ", *self.integer(scope, depth + 1)]
        if form == 4:
            return ["coalesce(", *column, ", ", *self.integer(scope, depth + 1), ")"]
        if form == 5:
            return ["length(", *self.text(scope, depth + 1), ")"]
        if form == 6:
            inner = self.simple_source(scope)
            body = Scope([inner[1]], scope)
            value, condition = self.integer(body, 2), self.boolean(body, 2)
            return ["(SELECT ", *value, " FROM ", *inner[0], " WHERE ", *condition, " LIMIT 1)"]
        return ["CASE WHEN ", *self.boolean(scope, depth + 1), " THEN ", *column, " ELSE 0 END"]

    def text(self, scope: Scope, depth: int) -> Pieces:
        column = self.column(scope, "text")
        form = self.draw(st.integers(0, 6 if depth < 2 else 2))
        if form <= 2 or column is None:
            return column if column is not None and form else self._literal_or_parameter("text", "'x'")
        if form == 3:
            return ["upper(", *column, ")"]
        if form == 4:
            return ["(", *column, " || ", *self.text(scope, depth + 1), ")"]
        if form == 5 and self.postgres:
            data = self.column(scope, "jsonb")
            return ["(", *data, " ->> 'a')"] if data else column
        return ["CAST(", *self.integer(scope, depth + 1), " AS text)"]

    def boolean(self, scope: Scope, depth: int) -> Pieces:
        form = self.draw(st.integers(0, 11 if depth < 2 else 3))
        if form == 0:
            return [*self.integer(scope, depth + 1), self.pick(" = ", " < ", " <> "), *self.integer(scope, depth + 1)]
        if form == 1:
            return [*self.text(scope, depth + 1), self.pick(" = ", " LIKE ", " <> "), *self.text(scope, depth + 1)]
        if form == 2:
            return [*self.integer(scope, depth + 1), self.pick(" IS NULL", " IS NOT NULL")]
        if form == 3:
            return [*self.integer(scope, depth + 1), " BETWEEN 1 AND ", *self.integer(scope, depth + 1)]
        if form in (4, 5):
            joint = self.pick(" AND ", " OR ")
            return ["(", *self.boolean(scope, depth + 1), joint, *self.boolean(scope, depth + 1), ")"]
        if form == 6:
            return ["NOT (", *self.boolean(scope, depth + 1), ")"]
        if form == 7:
            pieces, source = self.simple_source(scope)
            return ["EXISTS (SELECT 1 FROM ", *pieces, " WHERE ", *self.boolean(Scope([source], scope), depth + 1), ")"]
        if form == 8:
            pieces, source = self.simple_source(scope)
            inner = Scope([source], scope)
            return [*self.integer(scope, 2), " IN (SELECT ", *self.integer(inner, 2), " FROM ", *pieces, ")"]
        if form == 9:
            level = self.column(scope, "level")
            label = self.pick(*LABELS)
            return [*level, " = ", Name("enum", f"'{label}'")] if level else ["true"]
        if form == 10:
            return self._words(scope) or ["true"]
        flag = self.column(scope, "boolean")
        return flag or ["1 = 1"]

    def _words(self, scope: Scope) -> Pieces | None:
        """A comparison of a column that has a CHECK with words that it allows."""
        for source in scope.sources:
            for column in source.columns:
                if column.words and [s.alias for s in scope.every()].count(source.alias) == 1:
                    words = ", ".join(f"'{word}'" for word in column.words[:2])
                    return [Name("qualifier", source.alias), ".", Name("column", column.name), f" IN ({words})"]
        return None

    # FROM

    def simple_source(self, outer: Scope | None = None) -> tuple[Pieces, Source]:
        """A table or a CTE under an alias of its own."""
        alias = self.new("a")
        if self.ctes and self.chance(3):
            cte = self.draw(st.sampled_from(self.ctes))
            return [Name("table", cte.alias), f" AS {alias}"], Source(alias, cte.columns)
        table = self.draw(st.sampled_from(self.schema.tables))
        return [Name("table", table.name), self.pick(f" AS {alias}", f" {alias}")], Source(alias, table.columns)

    def source(self, scope: Scope, depth: int) -> tuple[Pieces, Source]:
        """Any item of FROM; `scope` holds those before it."""
        form = self.draw(st.integers(0, 9 if self.postgres else 4))
        alias = self.new("s")
        if form == 0:
            table = self.draw(st.sampled_from(self.schema.tables))
            if all(source.alias != table.name for source in scope.every()):
                return [Name("table", table.name)], Source(table.name, table.columns)
        if form in (3, 4) and depth < 2:
            query, columns = self.query(depth + 1, Scope([], scope.outer))
            return ["(", *query, f") AS {alias}"], Source(alias, columns)
        if form == 5:
            return [f"(VALUES (1, 'x'), (2, 'y')) AS {alias} (n, word)"], _typed(alias, n="integer", word="text")
        if form == 6:
            return [f"generate_series(1, 3) AS {alias}"], _typed(alias)
        if form == 7:
            return [f"generate_series(1, 3) AS {alias} (n)"], _typed(alias, n="integer")
        if form == 8 and depth < 2:
            query, columns = self.query(depth + 1, scope)
            return ["LATERAL (", *query, f") AS {alias}"], Source(alias, columns)
        if form == 9:
            text = f"jsonb_to_recordset('[]'::jsonb) AS {alias} (n integer, word text)"
            return [text], _typed(alias, n="integer", word="text")
        return self.simple_source(scope)

    def from_clause(self, depth: int, outer: Scope | None) -> tuple[Pieces, Scope]:
        """One to three sources, joined."""
        scope = Scope([], outer)
        pieces, source = self.source(scope, depth)
        scope.sources.append(source)
        for _ in range(self.draw(st.integers(0, 2 if depth < 2 else 1))):
            item, source = self.source(scope, depth)
            form = self.draw(st.integers(0, 3))
            both = {c.name for c in scope.sources[-1].columns} & {c.name for c in source.columns}
            if form == 0 or str(item[0]).startswith("LATERAL"):
                pieces = [*pieces, ", " if len(scope.sources) == 1 else " CROSS JOIN ", *item]
                scope.sources.append(source)
            elif form == 1 and len(scope.sources) == 1 and "id" in both:
                pieces = [*pieces, " JOIN ", *item, " USING (", Name("column", "id"), ")"]
                # What is joined is named without a qualifier here; so that it is one column, the second loses it.
                scope.sources.append(Source(source.alias, tuple(c for c in source.columns if c.name != "id")))
            else:
                scope.sources.append(source)
                condition = self.boolean(Scope(scope.sources[-2:], None), 2)
                joint = self.pick(" JOIN ", " LEFT JOIN ")
                if len(scope.sources) > 2 or ", " in pieces:
                    condition = ["true"]
                pieces = [*pieces, joint, *item, " ON ", *condition]
        return pieces, scope

    # Queries

    def query(self, depth: int, outer: Scope | None = None) -> tuple[Pieces, tuple[Column, ...]]:
        """A SELECT with the columns of its result."""
        pieces, scope = self.from_clause(depth, outer)
        if self.chance(6):
            return self.grouped(pieces, scope)
        if self.chance(8) and len(scope.sources) == 1 and scope.sources[0].columns:
            return ["SELECT * FROM ", *pieces], scope.sources[0].columns
        kinds = self.draw(st.lists(st.sampled_from(("integer", "text")), min_size=1, max_size=3))
        columns = tuple(Column(self.new("c"), kind) for kind in kinds)
        items: Pieces = []
        for column in columns:
            items += [", "] if items else []
            items += [*self.value(column.type, scope), f" AS {column.name}"]
        window = self.chance(6)
        if window:
            order = self.column(scope, "integer") or ["1"]
            items += [", row_number() OVER (PARTITION BY ", *order, " ORDER BY ", *order, ") AS position"]
        query = ["SELECT ", *items, " FROM ", *pieces]
        if self.chance():
            query += [" WHERE ", *self.boolean(scope, depth)]
        if self.chance(3):
            order = [Name("column", columns[0].name)] if self.chance() else self.column(scope, "integer") or ["1"]
            query += [" ORDER BY ", *order, self.pick("", " DESC")]
            query += [" LIMIT 5"] if self.chance() else []
        elif self.chance(6) and not window:
            others = ", ".join("1" if kind == "integer" else "'x'" for kind in kinds)
            query += [f" UNION ALL SELECT {others}"]
        return query, columns

    def grouped(self, pieces: Pieces, scope: Scope) -> tuple[Pieces, tuple[Column, ...]]:
        """A SELECT with GROUP BY."""
        key = self.column(scope, "integer") or self.column(scope, "text") or ["1"]
        kind = "integer" if self.column(scope, "integer") else "text"
        name, total = self.new("k"), self.new("n")
        query: Pieces = ["SELECT ", *key, f" AS {name}, count(*) AS {total} FROM ", *pieces, " GROUP BY ", *key]
        query += [" HAVING count(*) > 1"] if self.chance() else []
        query += [" ORDER BY ", Name("column", total)] if self.chance() else []
        return query, (Column(name, kind), Column(total, "bigint"))

    def with_clause(self, depth: int) -> Pieces:
        """CTEs, which the statement after it may read."""
        pieces: Pieces = []
        for _ in range(self.draw(st.integers(0, 2 if self.postgres else 1))):
            name = self.new("w")
            query, columns = self.query(depth + 1)
            columns = tuple(dict.fromkeys(columns))
            pieces += [", " if pieces else "WITH ", f"{name} AS (", *query, ")"]
            self.ctes.append(Source(name, columns))
        return [*pieces, " "] if pieces else []

    def select(self) -> Pieces:
        """A statement that reads."""
        if self.postgres and self.chance(10):
            return self.recursive()
        pieces, query = self.with_clause(0), self.query(0)[0]
        if not self.postgres and not any(Name("table", cte.alias) in query for cte in self.ctes):
            # SQLite does not look into a CTE that nothing reads.
            return query
        return [*pieces, *query]

    def recursive(self) -> Pieces:
        pieces, source = self.simple_source()
        scope = Scope([source])
        start = ["SELECT ", *self.integer(scope, 2), " FROM ", *pieces]
        step: Pieces = ["SELECT ", Name("column", "n"), " + 1 FROM ", Name("table", "tree"), " WHERE n < 3"]
        return [
            "WITH RECURSIVE tree (n) AS (",
            *start,
            " UNION ALL ",
            *step,
            ") SELECT ",
            Name("column", "n"),
            " FROM tree",
        ]

    # Changes

    def target(self) -> Table:
        return self.draw(st.sampled_from(self.schema.base_tables))

    def written(self, column: Column) -> Pieces:
        """A value for a column of the target, written out or as a parameter."""
        plain = literal(column)
        # The calls pass strings of a digit for every placeholder.
        if not column.words and column.type in ("integer", "text") and self.chance(3):
            return [Name("parameter", "")]
        if column.words:
            return [Name("check", f"'{self.pick(*column.words)}'")]
        return [Name("enum", plain)] if column.type == "level" else [plain]

    def insert(self, mistake: str) -> Pieces:
        """INSERT with VALUES."""
        table = self.target()
        chosen = [c for c in table.columns if c.required or c.words or self.chance()]
        required = [c for c in chosen if c.required and c.name != "id"]
        if mistake == "missing" and required:
            chosen.remove(self.draw(st.sampled_from(required)))
        chosen = self.draw(st.permutations(chosen))
        names: Pieces = []
        for column in chosen:
            names += [", "] if names else []
            names.append(Name("column", column.name))
        values: list[Pieces] = [self.written(column) if column.name != "id" else ["1001"] for column in chosen]
        if mistake == "null" and required:
            values[chosen.index(self.draw(st.sampled_from(required)))] = ["NULL"]
        if mistake == "arity":
            values = [*values, ["1"]] if self.chance() or len(values) < 2 else values[:-1]
        row: Pieces = []
        for value in values:
            row += [", ", *value] if row else value
        pieces: Pieces = ["INSERT INTO ", Name("table", table.name), " (", *names, ") VALUES (", *row, ")"]
        if chosen and any(c.name == "id" for c in chosen) and self.chance(3):
            pieces += self.conflict(table)
        return [*pieces, *self.returning(table)]

    def conflict(self, table: Table) -> Pieces:
        plain = [c for c in table.columns if c.name != "id" and c.type in ("integer", "text") and not c.words]
        if not plain or self.chance():
            return [" ON CONFLICT (", Name("column", "id"), ") DO NOTHING"]
        column = self.draw(st.sampled_from(plain))
        new: Pieces = [Name("qualifier", "excluded"), ".", Name("column", column.name)]
        where: Pieces = (
            [" WHERE ", Name("qualifier", table.name), ".", Name("column", "id"), " > 0"] if self.chance() else []
        )
        target = [" ON CONFLICT (", Name("column", "id"), ") DO UPDATE SET ", Name("column", column.name), " = "]
        return [*target, *new, *where]

    def returning(self, table: Table, alias: str = "") -> Pieces:
        if not self.chance(3):
            return []
        column = self.draw(st.sampled_from(table.columns))
        form = self.draw(st.integers(0, 2 if self.postgres else 0))
        name = Name("column", column.name)
        return [" RETURNING ", name] if form == 0 else [" RETURNING ", self.pick("old", "new"), ".", name]

    def insert_query(self, mistake: str) -> Pieces:
        """INSERT with a SELECT."""
        table = self.target()
        chosen = [c for c in table.columns if c.required or c.type == "integer"]
        names: Pieces = []
        for column in chosen:
            names += [", ", Name("column", column.name)] if names else [Name("column", column.name)]
        pieces, source = self.simple_source()
        scope = Scope([source])
        items: Pieces = []
        for column in chosen[:-1] if mistake == "arity" and len(chosen) > 1 else chosen:
            value = ["id + 1001"] if column.name == "id" and not _has_id(source) else None
            value = [literal(column)] if column.words or column.type == "level" else value
            if column.name == "id":
                value = ["5001"]
            items += [", "] if items else []
            items += value or self.value(column.type, scope, 2)
        if mistake == "arity" and len(chosen) == 1:
            items += [", 1"]
        limit = " LIMIT 1"
        return ["INSERT INTO ", Name("table", table.name), " (", *names, ") SELECT ", *items, " FROM ", *pieces, limit]

    def update(self, *, whole: bool = False) -> Pieces:
        """UPDATE; with `whole` of every row, so that no mistake in a value is passed over."""
        table = self.target()
        alias = self.new("u") if self.chance(3) else ""
        scope = Scope([Source(alias or table.name, table.columns)])
        pieces: Pieces = ["UPDATE ", Name("table", table.name), f" AS {alias}" if alias else "", " SET "]
        more: Pieces = []
        if not whole and self.chance(4):
            item, source = self.simple_source()
            more = [" FROM ", *item]
            scope.sources.append(source)
        changed = [c for c in table.columns if c.name != "id"]
        for at, column in enumerate(self.draw(st.lists(st.sampled_from(changed), min_size=1, max_size=3, unique=True))):
            plain = column.words or column.type not in ("integer", "text") or column.required
            value = self.written(column) if plain else self.value(column.type, scope, 1)
            pieces += [", " if at else "", Name("column", column.name), " = ", *value]
        pieces += more
        return pieces if whole or self.chance() else [*pieces, " WHERE ", *self.boolean(scope, 0)]

    def delete(self) -> Pieces:
        table = self.target()
        scope = Scope([Source(table.name, table.columns)])
        pieces: Pieces = ["DELETE FROM ", Name("table", table.name)]
        if self.postgres and self.chance(3):
            item, source = self.simple_source()
            pieces += [" USING ", *item]
            scope.sources.append(source)
        pieces += [" WHERE ", *self.boolean(scope, 0)]
        return [*pieces, *(self.returning(table) if len(scope.sources) == 1 else [])]

    def merge(self) -> Pieces:
        table = self.target()
        item, source = self.simple_source()
        target = Source("t", table.columns)
        scope = Scope([target, source])
        keys = [c.name for c in source.columns if c.type == "integer"]
        key: Pieces = [Name("qualifier", source.alias), ".", Name("column", self.pick(*keys))] if keys else ["1"]
        pieces: Pieces = ["MERGE INTO ", Name("table", table.name), " AS t USING ", *item, " ON t.id = ", *key]
        plain = [c for c in table.columns if c.type == "integer" and c.name != "id"]
        if plain:
            column = self.draw(st.sampled_from(plain))
            value = self.integer(scope, 2)
            pieces += [" WHEN MATCHED THEN UPDATE SET ", Name("column", column.name), " = coalesce(", *value, ", 1)"]
        else:
            pieces += [" WHEN MATCHED THEN DELETE"]
        return pieces

    def statement(self, mistake: str) -> Pieces:
        """A statement in which the mistake can be made."""
        if mistake in ("missing", "null", "check"):
            return self.insert(mistake) if mistake != "check" or self.chance() else self.update(whole=True)
        if mistake == "arity":
            return self.insert(mistake) if self.chance() else self.insert_query(mistake)
        forms = [
            self.select,
            self.select,
            self.update,
            self.delete,
            lambda: self.insert(""),
            lambda: self.insert_query(""),
        ]
        forms += [self.merge] if self.postgres else []
        return self.draw(st.sampled_from(forms))()


def _has_id(source: Source) -> bool:
    return any(column.name == "id" for column in source.columns)


def _typed(alias: str, **columns: str) -> Source:
    return Source(alias, tuple(Column(name, kind) for name, kind in columns.items()))


@st.composite
def cases(
    draw: st.DrawFn, schema: Schema, placeholder: Callable[[int], str], postgres: bool = True, broken: bool = False
) -> Case:
    """A statement; with `broken` one that has a mistake of some kind. `placeholder`: how the n-th is written."""
    mistake = draw(st.sampled_from(MISTAKES)) if broken else ""
    pieces = Maker(draw, schema, postgres).statement(mistake)
    if mistake in ("column", "table", "qualifier", "check", "enum"):
        pieces = _misspelt(draw, pieces, mistake)
    text, arguments = "", 0
    for piece in pieces:
        if isinstance(piece, Name) and piece.kind == "parameter":
            arguments += 1
            text += placeholder(arguments) + piece.text
        else:
            text += piece.text if isinstance(piece, Name) else piece
    if mistake == "parameters":
        arguments = max(0, arguments + draw(st.sampled_from((-1, 1, 2))))
    return Case(text, arguments, mistake)


def _misspelt(draw: st.DrawFn, pieces: Pieces, kind: str) -> Pieces:
    """The pieces with one name of a kind that means nothing."""
    places = [at for at, piece in enumerate(pieces) if isinstance(piece, Name) and piece.kind == kind]
    if not places:
        return pieces
    at = draw(st.sampled_from(places))
    old = pieces[at]
    assert isinstance(old, Name)
    if kind in ("check", "enum"):
        new = "'bogus'"
    else:
        new = draw(st.sampled_from((f"{old.text}x", f"x{old.text}", f"{old.text[:-1]}zz", "missing")))
    return [*pieces[:at], Name(kind, new), *pieces[at + 1 :]]
