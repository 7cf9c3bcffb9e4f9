"""SQL expressions of indexes and conditions, as text: `lower(name)`, `created_at DESC`."""

from __future__ import annotations

from infralint.project.interpret import AttributeOf, External, Made, Operation, Value
from infralint.project.models.columns import sql_text
from infralint.project.models.render import rendered
from infralint.project.models.tables import Declaration, Find, column_name
from infralint.project.models.vocabulary import called_name, library_name

_MAX_DEPTH = 8
_SUFFIXES = {"desc": "DESC", "asc": "ASC", "nulls_first": "NULLS FIRST", "nulls_last": "NULLS LAST"}
_OPERATORS = {"==": "=", "!=": "!=", "and": "AND", "or": "OR", "&": "AND", "|": "OR"}
_LISTS = {"sqlalchemy.and_": " AND ", "sqlalchemy.or_": " OR "}


def expression_text(declaration: Declaration, value: Value, find: Find, depth: int = 0) -> str:
    """An expression over a table's columns as SQL; a column alone is its name."""
    if depth > _MAX_DEPTH:
        return "..."
    if name := column_name(declaration, value, find):
        return name

    def inner(operand: Value) -> str:
        if operand is None or isinstance(operand, (str, int, float)):
            return sql_text(operand) if isinstance(operand, str) else "NULL" if operand is None else str(operand)
        return expression_text(declaration, operand, find, depth + 1)

    if isinstance(value, Operation):
        return _operation(value, [inner(operand.value) for operand in value.operands])
    if isinstance(value, Made):
        return _call(value, inner)
    return rendered(value)


def _operation(value: Operation, operands: list[str]) -> str:
    if len(operands) == 1:
        return f"{'NOT ' if value.operator in ('~', 'not') else value.operator}{operands[0]}"
    operator = _OPERATORS.get(value.operator, value.operator.upper())
    return f" {operator} ".join(operands)


def _call(made: Made, inner) -> str:  # type: ignore[no-untyped-def]
    name = called_name(made)
    operands = [inner(argument.value) for argument in made.args]
    if name.startswith("sqlalchemy.func."):
        return f"{name.removeprefix('sqlalchemy.func.')}({', '.join(operands)})"
    if name in _LISTS:
        return _LISTS[name].join(operands)
    last = name.rpartition(".")[2]
    if last in _SUFFIXES and len(operands) == 1:
        return f"{operands[0]} {_SUFFIXES[last]}"
    if isinstance(made.callee, AttributeOf) and not library_name(made.callee):
        return _method(made.callee, inner(made.callee.value), operands)
    return sql_text(made)


def _method(callee: AttributeOf, target: str, operands: list[str]) -> str:
    if callee.name in _SUFFIXES:
        return f"{target} {_SUFFIXES[callee.name]}"
    if callee.name in ("is_", "is_not", "isnot"):
        return f"{target} IS {'' if callee.name == 'is_' else 'NOT '}{operands[0] if operands else ''}"
    if callee.name in ("isnull", "label", "self_group"):
        return target
    if callee.name == "in_":
        return f"{target} IN {operands[0] if operands else ''}"
    return f"{target}.{callee.name}({', '.join(operands)})"


__all__ = ["External", "expression_text"]
