"""Fixes of all rules on generated modules of odd formatting: what they change, and that nothing else does.

A module is made of pieces, each with its text before and after. All that a fix may add besides are imports: names in
statements that import from the same module, and new lines.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import harness
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.repair import Repair, repair
from infralint.settings import Settings
from infralint.settings_load import parse_settings

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
MODULE = "app/made.py"
RULES = (
    "gcloud-unknown-flag", "image-latest-tag", "import-missing", "import-relative", "orm-back-populates",
    "orm-separate-base", "orm-unresolved-relationship", "sql-unknown-column", "test-misspelt-mock",
    "test-misspelt-mock-attribute",
)  # fmt: skip
PROJECT = {
    "infralint.toml": f'pins = ["redis@{DIGEST}"]\n',
    "schema.sql": "CREATE TABLE bots (id BIGINT PRIMARY KEY, last_heartbeat TIMESTAMPTZ);\n",
    "app/__init__.py": "",
    "app/config.py": "DEBUG = False\n",
    "app/db.py": "from sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n",
    "app/models.py": (
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import relationship\n\n"
        "from app.db import Base\n\n\n"
        "class User(Base):\n"
        '    __tablename__ = "users"\n'
        "    id = Column(Integer, primary_key=True)\n"
    ),
    "app/orders.py": (
        "from sqlalchemy import Column, Integer\n\n"
        "from app.db import Base\n\n\n"
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = Column(Integer, primary_key=True)\n"
    ),
}


@dataclass(frozen=True)
class Piece:
    """A part of a module. `needs`: the imports that its repair wants, as (module, name); `imports`: it is one."""

    before: str
    after: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    imports: bool = False

    @property
    def expected(self) -> str:
        return self.after or self.before


def kept(*texts: str) -> list[Piece]:
    return [Piece(text) for text in texts]


MAGIC, ASYNC = ("unittest.mock", "MagicMock"), ("unittest.mock", "AsyncMock")
TIME, JSON = ("", "time"), ("", "json")

HEADS = kept(
    "",
    '"""What it is."""\n',
    '"""What it is."""\nfrom __future__ import annotations\n',
    "'''Several\n\nlines.\n'''\n\nfrom __future__ import annotations\n\n",
    "#!/usr/bin/env python\n# Somebody's copyright.\n\n",
    "from __future__ import (annotations)\n",
    "# infralint reads this.\n\f\n",
)
IMPORTS = [
    *kept(
        "import os\n",
        "import os, sys  # both\n",
        "import collections.abc\nimport os\n",
        "import requests\n",
        "# third party\nimport requests\n\n\n",
        "import os; import sys\n",
        "from os import \\\n    path\n",
        "try:\n    import ujson as fast\nexcept ImportError:\n    fast = None\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from unittest.mock import NonCallableMock\n",
        "import unittest.mock\n",
        "from unittest import mock\n",
    ),
    Piece("from unittest.mock import AsyncMock\n", imports=True),
    Piece("from unittest.mock import ANY as ANYTHING, patch  # noqa\n", imports=True),
    Piece("from unittest.mock import (\n    ANY,  # a comment\n    patch,  # another one\n)\n", imports=True),
    Piece("from unittest.mock import (ANY,\n                           patch)\n", imports=True),
    Piece("from unittest.mock import ANY, \\\n    patch\n", imports=True),
    Piece("from unittest.mock import (\n\tpatch\n)\n", imports=True),
    Piece("from . import config\n", "from app import config\n"),
    Piece("from .import config as c\n", "from app import config as c\n"),
    Piece("from.config import DEBUG  # why\n", "from app.config import DEBUG  # why\n"),
    Piece(
        "from .config import (  # odd\n    DEBUG as D,\n)\n", "from app.config import (  # odd\n    DEBUG as D,\n)\n"
    ),
    Piece("from . config import \\\n  DEBUG\n", "from app.config import \\\n  DEBUG\n"),
    Piece(
        "try:\n    from .config import DEBUG\nfinally: pass\n",
        "try:\n    from app.config import DEBUG\nfinally: pass\n",
    ),
]
BODIES = [
    *kept(
        "\f\n",
        "# A comment on its own.\n",
        "x = 1\ty = 2\n".replace("\t", ";\t"),
        "def plain(  a,\n\tb = 2 ) :\n\treturn  a\\\n\t\t+ b\n",
        'text = """\n    import time\n  MagicNone() \n"""\n',
        "@staticmethod\n# between\ndef decorated(): pass\n",
        "if x == 1 : pass ; pass\n".replace("x == 1", "True"),
        "\n\n\n\n",
        "value = '\\u00e9' 'Zo\u00eb'\n",
    ),
    Piece("a = MagicNone()\n", "a = MagicMock()\n", (MAGIC,)),
    Piece("b = [ MagicNone( ),MagicNone ]  # MagicNone\n", "b = [ MagicMock( ),MagicMock ]  # MagicNone\n", (MAGIC,)),
    Piece("c = 1; d = \\\n    AsyncMok()\n", "c = 1; d = \\\n    AsyncMock()\n", (ASYNC,)),
    Piece("@MagicMok\ndef f(): pass\n", "@MagicMock\ndef f(): pass\n", (MAGIC,)),
    Piece("def g(x = MagicMok):\n\treturn x\n", "def g(x = MagicMock):\n\treturn x\n", (MAGIC,)),
    Piece("e = AsyncMock()\n", needs=(ASYNC,)),
    Piece("start = time.time()\n", needs=(TIME,)),
    Piece("def later():\n\n    return json.dumps({}) , time.sleep (1)\n", needs=(JSON, TIME)),
    Piece("class K:\n\tat = time.monotonic() ; of = json.loads('{}')\n", needs=(JSON, TIME)),
    Piece(
        "def slips():\n    from unittest.mock import Mock\n    m = Mock()\n    m.return_valu = 3 ; m.side_efect=E\n",
        "def slips():\n    from unittest.mock import Mock\n    m = Mock()\n    m.return_value = 3 ; m.side_effect=E\n",
    ),
    Piece("def h():\n    from .config import DEBUG\n    return DEBUG\n", "def h():\n    from app.config import DEBUG\n    return DEBUG\n"),
    Piece(
        'async def reap(conn):\n    await conn.execute("""\n        DELETE FROM bots\n        WHERE last_hearbeat < NOW() -- é\n    """)\n',
        'async def reap(conn):\n    await conn.execute("""\n        DELETE FROM bots\n        WHERE last_heartbeat < NOW() -- é\n    """)\n',
    ),
    Piece(
        'def deploy(run):\n    run(["gcloud", "run", "jobs", "deploy", "w",\n         "--timeout=5m"])  # five\n',
        'def deploy(run):\n    run(["gcloud", "run", "jobs", "deploy", "w",\n         "--task-timeout=5m"])  # five\n',
    ),
    Piece(
        "def start():\n    import subprocess\n    subprocess.run(['docker', 'run', '--rm', 'redis'  ,])\n",
        f"def start():\n    import subprocess\n    subprocess.run(['docker', 'run', '--rm', 'redis@{DIGEST}'  ,])\n",
    ),
]  # fmt: skip
MODELS = [
    Piece(""),
    Piece(
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import declarative_base, relationship\n"
        "Base = declarative_base()  # ours\n\nclass Track(Base):\n    __tablename__ = 'tracks'\n"
        "    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey('users.id'))\n"
        "    user = relationship( 'Usr' )\n",
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import relationship\n"
        "from app.db import Base  # ours\n\nclass Track(Base):\n    __tablename__ = 'tracks'\n"
        "    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey('users.id'))\n"
        "    user = relationship( 'User' )\n",
    ),
    Piece(
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy import orm\n"
        "from sqlalchemy.orm import DeclarativeBase\nclass Own(DeclarativeBase):\n\t'''Ours.'''\n"
        "class Track(Own):\n\t__tablename__ = 'tracks'; id = Column(Integer, primary_key=True)\n"
        "\tuser_id = Column(ForeignKey('users.id'))\n\tuser = orm.relationship('User')\n",
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy import orm\n"
        "from app.db import Base\n"
        "class Track(Base):\n\t__tablename__ = 'tracks'; id = Column(Integer, primary_key=True)\n"
        "\tuser_id = Column(ForeignKey('users.id'))\n\tuser = orm.relationship('User')\n",
    ),
    Piece(
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import relationship\nfrom app.db import Base\n"
        "class Group(Base):\n    __tablename__ = 'groups'\n    id = Column(Integer, primary_key=True)\n"
        "    members = relationship(\n        'Member' , back_populates = r'grop')\n\f\n"
        "class Member(Base):\n    __tablename__ = 'members'\n    id = Column(Integer, primary_key=True)\n"
        "    group_id = Column(ForeignKey('groups.id'))\n    group = relationship(Group, back_populates='members')\n",
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import relationship\nfrom app.db import Base\n"
        "class Group(Base):\n    __tablename__ = 'groups'\n    id = Column(Integer, primary_key=True)\n"
        "    members = relationship(\n        'Member' , back_populates = r'group')\n\f\n"
        "class Member(Base):\n    __tablename__ = 'members'\n    id = Column(Integer, primary_key=True)\n"
        "    group_id = Column(ForeignKey('groups.id'))\n    group = relationship(Group, back_populates='members')\n",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A module: its pieces, and how it is written to disk."""

    pieces: tuple[Piece, ...]
    newline: str
    encoding: str
    coding: str
    ends: bool

    def parts(self, *, fixed: bool) -> list[tuple[str, bool]]:
        """The texts of the pieces, and whether each is an import that may get more names."""
        texts = [(piece.expected if fixed else piece.before, piece.imports) for piece in self.pieces]
        while not self.ends and texts and not (last := texts[-1][0].rstrip("\n")):
            texts.pop()
        if not self.ends and texts:
            texts[-1] = (last, texts[-1][1])
        return [(self.coding, False), *texts]

    def text(self, *, fixed: bool) -> str:
        return "".join(text for text, _ in self.parts(fixed=fixed))

    def data(self) -> bytes:
        return self.text(fixed=False).replace("\n", self.newline).encode(self.encoding)


