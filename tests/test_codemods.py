"""Changes in words become edits of a text, or nothing where the text is not as the words say."""

from __future__ import annotations

import ast

import pytest

from infralint.codemods import resolve
from infralint.findings import AddArgument, AddImport, AddStatement, Change, ImportInstead, Rename, TextEdit
from infralint.fixes import apply_text_edits
from infralint.source import Span


def changed(change: Change, text: str) -> tuple[str, bool] | None:
    """The text after a change, and whether the change is certain."""
    resolved = resolve(change, text)
    return (apply_text_edits(text, resolved.edits), resolved.is_certain) if resolved else None


def place(text: str, part: str) -> Span:
    return Span(text.index(part), text.index(part) + len(part))


def test_an_edit_stays_what_it_is() -> None:
    assert changed(TextEdit("a", Span(0, 1), "b"), "a = 1") == ("b = 1", True)


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("f(Usr)", "Usr", "f(User)"),
        ("f('Usr')", "'Usr'", "f('User')"),
        ('f(r"Usr")', 'r"Usr"', 'f(r"User")'),
        ('f("""Usr""")', '"""Usr"""', 'f("""User""")'),
        ('f("List[Usr | None]")', '"List[Usr | None]"', 'f("List[User | None]")'),
        ('f("app.models.Usr")', '"app.models.Usr"', 'f("app.models.User")'),
        ("SELECT USR FROM t", "USR", "SELECT User FROM t"),
        # Not the words, not once, or not all of it.
        ("f(NAME)", "NAME", None),
        ('f("Usrs")', '"Usrs"', None),
        ('f("Usr" "")', '"Usr" ""', None),
        ('f("U\\x73r")', '"U\\x73r"', None),
        ('f("Dict[Usr, Usr]")', '"Dict[Usr, Usr]"', None),
        ('f(f"Usr")', 'f"Usr"', None),
        ('f(b"Usr")', 'b"Usr"', None),
        ('f("")', '""', None),
        ('f("""""")', '""""""', None),
    ],
)
def test_rename(text: str, part: str, expected: str | None) -> None:
    found = changed(Rename("a", place(text, part), "Usr", "User"), text)
    assert found == ((expected, True) if expected else None)


@pytest.mark.parametrize("new", ['a "b"', "a\\b", "a\nb"])
def test_what_a_literal_cannot_hold_is_not_written(new: str) -> None:
    assert changed(Rename("a", Span(0, 3), "x", new), '"x"') is None


def test_expressions_of_sql_are_renamed_whole() -> None:
    text = 'using="tags::json"'
    change = Rename("a", place(text, '"tags::json"'), "tags::json", "array_to_json(tags)")
    assert changed(change, text) == ('using="array_to_json(tags)"', True)


# A base made anew becomes the import of the shared one.


def instead(text: str, *, made: str, name: str = "Base", asked: tuple[str, ...] | None = ()) -> tuple[str, bool] | None:
    span = place(text, made)
    found = changed(ImportInstead("a.py", span, "app.db", name, None if asked is None else frozenset(asked)), text)
    if found is not None:
        ast.parse(found[0])
    return found


