"""Whatever the interpreter tells is what Python computes: generated programs, run by both.

`ext` stands for code outside of the tree: its answers are drawn anew for each of Python's runs, so a value that the
interpreter tells has to be right for all of them.
"""

from __future__ import annotations

import importlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interpreting import agrees, interpreter_of, is_plain, names_of, real

from infralint.project.interpret import FunctionValue

_INTS = ("i0", "i1", "i2")
_TEXTS = ("s0", "s1")
_LISTS = ("l0", "l1")
_DICTS = ("d0",)
_START = (
    "import ext\ni0, i1, i2 = 1, 2, 3\ns0, s1 = 'a', 'bc'\nl0, l1 = [1], [2, 3]\nd0 = {'a': 1}\nclass K:\n    x = 1\n"
)


class Ext:
    """The code outside of the tree."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def flag(self) -> bool:
        return self._random.random() < 0.5

    def items(self) -> list[int]:
        return [self._random.randint(0, 3) for _ in range(self._random.randint(0, 3))]

    def boom(self) -> int:
        if self._random.random() < 0.5:
            raise ValueError
        return 1


def _int(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*_INTS, "0", "1", "7", "K.x", "len(s0)"])
    if depth == 0:
        return leaf
    inner = _int(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "//", "%", "|", "&"]), inner),
        st.builds("({} if {} else {})".format, inner, _test(depth - 1), inner),
        st.builds("len({})".format, _list(depth - 1)),
        st.builds("sum({})".format, _list(depth - 1)),
        st.builds("f({})".format, inner),
        st.builds("(lambda q: q + {})({})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("d0.get({}, {})".format, _text(depth - 1), inner),
        st.builds("(w := {})".format, inner),
        st.builds("max({}, {})".format, inner, inner),
    )


def _text(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*_TEXTS, "'x'", "''", "'Ab_c'"])
    if depth == 0:
        return leaf
    inner = _text(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} * 2)".format, inner),
        st.builds("{}.upper()".format, inner),
        st.builds("{}.replace('a', {})".format, inner, inner),
        st.builds("'-'.join([{}, {}])".format, inner, inner),
        st.builds("'%s|%s' % ({}, {})".format, inner, _int(depth - 1)),
        st.builds("'{{}}'.format({})".format, inner),
        st.builds("({} if {} else {})".format, inner, _test(depth - 1), inner),
        st.builds('f"<{{{}}}{{{}:>3}}>"'.format, st.sampled_from(_TEXTS), st.sampled_from(_INTS)),
        st.builds("{}[{}:]".format, inner, st.sampled_from(["0", "1", "-1"])),
    )


def _list(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*_LISTS, "[]", "[1, 2]"])
    if depth == 0:
        return leaf
    inner = _list(depth - 1)
    number = _int(depth - 1)
    return st.one_of(
        leaf,
        st.builds("[{}, {}]".format, number, number),
        st.builds("({} + {})".format, inner, inner),
        st.builds("[*{}, {}]".format, inner, number),
        st.builds(
            "[e + {} for e in {} if {}]".format, number, inner, st.sampled_from(["e", "e > 1", "ext.flag()", "i0"])
        ),
        st.builds("sorted({})".format, inner),
        st.builds("list(range({} % 4))".format, number),
        st.builds("{}[1:]".format, inner),
        st.just("ext.items()"),
        st.builds("list(g({}))".format, inner),
    )


def _test(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["ext.flag()", "i0 > 1", "s0 == 'a'", "1 in l0", "not l1", "i1", "True"])
    if depth == 0:
        return leaf
    return st.one_of(
        leaf,
        st.builds("{} < {}".format, _int(depth - 1), _int(depth - 1)),
        st.builds("({} and {})".format, _test(depth - 1), _test(depth - 1)),
        st.builds("(not {})".format, _test(depth - 1)),
        st.builds("{} in {}".format, _int(depth - 1), _list(depth - 1)),
    )


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _simple() -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} = {}\n".format, st.sampled_from(_INTS), _int(2)),
        st.builds("{} {}= {}\n".format, st.sampled_from(_INTS), st.sampled_from(["+", "-", "*"]), _int(1)),
        st.builds("{} = {}\n".format, st.sampled_from(_TEXTS), _text(2)),
        st.builds("{} = {}\n".format, st.sampled_from(_LISTS), _list(2)),
        st.builds("{} += {}\n".format, st.sampled_from(_LISTS), _list(1)),
        st.builds("{}.append({})\n".format, st.sampled_from(_LISTS), _int(1)),
        st.builds("{}.extend({})\n".format, st.sampled_from(_LISTS), _list(1)),
        st.builds("{0} and {0}.pop()\n".format, st.sampled_from(_LISTS)),
        st.builds("d0[{}] = {}\n".format, _text(1), _int(1)),
        st.builds("d0.pop({}, 0)\n".format, _text(1)),
        st.builds("K.x = {}\n".format, _int(1)),
        st.builds("l0 = l1\n".format),
        st.builds("{}, *l0 = [{}, *{}]\n".format, st.sampled_from(_INTS), _int(1), _list(1)),
        st.builds("change({}, {})\n".format, st.sampled_from(_LISTS), _int(1)),
        st.builds("count()\n".format),
        st.builds("i2 = early({})\n".format, _int(1)),
        st.just("i1 = ext.boom()\n"),
    )


def _block(depth: int) -> st.SearchStrategy[str]:
    return st.lists(_statement(depth), min_size=1, max_size=3).map("".join)


def _statement(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return _simple()
    body = _block(depth - 1).map(_indented)
    leave = st.sampled_from(
        [
            "",
            "    continue\n",
            "    break\n",
            "    if ext.flag():\n        continue\n",
            "    if ext.flag():\n        break\n",
        ]
    )
    return st.one_of(
        _simple(),
        _simple(),
        st.builds("if {}:\n{}".format, _test(1), body),
        st.builds("if {}:\n{}else:\n{}".format, _test(1), body, body),
        st.builds("for i2 in {}:\n{}{}{}".format, _list(1), body, leave, body),
        st.builds("for i1 in {}:\n{}{}else:\n{}".format, _list(1), body, leave, body),
        st.builds("n = 0\nwhile n < {} % 4:\n    n += 1\n{}{}".format, _int(1), body, leave),
        st.builds("try:\n{}except ValueError:\n{}".format, body, body),
        st.builds("try:\n{}except ValueError:\n{}else:\n{}finally:\n{}".format, body, body, body, body),
        st.builds("match i0:\n    case 1:\n{}    case _:\n{}".format, body.map(_indented), body.map(_indented)),
    )


_FUNCTIONS = """
def g(items):
    for each in items:
        if ext.flag():
            return
        yield each