def modules() -> st.SearchStrategy[Made]:
    """Modules of these pieces, in this order: head, imports, models, the rest."""
    few = {"max_size": 4, "unique": True}
    pieces = st.builds(
        lambda head, imports, models, bodies: (head, *imports, models, *bodies),
        st.sampled_from(HEADS),
        st.lists(st.sampled_from(IMPORTS), **few),  # type: ignore[arg-type]
        st.sampled_from(MODELS),
        st.lists(st.sampled_from(BODIES), min_size=1, max_size=7, unique=True),
    )
    encodings = st.sampled_from([("utf-8", ""), ("utf-8-sig", ""), ("latin-1", "# -*- coding: latin-1 -*-\n")])
    return st.builds(
        lambda pieces, newline, encoding, ends: Made(pieces, newline, encoding[0], encoding[1], ends),
        pieces,
        st.sampled_from(["\n", "\r\n"]),
        encodings,
        st.booleans(),
    )


def settings_for_rules() -> Settings:
    found = parse_settings(PROJECT["infralint.toml"], "infralint.toml")
    return Settings(select=RULES, pins=found.pins)


def fixed(data: bytes) -> Repair:
    overlay = {path: text.encode() for path, text in PROJECT.items()} | {MODULE: data}
    chosen = settings_for_rules()
    return repair(Path(), lambda now: harness.lint(now, chosen), wants=lambda _: True, unsafe=True, overlay=overlay)


