"""The reader of Python: spans, texts, outlines by both parsers, regions, the scan, and syntax of other Pythons."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import libcst as cst
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libcst.metadata import MetadataWrapper, PositionProvider

from infralint.facts.files import FileFacts
from infralint.facts.program import decode_program
from infralint.facts.python import ClassDef
from infralint.readers.python.context import PythonFile
from infralint.readers.python.outline import Outline, outline_of, parse
from infralint.readers.python.outline_cst import outline_of_region
from infralint.readers.python.reader import read_python
from infralint.readers.python.scan import Scanner
from infralint.readers.python.strings import text_of
from infralint.readers.python.tree import Region, children, walk
from infralint.source import SourceText, decode

STANDARD = Path(sysconfig.get_paths()["stdlib"])
# Code of all kinds, from the running interpreter's own library.
MODULES = (
    "abc", "argparse", "ast", "bdb", "calendar", "cmd", "codecs", "collections/__init__", "configparser", "copy", "dataclasses",
    "datetime", "decimal", "difflib", "dis", "enum", "fileinput", "fractions", "functools", "gzip", "hashlib", "heapq", "imaplib",
    "inspect", "locale", "logging/__init__", "mailbox", "ntpath", "optparse", "os", "pathlib", "pickle", "queue", "random", "shlex",
    "shutil", "socket", "ssl", "statistics", "string", "subprocess", "tarfile", "this", "threading", "tokenize", "types", "typing",
    "unittest/mock", "uuid", "warnings", "weakref", "xmlrpc/client", "zipfile",
)  # fmt: skip


def source_of(name: str) -> str | None:
    path = STANDARD / f"{name}.py"
    return decode(path.read_bytes(), python=True).text if path.exists() else None


def both(text: str) -> tuple[Outline, Outline]:
    return outline_of(parse(text), SourceText(text)), outline_of_region(Region(text, 0), text)


def assert_same(text: str) -> None:
    one, other = both(text)
    for field in ("imports", "bindings", "has_getattr", "runs_as_script"):
        assert getattr(one, field) == getattr(other, field), field
    assert [_without_members(each) for each in one.classes] == [_without_members(each) for each in other.classes]
    # libcst's outline does not look for all that a class may bind, and says so.
    assert all(each.is_open for each in other.classes)


def _without_members(each: ClassDef) -> ClassDef:
    return msgspec.structs.replace(each, attributes=(), instance=(), is_open=True)


@pytest.mark.parametrize("name", MODULES)
def test_both_outlines_are_equal(name: str) -> None:
    text = source_of(name)
    if text is not None:
        assert_same(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import a, b.c as d; from . import (x as y,\n z)\n",
        "from . import *\nfrom .a \\\n  . b import c\n",
        "try:\n    import a\nexcept (ValueError, ImportError):\n    import b\nelse:\n    import c\nfinally:\n    import d\n",
        "try:\n    import a\nexcept ValueError:\n    import b\n",
        "try:\n    import a\nexcept:\n    import b\n",
        "with suppress(ImportError):\n    import a\nwith open(a) as (f, [g, *h]):\n    import b\n",
        "if t.TYPE_CHECKING:\n    import a\nelif __package__:\n    import b\nelse:\n    import c\n",
        "if __name__ == '__main__':\n    import a\nelse:\n    import b\nif '__main__' == __name__:\n    import c\n",
        "for a, b in c:\n    import d\nelse:\n    import e\nwhile x:\n    import f\nelse:\n    y = 1\n",
        "match a:\n    case 1:\n        import b\n    case _:\n        c = d.e\n",
        "class A(B, c.D[e], f(), *g, metaclass=M, **k):\n    x = f()\n    y: int = g.h()\n    z: int\n    def m(self):\n        import q\n"
        "    class N:\n        pass\n    u, v = w()\n",
        "class A: x = f(); y = 1\n",
        "@d\n@e.f(1)\nclass A: ...\n@g\nasync def h(): ...\nasync   def  i(): ...\n",
        "a = b = c.d\ne, *f = g\nh += 1\ni: int\nj: int = k()\n(l) = (m)\nn.o = 1\np[0] = 2\n[q, (r, s)] = t\nu = None\n",
        "é = ü.ö\nclass Ä(Ö):\n    pass\nimport ñ as ß\n",
        "async def f():\n    async with a as b:\n        import c\n    async for d in e:\n        import g\n",
        "def __getattr__(name): ...\n",
        "x = 1\r\nclass A:\r\n    pass\r\nfrom .b import c\r\n",
        "\tx = 1\n".lstrip() + "if a:\n\tclass B(C):\n\t\timport d\n",
        "class A(B): # c\n  '''d'''\n  e = f('''\n  g\n''')\nfrom.h import i\nfrom .import j\n",
    ],
)
def test_both_outlines_of_small_texts(text: str) -> None:
    assert_same(text)


@pytest.mark.parametrize("name", MODULES)
def test_spans_are_those_of_the_position_provider(name: str) -> None:
    text = source_of(name)
    if text is None or len(text) > 40_000:
        return
    region = Region(text, 0)
    wrapper = MetadataWrapper(region.module, unsafe_skip_copy=True)
    source = SourceText(text)
    for node, place in wrapper.resolve(PositionProvider).items():
        if isinstance(node, cst.Module):
            continue
        start = source.offset(place.start.line, place.start.column + 1)
        end = source.offset(place.end.line, place.end.column + 1)
        span = region.span(node)
        assert (span.start, span.end) == (start, end), node


@pytest.mark.parametrize("name", MODULES)
def test_statements_are_parsed_one_by_one(name: str) -> None:
    """Every statement's region parses, also with the bodies of its methods left out, and holds its length."""
    text = source_of(name)
    if text is None:
        return
    source = SourceText(text)
    outline = outline_of(parse(text), source)
    file = PythonFile(source, outline, [])
    end = 0
    for statement in outline.statements:
        assert statement.start >= end
        end = statement.end
        masked = file._text_that_matters(statement)
        assert len(masked) == len(statement)
        ast.parse(masked)


