"""Queries: WITH, SELECT, set operations, VALUES, and the items of FROM."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from infralint.facts.sql import FIRST_BRANCH, SqlOutput, SqlSource, SqlTable
from infralint.facts.text import HOLE
from infralint.readers.sql_expressions import SEVERAL, alias_columns, alias_of, function_name, has_types, output_of
from infralint.readers.sql_functions import columns_of
from infralint.readers.sql_names import Cte, Ctes, ExpressionReader
from infralint.readers.sql_text import PLACEHOLDER

_CLAUSES = {
    "expressions": "select", "where": "where", "prewhere": "where", "having": "having", "qualify": "having",
    "sort": "order", "cluster": "order",
    "distribute": "order", "windows": "window", "limit": "limit", "offset": "limit", "connect": "where",
    "match": "where",
}  # fmt: skip
_SKIPPED = frozenset(
    {"with_", "from_", "joins", "laterals", "into", "hint", "kind", "locks", "operation_modifiers", "options"}
)


class QueryReader(ExpressionReader):
    """Reads queries."""

    def _with(self, tree: exp.Expression, parent: int, outer: Ctes) -> Ctes:
        node = tree.args.get("with_") or tree.args.get("with")
        if not isinstance(node, exp.With):
            return outer
        ctes = dict(outer)
        named = [(cte, cte.alias.lower(), alias_columns(cte)) for cte in node.expressions if isinstance(cte, exp.CTE)]
        if node.args.get("recursive"):
            self._recursive(node, named, parent, ctes)
            return ctes
        for cte, name, columns in named:
            ctes[name] = self._renamed(self.statement(cte.this, parent, ctes), columns)
        return ctes

    def _recursive(
        self, node: exp.With, named: list[tuple[exp.CTE, str, tuple[str, ...]]], parent: int, ctes: dict[str, Cte]
    ) -> None:
        """WITH RECURSIVE: all of its queries are known in each of them."""
        for _, name, columns in named:
            ctes[name] = (self._new(-1), columns)
        for cte, name, columns in named:
            body = self.statement(cte.this, parent, ctes)
            draft = self._drafts[ctes[name][0]]
            flat = self._flat(body)
            if flat is None:
                draft.sources.append(SqlSource("query", "", query=body))
                draft.outputs.append(SqlOutput("", star=True))
            else:
                draft.outputs += (*map(SqlOutput, columns), *flat[len(columns) :])
        if node.args.get("search") or any(cte.args.get("search") for cte, _, _ in named):
            for _, name, _ in named:
                self._drafts[ctes[name][0]].outputs += _search_columns(node)

    def _flat(self, index: int) -> list[SqlOutput] | None:
        """The columns of a query one by one; None where a star hides some."""
        found: list[SqlOutput] = []
        for output in self._drafts[index].outputs:
            if not output.star:
                found.append(output)
            elif output.qualifier == FIRST_BRANCH:
                first = next(s.query for s in self._drafts[index].sources if s.alias == FIRST_BRANCH)
                inner = self._flat(first)
                if inner is None:
                    return None
                found += inner
            else:
                return None
        return found or None

    def _renamed(self, body: int, columns: tuple[str, ...]) -> Cte:
        """A query under `t(a, b)`: its scope, and the names that take the place of columns not known one by one."""
        flat = self._flat(body) if columns else None
        if flat is None:
            return body, columns
        index = self._new(-1, is_open=False)
        self._drafts[index].outputs += (*map(SqlOutput, columns), *flat[len(columns) :])
        return index, ()

    def _wrapped(self, tree: exp.Expression, parent: int, ctes: Ctes) -> int:
        inner = self.statement(tree.this, parent, ctes)
        if not any(tree.args.get(key) for key in ("order", "limit", "offset")):
            return inner
        index = self._new(parent, SqlSource("query", "", query=inner))
        self._drafts[index].outputs.append(SqlOutput("", star=True))
        self._end_clauses(tree, index, ctes)
        return index

    def _end_clauses(self, tree: exp.Expression, index: int, ctes: Ctes) -> None:
        self._items(tree.args.get("order"), index, "order", ctes)
        for key in ("limit", "offset"):
            self._expression(tree.args.get(key), index, "limit", ctes)

    def _items(self, node: object, index: int, clause: str, ctes: Ctes) -> None:
        """The items of ORDER BY, GROUP BY or DISTINCT ON: those that are a name may be one of the result's."""
        for item in node.expressions if isinstance(node, exp.Expression) else ():
            value = item.this if isinstance(item, exp.Ordered) else item
            alone = isinstance(value, (exp.Column, exp.Tuple, exp.Paren))
            self._expression(value, index, clause if alone else "within", ctes)
        if isinstance(node, exp.Group):
            for key in ("grouping_sets", "cube", "rollup"):
                self._expression(node.args.get(key), index, clause, ctes)

    def _set_operation(self, tree: exp.SetOperation, parent: int, ctes: Ctes) -> int:
        # A chain of set operations leans to the left and may be long: it is walked, not recursed into.
        branches: list[exp.Expression] = []
        node: exp.Expression = tree
        while isinstance(node, exp.SetOperation):
            if node is not tree and (node.args.get("with_") or node.args.get("order")):
                break
            branches.append(node.expression)
            node = node.this
        index = self._new(parent)
        draft = self._drafts[index]
        draft.sources.append(SqlSource("query", FIRST_BRANCH, query=self.statement(node, parent, ctes)))
        for branch in reversed(branches):
            draft.sources.append(SqlSource("query", "", query=self.statement(branch, parent, ctes)))
        draft.outputs.append(SqlOutput("", star=True, qualifier=FIRST_BRANCH))
        self._end_clauses(tree, index, ctes)
        return index

    def _values(self, tree: exp.Values, parent: int, ctes: Ctes) -> int:
        """A list of rows; its columns are `column1`, `column2`, in MySQL `column_0`, `column_1`."""
        index = self._new(parent)
        self._expression(tree.expressions, index, "where", ctes)
        names = alias_columns(tree)
        rows = tree.expressions
        width = len(rows[0].expressions) if rows and isinstance(rows[0], exp.Tuple) else 0
        made = [name for at in range(width) for name in (f"column{at + 1}", f"column_{at}")]
        self._drafts[index].outputs += [SqlOutput(name) for name in (names if width <= len(names) else (*names, *made))]
        return index

    def _select(self, tree: exp.Select, parent: int, ctes: Ctes) -> int:
        index = self._new(parent)
        self._sources(tree, index, ctes)
        for projection in tree.expressions:
            self._drafts[index].outputs.append(output_of(projection))
        if self.open_outputs:
            self._drafts[index].outputs.append(SEVERAL)
        for key, value in tree.args.items():
            if key in _SKIPPED or not value:
                continue
            if key in ("order", "group"):
                self._items(value, index, key, ctes)
            elif key == "distinct":
                self._items(value.args.get("on"), index, "order", ctes)
            else:
                self._expression(value, index, _CLAUSES.get(key, "where"), ctes)
        return index

    # FROM

    def _sources(self, tree: exp.Expression, index: int, ctes: Ctes) -> None:
        from_ = tree.args.get("from_") or tree.args.get("from")
        if isinstance(from_, exp.From):
            self._source(from_.this, index, ctes)
        self._joins(tree, index, ctes)

    def _joins(self, tree: exp.Expression, index: int, ctes: Ctes) -> None:
        for lateral in tree.args.get("laterals") or ():
            self._source(lateral, index, ctes)
        joins = tree.args.get("joins") or ()
        sources = self._drafts[index].sources
        for join in joins:
            left = len(sources)
            self._source(join.this, index, ctes)
            self._using(join, sources[:left], sources[left:], self._drafts[index].open)
        for join in joins:
            self._expression(join.args.get("on"), index, "on", ctes)

    def _using(
        self, join: exp.Expression, left: Sequence[SqlSource], right: Sequence[SqlSource], is_open: bool
    ) -> None:
        """`USING (a)`: each side has such a column, so each is a scope of its own here."""
        for name in join.args.get("using") or ():
            column = name if isinstance(name, exp.Identifier) else name.args.get("this")
            for side in (left, right):
                self._name(column, self._new(-1, *side, is_open=is_open), "using")

    def _source(self, node: exp.Expression | None, index: int, ctes: Ctes) -> None:
        draft = self._drafts[index]
        if node is None:
            draft.open = True
            return
        alias, columns = alias_of(node), alias_columns(node)
        if HOLE in alias:
            draft.open = True
        if isinstance(node, exp.Table):
            self._table_source(node, alias, columns, index, ctes)
        elif isinstance(node, (exp.Subquery, exp.Paren)):
            self._subquery_source(node, alias, columns, index, ctes)
        elif isinstance(node, exp.Lateral):
            self._lateral(node, alias, columns, index, ctes)
        elif isinstance(node, exp.Values):
            query = self._values(node, draft.parent, ctes)
            draft.sources.append(SqlSource("query", alias, query=query, columns=columns))
        else:
            self._expression(list(node.args.values()), index, "from", ctes)
            draft.sources.append(SqlSource("open", alias))
        self._joins(node, index, ctes)

    def _table_source(self, node: exp.Table, alias: str, columns: tuple[str, ...], index: int, ctes: Ctes) -> None:
        table = self._table(node)
        if table is None or node.args.get("pivots"):
            self._expression(node.this, index, "from", ctes)
            self._drafts[index].sources.append(self._function(node, alias, columns))
            return
        cte = None if table.schema else ctes.get(table.name.lower())
        if cte is not None:
            body, names = cte
            source = SqlSource("query", alias or table.name, query=body, columns=columns or names)
        else:
            source = SqlSource("table", alias or table.name, table, columns=columns)
        self._drafts[index].sources.append(source)

    def _function(self, node: exp.Expression, alias: str, columns: tuple[str, ...]) -> SqlSource:
        """A function in FROM: known where its columns are typed (`AS t(a int)`), or are always the same."""
        name = function_name(node)
        ordinality = bool(node.args.get("ordinality"))
        known = columns if has_types(node) else columns_of(name, alias, ordinality=ordinality)
        if known is None or node.args.get("pivots"):
            return SqlSource("open", alias or name, columns=columns)
        query = self._new(-1, is_open=False)
        self._drafts[query].outputs += [SqlOutput(column) for column in (*columns, *known[len(columns) :])]
        return SqlSource("query", alias or name, query=query, columns=columns)

    def _table(self, node: exp.Expression | None) -> SqlTable | None:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            return None
        span = self._span(node.this)
        # `FROM %s`: the name is put in later.
        name = HOLE if PLACEHOLDER in node.this.name else node.this.name
        return None if span is None else SqlTable(name, span, node.db)

    def _subquery_source(
        self, node: exp.Expression, alias: str, columns: tuple[str, ...], index: int, ctes: Ctes
    ) -> None:
        inner = node.this
        if isinstance(inner, (exp.Table, exp.Subquery)) and not alias:
            self._source(inner, index, ctes)
        elif isinstance(inner, exp.Table):
            query = self._new(-1)
            self._source(inner, query, ctes)
            self._drafts[query].outputs.append(SqlOutput("", star=True))
            self._drafts[index].sources.append(SqlSource("query", alias, query=query, columns=columns))
        else:
            # What stands beside a derived table is not visible in it, what is around the whole query is.
            body, names = self._renamed(self.statement(node, self._drafts[index].parent, ctes), columns)
            self._drafts[index].sources.append(SqlSource("query", alias, query=body, columns=names))

    def _lateral(self, node: exp.Lateral, alias: str, columns: tuple[str, ...], index: int, ctes: Ctes) -> None:
        inner = node.this
        if isinstance(inner, exp.Query) and isinstance(inner, exp.Expression):
            body, names = self._renamed(self.statement(inner, index, ctes), columns)
            self._drafts[index].sources.append(SqlSource("query", alias, query=body, columns=names))
        else:
            self._expression(inner, index, "from", ctes)
            self._drafts[index].sources.append(self._function(node, alias, columns))


def _search_columns(node: exp.With) -> list[SqlOutput]:
    """The columns that `SEARCH ... SET a` and `CYCLE ... SET b USING c` add; an unnamed one where that is not told."""
    names = []
    for clause in node.find_all(exp.RecursiveWithSearch):
        names += [clause.args.get("expression"), clause.args.get("using")]
    found = [SqlOutput(name.name) for name in names if isinstance(name, exp.Expression)]
    return found or [SEVERAL]
