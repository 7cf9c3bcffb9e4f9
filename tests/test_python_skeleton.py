"""Texts without functions' bodies: the outline is that of the whole text, and what is doubtful stays."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.readers.python.outline import Outline, outline_of, parse
from infralint.readers.python.reader import read_python
from infralint.readers.python.skeleton import skeleton_of
from infralint.readers.python.unbound import symbols_of
from infralint.source import SourceText, decode

STANDARD = Path(sysconfig.get_paths()["stdlib"])
LONG = "value = first + second  # a body that is long enough to be cut away"


def skeleton(text: str) -> str | None:
    return skeleton_of(SourceText(text), symbols_of(text, frozenset()).top)


def told(outline: Outline) -> tuple[object, ...]:
    return outline.imports, outline.bindings, outline.classes, outline.has_getattr, outline.runs_as_script


def assert_same_outline(text: str) -> str:
    """The skeleton, which gives the outline of the whole text or does not parse."""
    left = skeleton(text)
    if left is None:
        return text
    source = SourceText(text)
    try:
        tree = parse(left)
    except SyntaxError:
        return text
    assert told(outline_of(tree, source)) == told(outline_of(parse(text), source))
    return left


CUT = {
    "a function": f"def f(a, b):\n    {LONG}\n    return a\n\n\nx = 1\n",
    "the last one": f"x = 1\ndef f(a, b):\n    {LONG}\n    return a",
    "async": f"async def f(a, b):\n    {LONG}\n    await a\n",
    "a method": f"class A:\n    def f(self):\n        {LONG}\n        return self.x\n\n    y = 1\n",
    "decorators behind it": f"def f():\n    {LONG}\n@decorated('x')\ndef g():\n    {LONG}\n",
    "a head on many lines": f"def f(\n    a: int = (1, 2),  # :)\n    *b: 'x',\n) -> dict[str, list[int]]:\n    {LONG}\n",
    "a comment behind the head": f"def f():  # it's: here\n    {LONG}\n",
    "comments and empty lines at the margin": f"def f():\n    a = 1\n\n# words\n    {LONG[:20]}\n    # more words than forty\n",
    "a docstring": f'def f():\n    """Words.\n\n    More.\n    """\n    {LONG}\n\n\nx = 1\n',
    "definitions inside": f"def f():\n    def g():\n        {LONG}\n    return g\n\ny = 2\n",
    "methods that use self": (
        "class A:\n    def f(self):\n        if self.x == 1 and self.y(2) <= self.z:\n"
        "            return [self.a[1] for x in self.b]\n        foo(self)\n"
    ),
    "a branch": f"if x:\n    def f():\n        {LONG}\nelse:\n    def f():\n        {LONG}\n",
    "handlers": f"try:\n    x\nexcept E:\n    def f():\n        {LONG}\nelse:\n    def f():\n        {LONG}\n",
    "other letters": f"def f():\n    é = 'ü'; {LONG}\n\n\nz = 'ö'\n",
    "one quote in another": f'def f():\n    a = \'"""\'; {LONG}\nx = 1\n',
    "a string that ends in a quote": f'def f():\n    a = """a\\""""; {LONG}\nx = 1\n',
}


@pytest.mark.parametrize("text", CUT.values(), ids=list(CUT))
def test_bodies_are_cut_away_and_nothing_moves(text: str) -> None:
    left = assert_same_outline(text)
    assert len(left) < len(text)
    assert left.count("\n") == text.count("\n")


