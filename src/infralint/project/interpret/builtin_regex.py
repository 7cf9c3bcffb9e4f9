"""Regular expressions with patterns that are known and harmless: names of tables are often made by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from infralint.project.interpret.builtin import Site, builtin
from infralint.project.interpret.internal import Expression
from infralint.project.interpret.pure import FAILURES, from_python
from infralint.project.interpret.terms import Value
from infralint.project.interpret.values import BoundMethod, FunctionValue, PartialValue

_LONGEST_PATTERN = 300
_LONGEST_TEXT = 2_000
# A match tries at most about (length of the text) to the power of (number of repeats) ways.
_MOST_WAYS = 3_000_000
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")


def is_harmless(pattern: str, text: str) -> bool:
    """Whether to match a pattern takes bounded time: no repeat of a repeat, few repeats for the text's length."""
    if len(pattern) > _LONGEST_PATTERN or len(text) > _LONGEST_TEXT:
        return False
    bare = _ESCAPED.sub("x", pattern)
    repeats = len(_REPEAT.findall(bare))
    return not _repeats_a_repeat(bare) and (len(text) + 1) ** min(repeats, 40) <= _MOST_WAYS


def _repeats_a_repeat(pattern: str) -> bool:
    """Whether a group is repeated that holds a repeat or an alternative: there may be exponentially many ways."""
    holds = [False]
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "(":
            holds.append(False)
        elif character == ")":
            inner = holds.pop() if len(holds) > 1 else False
            following = pattern[index + 1 : index + 2]
            if inner and following and following in "*+{":
                return True
            holds[-1] = holds[-1] or inner
        elif character in "*+{|":
            holds[-1] = True
        index += 1
    return False


def _compiled(site: Site, given: Value, flags: Value) -> re.Pattern[str] | None:
    if isinstance(given, Expression) and isinstance(given.object, re.Pattern):
        return given.object
    if not isinstance(given, str) or not isinstance(flags, int) or len(given) > _LONGEST_PATTERN:
        return None
    try:
        return re.compile(given, flags)
    except (*FAILURES, re.error):
        return None


_FLAGS = {
    "I": re.I, "IGNORECASE": re.I, "M": re.M, "MULTILINE": re.M, "S": re.S, "DOTALL": re.S, "A": re.A, "ASCII": re.A,
}  # fmt: skip


def _flags(site: Site, position: int) -> Value:
    given = site.value(position, "flags", 0)
    name = getattr(given, "name", "")
    if isinstance(name, str) and name.startswith("re."):
        return int(_FLAGS.get(name[3:], 0)) if name[3:] in _FLAGS else None
    return given


@builtin("re.compile")
def _compile(site: Site) -> Value:
    pattern = _compiled(site, site.value(0), _flags(site, 1))
    return Expression(pattern) if pattern is not None else site.unknown("a pattern that cannot be told")


@builtin("re.escape")
def _escape(site: Site) -> Value:
    return site.pure(re.escape)


@builtin("re.sub", "re.match", "re.search", "re.fullmatch", "re.findall", "re.split")
def _function(site: Site) -> Value:
    name = getattr(site.callee, "name", "").rpartition(".")[2]
    pattern = _compiled(site, site.value(0), _flags(site, 4 if name == "sub" else 2))
    if pattern is None:
        return site.unknown("a pattern that cannot be told")
    return _applied(site, pattern, name, site.values[1:])


def of_expression(site: Site, receiver: Expression, name: str) -> Value:
    """A method of a compiled pattern or of a match."""
    if isinstance(receiver.object, re.Pattern):
        return _applied(site, receiver.object, name, site.values)
    if name in ("group", "groups", "start", "end", "span", "groupdict"):
        return site.pure(getattr(receiver.object, name))
    return site.unknown("a method that cannot be told")


def _applied(site: Site, pattern: re.Pattern[str], name: str, values: list[Value]) -> Value:
    text = values[1] if name == "sub" and len(values) > 1 else values[0] if values else None
    if not isinstance(text, str) or not is_harmless(pattern.pattern, text):
        return site.unknown("a match that cannot be told")
    try:
        if name == "sub":
            return _substituted(site, pattern, values)
        if name in ("match", "search", "fullmatch"):
            found = getattr(pattern, name)(text)
            return Expression(found) if found is not None else None
        if name in ("findall", "split") and len(values) == 1:
            return from_python(site.machine, getattr(pattern, name)(text), site.node, site.env)
    except (*FAILURES, re.error):
        return site.unknown("a match that fails")
    return site.unknown("a match that cannot be told")


def _substituted(site: Site, pattern: re.Pattern[str], values: list[Value]) -> Value:
    replacement, text = values[0], values[1]
    count = site.value(-1, "count", values[2] if len(values) > 2 else 0)
    if not isinstance(count, int) or not isinstance(text, str):
        return site.unknown("a match that cannot be told")
    by: str | Callable[[re.Match[str]], str]
    if isinstance(replacement, str):
        by = replacement
    elif isinstance(replacement, (FunctionValue, BoundMethod, PartialValue)):
        failed: list[Any] = []

        def by(match: re.Match[str]) -> str:
            value = site.call(replacement, site.argument(Expression(match)))
            if not isinstance(value, str):
                failed.append(value)
                return ""
            return value

        result = pattern.sub(by, text, count=count)
        return site.unknown("a replacement that cannot be told") if failed else result
    else:
        return site.unknown("a replacement that cannot be told")
    return from_python(site.machine, pattern.sub(by, text, count=count), site.node, site.env)
