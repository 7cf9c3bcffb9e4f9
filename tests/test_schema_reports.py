"""The text and mermaid formats, and the command."""

from __future__ import annotations

import itertools
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from catalogs import HERE, at, catalog, column, document, key, kind, shop, table
from click.testing import CliRunner, Result

import infralint
from infralint.cli import main
from infralint.cli import schema as cli_schema
from infralint.project.catalog import Constraint, DataType, Index, Unknown
from infralint.project.project import Project
from infralint.reports.schema_mermaid import render_schema_mermaid
from infralint.reports.schema_text import render_schema_text
from infralint.schema_document import ALL_SOURCES, SOURCES

SHOP_TEXT = """\
# models of app.db:Base.metadata: 2 tables

users  app/models.py:1:1
  mapped by app.models.User, base app.db:Base
  id     Integer                                     primary key, generated serial           app/models.py:3:1
  email  String(100)                                 not null, unique, attribute mail        app/models.py:1:1
  state  Enum(Status, name='status', schema='shop')  not null, index, server default 'open'  app/models.py:1:1
  tags   ARRAY(String())                             null, default list                      app/models.py:1:1
  extra  ?                                           nullable?, open: its type is computed   app/models.py:1:1
  unique uq_users_email (email, state)  app/models.py:6:1
  check ck_users (length(email) > 3)    app/models.py:7:1
  unique index ix_users_lower (lower(email)) where email IS NOT NULL  app/models.py:8:1
  relationship orders -> app.models.Order  back populates user  app/models.py:4:1

shop.orders  app/models.py:1:1
  mapped by app.models.Order
  id         Integer  primary key  app/models.py:1:1
  user_id    ?        null         app/models.py:1:1
  parent_id  Integer  null         app/models.py:1:1
  foreign key (user_id) -> users (id) on delete CASCADE  app/models.py:1:1
  foreign key (parent_id) -> shop.orders (id)  app/models.py:1:1
  relationship children -> app.models.Order  backref parent, secondary links               app/models.py:4:3
  relationship parent -> ?                   from a backref, open: the target is computed  app/models.py:4:3
  relationship user -> app.models.User       back populates orders                         app/models.py:4:2
  inherits users
  open: columns are added in a loop  app/models.py:10:1
  open: constraints are made by a function  app/models.py:10:2

enum shop.status: open, it's closed  app/models.py:1:3
domain shop.amount: NUMERIC(10, 2) not null server default 0 check (VALUE >= 0)  app/models.py:9:1
"""

SHOP_MERMAID = """\
erDiagram
    %% models of app.db:Base.metadata
    "users" {
        Integer id PK
        String(100) email UK "not null"
        Enum state "Enum(Status, name='status', schema='shop'), not null"
        ARRAY(String()) tags
        unknown extra
    }
    "shop.orders" {
        Integer id PK
        unknown user_id FK
        Integer parent_id FK
    }
    "users" |o--o{ "shop.orders" : "user_id"
    "shop.orders" |o--o{ "shop.orders" : "parent_id"
"""


def test_text() -> None:
    assert render_schema_text(document(shop())) == SHOP_TEXT


def test_text_of_several_catalogs() -> None:
    broken = Unknown("schema.sql could not be read", at(3, "schema.sql"))
    sql = catalog(table("v", column("c", DataType("BIGINT")), kind="view"), source="sql", name="", open=[broken])
    found = render_schema_text(document(catalog(source="migrations", name="alembic"), sql))
    assert found == textwrap.dedent(
        """\
        # migrations of alembic: 0 tables

        # SQL: 1 table
        open: schema.sql could not be read  schema.sql:1:4

        v (view)  app/models.py:1:1
          c  BIGINT  not null  app/models.py:1:1
        """
    )


def test_text_keeps_control_characters_from_the_terminal() -> None:
    hostile = table("t", column("c\x1b[31m", None, default="a\nb", open="\u202e"))
    found = render_schema_text(document(catalog(hostile)))
    assert "\\x1b[31m" in found
    assert "default a\\x0ab" in found
    assert "\\u202e" in found