def test_a_method_that_begins_with_a_decorated_function() -> None:
    text = (
        "class T:\n    def f(self):\n        @deco\n        def inner():\n            return 'long enough to be left out of it'\n"
        "        return inner\n    def g(self):\n        return MagicMok()\n"
    )
    facts = read_python(text, "")
    assert facts.problem is None
    assert facts.python is not None
    assert [use.name for use in facts.python.undefined] == ["MagicMok"]


def test_children_are_in_source_order() -> None:
    text = "@d\nclass A(B, metaclass=C):\n    def f(self, a: int = 1, *b, c=2, **e) -> g:\n        return {h: i for h, i in j if k}\n"
    region = Region(text, 0)
    starts = [region.span(node).start for node in walk(region.module) if isinstance(node, cst.Name)]
    assert len(starts) == 19
    assert sorted(set(starts)) == sorted(starts)
    assert not any(
        isinstance(child, cst.BaseParenthesizableWhitespace) for node in walk(region.module) for child in children(node)
    )


# Texts.


def text(code: str) -> str | None:
    region = Region(f"{code}\n", 0)
    (line,) = region.module.body
    assert isinstance(line, cst.SimpleStatementLine)
    (statement,) = line.body
    assert isinstance(statement, cst.Expr)
    found = text_of(statement.value, region)
    return found.value.replace("\ue000", "…") if found else None


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a'", "a"), ('"""a\nb"""', "a\nb"), (r"'\x41\u00e9\U0001F600\101\N{BULLET}'", "Aé😀A•"), (r"r'\n'", r"\n"), (r"'\q'", r"\q"),
        ("'a' 'b' \"c\"", "abc"), ("'a' + 'b'", "ab"), ("f'a{b}c'", "a…c"), ("f'{{a}}'", "{a}"), ("rf'\\n{a}'", "\\n…"),
        ("'a\\\nb'", "ab"), ("'%s and %d%%' % (a, b)", "… and …%"), ("'%(a)s' % b", "…"), ("'{} {a!r:>{w}} {{}}'.format(1)", "… … {}"),
        ("' '.join(['a', 'b'])", "a b"), ("' '.join(a)", None), ("dedent('''a''')", "a"), ("'a'.strip()", "a"), ("a", None),
        ("b'a'", None), ("''", ""), ("f'{a}'", None), ("'a' f'{b}' 'c'", "a…c"), ("u'a'", "a"), ("'a' + b + 'c'", "a…c"), ("('a'\n 'b')", "ab"),
    ],
)  # fmt: skip
def test_texts(code: str, value: str | None) -> None:
    assert text(code) in ((value,) if value != "…" else (None, "…"))


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ue000\r\0"), max_size=30))
def test_every_literal_is_read_as_python_reads_it(value: str) -> None:
    assert text(repr(value)) == value
    assert text(ascii(value)) == value
    formatted = "f" + repr(value).replace("{", "{{").replace("}", "}}")
    if "\\N" not in formatted:
        assert text(formatted) in (value, value or None)


@given(st.text("aé𝒳\\n\t'\"\n ", max_size=12), st.integers(0, 11), st.integers(1, 12))
def test_places_in_a_text_point_at_its_source(value: str, start: int, end: int) -> None:
    code = f"x({value!r})\n"
    region = Region(code, 0)
    call = next(node for node in walk(region.module) if isinstance(node, cst.Call))
    found = text_of(call.args[0].value, region)
    if found is None or not start < end <= len(value):
        return
    span = found.locate(start, end)
    quote = code[2]
    assert ast.literal_eval(quote + code[span.start : span.end] + quote) == value[start:end]


# The scan.


def test_the_scan() -> None:
    scanner = Scanner({"one": ("SELECT ", "Column("), "two": ("Column(", "Col")})
    text = "class A(B, c.D[e], metaclass=M): pass\nx = Column(SELECT )\nclass F: ...\n#class no\nsubclass G(H): pass\n"
    seen = scanner.scan(text)
    hits, stubs = seen.hits, seen.stubs
    at = text.index("Column(")
    assert hits == {"one": [at, text.index("SELECT ")], "two": [at, at]}
    assert [(stub.name, stub.bases) for stub in stubs] == [("A", ("B", "D")), ("F", ())]


