"""The locator of TOML keys: every key, table and item of a text, and nothing that only looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.settings_locate import KeyPath, line_of, locate


def paths_of(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key path and array index of a parsed document."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, item in items:
        yield (*path, name)
        yield from paths_of(item, (*path, name))


TEXT = '''\
# select = ["in a comment"]
title = "[tool.infralint] select = 1" # select
multi = """
select = 1
[tool.infralint]
ends with a quote""""
literal = \'\'\'
ignore = 2
''two quotes\'\'\'\'\'
empty = """"""

[tool.infralint]
select = [  # the first line
    "a", # ] not the end
    'b#',

    "c",
]
"extend-select" = []
'per-file-ignores'."tests/*.py" = ["x"]
severity = { sql = "error", "a.b" = 'warning' }
per-file-ignores . "esc\\"aped" = [
    "y"]

[ tool . "infralint" . deep ]
when = 1979-05-27 07:32:00
numbers = [1, [2, 3], {x = 4}]

[[jobs]]
name = 1
[[jobs.steps]]
run = 1
[[jobs]]
[[jobs.steps]]
run = 2
[[jobs.steps]]
[jobs.steps.env]
A = 1
'''

T = ("tool", "infralint")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("multi",), 3),
        (("literal",), 7),
        (("empty",), 10),
        (T, 12),
        ((*T, "select"), 13),
        ((*T, "select", 0), 14),
        ((*T, "select", 1), 15),
        ((*T, "select", 2), 17),
        ((*T, "extend-select"), 19),
        ((*T, "per-file-ignores"), 20),
        ((*T, "per-file-ignores", "tests/*.py"), 20),
        ((*T, "severity", "a.b"), 21),
        ((*T, "per-file-ignores", 'esc"aped'), 22),
        ((*T, "per-file-ignores", 'esc"aped', 0), 23),
        ((*T, "deep"), 25),
        ((*T, "deep", "numbers", 2, "x"), 27),
        (("jobs",), 29),
        (("jobs", 0, "steps", 0, "run"), 32),
        (("jobs", 1), 33),
        (("jobs", 1, "steps", 0, "run"), 35),
        (("jobs", 1, "steps", 1), 36),
        (("jobs", 1, "steps", 1, "env", "A"), 38),
    ],
)
def test_line(path: KeyPath, line: int) -> None:
    assert locate(TEXT)[path] == line


def test_finds_exactly_the_paths_that_the_parser_finds() -> None:
    assert set(locate(TEXT)) == set(paths_of(tomli.loads(TEXT)))


def test_nothing_found_is_line_one() -> None:
    assert line_of({("a",): 4}, ("a", "b", 2)) == 4
    assert line_of({("a",): 4}, ("c",)) == 1
    assert locate("") == {}


NAMES = st.one_of(
    st.sampled_from(["select", "tool", "infralint", "a-b", "1"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=6),
)
VALUES = st.recursive(
    st.one_of(
        st.integers(-5, 5).map(str),
        st.booleans().map(lambda flag: str(flag).lower()),
        NAMES.map(lambda name: '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'),
        st.sampled_from(['"""x\n"\n"""', "'''a\n[b]\n'''", "'#'", '"""a\\"""""', "'''\n'''''", "1979-05-27"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ",\n # ]\n".join(items) + "\n]"),
        st.lists(inner, max_size=2).map(
            lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}"
        ),
    ),
    max_leaves=6,
)


def quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), VALUES), max_size=6), st.integers(0, 6))
def test_agrees_with_the_parser_on_any_document(pairs: list[tuple[list[str], str]], header: int) -> None:
    lines = [f"{' . '.join(map(quoted, names))} = {value} # a = 1" for names, value in pairs]
    lines.insert(min(header, len(lines)), '[ tool . "infralint" ]')
    text = "\n".join(lines)
    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    assert set(locate(text)) == set(paths_of(document))
