"""What every reader of sqlglot's trees needs: scopes in the making, and the names of expressions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from infralint.facts.sql import SqlOutput, SqlRef, SqlScope, SqlSource
from infralint.facts.text import HOLE
from infralint.readers.sql_expressions import has_special_operands, operands
from infralint.readers.sql_text import PLACEHOLDER
from infralint.source import Span

Locate = Callable[[int, int], Span]
# What a WITH declares, by lower-case name: the scope of its query, and its column aliases.
Cte = tuple[int, tuple[str, ...]]
Ctes = Mapping[str, Cte]

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


@dataclass(slots=True)
class Draft:
    """A scope in the making."""

    parent: int
    sources: list[SqlSource] = field(default_factory=list)
    refs: list[SqlRef] = field(default_factory=list)
    outputs: list[SqlOutput] = field(default_factory=list)
    open: bool = False


class ExpressionReader(ABC):
    """Collects the names of expressions. `locate` maps offsets of the parsed text to the file."""

    def __init__(self, locate: Locate, *, open_sources: bool = False, open_outputs: bool = False) -> None:
        self.locate = locate
        self.open_sources = open_sources
        self.open_outputs = open_outputs
        self._drafts: list[Draft] = []

    def scopes(self) -> tuple[SqlScope, ...]:
        """All scopes of the statement."""
        return tuple(
            SqlScope(d.parent, tuple(d.sources), tuple(d.refs), tuple(d.outputs), d.open) for d in self._drafts
        )

    @abstractmethod
    def statement(self, tree: exp.Expression, parent: int = -1, ctes: Ctes | None = None) -> int:
        """Read a statement or query. Returns the index of the scope that has its result."""

    def _new(self, parent: int, *sources: SqlSource, is_open: bool | None = None) -> int:
        self._drafts.append(Draft(parent, list(sources), open=self.open_sources if is_open is None else is_open))
        return len(self._drafts) - 1

    def _span(self, node: object) -> Span | None:
        if not isinstance(node, exp.Expression):
            return None
        meta = node.meta
        start, end = meta.get("start"), meta.get("end")
        return None if start is None or end is None else self.locate(start, end + 1)

    def _name(self, node: object, index: int, clause: str) -> None:
        """A bare identifier that names a column."""
        if isinstance(node, exp.Identifier):
            self._ref(node, None, index, clause)

    def _ref(self, node: exp.Identifier, table: object, index: int, clause: str) -> None:
        name = str(node.args.get("this"))
        qualifier = str(table.args.get("this")) if isinstance(table, exp.Identifier) else ""
        quoted = bool(node.args.get("quoted"))
        # HOLE and PLACEHOLDER are characters that no name of ASCII holds.
        if not (name.isascii() and qualifier.isascii()) and any(c in name + qualifier for c in (HOLE, PLACEHOLDER)):
            return
        if not quoted and not qualifier and name.lower() in _VALUE_WORDS:
            return
        span = self._span(node)
        if span is not None:
            place = None if table is None else self._span(table)
            self._drafts[index].refs.append(SqlRef(name, span, qualifier, clause, quoted, place))

    def _field(self, node: exp.Dot, index: int) -> None:
        """`(a).b`, where `a` may be a whole row."""
        row = node.this.this if isinstance(node.this, exp.Paren) else None
        if isinstance(row, exp.Column) and not row.args.get("table") and isinstance(node.expression, exp.Identifier):
            self._ref(node.expression, row.this, index, "row")

    def _expression(self, node: object, index: int, clause: str, ctes: Ctes) -> None:
        """All columns and subqueries of an expression, or of a list of them."""
        stack: list[Any] = [node]
        while stack:
            current = stack.pop()
            kind = _KINDS.get(type(current)) or _kind(type(current))
            if kind == "plain":
                stack += [value for value in reversed(current.args.values()) if type(value) not in _LEAVES]
            elif kind == "column":
                if isinstance(current.this, exp.Identifier):
                    self._ref(current.this, current.args.get("table"), index, clause)
            elif kind == "list":
                stack.extend(reversed(current))
            elif kind == "dot":
                self._field(current, index)
                stack.append(current.this)
            elif kind == "query":
                self.statement(current, index, ctes)
            elif kind == "special":
                stack.extend(reversed(list(operands(current))))


# How each class of values is read: looked up for every node, and isinstance() is slow for so many.
_KINDS: dict[type, str] = {}
# What most arguments of sqlglot's nodes are that hold no column.
_LEAVES: frozenset[type] = frozenset({bool, str, type(None), exp.Identifier, exp.Literal, exp.TableAlias})


def _kind(kind: type) -> str:
    if issubclass(kind, (list, tuple)):
        found = "list"
    elif issubclass(kind, exp.Column):
        found = "column"
    elif issubclass(kind, exp.Dot):
        found = "dot"
    elif issubclass(kind, (exp.Literal, exp.Identifier, exp.TableAlias)) or not issubclass(kind, exp.Expression):
        found = "leaf"
    elif issubclass(kind, (exp.Query, exp.DML)) and not issubclass(kind, exp.Table):
        found = "query"
    else:
        found = "special" if has_special_operands(kind) else "plain"
    _KINDS[kind] = found
    return found
