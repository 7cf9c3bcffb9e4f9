"""Quotes and variables in a Dockerfile's texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infralint.facts.text import HOLE, hole, plain
from infralint.project.builds.words import Scope, expanded
from infralint.source import Span

VALUES = {"A": "a/b.tar.gz", "EMPTY": "", "TAB": "x y"}
SCOPE = Scope(
    {**{name: plain(value, 0) for name, value in VALUES.items()}, "UNKNOWN": hole(Span(0, 1))},
    lambda name: name == "MAYBE",
)


def of(text: str, escape: str = "\\") -> str:
    return expanded(plain(text, 0), SCOPE, escape).value.replace(HOLE, "?")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("'a $A'", "a $A"),
        ('"a $EMPTY"', "a "),
        ('"a \\"b\\" \\$A \\n"', 'a "b" $A \\n'),
        ("a\\ b", "a b"),
        ("\\$A", "$A"),
        ("a'b'\"c\"", "abc"),
        ("a\\", "a"),
        ("$", "$"),
        ("a$", "a$"),
        ("$/x", "$/x"),
        ("$A", "a/b.tar.gz"),
        ("${A}x", "a/b.tar.gzx"),
        ("$Ax", ""),
        ("$TAB", "x y"),
        ("$NONE", ""),
        ("${NONE}", ""),
        ("$MAYBE", "?"),
        ("x${UNKNOWN}y", "x?y"),
        ("${NONE:-d}", "d"),
        ("${NONE-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:-d}", "a/b.tar.gz"),
        ("${A:+d}", "d"),
        ("${EMPTY:+d}", ""),
        ("${EMPTY+d}", "d"),
        ("${NONE+d}", ""),
        ("${A:?gone}", "a/b.tar.gz"),
        ("${NONE:?gone}", "?"),
        ("${MAYBE:-d}", "?"),
        ("${NONE:-${A}}", "a/b.tar.gz"),
        ("${NONE:-'a}b'}", "a}b"),
        ('${NONE:-"$TAB"}', "x y"),
        ("${A#*/}", "b.tar.gz"),
        ("${A##*/}", "b.tar.gz"),
        ("${A%.*}", "a/b.tar"),
        ("${A%%.*}", "a/b"),
        ("${A%none}", "a/b.tar.gz"),
        ("${NONE#x}", ""),
        ("${UNKNOWN%.*}", "?"),
        ("${A/b/c}", "?"),
        ("'a", "?"),
        ('"a', "?"),
        ("${A", "?"),
        ("${}", "?"),
        ("${A!b}", "?"),
        ("${NONE:-" * 30 + "x" + "}" * 30, "?"),
    ],
)
def test_a_word_is_expanded_as_docker_does(text: str, value: str) -> None:
    assert of(text) == value


def test_the_escape_directive_changes_the_escape() -> None:
    assert of("a`$A\\$A", "`") == "a$A\\a/b.tar.gz"


def test_a_value_stands_where_its_variable_does() -> None:
    text = expanded(plain("x/$A/y", 10), SCOPE)
    assert [(piece.text, piece.span) for piece in text.pieces] == [
        ("x/", Span(10, 12)),
        ("a/b.tar.gz", Span(12, 14)),
        ("/y", Span(14, 16)),
    ]


@given(st.text(alphabet="aA$={}:-+?#%/'\"\\ `EMPTY", max_size=60))
def test_nothing_is_refused(text: str) -> None:
    found = expanded(plain(text, 5), SCOPE)
    assert all(5 <= piece.span.start <= piece.span.end <= 5 + len(text) for piece in found.pieces)
