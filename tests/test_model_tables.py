"""Tables of models beyond single modules: several files, several metadatas, what stays open and why."""

from __future__ import annotations

from typing import Any

import pytest

import infralint
from infralint.project.models.naming import Subject, conventional_name, snake_case

CLASSIC = (
    "from sqlalchemy import *\nfrom sqlalchemy.orm import declarative_base, declared_attr, deferred, mapped_column\n"
    "from sqlalchemy.orm import DeclarativeBase, Mapped, registry, relationship\n"
)
KEY = "    id = Column(Integer, primary_key=True)\n"


def catalogs(files: dict[str, str]) -> list[Any]:
    return list(infralint.schema(files, source="models")["catalogs"])


def tables(files: dict[str, str]) -> dict[str, Any]:
    found = [table for catalog in catalogs(files) for table in catalog["tables"]]
    assert len({table["name"] for table in found}) == len(found)
    return {table["name"]: table for table in found}


def module(body: str) -> dict[str, Any]:
    return tables({"app/models.py": f"{CLASSIC}Base = declarative_base()\n{body}"})


def columns(table: dict[str, Any]) -> list[str]:
    return [column["name"] for column in table["columns"]]


def reasons(table: dict[str, Any]) -> str:
    return "; ".join(each["reason"] for each in table["open"])


def test_a_base_is_the_same_through_packages_and_aliases() -> None:
    found = catalogs(
        {
            "app/__init__.py": "",
            "app/db/__init__.py": "from .base import *\n",
            "app/db/base.py": f"{CLASSIC}Model = declarative_base()\nmetadata = Model.metadata\n",
            "app/a.py": f"{CLASSIC}from app.db import Model as M\nclass A(M):\n    __tablename__ = 'a'\n{KEY}",
            "app/b.py": f"{CLASSIC}import app.db.base as base\nt = Table('b', base.metadata, Column('x', Integer))\n",
        }
    )
    assert [(each["name"], [table["name"] for table in each["tables"]]) for each in found] == [
        ("app.db.base:Model.metadata", ["a", "b"])
    ]


def test_metadatas_are_kept_apart() -> None:
    code = f"{CLASSIC}One = declarative_base()\nTwo = declarative_base(metadata=MetaData(schema='tenant'))\n"
    code += f"class A(One):\n    __tablename__ = 't'\n{KEY}class B(Two):\n    __tablename__ = 't'\n{KEY}    b = Column(Text)\n"
    found = catalogs({"app.py": code})
    assert [(each["tables"][0]["schema"], columns(each["tables"][0])) for each in found] == [
        (None, ["id"]),
        ("tenant", ["id", "b"]),
    ]


def test_bases_with_one_metadata_share_a_catalog() -> None:
    code = f"{CLASSIC}m = MetaData()\nOne = declarative_base(metadata=m)\nTwo = declarative_base()\nTwo.metadata = m\n"
    code += f"class A(One):\n    __tablename__ = 'a'\n{KEY}class B(Two):\n    __tablename__ = 'b'\n{KEY}"
    (catalog,) = catalogs({"app.py": code})
    assert [table["name"] for table in catalog["tables"]] == ["a", "b"]


def test_models_of_tests_and_revisions_are_not_the_applications() -> None:
    model = f"class {{0}}(Base):\n    __tablename__ = '{{0}}'\n{KEY}"
    revision = "revision = 'a'\ndown_revision = None\ndef upgrade():\n    pass\n"
    found = tables(
        {
            "app/db.py": f"{CLASSIC}Base = declarative_base()\n" + model.format("kept"),
            "tests/test_db.py": f"{CLASSIC}from app.db import Base\n" + model.format("tested"),
            "migrations/versions/a.py": f"{CLASSIC}{revision}Base = declarative_base()\n" + model.format("migrated"),
        }
    )
    assert list(found) == ["kept"]


