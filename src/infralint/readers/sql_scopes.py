"""sqlglot's tree of one statement to scopes: which names are used where, and what they may mean there."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from infralint.facts.sql import SqlSource
from infralint.readers.sql_expressions import alias_of, output_of
from infralint.readers.sql_names import Ctes, Locate
from infralint.readers.sql_queries import QueryReader
from infralint.source import Span


class ScopeReader(QueryReader):
    """Collects the scopes of one statement: of a query, or of a change of data.

    `row_names`: what RETURNING calls the rows before and after the change. `inserted`: the scopes with the results of
    INSERT's queries, by the places of their tables' names.
    """

    def __init__(
        self,
        locate: Locate,
        *,
        open_sources: bool = False,
        open_outputs: bool = False,
        row_names: tuple[str, ...] = ("old", "new"),
    ) -> None:
        super().__init__(locate, open_sources=open_sources, open_outputs=open_outputs)
        self.row_names = row_names
        self.inserted: dict[Span, int] = {}

    def statement(self, tree: exp.Expression, parent: int = -1, ctes: Ctes | None = None) -> int:
        known = self._with(tree, parent, ctes or {})
        if isinstance(tree, exp.Insert):
            return self._insert(tree, known)
        if isinstance(tree, exp.Update):
            return self._update(tree, parent, known)
        if isinstance(tree, exp.Delete):
            return self._delete(tree, parent, known)
        if isinstance(tree, exp.Merge):
            return self._merge(tree, known)
        if isinstance(tree, exp.Select):
            return self._select(tree, parent, known)
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, parent, known)
        if isinstance(tree, exp.Values):
            return self._values(tree, parent, known)
        if isinstance(tree, (exp.Subquery, exp.Paren)) and isinstance(tree.this, exp.Expression):
            return self._wrapped(tree, parent, known)
        return self._new(parent, is_open=True)

    def _target(self, node: exp.Expression | None, alias: str = "") -> SqlSource:
        table = self._table(node)
        if node is None or table is None:
            return SqlSource("open", alias)
        return SqlSource("table", alias or alias_of(node) or table.name, table)

    def _target_scope(self, target: SqlSource) -> int:
        return self._new(-1, target, is_open=False)

    def _insert(self, tree: exp.Insert, ctes: Ctes) -> int:
        into = tree.this
        names: Iterable[exp.Expression] = ()
        if isinstance(into, exp.Schema):
            into, names = into.this, into.expressions
        target = self._target(into)
        columns = self._target_scope(target)
        for name in names:
            self._name(name, columns, "insert")
        query = tree.args.get("expression")
        if isinstance(query, exp.Values):
            self._expression(query.expressions, self._new(-1), "values", ctes)
        elif isinstance(query, exp.Expression):
            result = self.statement(query, -1, ctes)
            if target.table is not None:
                self.inserted[target.table.span] = result
        conflict = tree.args.get("conflict")
        if isinstance(conflict, exp.OnConflict):
            self._conflict(conflict, target, columns, ctes)
        return self._returning(tree, (target,), -1, ctes)

    def _conflict(self, node: exp.OnConflict, target: SqlSource, columns: int, ctes: Ctes) -> None:
        both = self._new(-1, target, SqlSource(target.kind, "excluded", target.table))
        for key, value in node.args.items():
            if key == "expressions":
                self._assignments(value, columns, both, ctes)
            elif key in ("conflict_keys", "index_predicate"):
                self._expression(value, columns, "conflict", ctes)
            elif key != "constraint":
                self._expression(value, both, "where", ctes)

    def _assignments(self, nodes: Iterable[exp.Expression], columns: int, values: int, ctes: Ctes) -> None:
        """`a = x, (b, c) = (y, z)`: on the left stand columns of the target, on the right any."""
        for node in nodes or ():
            if not isinstance(node, exp.EQ):
                self._expression(node, values, "where", ctes)
                continue
            targets = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
            for target in targets:
                self._assigned(target.unnest(), columns, values, ctes)
            self._expression(node.expression, values, "where", ctes)

    def _assigned(self, target: exp.Expression, columns: int, values: int, ctes: Ctes) -> None:
        while isinstance(target, (exp.Bracket, exp.Dot)):
            if isinstance(target, exp.Bracket):
                self._expression(target.expressions, values, "where", ctes)
            target = target.this
        if isinstance(target, exp.Column) and target.args.get("table"):
            self._expression(target, values, "set", ctes)
            self._name(target.args.get("table"), columns, "field")
        elif isinstance(target, exp.Column):
            self._name(target.this, columns, "set")
        else:
            self._name(target, columns, "set")

    def _update(self, tree: exp.Update, parent: int, ctes: Ctes) -> int:
        target = self._target(tree.this)
        index = self._new(parent, target)
        scope = self._drafts[index]
        self._joins(tree.this, index, ctes)
        columns = index if len(scope.sources) > 1 else self._target_scope(target)
        self._sources(tree, index, ctes)
        self._assignments(tree.expressions, columns, index, ctes)
        for key in ("where", "order", "limit"):
            self._expression(tree.args.get(key), index, "where", ctes)
        return self._returning(tree, tuple(scope.sources), parent, ctes, scope.open)

    def _delete(self, tree: exp.Delete, parent: int, ctes: Ctes) -> int:
        index = self._new(parent)
        scope = self._drafts[index]
        if isinstance(tree.this, exp.Table):
            scope.sources.append(self._target(tree.this))
            self._joins(tree.this, index, ctes)
        else:
            scope.open = True
        for node in tree.args.get("using") or ():
            self._source(node, index, ctes)
        for key in ("where", "order", "limit"):
            self._expression(tree.args.get(key), index, "where", ctes)
        return self._returning(tree, tuple(scope.sources), parent, ctes, scope.open)

    def _returning(
        self, tree: exp.Expression, sources: tuple[SqlSource, ...], parent: int, ctes: Ctes, is_open: bool = False
    ) -> int:
        """RETURNING; PostgreSQL 18 has the row before and after the change there, as `old` and `new`."""
        target = sources[0] if sources else None
        index = self._new(parent, *sources)
        draft = self._drafts[index]
        if target is not None and target.table is not None:
            draft.sources += [SqlSource(target.kind, name, target.table) for name in self.row_names]
        draft.open = draft.open or is_open
        returning = tree.args.get("returning")
        if isinstance(returning, exp.Returning):
            draft.outputs += [output_of(node) for node in returning.expressions]
            self._expression(returning.expressions, index, "select", ctes)
        return index

    def _merge(self, tree: exp.Merge, ctes: Ctes) -> int:
        target = self._target(tree.this)
        columns = self._target_scope(target)
        index = self._new(-1, target)
        self._source(tree.args.get("using"), index, ctes)
        self._expression(tree.args.get("on"), index, "on", ctes)
        whens = tree.args.get("whens")
        for when in whens.expressions if isinstance(whens, exp.Expression) else ():
            self._expression(when.args.get("condition"), index, "where", ctes)
            then = when.args.get("then")
            if isinstance(then, exp.Update):
                self._assignments(then.expressions, columns, index, ctes)
            elif isinstance(then, exp.Insert):
                names = then.this.expressions if isinstance(then.this, exp.Tuple) else ()
                for name in names:
                    self._name(name.this if isinstance(name, exp.Column) else name, columns, "insert")
                self._expression(then.args.get("expression"), index, "where", ctes)
        return self._returning(tree, tuple(self._drafts[index].sources), -1, ctes)
