"""What single nodes of sqlglot's trees say: operands, aliases, names of results."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from infralint.facts.sql import SqlOutput
from infralint.facts.text import HOLE
from infralint.readers.sql_text import PLACEHOLDER

# Any number of columns that are not known.
SEVERAL = SqlOutput("", star=True, qualifier=HOLE)
# What PostgreSQL calls a result of an operator: no name that anybody writes.
_NAMELESS = "?column?"

# Functions that have one name in every dialect.
_CALLS: dict[type[exp.Expression], str] = {
    exp.Avg: "avg", exp.Count: "count", exp.Max: "max", exp.Min: "min", exp.RowNumber: "row_number", exp.Sum: "sum",
}  # fmt: skip
_UNITS = frozenset(
    {
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "epoch",
        "dow",
        "doy",
    }
)


_SPECIAL = (
    exp.AtTimeZone, exp.Cast, exp.Collate, exp.DataType, exp.Dot, exp.Identifier, exp.In, exp.Interval, exp.Kwarg,
    exp.Lambda,
    exp.PropertyEQ, exp.Window,
)  # fmt: skip


def has_special_operands(kind: type) -> bool:
    """Whether `operands` of nodes of this class are others than all but their alias."""
    return issubclass(kind, _SPECIAL) or (issubclass(kind, exp.Func) and not issubclass(kind, exp.Connector))


def operands(node: exp.Expression) -> Iterator[object]:
    """The children of an expression that may hold columns."""
    if isinstance(node, (exp.DataType, exp.Lambda, exp.Identifier)):
        return
    if isinstance(node, (exp.Cast, exp.Collate, exp.Dot, exp.Interval, exp.AtTimeZone)):
        yield node.args.get("this")
        if isinstance(node, exp.AtTimeZone):
            yield node.args.get("zone")
        return
    if isinstance(node, exp.In):
        # SQLite's `x IN t` names a table, not a column.
        yield from (value for key, value in node.args.items() if key != "field")
        return
    if isinstance(node, (exp.Kwarg, exp.PropertyEQ)):
        yield node.args.get("expression")
        return
    for key, value in node.args.items():
        if key == "alias" or (isinstance(node, exp.Window) and key in ("alias", "over")):
            continue
        if isinstance(node, exp.Func):
            yield from _arguments(value)
        else:
            yield value


def _arguments(value: object) -> Iterator[object]:
    """A function's arguments without units of time (`TIMESTAMPDIFF(DAY, a, b)`)."""
    for item in value if isinstance(value, list) else [value]:
        is_unit = isinstance(item, exp.Column) and not item.table and item.name.lower() in _UNITS
        if not is_unit:
            yield item


def alias_of(node: exp.Expression) -> str:
    """The alias of an item of FROM; "" for none."""
    alias = node.args.get("alias")
    name = alias.args.get("this") if isinstance(alias, exp.TableAlias) else alias
    return name.name if isinstance(name, exp.Expression) else ""


def alias_columns(node: exp.Expression) -> tuple[str, ...]:
    """The columns of `t(a, b)`."""
    alias = node.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return tuple(column.name for column in columns or ())


def has_types(node: exp.Expression) -> bool:
    """Whether the columns are given with their types, which a server takes as all there are: `AS t(a int, b text)`."""
    alias = node.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return bool(columns) and all(isinstance(column, exp.ColumnDef) for column in columns or ())


def function_name(node: exp.Expression) -> str:
    """The name of a function in FROM, which is its alias where none is given."""
    function = node.this
    if isinstance(function, exp.Anonymous):
        return str(function.this)
    # sqlglot's own name for a generate_series() in FROM.
    return function.sql_name().lower().removeprefix("exploding_") if isinstance(function, exp.Func) else ""


def output_of(node: exp.Expression) -> SqlOutput:
    """What one item of a select list or RETURNING is called; a star over HOLE where it may be several."""
    if isinstance(node, exp.Star):
        return SqlOutput("", star=True, qualifier=HOLE if any(node.args.values()) else "")
    if isinstance(node, exp.Column):
        if isinstance(node.this, exp.Star):
            return SqlOutput("", star=True, qualifier=HOLE if HOLE in node.table else node.table)
        if HOLE in node.name:
            return SEVERAL
        return SqlOutput("" if PLACEHOLDER in node.name else node.name)
    if isinstance(node, exp.Alias) and HOLE not in node.alias:
        return SqlOutput(node.alias, alias=True)
    if isinstance(node, (exp.Binary, exp.Literal, exp.Unary)) and not isinstance(node, (exp.Func, exp.Dot, exp.Paren)):
        return SqlOutput(_NAMELESS)
    return SqlOutput(_name_of_call(node))


def _name_of_call(node: exp.Expression) -> str:
    """What PostgreSQL calls the result of a function; "" where the tree does not tell how it was written."""
    while isinstance(node, (exp.Window, exp.Filter, exp.WithinGroup)):
        node = node.this
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return _CALLS.get(type(node), "")