KEPT = {
    "tabs": f"def f():\n\t{LONG}\n",
    "carriage returns": f"def f():\r\n    {LONG}\r\n",
    "a form feed": f"\fdef f():\n    {LONG}\n",
    "imports": f"def f():\n    import os\n    {LONG}\n",
    "a class": f"def f():\n    {LONG}\n    class A: pass\n",
    "a check of the name": f"def f():\n    {LONG}\n    if __name__ == '__main__': pass\n",
    "a body on the same line": "def f(): return 'a body that is long enough to be cut away'\n",
    "a string at the margin": f'def f():\n    a = """\nx = 1\n"""\n    {LONG}\n',
    "two of them": f'def f():\n    a = """\nx = 1\n"""\ndef g():\n    a = """\ny = 1\n"""\n    {LONG}\n',
    "a backslash": f"def f():\n    {LONG[:20]} \\\n+ 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8\n",
    "a backslash in a string": f"def f():\n    {LONG[:20]} + 'a\\\nx = 1'\n",
    "a head with an odd string": f"def f(a='{{}}'):\n    {LONG}\n",
    "a head with a backslash": f"def f(a, \\\n      b):\n    {LONG}\n",
    "a deep head": f"def f(a=((((1))))):\n    {LONG}\n",
    "a slice that is returned": f"def f() -> a[\n    1:\n    2]:\n    {LONG}\n",
    "a lambda that is returned": f"def f() -> lambda: 1:\n    {LONG}\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=list(KEPT))
def test_what_is_doubtful_stays(text: str) -> None:
    assert assert_same_outline(text) == text


def test_a_line_at_the_margin_that_stands_in_brackets_makes_it_broken_and_nothing_else() -> None:
    text = f"def f():\n    {LONG}\n    return g(\na)\nx = 1\n"
    left = skeleton(text)
    assert left is not None
    with pytest.raises(SyntaxError):
        parse(left)
    module = read_python(text, "").python
    assert module is not None
    assert [each.name for each in module.bindings] == ["f", "x"]


ASSIGNING = (
    "self.x = 1", "self.x: int = 1", "self.x: int", "self.x += 1", "self.x **= 1", "self.x //= 1", "self.x @= 1",
    "self.x, a = b", "a, self.x = b", "a, *self.x = b", "(a, self.x) = b", "[self.x, a] = b", "(\n  a,\n  self.x\n ) = b",
    "(self.x,  # one\n a  # two\n ), c = b", "a = self.x = 1", "if a: self.x = 1", "(self.x) = 1", "(self).x = 1",
    "self . x = 1", "self.\\\n  x = 1", "(self  # why\n .x) = 1", "self.x = self.y, = 1,", "(self.x): int = 1",
    "if a: self.x: int = 1", "a; self.x: int = 1", "(\n  self.x\n ): int",
    "for self.x in a: pass", "for a, self.x in b: pass", "for (a, self.x) in b: pass", "for a[0], self.x in b: pass",
    "for (a in b).c, self.x in d: pass", "for a in b:\n   for (c,\n    self.x) in d: pass",
    "with a as self.x: pass", "with a as (b, self.x): pass", "with a as [b, self.x]: pass", "with a as (self).x: pass",
    "with (a as b, c as self.x): pass", "with (a as  # c\n  self.x): pass", "with a as b, c as \\\n  self.x: pass",
    "del self.x", "del a, self.x", "del(a, self.x)", "del (a,\n  self.x)",
    "try: pass\nexcept E: self.x = 1", "while a:\n  pass\nelse: self.x = 1", "if (a == 1\n   and b): self.x, c = d",
    "ſelf.x = 1", "ｓｅｌｆ.x = 1",
)  # fmt: skip


@pytest.mark.parametrize("statement", ASSIGNING)
def test_methods_that_assign_attributes_stay(statement: str) -> None:
    body = f"{LONG}\n{statement}".replace("\n", "\n   ")
    text = f"class A:\n  def f(self, a, b, c, d):\n   {body}\n\n  y = 1\n"
    assert assert_same_outline(text) == text


@pytest.mark.parametrize("statement", ["self.x = 1", "self.x, a = b", "for self.x in a: pass", "del self.x"])
@pytest.mark.parametrize("head", ["(self)", "(\n    self: A,\n  )", "(self, /)", "(\n    # first\n    self,\n  )"])
def test_the_first_parameter_is_found(head: str, statement: str) -> None:
    text = f"class A:\n  def f{head}:\n   {LONG}\n   {statement}\n"
    assert assert_same_outline(text) == text


_LINES = st.sampled_from(
    ["def f(self):", "class A:", "if a:", "else:", "async def g(self, b='('):", "@d", "x = 1", "self.x = 1", "y = (", ")",
     'a = """', '"""', "b = '''", "'''", "# c '''", "pass", "z = [self.x, 1]", "w = 'a", "' \\", "from a import b",
     "return self.y", 's = f"{x', '}"', "value = 'a line that is long enough for a cut' + other"]
)  # fmt: skip
_TEXTS = st.lists(st.tuples(st.integers(0, 4), _LINES), max_size=14)


@given(_TEXTS)
@settings(max_examples=1500, deadline=None)
def test_the_outline_is_the_same_whatever_the_text(lines: list[tuple[int, str]]) -> None:
    text = "".join(f"{'  ' * depth}{line}\n" for depth, line in lines)
    try:
        parse(text)
        symbols_of(text, frozenset())
    except SyntaxError:
        return
    assert_same_outline(text)


@pytest.mark.parametrize(
    "name", ["argparse", "ast", "enum", "inspect", "ntpath", "pathlib", "tarfile", "unittest/mock"]
)
def test_the_outline_of_the_standard_library_is_the_same(name: str) -> None:
    path = STANDARD / f"{name}.py"
    if path.exists():
        assert_same_outline(decode(path.read_bytes(), python=True).text)