CALL = "declarative_base()"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The import that nothing needs any more.
        ("from x import declarative_base\nBase = declarative_base()\n", "from app.db import Base\n"),
        ("from x import declarative_base\n\nBase = declarative_base()\n", "from app.db import Base\n"),
        ('"""D."""\nfrom x import declarative_base\n\nBase = declarative_base()\n', '"""D."""\n\nfrom app.db import Base\n'),
        ("import os\n\nfrom x import declarative_base\n\nBase = declarative_base()", "import os\n\nfrom app.db import Base"),
        ("import os\nfrom x import declarative_base\nBase = declarative_base()\n", "import os\nfrom app.db import Base\n"),
        ("from x import declarative_base, b\nBase = declarative_base()\n", "from x import b\nfrom app.db import Base\n"),
        ("from x import a, declarative_base\nBase = declarative_base()\n", "from x import a\nfrom app.db import Base\n"),
        (
            "from x import (\n    a,\n    declarative_base,\n    c,\n)\n\nBase = declarative_base()\n",
            "from x import (\n    a,\n    c,\n)\n\nfrom app.db import Base\n",
        ),
        (
            "from x import (\n    a,\n    declarative_base,\n)\n\nBase = declarative_base()\n",
            "from x import (\n    a,\n)\n\nfrom app.db import Base\n",
        ),
        (
            "from x import a, \\\n    declarative_base\n\nBase = declarative_base()\n",
            "from x import a\n\nfrom app.db import Base\n",
        ),
        ("from x import declarative_base as make\nBase = make()\n", "from app.db import Base\n"),
        # Blank lines, comments, and what shares the line.
        (
            "from x import a, declarative_base\n\n\n\nBase = declarative_base()\n\n\nclass A(Base): ...\n",
            "from x import a\n\nfrom app.db import Base\n\n\nclass A(Base): ...\n",
        ),
        (
            "from x import declarative_base\n\n# ours\nBase = declarative_base()  # noqa\n",
            "\n# ours\nfrom app.db import Base  # noqa\n",
        ),
        (
            "from x import a, declarative_base\nx = 1; Base = declarative_base(); y = 2\n",
            "from x import a\nx = 1; from app.db import Base; y = 2\n",
        ),
        ("from x import a; from x import declarative_base\nBase = declarative_base()\n", None),
        ("Base: object = declarative_base(name='Base')\n", "from app.db import Base\n"),
        (
            "try:\n    from x import declarative_base\nexcept ImportError:\n    from y import declarative_base\n"
            "Base = declarative_base()\n",
            "try:\n    from x import declarative_base\nexcept ImportError:\n    from y import declarative_base\n"
            "from app.db import Base\n",
        ),
        ("if x:\n    Base = declarative_base()\n", "if x:\n    from app.db import Base\n"),
        ("from x import a\r\n\r\n\r\nBase = declarative_base()\r\n", "from x import a\n\nfrom app.db import Base\r\n"),
    ],
)  # fmt: skip
def test_a_call_becomes_an_import(text: str, expected: str | None) -> None:
    made = "make()" if "make" in text else "declarative_base(name='Base')" if "name=" in text else CALL
    found = instead(text, made=made)
    if expected is None:
        expected = text.replace("Base = declarative_base()", "from app.db import Base")
    assert found == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "from x import declarative_base, a  # both\nBase = declarative_base()\n",
        "from x import declarative_base\nBase = declarative_base()\nOther = declarative_base\n",
        "from x import (\n    declarative_base,  # the maker\n    a,\n)\nBase = declarative_base()\n",
        "from x import declarative_base\n__all__ = ['declarative_base']\nBase = declarative_base()\n",
        "import x\nBase = x.declarative_base()\n",
    ],
)
def test_an_import_stays_that_may_be_needed(text: str) -> None:
    made = "x.declarative_base()" if "x.d" in text else CALL
    kept = text.replace(f"Base = {made}", "from app.db import Base")
    assert instead(text, made=made) == (kept, True)


def test_an_import_stays_that_others_may_ask_for() -> None:
    text = "from x import declarative_base\nBase = declarative_base()\n"
    kept = "from x import declarative_base\nfrom app.db import Base\n"
    assert instead(text, made=CALL, asked=("declarative_base",)) == (kept, True)
    assert instead(text, made=CALL, asked=None) == (kept, True)


AUDIT = "from x import D, b\n\n\nclass AuditBase(D):\n    {body}\n\n\nclass A(AuditBase):\n    {use}\n"
DEFINED = "AuditBase"


@pytest.mark.parametrize("body", ["pass", "...", '"""All audits."""', '"""All."""\n\n    pass'])
def test_a_class_becomes_an_import_and_its_uses_get_the_name(body: str) -> None:
    text = AUDIT.format(body=body, use="t = Table('t', AuditBase.metadata)")
    expected = "from x import b\n\nfrom app.db import Base\n\n\nclass A(Base):\n    t = Table('t', Base.metadata)\n"
    assert instead(text, made=DEFINED) == (expected, True)


@pytest.mark.parametrize(
    ("use", "asked"),
    [
        ("pass", ("AuditBase",)),
        ("pass", None),
        ("x = 'AuditBase'", ()),
        ("x: 'AuditBase | None'", ()),
        ("Base = 1", ()),
        ("x = Base", ()),
    ],
)
def test_a_name_that_others_know_stays(use: str, asked: tuple[str, ...] | None) -> None:
    text = AUDIT.format(body="pass", use=use)
    found = instead(text, made=DEFINED, asked=asked)
    assert found is not None
    assert "from app.db import Base as AuditBase\n\n\nclass A(AuditBase):\n" in found[0]


