"""The models of a project that stays loaded: after an edit they are those of a run from nothing, and mostly kept."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from folder_edits import is_of_a_run_from_nothing, write

from infralint.engine import linked_project
from infralint.live import LiveProject
from infralint.project.models import OrmView
from infralint.project.models.reading import Reading
from infralint.project.models.relationships import Relation
from infralint.settings import Settings

ALL = Settings(select=("ALL",))
BASE = """\
from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, mapped_column
class Base(DeclarativeBase):
    pass
class Stamped:
    made = mapped_column(Integer)
"""
USER = """\
from sqlalchemy import Column, Enum, ForeignKey, Index, Integer, String
from sqlalchemy.orm import relationship
from .base import Base, Stamped
class User(Stamped, Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(30), index=True)
    kind = Column(Enum("a", "b", name="kinds"))
    orders = relationship("Order", back_populates="user")
class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
Index("ix_notes_user", Note.user_id)
"""
ORDER = """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import relationship
from .base import Base
class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User", back_populates="orders")
class Paid(Order):
    __tablename__ = "paid"
    id = Column(ForeignKey("orders.id"), primary_key=True)
"""
FILES = {
    "pyproject.toml": "[tool.infralint]\n",
    "shop/__init__.py": "",
    "shop/models/__init__.py": "from .user import User\nfrom .order import Order\n",
    "shop/models/base.py": BASE,
    "shop/models/user.py": USER,
    "shop/models/order.py": ORDER,
    "shop/models/also.py": "from sqlalchemy import Column, Integer\nfrom .base import Base\n"
    "class Also(Base):\n    __tablename__ = 'also'\n    id = Column(Integer, primary_key=True)\n",
    "shop/use.py": "from shop.models import Order, User\ndef run(session):\n"
    "    return session.query(User.name, User.nme, Order.user_id)\n",
}

# What only changes columns, relationships and constraints of a module's own classes.
KEPT = {
    "a-column-comes": ("user", "    name =", "    nme = Column(String)\n    name ="),
    "a-column-goes": ("user", "    name = Column(String(30), index=True)\n", ""),
    "a-type": ("user", "String(30)", "String(40)"),
    "a-type-behind-a-foreign-key": ("user", "id = Column(Integer, primary", "id = Column(String, primary"),
    "labels-of-an-enum": ("user", '"a", "b"', '"a", "b", "c"'),
    "a-name-of-an-enum": ("user", 'name="kinds"', 'name="sorts"'),
    "a-relationship-breaks": ("user", '"Order", back', '"Ordr", back'),
    "a-relationship-goes": ("order", '    user = relationship("User", back_populates="orders")\n', ""),
    "a-foreign-key-breaks": ("order", '"users.id"', '"usrs.id"'),
    "an-index-beside-the-table": ("user", 'Index("ix_notes_user", Note.user_id)', 'Index("ix_other", Note.user_id)'),
    "of-a-parent": ("order", "    user_id = Column(", '    number = Column(Integer, name="no")\n    user_id = Column('),
    "a-class-of-a-later-module": (
        "also",
        "primary_key=True)",
        "primary_key=True)\n    from .user import User\n"
        "    from sqlalchemy import ForeignKey\n    of = Column(ForeignKey(User.id))",
    ),
}
# What has to do with more than that.
ANEW = {
    "a-class-comes": ("also", "class Also", "class More(Base):\n    __tablename__ = 'm'\n    id = Column(Integer)\nclass Also"),
    "a-class-goes": ("order", "class Paid(Order)", "class Paid"),
    "another-name": ("order", "class Paid", "class Payed"),
    "another-table": ("order", '"orders"', '"ordrs"'),
    "a-table-of-others": ("also", "'also'", "'users'"),
    "single-table": ("order", '    __tablename__ = "paid"\n', ""),
    "a-table-without-class": ("also", "class Also", "from sqlalchemy import Table\nt = Table('t', Base.metadata)\nclass Also"),
    "an-index-of-others": ("also", "class Also", "from sqlalchemy import Index\nfrom .user import Note\n"
                           "Index('ix_of_others', Note.id)\nclass Also"),
    "a-column-of-others": ("also", "class Also", "from .user import Note\nNote.__table__.append_column(Column('more', Integer))\nclass Also"),
    "a-name-that-cannot-be-told": ("also", "'also'", "input()"),
    "a-class-under-a-condition": ("also", "class Also", "if input():\n  class Also"),
    "a-mixin": ("base", "made =", "made_at ="),
    "a-base": ("base", "    pass", "    registry = None"),
    "a-base-that-cannot-be-told": ("also", "Also(Base)", "Also(UNKNOWN)"),
    "a-listener": ("also", "class Also", "from sqlalchemy import event\n"
                   "@event.listens_for(Base, 'instrument_class', propagate=True)\ndef more(mapper, cls): pass\nclass Also"),
    "it-does-not-parse": ("also", "class Also", "class Also("),
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Has an item for every time that all models are read."""
    found: list[object] = []
    original = Reading._read

    def counted(self: Reading) -> None:
        found.append(self)
        original(self)

    monkeypatch.setattr(Reading, "_read", counted)
    return found