def test_long_cells_do_not_push_the_others_of_other_rows() -> None:
    wide = table("t", column("a", kind("Enum", *(f"'label{n}'" for n in range(20)))), column("b", kind("Text")))
    assert "\n  b  Text  not null" in render_schema_text(document(catalog(wide)))


# Mermaid 11.17: the patterns of erDiagram's words (packages/mermaid/src/diagrams/er/parser/erDiagram.jison).
ENTITY = r'"[^"%\r\n\v\b\\]+"'
WORD = r"[A-Za-z_][A-Za-z0-9_()\[\]]*"
MERMAID = re.compile(
    rf"""
    erDiagram
    | \ {{4}}%%\ [^{{}}]*
    | \ {{4}}{ENTITY}(?:\ {{)?
    | \ {{8}}(?!(?:PK|FK|UK)\b){WORD}\ (?!(?:PK|FK|UK)\b){WORD}(?:\ (?:PK|FK|UK)(?:,\ (?:PK|FK|UK))*)?(?:\ "[^"]*")?
    | \ {{4}}}}
    | \ {{4}}{ENTITY}\ (?:\|\||\|o)--(?:o\{{|o\|)\ {ENTITY}\ :\ "[^"\r\n%]+"
    """,
    re.VERBOSE | re.IGNORECASE,
)
HOSTILE = [
    "user",
    "a.b",
    'say "x"',
    "50%",
    "back\\slash",
    "größe",
    "two words",
    "2fa",
    "pk",
    "UK",
    "title",
    "a\nb",
    "-",
    "{x}",
]


def refused_lines(diagram: str) -> list[str]:
    return [line for line in diagram.splitlines() if not MERMAID.fullmatch(line)]


def test_mermaid() -> None:
    assert render_schema_mermaid(document(shop())) == SHOP_MERMAID
    assert refused_lines(SHOP_MERMAID) == []


def test_mermaid_takes_every_name() -> None:
    types = [DataType("Numeric", ("10", "2")), DataType("Enum", ("'a b'", 'name="x"')), DataType("", ()), None]
    columns = [column(f"{name}{at}", kind_) for name in HOSTILE for at, kind_ in enumerate(types)]
    plain = [column(name, DataType("Integer")) for name in HOSTILE]
    tables = [
        table(name, *columns, *plain, foreign_keys=[key("50%", other)]) for name, other in itertools.pairwise(HOSTILE)
    ]
    diagram = render_schema_mermaid(document(catalog(*tables, name='{"%"}')))
    assert refused_lines(diagram) == []
    assert '        Numeric user0 "Numeric(10, 2), not null"' in diagram
    assert '        Integer _pk "pk, not null"' in diagram
    assert '        Integer gr__e "größe, not null"' in diagram


def test_mermaid_draws_a_table_of_two_catalogs_once() -> None:
    models = catalog(table("users", column("id", kind("Integer"))))
    sql = catalog(table("users", column("key", DataType("BIGINT"))), source="sql", name="")
    diagram = render_schema_mermaid(document(models, sql))
    assert diagram.count('"users"') == 1
    assert "BIGINT" not in diagram


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"nullable": False, "unique": True}, "||--o|"),
        ({"nullable": True, "unique": True}, "|o--o|"),
        ({"nullable": True}, "|o--o{"),
        ({"nullable": None}, "|o--o{"),
        ({"nullable": False}, "||--o{"),
        ({"nullable": False, "primary_key": True}, "||--o|"),
    ],
)
def test_how_many_rows_a_foreign_key_joins(columns: dict[str, bool], expected: str) -> None:
    own = table("t", column("x", kind("Integer"), **columns), foreign_keys=[key("x", "t", target_schema="s")])
    assert f'    "s.t" {expected} "t" : "x"' in render_schema_mermaid(document(catalog(own)))