@pytest.mark.parametrize(
    "use",
    [
        "x = AuditBase.metadata.create_all(engine)",
        "x = AuditBase",
        "x = f(AuditBase)",
        "x = AuditBase.registry",
        "x = [AuditBase.metadata]",
        "x = isinstance(y, AuditBase)",
    ],
)
def test_further_uses_want_a_look(use: str) -> None:
    found = instead(AUDIT.format(body="pass", use=use), made=DEFINED)
    assert found is not None
    assert not found[1]


@pytest.mark.parametrize(
    "text",
    [
        "Base = declarative_base(cls=Model)\n",
        "Base = declarative_base(engine)\n",
        "Base = declarative_base(**more)\n",
        "Base = Other = declarative_base()\n",
        "db.Base = declarative_base()\n",
        "Base, x = declarative_base(), 1\n",
        "Base = wrap(declarative_base())\n",
        "Base = declarative_base()\nBase.query = session.query_property()\n",
        "Base = declarative_base()\nBase.metadata.schema = 's'\n",
        "Base = declarative_base()\ndel Base\n",
        "Base = None\nBase = declarative_base()\n",
        "Base = declarative_base()\nclass Base(Base): ...\n",
        "def f(Base): ...\nBase = declarative_base()\n",
        "Base = declarative_base(\n",
    ],
)
def test_a_base_that_is_more_than_one_stays(text: str) -> None:
    made = text[text.index("declarative_base(") : text.index(")") + 1] if ")" in text else "declarative_base("
    assert instead(text, made=made) is None


@pytest.mark.parametrize(
    "text",
    [
        "class B(D):\n    type_annotation_map = {}\n",
        "class B(D):\n    # plain\n    pass\n",
        "class B(Mixin, D):\n    pass\n",
        "class B(metaclass=M):\n    pass\n",
        "class B(D, kw_only=True):\n    pass\n",
        "@decorated\nclass B(D):\n    pass\n",
        "class \\\n    B(D):\n    pass\n",
    ],
)
def test_a_class_that_is_more_than_a_base_stays(text: str) -> None:
    assert instead(text, made="B") is None


# Arguments and statements.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a)", "f(a, k=1)"),
        ("f(a, b=2,)", "f(a, b=2, k=1,)"),
        ("f(\n    a,\n    b=(2),\n)", "f(\n    a,\n    b=(2),\n    k=1,\n)"),
        ("f(\n\ta,  # comment\n\tb\n)", "f(\n\ta,  # comment\n\tb,\n\tk=1\n)"),
        ("f(**d)", "f(**d, k=1)"),
        ("f()", None),
        ("f(a, k=2)", None),
        ("f", None),
        ("f(", None),
    ],
)
def test_an_argument_is_added(text: str, expected: str | None) -> None:
    found = changed(AddArgument("a", Span(0, len(text)), "k", "1"), text)
    assert found == ((expected, True) if expected else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("op = 1\nf()", "op = 1\ng(\n    1\n)\nf()"),
        ("if op := 1:\n    f()\n", "if op := 1:\n    g(\n        1\n    )\n    f()\n"),
        ("if op := 1:\n\tx = y(f())\n", "if op := 1:\n\tg(\n\t    1\n\t)\n\tx = y(f())\n"),
        ("if op := 1: f()\n", None),
        ("op = 1; f()\n", None),
        ("f()\n", None),
    ],
)
def test_a_statement_is_added(text: str, expected: str | None) -> None:
    found = changed(AddStatement("a", place(text, "f()"), "g(\n    1\n)", "op"), text)
    assert found == ((expected, True) if expected else None)


# Imports.

FROM, PLAIN = ("unittest.mock", "patch"), ("", "time")