def new_data(result: Repair, data: bytes) -> bytes:
    assert result.converged
    assert result.spoiled == ()
    assert {change.path for change in result.changes} <= {MODULE}
    return result.changes[0].after if result.changes else data


LINE = r"(?:(?:from unittest\.mock import \w+(?:, \w+)*|import \w+)\n\n{0,2})*"


def may_become(made: Made) -> re.Pattern[str]:
    """The texts that are a module repaired, with imports added."""
    return re.compile(
        "".join(
            LINE + (_with_names(line) if is_import else re.escape(line))
            for text, is_import in made.parts(fixed=True)
            for line in re.findall(r"[^\n]*\n|[^\n]+", text)
        )
        + LINE
    )


def _with_names(line: str) -> str:
    """A line of an import, in which names may be added before others or behind them."""
    before, behind = r"(?:\w+,(?: |\n[ \t]+))*", r"(?:,(?: |\n[ \t]+)\w+)*"
    names = re.split(r"((?:(?<=[\s(])|^)(?:ANY as ANYTHING|ANY|AsyncMock|patch)\b)", line)
    return "".join(f"{before}{re.escape(part)}{behind}" if at % 2 else re.escape(part) for at, part in enumerate(names))


def imports_in(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (("", alias.name, alias.asname or "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((module, alias.name, alias.asname or "") for alias in node.names)


class WithoutImports(ast.NodeTransformer):
    def visit_Import(self, _: ast.Import) -> ast.Pass:
        return ast.Pass()

    def visit_ImportFrom(self, _: ast.ImportFrom) -> ast.Pass:
        return ast.Pass()


def shape(tree: ast.Module) -> list[str]:
    """The statements of a module that import nothing."""
    return [ast.dump(each) for each in WithoutImports().visit(tree).body if not isinstance(each, ast.Pass)]


@settings(max_examples=40)
@given(modules())
def test_fixes_change_what_they_say_and_nothing_else(made: Made) -> None:
    data = made.data()
    after = new_data(fixed(data), data)
    assert new_data(fixed(after), after) == after, "a second run changes more"

    text = after.decode(made.encoding)
    assert made.newline == "\n" or not re.search(r"(?<!\r)\n", text), "a line end of another kind"
    text = text.replace(made.newline, "\n")
    expected = made.text(fixed=True)
    assert may_become(made).fullmatch(text), f"more was changed than a fix says:\n{text}\n--- expected:\n{expected}"

    compile(text.encode("utf-8") if not made.coding else after, MODULE, "exec")
    tree, hoped = ast.parse(text), ast.parse(expected)
    assert shape(ast.parse(text)) == shape(ast.parse(expected))
    added = Counter(imports_in(tree)) - Counter(imports_in(hoped))
    needed = {need for piece in made.pieces for need in piece.needs}
    assert {(module, name) for module, name, _ in added} <= needed
    assert max(added.values(), default=1) == 1
    bound = {alias or name for _, name, alias in imports_in(tree)}
    assert {name for _, name in needed} <= bound
