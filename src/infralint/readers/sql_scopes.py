"""sqlglot's tree of one statement to scopes: which names are used where, and what they may mean there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from infralint.facts.sql import SqlOutput, SqlRef, SqlScope, SqlSource, SqlTable
from infralint.facts.text import HOLE
from infralint.readers.sql_expressions import alias_columns, alias_of, function_name, operands, output_of
from infralint.readers.sql_text import PLACEHOLDER
from infralint.source import Span

Locate = Callable[[int, int], Span]

# The source of a set operation whose columns are its result: its first branch.
_FIRST_BRANCH = "\x00first"

# Words that sqlglot reads as columns and servers read as values (PostgreSQL manual 9.26; SQLite and MySQL
# likewise).
_VALUE_WORDS = frozenset(
    {
        "current_catalog", "current_date", "current_role", "current_schema", "current_time",
        "current_timestamp", "current_user", "default", "false", "infinity", "localtime", "localtimestamp",
        "maxvalue", "minvalue", "null", "rownum", "session_user", "sysdate", "system_user", "true", "unknown",
        "user", "utc_date", "utc_time", "utc_timestamp",
    }
)  # fmt: skip
_CLAUSES = {
    "expressions": "select", "distinct": "order", "where": "where", "prewhere": "where", "group": "group",
    "having": "having", "qualify": "having", "order": "order", "sort": "order", "cluster": "order",
    "distribute": "order", "windows": "window", "limit": "limit", "offset": "limit", "connect": "where",
    "match": "where",
}  # fmt: skip
_SKIPPED = frozenset(
    {"with_", "from_", "joins", "laterals", "into", "hint", "kind", "locks", "operation_modifiers", "options"}
)


@dataclass(slots=True)
class _Scope:
    parent: int
    sources: list[SqlSource] = field(default_factory=list)
    refs: list[SqlRef] = field(default_factory=list)
    outputs: list[SqlOutput] = field(default_factory=list)
    open: bool = False


# What a WITH declares, by lower-case name: the scope of its query, and its column aliases.
_Ctes = Mapping[str, tuple[int, tuple[str, ...]]]


class ScopeReader:
    """Collects the scopes of one statement. `locate` maps offsets of the parsed text to the file."""

    def __init__(self, locate: Locate, *, open_sources: bool = False, open_outputs: bool = False) -> None:
        self.locate = locate
        self.open_sources = open_sources
        self.open_outputs = open_outputs
        self._scopes: list[_Scope] = []

    def scopes(self) -> tuple[SqlScope, ...]:
        return tuple(
            SqlScope(s.parent, tuple(s.sources), tuple(s.refs), tuple(s.outputs), s.open) for s in self._scopes
        )

    def statement(self, tree: exp.Expression, parent: int = -1, ctes: _Ctes | None = None) -> int:
        """Read a statement or query. Returns the index of the scope that has its result."""
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
        if isinstance(tree, (exp.Subquery, exp.Paren)) and isinstance(tree.this, exp.Expression):
            return self._wrapped(tree, parent, known)
        index = self._new(parent)
        self._scopes[index].open = True
        return index

    def _new(self, parent: int) -> int:
        self._scopes.append(_Scope(parent, open=self.open_sources))
        return len(self._scopes) - 1

    def _span(self, node: exp.Expression) -> Span | None:
        start, end = node.meta.get("start"), node.meta.get("end")
        return None if start is None or end is None else self.locate(start, end + 1)

    # WITH

    def _with(self, tree: exp.Expression, parent: int, outer: _Ctes) -> _Ctes:
        node = tree.args.get("with_") or tree.args.get("with")
        if not isinstance(node, exp.With):
            return outer
        ctes = dict(outer)
        recursive = bool(node.args.get("recursive"))
        named = [(cte, cte.alias.lower(), alias_columns(cte)) for cte in node.expressions if isinstance(cte, exp.CTE)]
        if recursive:
            for _, name, columns in named:
                ctes[name] = (self._new(-1), columns)
        for cte, name, columns in named:
            body = self.statement(cte.this, parent, ctes)
            if not recursive:
                ctes[name] = (body, columns)
                continue
            scope = self._scopes[ctes[name][0]]
            scope.sources.append(SqlSource("query", "", query=body))
            scope.outputs.append(SqlOutput("", star=True))
        if node.args.get("search") or any(cte.args.get("search") for cte, _, _ in named):
            for _, name, _ in named:
                self._scopes[ctes[name][0]].outputs.append(SqlOutput(""))
        return ctes

    # Queries

    def _wrapped(self, tree: exp.Expression, parent: int, ctes: _Ctes) -> int:
        inner = self.statement(tree.this, parent, ctes)
        if not any(tree.args.get(key) for key in ("order", "limit", "offset")):
            return inner
        index = self._new(parent)
        scope = self._scopes[index]
        scope.sources.append(SqlSource("query", "", query=inner))
        scope.outputs.append(SqlOutput("", star=True))
        for key in ("order", "limit", "offset"):
            self._expression(tree.args.get(key), index, "order", ctes)
        return index

    def _set_operation(self, tree: exp.SetOperation, parent: int, ctes: _Ctes) -> int:
        # A chain of set operations leans to the left and may be long: it is walked, not recursed into.
        branches: list[exp.Expression] = []
        node: exp.Expression = tree
        while isinstance(node, exp.SetOperation):
            if node is not tree and (node.args.get("with_") or node.args.get("order")):
                break
            branches.append(node.expression)
            node = node.this
        index = self._new(parent)
        scope = self._scopes[index]
        scope.sources.append(SqlSource("query", _FIRST_BRANCH, query=self.statement(node, parent, ctes)))
        for branch in reversed(branches):
            scope.sources.append(SqlSource("query", "", query=self.statement(branch, parent, ctes)))
        scope.outputs.append(SqlOutput("", star=True, qualifier=_FIRST_BRANCH))
        for key in ("order", "limit", "offset"):
            self._expression(tree.args.get(key), index, "order", ctes)
        return index

    def _select(self, tree: exp.Select, parent: int, ctes: _Ctes) -> int:
        index = self._new(parent)
        self._sources(tree, index, ctes)
        for projection in tree.expressions:
            self._scopes[index].outputs.append(output_of(projection))
        if self.open_outputs:
            self._scopes[index].outputs.append(SqlOutput(""))
        for key, value in tree.args.items():
            if key not in _SKIPPED and value:
                self._expression(value, index, _CLAUSES.get(key, "where"), ctes)
        return index

    def _sources(self, tree: exp.Expression, index: int, ctes: _Ctes) -> None:
        from_ = tree.args.get("from_") or tree.args.get("from")
        if isinstance(from_, exp.From):
            self._source(from_.this, index, ctes)
        self._joins(tree, index, ctes)

    def _joins(self, tree: exp.Expression, index: int, ctes: _Ctes) -> None:
        for lateral in tree.args.get("laterals") or ():
            self._source(lateral, index, ctes)
        joins = tree.args.get("joins") or ()
        for join in joins:
            self._source(join.this, index, ctes)
        for join in joins:
            self._expression(join.args.get("on"), index, "on", ctes)
            for name in join.args.get("using") or ():
                column = name if isinstance(name, exp.Identifier) else name.args.get("this")
                self._name(column, index, "using")

    def _source(self, node: exp.Expression | None, index: int, ctes: _Ctes) -> None:
        if node is None:
            self._scopes[index].open = True
            return
        alias, columns = alias_of(node), alias_columns(node)
        if HOLE in alias:
            self._scopes[index].open = True
        if isinstance(node, exp.Table):
            self._table_source(node, alias, columns, index, ctes)
        elif isinstance(node, (exp.Subquery, exp.Paren)):
            self._subquery_source(node, alias, columns, index, ctes)
        elif isinstance(node, exp.Lateral):
            self._lateral(node, alias, columns, index, ctes)
        elif isinstance(node, exp.Values) and columns:
            query = self._new(index)
            self._scopes[query].outputs += [SqlOutput(name) for name in columns]
            self._expression(node.expressions, query, "where", ctes)
            self._scopes[index].sources.append(SqlSource("query", alias, query=query))
        else:
            self._expression(list(node.args.values()), index, "from", ctes)
            self._scopes[index].sources.append(SqlSource("open", alias))
        self._joins(node, index, ctes)

    def _table_source(self, node: exp.Table, alias: str, columns: tuple[str, ...], index: int, ctes: _Ctes) -> None:
        table = self._table(node)
        if table is None or node.args.get("pivots"):
            self._expression(node.this, index, "from", ctes)
            self._scopes[index].sources.append(SqlSource("open", alias or function_name(node)))
            return
        cte = None if table.schema else ctes.get(table.name.lower())
        if cte is not None:
            body, names = cte
            source = SqlSource("query", alias or table.name, query=body, columns=columns or names)
        else:
            source = SqlSource("table", alias or table.name, table, columns=columns)
        self._scopes[index].sources.append(source)

    def _table(self, node: exp.Expression | None) -> SqlTable | None:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            return None
        span = self._span(node.this)
        return None if span is None else SqlTable(node.this.name, span, node.db)

    def _subquery_source(
        self, node: exp.Expression, alias: str, columns: tuple[str, ...], index: int, ctes: _Ctes
    ) -> None:
        inner = node.this
        if isinstance(inner, (exp.Table, exp.Subquery)) and not alias:
            self._source(inner, index, ctes)
        elif isinstance(inner, exp.Table):
            query = self._new(-1)
            self._source(inner, query, ctes)
            self._scopes[query].outputs.append(SqlOutput("", star=True))
            self._scopes[index].sources.append(SqlSource("query", alias, query=query, columns=columns))
        else:
            # What stands beside a derived table is not visible in it, what is around the whole query is.
            body = self.statement(node, self._scopes[index].parent, ctes)
            self._scopes[index].sources.append(SqlSource("query", alias, query=body, columns=columns))

    def _lateral(self, node: exp.Lateral, alias: str, columns: tuple[str, ...], index: int, ctes: _Ctes) -> None:
        inner = node.this
        if isinstance(inner, exp.Query) and isinstance(inner, exp.Expression):
            body = self.statement(inner, index, ctes)
            self._scopes[index].sources.append(SqlSource("query", alias, query=body, columns=columns))
        else:
            self._expression(inner, index, "from", ctes)
            self._scopes[index].sources.append(SqlSource("open", alias or function_name(node)))

    # Changes

    def _target(self, node: exp.Expression | None, alias: str = "") -> SqlSource:
        table = self._table(node)
        if node is None or table is None:
            return SqlSource("open", alias)
        return SqlSource("table", alias or alias_of(node) or table.name, table)

    def _target_scope(self, target: SqlSource) -> int:
        index = self._new(-1)
        self._scopes[index].sources.append(target)
        self._scopes[index].open = False
        return index

    def _insert(self, tree: exp.Insert, ctes: _Ctes) -> int:
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
            self._expression(query.expressions, self._new(-1), "where", ctes)
        elif isinstance(query, exp.Expression):
            self.statement(query, -1, ctes)
        conflict = tree.args.get("conflict")
        if isinstance(conflict, exp.OnConflict):
            self._conflict(conflict, target, columns, ctes)
        return self._returning(tree, (target,), -1, ctes)

    def _conflict(self, node: exp.OnConflict, target: SqlSource, columns: int, ctes: _Ctes) -> None:
        both = self._new(-1)
        excluded = SqlSource(target.kind, "excluded", target.table)
        self._scopes[both].sources += [target, excluded]
        for key, value in node.args.items():
            if key == "expressions":
                self._assignments(value, columns, both, ctes)
            elif key in ("conflict_keys", "index_predicate"):
                self._expression(value, columns, "conflict", ctes)
            elif key != "constraint":
                self._expression(value, both, "where", ctes)

    def _assignments(self, nodes: Iterable[exp.Expression], columns: int, values: int, ctes: _Ctes) -> None:
        """`a = x, (b, c) = (y, z)`: on the left stand columns of the target, on the right any."""
        for node in nodes or ():
            if not isinstance(node, exp.EQ):
                self._expression(node, values, "where", ctes)
                continue
            targets = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
            for target in targets:
                self._assigned(target.unnest(), columns, values, ctes)
            self._expression(node.expression, values, "where", ctes)

    def _assigned(self, target: exp.Expression, columns: int, values: int, ctes: _Ctes) -> None:
        while isinstance(target, (exp.Bracket, exp.Dot)):
            if isinstance(target, exp.Bracket):
                self._expression(target.expressions, values, "where", ctes)
            target = target.this
        if isinstance(target, exp.Column) and target.args.get("table"):
            self._expression(target, values, "where", ctes)
        elif isinstance(target, exp.Column):
            self._name(target.this, columns, "set")
        else:
            self._name(target, columns, "set")

    def _update(self, tree: exp.Update, parent: int, ctes: _Ctes) -> int:
        target = self._target(tree.this)
        index = self._new(parent)
        scope = self._scopes[index]
        scope.sources.append(target)
        self._joins(tree.this, index, ctes)
        columns = index if len(scope.sources) > 1 else self._target_scope(target)
        self._sources(tree, index, ctes)
        self._assignments(tree.expressions, columns, index, ctes)
        for key in ("where", "order", "limit"):
            self._expression(tree.args.get(key), index, "where", ctes)
        return self._returning(tree, tuple(scope.sources), parent, ctes, scope.open)

    def _delete(self, tree: exp.Delete, parent: int, ctes: _Ctes) -> int:
        index = self._new(parent)
        scope = self._scopes[index]
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
        self,
        tree: exp.Expression,
        sources: tuple[SqlSource, ...],
        parent: int,
        ctes: _Ctes,
        is_open: bool = False,
    ) -> int:
        index = self._new(parent)
        scope = self._scopes[index]
        scope.sources += sources
        scope.open = scope.open or is_open
        returning = tree.args.get("returning")
        if isinstance(returning, exp.Returning):
            scope.outputs += [output_of(node) for node in returning.expressions]
            self._expression(returning.expressions, index, "select", ctes)
        return index

    def _merge(self, tree: exp.Merge, ctes: _Ctes) -> int:
        target = self._target(tree.this)
        columns = self._target_scope(target)
        index = self._new(-1)
        self._scopes[index].sources.append(target)
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
        return self._returning(tree, tuple(self._scopes[index].sources), -1, ctes, True)

    # Expressions

    def _name(self, node: object, index: int, clause: str) -> None:
        """A bare identifier that names a column."""
        if isinstance(node, exp.Identifier):
            self._ref(node, "", index, clause)

    def _ref(self, node: exp.Identifier, qualifier: str, index: int, clause: str) -> None:
        name = str(node.this)
        quoted = bool(node.args.get("quoted"))
        unknown = HOLE in name or PLACEHOLDER in name or HOLE in qualifier
        if unknown or (not quoted and not qualifier and name.lower() in _VALUE_WORDS):
            return
        span = self._span(node)
        if span is not None:
            self._scopes[index].refs.append(SqlRef(name, span, qualifier, clause, quoted))

    def _expression(self, node: object, index: int, clause: str, ctes: _Ctes) -> None:
        """All columns and subqueries of an expression, or of a list of them."""
        stack = [node]
        while stack:
            current = stack.pop()
            if isinstance(current, (list, tuple)):
                stack.extend(reversed(current))
            elif isinstance(current, exp.Column):
                if isinstance(current.this, exp.Identifier):
                    self._ref(current.this, current.table, index, clause)
            elif isinstance(current, (exp.Literal, exp.Identifier)) or not isinstance(current, exp.Expression):
                continue
            elif isinstance(current, (exp.Query, exp.DML)) and not isinstance(current, exp.Table):
                self.statement(current, index, ctes)
            else:
                stack.extend(reversed(list(operands(current))))
