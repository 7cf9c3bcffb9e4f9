"""Functions that hand a parameter on as SQL, and the arguments of the calls that may be theirs."""

from __future__ import annotations

import ast
import re

from infralint.facts.sql_calls import SqlPassed, SqlWrapper
from infralint.readers.python.sql_sinks import VALUE_KEYWORDS, Sink, literal_values
from infralint.readers.python.text_kinds import Origin, Texts
from infralint.readers.python.text_names import Frame
from infralint.readers.python.text_scopes import FunctionScope

# What parameters are called that take SQL: a call of something that is no sink by its name is followed for these.
_SQL_NAME = re.compile(r"(?:.*_)?(?:sql|query|queries|q|stmt|statement|command|cmd|operation)(?:_.*)?", re.IGNORECASE)


def takes_sql(name: str) -> bool:
    """Whether a parameter's name says that it is SQL."""
    return bool(_SQL_NAME.fullmatch(name))


def wrapper_of(
    call: ast.Call, texts: Texts, position: int, sink: Sink | None, callee: str, driver: str, frame: Frame
) -> SqlWrapper | None:
    """The function around a call as a wrapper: the text that the call is given is one of its parameters."""
    scope = frame.scope
    if scope is None:
        return None
    parameter, complete = _parameter_in(texts, scope, frame)
    if not parameter or (sink is None and not takes_sql(parameter)):
        return None
    return SqlWrapper(
        scope.qualname,
        tuple(scope.parameters),
        parameter,
        callee,
        sink is not None,
        driver,
        position,
        _forwarded(call, sink, position, scope, frame),
        sink is not None and sink.rows,
        complete,
    )


def _parameter_in(texts: Texts, scope: FunctionScope, frame: Frame) -> tuple[str, bool]:
    """The parameter that a text is, or holds; and whether it is nothing else."""
    origins = frame.flow.evaluator.origins
    for text in texts.texts:
        for piece in text.pieces:
            origin = origins.get(piece.span) if piece.is_hole else None
            if _is_own(origin, scope):
                assert origin is not None
                return origin.name, len(text.pieces) == 1 and len(texts.texts) == 1
    return "", False


def _is_own(origin: Origin | None, scope: FunctionScope) -> bool:
    return origin is not None and origin.kind == "parameter" and origin.scope == scope.qualname


def _forwarded(call: ast.Call, sink: Sink | None, position: int, scope: FunctionScope, frame: Frame) -> str:
    """The parameter that a call passes on as values."""
    values = [argument for at, argument in enumerate(call.args) if at > position]
    values += [k.value for k in call.keywords if k.arg in VALUE_KEYWORDS]
    if len(values) != 1 or any(keyword.arg is None for keyword in call.keywords):
        return "" if values else "-"
    value = values[0]
    if isinstance(value, ast.Starred):
        special = scope.node.args.vararg
        inner = value.value
        return "*" if special is not None and isinstance(inner, ast.Name) and inner.id == special.arg else ""
    special = scope.node.args.vararg
    if special is not None and isinstance(value, ast.Name) and value.id == special.arg:
        # `execute(sql, args)` inside of `def run(sql, *args)`: the positions are the values all the same.
        return "*"
    origin = frame.flow.evaluator.origin(frame.texts(value).texts[0])
    if _is_own(origin, scope) and origin is not None:
        return origin.name
    if (
        isinstance(value, ast.BoolOp)
        and isinstance(value.values[0], ast.Name)
        and value.values[0].id in scope.parameters
    ):
        # `params or ()`
        return value.values[0].id
    return ""


def passed_by(call: ast.Call, frame: Frame) -> tuple[SqlPassed, ...]:
    """All arguments of a call."""
    span = frame.flow.syntax.span
    found = []
    for argument in call.args:
        star = isinstance(argument, ast.Starred)
        found.append(
            SqlPassed(span(argument), "", star, None if star else literal_values(frame.evaluate(argument), frame))
        )
    for keyword in call.keywords:
        values = literal_values(frame.evaluate(keyword.value), frame)
        found.append(SqlPassed(span(keyword.value), keyword.arg or "", keyword.arg is None, values))
    return tuple(found)
