"""What a name is after imports, aliases and re-exports, in trees of all layouts."""

from __future__ import annotations

import pytest

from infralint.project.lookup import Absent, Known, Open
from infralint.project.modules import External, ModuleGraph, Symbol
from infralint.readers.python.reader import read_python


def graph(files: dict[str, str], sources: tuple[str, ...] = ()) -> ModuleGraph:
    facts = {path: read_python(text, "") for path, text in files.items()}
    return ModuleGraph(facts, files, sources)


def means(files: dict[str, str], path: str, name: str, sources: tuple[str, ...] = ()) -> str:
    """`path:name[.rest]`, the name of something external in angle brackets, "absent" or "open"."""
    found = graph(files, sources).resolve(path, name)
    if isinstance(found, Known):
        value = found.value
        if isinstance(value, External):
            return f"<{value.name}>"
        return f"{value.path}:{value.name}" + (f".{value.rest}" if value.rest else "")
    return "absent" if isinstance(found, Absent) else "open"


DB = "class Base: ...\nother = 1\n"
CASES: dict[str, tuple[dict[str, str], str, str, str]] = {
    "its own": ({"a.py": DB}, "a.py", "Base", "a.py:Base"),
    "from import": ({"db.py": DB, "a.py": "from db import Base"}, "a.py", "Base", "db.py:Base"),
    "from import as": ({"db.py": DB, "a.py": "from db import Base as B"}, "a.py", "B", "db.py:Base"),
    "import as": ({"app/db.py": DB, "a.py": "import app.db as d"}, "a.py", "d.Base", "app/db.py:Base"),
    "import dotted": (
        {"app/__init__.py": "", "app/db.py": DB, "a.py": "import app.db"}, "a.py", "app.db.Base", "app/db.py:Base",
    ),
    "from package import module": (
        {"app/__init__.py": "", "app/db.py": DB, "a.py": "from app import db"}, "a.py", "db.Base.x", "app/db.py:Base.x",
    ),
    "an alias by assignment": ({"db.py": DB, "a.py": "import db\nM = db.Base\nN = M"}, "a.py", "N", "db.py:Base"),
    "an attribute of a value": ({"db.py": "db = make()", "a.py": "from db import db"}, "a.py", "db.Model", "db.py:db.Model"),
    "two re-exports": (
        {"app/__init__.py": "from .core import Base as Model", "app/core/__init__.py": "from app.core.db import Base",
         "app/core/db.py": DB, "a.py": "from app import Model"}, "a.py", "Model", "app/core/db.py:Base",
    ),
    "star imports": (
        {"app/__init__.py": "from .x import *\nfrom .db import *", "app/x.py": "y = 1", "app/db.py": DB, "a.py": "from app import *"},
        "a.py", "Base", "app/db.py:Base",
    ),
    "a star import from outside": ({"a.py": "from outside import *"}, "a.py", "Base", "open"),
    "a star import that has no such name": ({"db.py": DB, "a.py": "from db import *"}, "a.py", "Bass", "absent"),
    "a star circle": ({"a.py": "from b import *", "b.py": "from a import *\nx = 1"}, "a.py", "x", "b.py:x"),
    "an empty star circle": ({"a.py": "from b import *", "b.py": "from a import *"}, "a.py", "y", "absent"),
    "a circle": ({"a.py": "from b import x", "b.py": "from a import x"}, "a.py", "x", "open"),
    "an alias of itself": ({"a.py": "x = x"}, "a.py", "x", "open"),
    "a circle of aliases": ({"a.py": "x = y\ny = x"}, "a.py", "x", "open"),
    "a circle that ends": (
        {"a.py": "from b import x\nclass Base: ...", "b.py": "from a import Base\nx = Base"}, "a.py", "x", "a.py:Base",
    ),
    "outside": ({"a.py": "from sqlalchemy.orm import DeclarativeBase as D"}, "a.py", "D", "<sqlalchemy.orm.DeclarativeBase>"),
    "outside, dotted": ({"a.py": "import sqlalchemy.orm as so"}, "a.py", "so.Mapped", "<sqlalchemy.orm.Mapped>"),
    "a builtin": ({"a.py": ""}, "a.py", "Exception", "<builtins.Exception>"),
    "nothing": ({"a.py": ""}, "a.py", "Nothing", "absent"),
    "__getattr__": ({"app/__init__.py": "def __getattr__(n): ...", "a.py": "from app import x"}, "a.py", "x", "open"),
    "src layout": (
        {"src/app/__init__.py": "", "src/app/db.py": DB, "tests/a.py": "from app.db import Base"}, "tests/a.py", "Base",
        "src/app/db.py:Base",
    ),
    "src layout of a service": (
        {"svc/src/app/db.py": DB, "svc/src/app/a.py": "from app.db import Base"}, "svc/src/app/a.py", "Base", "svc/src/app/db.py:Base",
    ),
    "namespace packages": (
        {"org/app/db.py": DB, "org/web/a.py": "from org.app.db import Base"}, "org/web/a.py", "Base", "org/app/db.py:Base",
    ),
    "a namespace package's module": (
        {"org/app/db.py": DB, "a.py": "from org.app import db"}, "a.py", "db.Base", "org/app/db.py:Base",
    ),
    "services with modules of the same name, the first": (
        {"one/models.py": DB, "two/models.py": "class Base: ...", "one/main.py": "from models import Base"}, "one/main.py", "Base",
        "one/models.py:Base",
    ),
    "services with modules of the same name, the second": (
        {"one/models.py": DB, "two/models.py": "class Base: ...", "two/main.py": "from models import Base"}, "two/main.py", "Base",
        "two/models.py:Base",
    ),
    "services with packages of the same name": (
        {"one/app/__init__.py": "", "one/app/db.py": DB, "two/app/__init__.py": "", "two/app/db.py": DB,
         "two/app/m.py": "from app.db import Base"}, "two/app/m.py", "Base", "two/app/db.py:Base",
    ),
    "neither of two services": (
        {"one/models.py": DB, "two/models.py": DB, "three/main.py": "from models import Base"}, "three/main.py", "Base", "<models.Base>",
    ),
    "a script's siblings": (
        {"scripts/a.py": "from helper import Base", "scripts/helper.py": DB}, "scripts/a.py", "Base", "scripts/helper.py:Base",
    ),
    "siblings in a folder that is a package by accident": (
        {"api/__init__.py": "", "api/main.py": "from database import Base", "api/database.py": DB}, "api/main.py", "Base",
        "api/database.py:Base",
    ),
    "the standard library first": (
        {"api/__init__.py": "", "api/main.py": "import logging", "api/logging.py": DB}, "api/main.py", "logging.Base", "<logging.Base>",
    ),
    "the standard library first, in a namespace package too": (
        {"org/web/main.py": "import logging", "org/logging.py": DB}, "org/web/main.py", "logging.Base", "<logging.Base>",
    ),
    "Alembic's scripts are not Alembic": (
        {"alembic/__init__.py": "", "alembic/versions/a.py": "from alembic import op"}, "alembic/versions/a.py", "op", "<alembic.op>",
    ),
    "relative": (
        {"p/__init__.py": "", "p/q/__init__.py": "", "p/db.py": DB, "p/q/m.py": "from ..db import Base"}, "p/q/m.py", "Base",
        "p/db.py:Base",
    ),
    "relative, a module": (
        {"p/__init__.py": "", "p/db.py": DB, "p/m.py": "from . import db as d"}, "p/m.py", "d.Base", "p/db.py:Base",
    ),
    "relative in a namespace package": (
        {"p/db.py": DB, "p/m.py": "from .db import Base"}, "p/m.py", "Base", "p/db.py:Base",
    ),
    "relative, above the tree": ({"m.py": "from ..db import Base"}, "m.py", "Base", "open"),
    "relative, missing": ({"p/__init__.py": "", "p/m.py": "from .db import Base"}, "p/m.py", "Base", "open"),
    "for typing alone": (
        {"db.py": DB, "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from db import Base"}, "a.py", "Base",
        "db.py:Base",
    ),
    "for typing and at run time": (
        {"db.py": DB, "t.py": DB, "a.py": "if TYPE_CHECKING:\n    from t import Base\nelse:\n    from db import Base"}, "a.py", "Base",
        "db.py:Base",
    ),
    "try and except": (
        {"db.py": DB, "a.py": "try:\n    from fast import Base\nexcept ImportError:\n    from db import Base"}, "a.py", "Base",
        "db.py:Base",
    ),
    "a binding beats an import": ({"db.py": DB, "a.py": "from db import Base\nclass Base: ..."}, "a.py", "Base", "a.py:Base"),
    "an import in a function": ({"db.py": DB, "a.py": "def f():\n    from db import Base"}, "a.py", "Base", "absent"),
    "a stub beside nothing": ({"db.pyi": DB, "a.py": "from db import Base"}, "a.py", "Base", "db.pyi:Base"),
    "a package beats a module": (
        {"db.py": DB, "db/__init__.py": "class Base: ...", "a.py": "from db import Base"}, "a.py", "Base", "db/__init__.py:Base",
    ),
    "a name beats a submodule": (
        {"p/__init__.py": "from .x import db", "p/x.py": "db = 1", "p/db.py": DB, "a.py": "from p import db"}, "a.py", "db", "p/x.py:db",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_resolve(case: str) -> None:
    files, path, name, expected = CASES[case]
    assert means(files, path, name) == expected


def test_sources_of_the_settings() -> None:
    files = {"lib/python/db.py": DB, "other/db.py": DB, "svc/a.py": "from db import Base"}
    assert means(files, "svc/a.py", "Base", ("lib/python",)) == "lib/python/db.py:Base"
    assert means(files, "svc/a.py", "Base", ("./other/",)) == "other/db.py:Base"
    assert means(files, "svc/a.py", "Base") == "<db.Base>"


def test_modules_that_cannot_be_read_are_open() -> None:
    files = {"db.py": "class Base(:\n", "a.py": "from db import Base"}
    modules = graph(files)
    assert isinstance(modules.resolve("a.py", "Base"), Open)


@pytest.mark.parametrize(
    ("path", "name", "root"),
    [
        ("src/app/core/db.py", "app.core.db", "src"),
        ("src/app/core/__init__.py", "app.core", "src"),
        ("scripts/a.py", "a", "scripts"),
        ("a.py", "a", ""),
    ],
)
def test_dotted_names(path: str, name: str, root: str) -> None:
    files = {
        "src/app/__init__.py": "",
        "src/app/core/__init__.py": "",
        "src/app/core/db.py": "",
        "scripts/a.py": "",
        "a.py": "",
    }
    modules = graph(files)
    assert modules.dotted_name(path) == name
    assert modules.package_root(path) == root


def test_imports_of() -> None:
    files = {"p/__init__.py": "", "p/b.py": "", "p/a.py": "from p import b\nimport p.b\nfrom . import b\nimport sys\n"}
    targets = [target for _, target in graph(files).imports_of("p/a.py")]
    assert targets == ["p/__init__.py", "p/b.py", "p/b.py", "p/__init__.py", "p/b.py"]


def test_the_class_behind_a_symbol() -> None:
    modules = graph({"a.py": "class A:\n    class B(A): ...\nclass A(B): ...\nx = A\n"})
    found = modules.class_of(Symbol("a.py", "A"))
    assert found is not None
    assert found.bases == ("B",)
    assert modules.class_of(Symbol("a.py", "x")) is None
    assert modules.class_of(Symbol("a.py", "A", "rest")) is None