def change(items, number):
    if number > 1:
        items.append(number)
    elif ext.flag():
        items.clear()
def count():
    global i0
    i0 += 1
def early(number):
    if ext.flag():
        return 5
    if number > 2:
        return number
    K.x = number
    return 5
"""
_HELPER = "def f(a, b=2):\n    if a > b:\n        return a\n    for c in range(a):\n        if c == 1:\n            return c\n    return b\n"


def _both(program: str, seeds: range) -> None:
    text = _START + _HELPER + _FUNCTIONS + program
    ours = names_of(interpreter_of(text))
    code = compile(text.replace("import ext\n", ""), "m.py", "exec")
    for seed in seeds:
        names: dict[str, object] = {"ext": Ext(seed), "__name__": "m"}
        try:
            exec(code, names)
        except (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, NameError, OverflowError, MemoryError):
            # Exceptions end a path: nothing is claimed of it.
            continue
        for name, told in ours.items():
            if name in names and is_plain(names[name]):
                assert agrees(told, real(names[name])), (name, told, names[name], seed)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_statement(2), min_size=1, max_size=5).map("".join))
def test_what_is_told_is_what_python_computes(program: str) -> None:
    _both(program, range(8))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_block(2))
def test_the_same_in_a_function(program: str) -> None:
    body = "    global i0, i1, i2, s0, s1, l0, l1, w, n\n" + _indented(program)
    _both(f"def run():\n{body}run()\n", range(8))


@pytest.mark.parametrize("name", ["configparser", "dataclasses", "enum", "json.decoder", "typing"])
def test_the_standard_library_raises_nothing(name: str) -> None:
    module = importlib.import_module(name)
    interpreter = interpreter_of(Path(str(module.__file__)).read_text(encoding="utf-8"))
    functions = [bound.value for bound in interpreter.module("m.py").names.values()]
    traced = [interpreter.trace(each) for each in functions if isinstance(each, FunctionValue)]
    assert interpreter.classes("m.py") or traced