def test_helpers_loops_and_constants_make_columns() -> None:
    found = module(
        "def key(name, target=None):\n"
        "    args = [ForeignKey(target)] if target else []\n"
        "    return Column(name, Integer, *args, nullable=False)\n"
        "SIZES = {'small': 10, 'large': 20}\n"
        "for name, size in SIZES.items():\n"
        "    Table(f'{name}_things', Base.metadata, key('id'), Column('body', String(size)))\n"
        "class Link(Base):\n"
        "    __tablename__ = 'links'\n"
        f"{KEY}    thing = key('thing_id', 'small_things.id')\n"
    )
    assert {name: columns(table) for name, table in found.items()} == {
        "small_things": ["id", "body"],
        "large_things": ["id", "body"],
        "links": ["id", "thing_id"],
    }
    assert [c["type"] for c in found["large_things"]["columns"]] == ["Integer", "String(20)"]
    assert found["links"]["columns"][1]["attribute"] == "thing"
    assert found["links"]["foreign_keys"][0]["target_table"] == "small_things"


def test_a_name_that_cannot_be_told_is_no_table() -> None:
    code = f"import os\n{CLASSIC}Base = declarative_base()\nclass A(Base):\n    __tablename__ = os.environ['T']\n{KEY}"
    code += f"class B(Base):\n    __tablename__ = 'b'\n{KEY}"
    (catalog,) = catalogs({"app.py": code})
    assert [table["name"] for table in catalog["tables"]] == ["b"]
    assert "the table of `A` has a name that cannot be told" in [each["reason"] for each in catalog["open"]]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("class A(External, Base):\n    __tablename__ = 'a'\n    id = Column(Integer)\n", "`elsewhere.External`"),
        ("class A(Base):\n    __tablename__ = 'a'\n    id = make()\n", "`id` cannot be told"),
        ("class A(Base):\n    __tablename__ = 'a'\n    __table_args__ = make()\n", "`__table_args__` cannot be read"),
        (
            "class V:\n    @declared_attr\n    def __mapper_cls__(cls):\n        return make\n"
            "class A(V, Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n",
            "`__mapper_cls__` may add to it",
        ),
        (
            "class V:\n    def __init_subclass__(cls):\n        @event.listens_for(cls, 'after_mapper_constructed')\n"
            "        def made(mapper, cls):\n            make(mapper)\n"
            "class A(V, Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n",
            "a listener may add to it",
        ),
        ("Table('a', Base.metadata, *make())\n", "arguments of the table cannot be read"),
        ("Table('a', Base.metadata, autoload_with=make())\n", "its columns are reflected from the database"),
    ],
)
def test_what_cannot_be_seen_opens_the_table(body: str, reason: str) -> None:
    found = module(f"from elsewhere import External, make\n{body}")
    assert reason in reasons(found["a"])


def test_harmless_calls_and_bases_leave_a_table_closed() -> None:
    found = module(
        "import abc, logging\nfrom flask_login import UserMixin\nfrom sqlalchemy.orm import validates\n"
        "class Plain:\n    pass\n"
        "class A(UserMixin, abc.ABC, Base):\n    __tablename__ = 'a'\n"
        f"{KEY}    log = logging.getLogger('a')\n    plain = Plain()\n    other = relationship('A')\n"
        "    @validates('id')\n    def check(self, key, value):\n        return value\n"
    )
    assert found["a"]["open"] == []
    assert columns(found["a"]) == ["id"]


def test_a_foreign_key_takes_its_type_through_a_chain() -> None:
    found = module(
        "class A(Base):\n    __tablename__ = 'a'\n    id = Column(BigInteger, primary_key=True)\n"
        "class B(Base):\n    __tablename__ = 'b'\n    id = Column(ForeignKey('a.id'), primary_key=True)\n"
        "class C(Base):\n    __tablename__ = 'c'\n    id = Column(ForeignKey(B.id), primary_key=True)\n"
        "class D(Base):\n    __tablename__ = 'd'\n    id = Column(ForeignKey('d.id'), primary_key=True)\n"
    )
    assert [found[name]["columns"][0]["type"] for name in "bcd"] == ["BigInteger", "BigInteger", None]


def test_a_type_that_only_the_environment_knows_is_open() -> None:
    found = module(
        "import importlib, os\nsettings = importlib.import_module(os.environ.get('S', 'app.settings'))\n"
        "class A(Base):\n    __tablename__ = 'a'\n    id = Column(settings.KEY, primary_key=True)\n"
    )
    assert found["a"]["columns"][0]["type"] is None