def said(models: OrmView) -> list[Any]:
    """All that the models say, in their order."""
    classes = [
        (each.path, each.value.qualname, each.kind, each.abstract, each.columns, list(each.attributes), each.open)
        for each in models.classes
    ]
    registries = [
        (each.name, [(name, [one.path for one in same]) for name, same in each.classes.items()], each.open)
        for each in models.registries
    ]
    catalogs = [
        (each.name, list(each.catalog.tables.items()), each.catalog.enums, each.open) for each in models.metadatas
    ]
    relations = [
        (each.owner.path, each.owner.name, each.attribute, each.target.name, each.origin, each.other_name)
        for each in models.relationships.all
    ]
    doubtful = sorted(models.possible.doubtful)
    return [classes, registries, catalogs, relations, doubtful, models.catalogs, models.related, models.catalog]


def is_right(project: LiveProject, root: Path) -> bool:
    """Whether findings and models are those of a run from nothing."""
    report = project.lint()
    assert project._state is not None
    models = project._state.project.models
    fresh, _ = linked_project(root, ALL, None, None, 1, False, None)
    return said(models) == said(fresh.models) and is_of_a_run_from_nothing(report, root, ALL)


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / "shop" / "models" / f"{name}.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "anew"),
    [(*edited, False) for edited in KEPT.values()] + [(*edited, True) for edited in ANEW.values()],
    ids=[*(f"kept-{each}" for each in KEPT), *(f"anew-{each}" for each in ANEW)],
)
def test_an_edit_and_its_undoing(root: Path, read: list[object], name: str, old: str, new: str, anew: bool) -> None:
    project = LiveProject(root, ALL)
    assert is_right(project, root)
    path = root / "shop" / "models" / f"{name}.py"
    whole = path.read_text()
    assert old in whole
    for text in (whole.replace(old, new), whole):
        path.write_text(text)
        read.clear()
        project.lint()
        assert bool(read) == anew
        assert is_right(project, root)


def test_all_is_read_anew_once_in_a_while(root: Path, read: list[object]) -> None:
    project = LiveProject(root, ALL)
    project.lint()
    read.clear()
    for number in range(60):
        edit(
            root,
            "also",
            "Integer, primary_key=True" if not number else f"Integer, default={number - 1}",
            f"Integer, default={number}",
        )
        project.lint()
    assert len(read) == 1
    assert is_right(project, root)


def relations(project: LiveProject) -> dict[str, Relation]:
    assert project._state is not None
    return {f"{each.owner.name}.{each.attribute}": each for each in project._state.project.models.relationships.all}


def test_relationships_stay_while_both_classes_do(root: Path) -> None:
    project = LiveProject(root, ALL)
    project.lint()
    before = relations(project)
    edit(root, "also", "primary_key=True)", "primary_key=True)\n    more = Column(Integer)")
    project.lint()
    assert relations(project) == before
    edit(root, "order", "    user_id =", "    more = Column(Integer)\n    user_id =")
    assert is_right(project, root)
    after = relations(project)
    assert before.keys() == after.keys() == {"User.orders", "Order.user"}
    assert not before.items() & after.items()
    classes = {id(mapped) for mapped in project._state.project.models.classes} if project._state else set()
    assert all({id(each.owner), id(each.target_class)} <= classes for each in after.values())


LATE = """\
from __future__ import annotations
from typing import TYPE_CHECKING
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from .base import Base
{imports}
class Late(Base):
    __tablename__ = "late"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    one: {one}
"""