@pytest.mark.parametrize(
    ("code", "stubs"),
    [
        ("X = type('User', (Base, Mixin), {})", [("User", ("Base", "Mixin"))]),
        ("X = type(name, (Base,), dict(a=1))", [("", ("Base",))]),
        ("type(x)", []),
        ("mytype('User', (Base,), {})", []),
        ("x.type('User', (Base,), {})", []),
        ("class A(\n    B,\n    C,\n):\n    pass", [("A", ("B", "C"))]),
        ("class A[T](B[T]): pass", [("A", ("B",))]),
        ("if x: class_ = 1", []),
    ],
)
def test_stubs(code: str, stubs: list[tuple[str, tuple[str, ...]]]) -> None:
    found = Scanner({}).scan(code).stubs
    assert [stub.name for stub in found] == [name for name, _ in stubs]
    for stub, (_, bases) in zip(found, stubs, strict=True):
        assert set(bases) & set(stub.bases) or not bases


# Other Pythons.

ORM = (
    "from sqlalchemy.orm import declarative_base, relationship\nBase = declarative_base()\n\n\nclass A(Base):\n"
    "    b = relationship('B')\n"
)
NEWER = {
    "except groups (3.11)": "try:\n    pass\nexcept* ValueError as e:\n    pass\n",
    "type aliases (3.12)": "type X = int\ntype Y[T] = list[T]\n",
    "type parameters (3.12)": "def f[T: int, *U, **V](a: T) -> U: ...\nclass C[T]: ...\n",
    "quotes inside of f-strings (3.12)": "a = {'b': 1}\nx = f'{a['b']}'\n",
    "defaults of type parameters (3.13)": "class D[T = int]: ...\n",
    "template strings (3.14)": "x = t'{a}'\n",
    "exceptions without parentheses (3.14)": "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
}


@pytest.mark.parametrize("name", NEWER)
def test_newer_syntax_still_gives_facts(name: str) -> None:
    code = NEWER[name]
    try:
        cst.parse_module(code)
    except cst.ParserSyntaxError:
        readable = False
    else:
        readable = True
    facts = read_python(code + ORM, "")
    try:
        ast.parse(code)
    except SyntaxError:
        pass
    else:
        readable = True
    assert (facts.problem is None) == readable
    if readable:
        (target,) = [each for each in decode_program(facts.program).strings if each.expression is not None][-1:]
        assert (code + ORM)[target.start : target.end] == "'B'"


def test_the_fallback_reads_what_the_interpreter_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same facts by both ways, on a text that both read; what a class may bind is not looked for."""
    direct = read_python(ORM, "")

    def refuse(text: str) -> ast.Module:
        raise SyntaxError("too new")

    monkeypatch.setattr("infralint.readers.python.reader.parse", refuse)
    assert _without_classes(read_python(ORM, "")) == _without_classes(direct)


def _without_classes(facts: FileFacts) -> tuple[FileFacts, list[ClassDef]]:
    module = facts.python
    assert module is not None
    plain = msgspec.structs.replace(facts, python=msgspec.structs.replace(module, classes=()))
    return plain, [_without_members(each) for each in module.classes]


@pytest.mark.parametrize(
    "code",
    [
        "print 'a'\n",
        "exec 'a' in b\n",
        "try:\n    pass\nexcept ValueError, e:\n    print e\n",
        "raise A, 'b'\n",
        "x = `y`\n",
        "x = 0777\n",
        "a <> b\n",
    ],
)
def test_python_2_is_a_problem_with_a_place(code: str) -> None:
    facts = read_python(ORM + code, "")
    assert facts.problem is not None
    assert facts.problem.kind == "unparsable"
    assert 0 <= facts.problem.span.start <= facts.problem.span.end <= len(ORM + code)
    assert facts.python is not None
    assert [stub.name for stub in facts.python.stubs] == ["A"]


@pytest.mark.parametrize(
    "code", ["(" * 5000, "x = " + "-" * 50_000 + "1", "\0", "x = 1\n\0", "if x:\n" * 1, "\ud7ff", "é" * 3, "\f\n", " "]
)
def test_nothing_raises(code: str) -> None:
    facts = read_python(code, "")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


@given(st.text("()[]{}'\"\\\n :=.,#fb%classdefimportrelationshipBase", max_size=80))
def test_nothing_raises_on_any_text(code: str) -> None:
    read_python(f"relationship('B')\nMagicMok\n{code}", "")


def test_facts_survive_the_cache() -> None:
    text = source_of("unittest/mock")
    assert text is not None
    facts = read_python(ORM + "MagicMok\n" + text, "")
    assert facts.problem is None
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


@pytest.mark.parametrize("text", ["def f(a, a): ...\n", "import sqlalchemy\nnonlocal x\n"])
def test_what_parses_and_does_not_compile_is_a_problem(text: str) -> None:
    facts = read_python(text, "postgres")
    assert facts.problem is not None
    assert facts.problem.kind == "unparsable"
    assert facts.python is not None
    assert facts.python.outlined