def test_types_of_the_project_say_what_they_store() -> None:
    code = "import uuid\nfrom sqlalchemy.types import TypeDecorator\nfrom sqlalchemy.dialects import postgresql as pg\n"
    code += "class Guid(TypeDecorator[uuid.UUID]):\n    impl = CHAR\n"
    code += "    def load_dialect_impl(self, dialect):\n        return dialect.type_descriptor(pg.UUID())\n"
    found = module(f"{code}class A(Base):\n    __tablename__ = 'a'\n    id = Column(Guid(32), primary_key=True)\n")
    details = found["a"]["columns"][0]["type_details"]
    assert (details["name"], details["arguments"], details["variants"]) == ("Guid", ["32"], True)
    assert (details["item"]["name"], details["item"]["arguments"]) == ("CHAR", ["32"])


def test_a_copy_of_sqlalchemy_in_the_tree_is_the_library() -> None:
    files = {
        "libs/sqlalchemy/__init__.py": "from .sql import Column\n",
        "libs/sqlalchemy/sql/__init__.py": "class Column:\n    pass\nclass Table(Base):\n    pass\n",
        "app.py": f"{CLASSIC}Base = declarative_base()\nclass A(Base):\n    __tablename__ = 'a'\n{KEY}",
    }
    assert columns(tables(files)["a"]) == ["id"]


def test_flask_names_tables_and_knows_bind_keys() -> None:
    code = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
    code += "class UserProfile(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    code += "class Child(UserProfile):\n    extra = db.Column(db.Text)\n"
    code += "class Event(db.Model):\n    __bind_key__ = 'log'\n    id = db.Column(db.Integer, primary_key=True)\n"
    found = catalogs({"app.py": code})
    assert [(each["name"], [(t["name"], columns(t)) for t in each["tables"]]) for each in found] == [
        ("app:db.metadata", [("user_profile", ["id", "extra"])]),
        ("app:db.metadatas['log']", [("event", ["id"])]),
    ]


def test_places_are_the_tokens_that_declare() -> None:
    code = f"{CLASSIC}Base = declarative_base()\nclass A(Base):\n    __tablename__ = 'things'\n"
    code += "    id = Column('key', Integer, primary_key=True)\n    owner = Column(ForeignKey('things.key'))\n"
    code += "t = Table('other', Base.metadata, Column('x', Integer))\n"
    lines = code.splitlines()

    def token(thing: dict[str, Any]) -> str:
        span = thing["span"]
        return str(lines[span["line"] - 1][span["column"] - 1 : span["end_column"] - 1])

    found = tables({"app.py": code})
    assert (token(found["things"]), token(found["other"])) == ("'things'", "'other'")
    assert [token(column) for column in found["things"]["columns"]] == ["id", "owner"]
    assert token(found["other"]["columns"][0]) == "'x'"
    assert token(found["things"]["foreign_keys"][0]) == "'things.key'"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("ix_%(column_0_label)s", "ix_s_t_a"),
        ("%(table_name)s_%(column_0_N_name)s", "t_a_b"),
        ("%(column_0N_name)s_%(column_1_name)s%(column_7_name)s", "ab_b"),
        ("fk_%(referred_table_name)s_%(referred_column_0_name)s", "fk_r_id"),
        ("%(constraint_name)s_%(table_name)s", ""),
        ("%(custom)s", ""),
        ("", ""),
    ],
)
def test_names_by_convention(template: str, expected: str) -> None:
    subject = Subject("t", "s", ("a", "b"), referred_table="r", referred_columns=("id",))
    assert conventional_name({"fk": template}, "fk", subject) == expected


def test_a_given_name_stays_unless_the_convention_is_made_with_it() -> None:
    subject = Subject("t", "", (), "positive")
    assert conventional_name({"ck": "ck_%(table_name)s"}, "ck", subject) == "positive"
    assert conventional_name({"ck": "ck_%(table_name)s_%(constraint_name)s"}, "ck", subject) == "ck_t_positive"


@pytest.mark.parametrize(("name", "table"), [("UserProfile", "user_profile"), ("HTTPLog", "http_log"), ("A", "a")])
def test_names_of_flask_sqlalchemy(name: str, table: str) -> None:
    from flask_sqlalchemy.model import camel_to_snake_case

    assert snake_case(name) == table == camel_to_snake_case(name)