@pytest.mark.parametrize(
    ("imports", "one"),
    [
        ("from .passed import Meant", "Mapped[Meant] = relationship()"),
        ("if TYPE_CHECKING:\n    from .passed import Meant", "Mapped[Meant] = relationship()"),
        ("from . import passed", 'Mapped["passed.Meant"] = relationship()'),
        ("from . import passed", "Mapped[object] = relationship(lambda: passed.Meant)"),
        ("from .passed import Meant", "Mapped[object] = relationship(Meant)"),
        ("from .passed import name", "Mapped[object] = relationship(name)"),
    ],
    ids=["annotation", "type-checking", "dotted", "function", "argument", "text"],
)
def test_what_a_third_module_passes_on_is_another_class(root: Path, imports: str, one: str) -> None:
    passed = "from .user import {0} as Meant\nname = '{0}'\n"
    late = LATE.format(imports=imports, one=one)
    write(root, {"shop/models/passed.py": passed.format("User"), "shop/models/late.py": late})
    project = LiveProject(root, ALL)
    assert is_right(project, root)
    for name in ("Note", "User", "Note"):
        write(root, {"shop/models/passed.py": passed.format(name)})
        assert is_right(project, root)
        target = relations(project)["Late.one"].target_class
        # What only type checkers import is looked up under the name that is written.
        assert target is None or target.name == name


MIGRATED = {
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "from alembic import context\nfrom shop.models.base import Base\nimport shop.models\n"
    "import shop.models.also\ncontext.configure(target_metadata=Base.metadata)\n",
    "migrations/versions/one.py": "import sqlalchemy as sa\nfrom alembic import op\n"
    "revision = 'one'\ndown_revision = None\ndef upgrade():\n"
    "    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(30)),\n"
    "        sa.Column('kind', sa.Enum('a', 'b', name='kinds')), sa.Column('made', sa.Integer()))\n"
    "    op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('user_id', sa.Integer()))\n"
    "    op.create_table('orders', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('user_id', sa.Integer()))\n"
    "    op.create_table('paid', sa.Column('id', sa.Integer(), primary_key=True))\n"
    "    op.create_table('also', sa.Column('id', sa.Integer(), primary_key=True))\n",
}


def test_differences_of_tables_whose_columns_take_their_types_from_others(root: Path) -> None:
    """`orders.user_id` has the type of `users.id`: it differs where nobody touched the table of orders."""
    write(root, MIGRATED)
    project = LiveProject(root, ALL)

    def drifting() -> list[tuple[str, str]]:
        assert is_right(project, root)
        return [
            (each.path.rpartition("/")[2], each.message)
            for each in project.lint().findings
            if each.rule == "migration-model-drift"
        ]

    assert drifting() == []
    edit(root, "user", "id = Column(Integer, primary", "id = Column(String, primary")
    assert {path for path, _ in drifting()} == {"order.py", "user.py"}
    edit(root, "user", "id = Column(String, primary", "id = Column(Integer, primary")
    assert drifting() == []
    edit(root, "also", "primary_key=True)", "primary_key=True)\n    more = Column(Integer)")
    assert [path for path, _ in drifting()] == ["also.py"]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_edits(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    project = LiveProject(root, ALL)
    edits = [*KEPT.values(), *ANEW.values()]
    for _ in range(25):
        name, old, new = chance.choice(edits)
        path = root / "shop" / "models" / f"{name}.py"
        text = path.read_text()
        path.write_text(text.replace(old, new) if old in text else FILES[f"shop/models/{name}.py"])
        if chance.random() < 0.7:
            assert is_right(project, root)


COUNTED = """\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declared_attr
from .base import Base
seen = []
class Counted(Base):
    __abstract__ = True
    @declared_attr
    def __tablename__(cls):
        seen.append(cls.__name__)
        return "t%d" % len(seen)
class One(Counted):
    id = Column(Integer, primary_key=True)
"""


def test_what_models_change_when_they_are_read_is_not_changed_twice(root: Path) -> None:
    write(root, {"shop/models/counted.py": COUNTED})
    project = LiveProject(root, ALL)
    assert is_right(project, root)
    for old, new in (("class Also", "class More(Base):\n    __tablename__ = 'm'\nclass Also"), ("'m'", "'n'")):
        edit(root, "also", old, new)
        assert is_right(project, root)
