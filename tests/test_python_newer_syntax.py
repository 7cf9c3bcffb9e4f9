"""Syntax that the running interpreter may be too old for, read by it nevertheless."""

from __future__ import annotations

import ast
import sys

import pytest

from infralint.readers.python.newer_syntax import older
from infralint.readers.python.reader import read_python

BODY = "import os\ntry:\n    import a\n{}\n    b = os.sep\nclass C:\n    x = 1\n"


@pytest.mark.parametrize("line", ["except A, B.C:", "except  A,B,:  # why", "except* A, B :", "except\tA, B:"])
def test_types_without_parentheses_get_them_on_the_same_columns(line: str) -> None:
    text = BODY.format(line)
    code = older(text)
    if "*" in line and sys.version_info < (3, 11):
        assert code is None
        return
    assert code is not None
    tree = ast.parse(code)
    types = next(node.elts for node in ast.walk(tree) if isinstance(node, ast.Tuple))
    last = types[-1]
    lines = text.splitlines()
    for node, name in zip(types, ("A", ast.unparse(last)), strict=True):
        assert lines[node.lineno - 1][node.col_offset : node.end_col_offset] == name
    assert len(code.splitlines()) == len(lines)


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    pass\nexcept A, B: x = 1\n",
        "try:\n    pass\nexcept A, B as e:\n    pass\n",
        's = """\nexcept A, B:\n"""\ntry:\n    pass\nexcept A, B:\n    pass\n',
        "try:\n    pass\nexcept A, B:\n    x = = 1\n",
        "x = = 1\n",
    ],
)
def test_what_would_move_or_is_broken_in_other_ways_is_left_alone(text: str) -> None:
    assert older(text) is None


def test_the_facts_are_those_of_a_newer_interpreter() -> None:
    module = read_python(BODY.format("except ImportError, B:"), "").python
    expected = read_python(BODY.format("except (ImportError, B):"), "").python
    assert module is not None
    assert expected is not None
    assert module.names == expected.names == "C a b os"
    assert [each.guarded for each in module.imports] == [False, True]
    assert [(each.attributes, each.is_open) for each in module.classes] == [(("x",), False)]