@pytest.mark.parametrize("unique", [Index("i", ("x",), HERE, unique=True), Constraint("unique", ("x",), HERE)])
def test_unique_sets_are_seen_wherever_they_stand(unique: Index | Constraint) -> None:
    facts: dict[str, list[Any]] = {"indexes": [unique]} if isinstance(unique, Index) else {"constraints": [unique]}
    own = table("t", column("x", kind("Integer")), foreign_keys=[key("x", "t")], **facts)
    assert "||--o|" in render_schema_mermaid(document(catalog(own)))


@pytest.mark.parametrize(
    ("tables", "shown", "left_out"),
    [
        (100, '"not null"', "%% too large"),
        (180, "Integer plain0", '"not null"'),
        (400, "Integer id PK", "Integer plain"),
        (1800, '"table1"', "Integer id PK"),
    ],
)
def test_a_diagram_is_short_enough_to_be_drawn(tables: int, shown: str, left_out: str) -> None:
    plain = [column(f"plain{n}", kind("Integer")) for n in range(10)]
    many = [table(f"table{n}", column("id", kind("Integer"), primary_key=True), *plain) for n in range(tables)]
    diagram = render_schema_mermaid(document(catalog(*many)))
    assert len(diagram) <= 50_000
    assert refused_lines(diagram) == []
    assert shown in diagram
    assert left_out not in diagram


@pytest.fixture
def shop_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose catalogs are hand-made."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "models.py").write_text("x = 1234\n" * 20, encoding="utf-8")
    sql = catalog(table("logs", origin=at(0)), source="sql", name="")
    monkeypatch.setattr(Project, "catalogs", (shop(), sql))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["schema", "--no-cache", *arguments])


def test_the_command_prints_text(shop_project: Path) -> None:
    result = run()
    assert result.exit_code == 0
    assert "# models of app.db:Base.metadata: 2 tables\n" in result.stdout
    assert "# SQL: 1 table\n\nlogs  app/models.py:1:1\n" in result.stdout
    assert run(str(shop_project / "app")).stdout == result.stdout


@pytest.mark.parametrize(("source", "expected"), [("models", ["models"]), ("sql", ["sql"]), ("migrations", [])])
def test_the_command_chooses_sources(shop_project: Path, source: str, expected: list[str]) -> None:
    printed = json.loads(run("--source", source, "--format", "json").stdout)
    assert [each["source"] for each in printed["catalogs"]] == expected


def test_the_api_gives_the_same_document(shop_project: Path) -> None:
    assert infralint.schema(shop_project, cache=False) == json.loads(run("--format", "json").stdout)
    in_memory = infralint.schema({"app/models.py": "x = 1234\n" * 20}, source="models")
    assert [each["source"] for each in in_memory["catalogs"]] == ["models"]
    with pytest.raises(ValueError, match="no source of schemas: 'tables'"):
        infralint.schema({}, source="tables")


def test_the_command_chooses_tables(shop_project: Path) -> None:
    assert run("--table", "logs", "--format", "mermaid").stdout.count('    "') == 1
    assert "CREATE TABLE logs" in run("--table", "logs", "--table", "users", "--format", "sql").stdout
    result = run("--table", "user")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no table `user`; did you mean `users`?" in result.stderr


def test_the_command_writes_a_file(shop_project: Path) -> None:
    result = run("--format", "sql", "--output", "schema.sql")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (shop_project / "schema.sql").read_bytes().decode() == run("--format", "sql").stdout
    refused = run("--output", "nowhere/schema.sql")
    assert refused.exit_code == 2
    assert "nowhere/schema.sql" in refused.stderr


def test_a_project_without_tables_prints_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "infralint.toml").write_text("", encoding="utf-8")
    assert run(str(tmp_path), "--format", "mermaid").stdout == "erDiagram\n"
    assert json.loads(run(str(tmp_path), "--format", "json").stdout) == {"version": 1, "catalogs": []}


def test_the_command_knows_the_sources_of_the_document() -> None:
    assert (*SOURCES, ALL_SOURCES) == cli_schema.SOURCES


def test_a_settings_file_with_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "infralint.toml").write_text("selct = 1", encoding="utf-8")
    assert run(str(tmp_path)).exit_code == 2