def importing(text: str, wanted: tuple[str, str], use: str = "X") -> str | None:
    found = changed(AddImport("a.py", place(text, use), *wanted), text)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Beside the imports that are there.
        ("import os\nX\n", "import os\nimport time\nX\n"),
        ("import uuid\nX\n", "import time\nimport uuid\nX\n"),
        ("from os import path\nX\n", "import time\nfrom os import path\nX\n"),
        ("import requests\nX\n", "import time\n\nimport requests\nX\n"),
        ("import os  # why\nX\n", "import os  # why\nimport time\nX\n"),
        ("import os; X\n", "import time\nimport os; X\n"),
        ("X.a = 1; import os\n", "import time\n\nX.a = 1; import os\n"),
        ("import os\n\nimport uuid\nX\n", "import os\nimport time\n\nimport uuid\nX\n"),
        # Comments stay with what they speak of.
        ("# All.\nimport uuid\nX\n", "# All.\nimport time\nimport uuid\nX\n"),
        ("x = 1\n# standard\nimport uuid\nX\n", "x = 1\n# standard\nimport time\nimport uuid\nX\n"),
        ('"D."\n# theirs\nimport requests\nX\n', '"D."\nimport time\n\n# theirs\nimport requests\nX\n'),
        ("#!/usr/bin/python\nimport requests\nX\n", "#!/usr/bin/python\nimport time\n\nimport requests\nX\n"),
        # Behind the docstring and imports from the future.
        ('"""D."""\nX\n', '"""D."""\nimport time\n\nX\n'),
        ('"""D."""\nfrom __future__ import annotations\nX\n', '"""D."""\nfrom __future__ import annotations\nimport time\n\nX\n'),
        # Before a definition with its decorators and comments.
        ("\n\ndef f(): X\n", "\n\nimport time\n\n\ndef f(): X\n"),
        ("\n# c\n@ a\n@b\nclass X: X\n", "\nimport time\n\n\n# c\n@ a\n@b\nclass X: X\n"),
        # Before the first use, wherever the imports are.
        ("y = X\nimport os\n", "import time\n\ny = X\nimport os\n"),
        # No line of its own.
        ('"""D."""; X\n', None),
        ("if True: X\n", "import time\n\nif True: X\n"),
        ("\fX\n", None),
        # It is there already, under a condition.
        ("try:\n    import time\nexcept ImportError: pass\nX\n", "try:\n    import time\nexcept ImportError: pass\nX\n"),
        ("if TYPE_CHECKING:\n    import time\nX\n", "import time\n\nif TYPE_CHECKING:\n    import time\nX\n"),
        ("def f():\n    import time\nX\n", "import time\n\n\ndef f():\n    import time\nX\n"),
    ],
)  # fmt: skip
def test_a_module_is_imported(text: str, expected: str | None) -> None:
    assert importing(text, PLAIN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from unittest.mock import ANY\nX\n", "from unittest.mock import ANY, patch\nX\n"),
        ("from unittest.mock import sentinel as s  # c\nX\n", "from unittest.mock import patch, sentinel as s  # c\nX\n"),
        ("from unittest.mock import (ANY)\nX\n", "from unittest.mock import (ANY, patch)\nX\n"),
        (
            "from unittest.mock import (\n    ANY,\n    sentinel,\n)\nX\n",
            "from unittest.mock import (\n    ANY,\n    patch,\n    sentinel,\n)\nX\n",
        ),
        (
            "from unittest.mock import (\n    ANY,\n    Mock\n)\nX\n",
            "from unittest.mock import (\n    ANY,\n    Mock,\n    patch\n)\nX\n",
        ),
        (
            "from unittest.mock import (\n\tANY,  # any\n)\nX\n",
            "from unittest.mock import (\n\tpatch,\n\tANY,  # any\n)\nX\n",
        ),
        (
            "from unittest.mock import ANY, \\\n    Mock\nX\n",
            "from unittest.mock import ANY, \\\n    Mock, patch\nX\n",
        ),
        ("from unittest.mock import *\nX\n", "from unittest.mock import *\nfrom unittest.mock import patch\nX\n"),
        ("from .unittest.mock import a\nX\n", "from unittest.mock import patch\n\nfrom .unittest.mock import a\nX\n"),
        ("X\nfrom unittest.mock import ANY\n", "from unittest.mock import patch\n\nX\nfrom unittest.mock import ANY\n"),
        ("if a:\n    from unittest.mock import ANY\nX\n", "from unittest.mock import patch\n\nif a:\n    from unittest.mock import ANY\nX\n"),
    ],
)  # fmt: skip
def test_a_name_is_imported(text: str, expected: str) -> None:
    assert importing(text, FROM) == expected
