"""SQL that scripts hand to a database's client, wherever the script is written."""

from __future__ import annotations

import pytest
from sql_places import sql_of

from infralint.kinds import Kind

SHELL = [
    ("psql -U x db <<EOF\nSELECT $a, bad FROM t;\nDELETE FROM u;\n\\d foo\nEOF\n", "postgres", ["bad", ""]),
    ("psql db <<-'SQL' > out.txt\n\tSELECT bad FROM t;\n\tSQL\n", "postgres", ["bad"]),
    ('psql -v ON_ERROR_STOP=1 <<< "SELECT bad FROM t"\n', "postgres", ["bad"]),
    ('echo "SELECT bad FROM t" | psql db\n', "postgres", ["bad"]),
    ("printf 'SELECT bad FROM t' | sudo -u postgres psql\n", "postgres", ["bad"]),
    ("cat <<EOF | psql -X db\nSELECT bad FROM t\nEOF\n", "postgres", ["bad"]),
    ("docker compose exec -T db psql -U u <<EOF\nSELECT bad FROM t;\nEOF\n", "postgres", ["bad"]),
    ('docker exec -i psql psql -U u -c "SELECT bad FROM t" db\n', "postgres", ["bad"]),
    ('kubectl exec pod -- psql -c "SELECT bad FROM t"\n', "postgres", ["bad"]),
    ("PGPASSWORD=x psql -tAc \"SELECT bad FROM t WHERE x = '$FOO'\"\n", "postgres", ["bad x"]),
    ('psql --command="SELECT bad FROM t" --dbname=x\n', "postgres", ["bad"]),
    ('psql -c"SELECT bad FROM t"\n', "postgres", ["bad"]),
    ('psql -c "SELECT a FROM t" -c "SELECT b FROM t"\n', "postgres", ["a", "b"]),
    ('SQL="SELECT bad FROM t"\npsql -c "$SQL"\n', "postgres", ["bad"]),
    ('psql -c "SELECT bad FROM t WHERE x = :\'id\'" -v id=1\n', "postgres", ["bad x"]),
    ('sqlite3 -header "$DB" "SELECT bad FROM t"\n', "sqlite", ["bad"]),
    ("sqlite3 x.db <<'EOF'\n.mode csv\nSELECT bad FROM t;\nEOF\n", "sqlite", ["bad"]),
    ("mysql -u root -p$PASS -e 'SELECT `bad` FROM t' db\n", "mysql", ["`bad`"]),
    ("mariadb -Ne 'SELECT bad FROM t'\n", "mysql", ["bad"]),
    ("bash -c \"psql -c 'SELECT bad FROM t'\"\n", "postgres", ["bad"]),
    ("if true; then\n  psql -c 'SELECT bad FROM t' | grep x\nfi\n", "postgres", ["bad"]),
    ("psql <<EOF | grep x\nSELECT bad FROM t\nEOF\n", "postgres", ["bad"]),
]  # fmt: skip


def refs(code: str, kind: Kind) -> list[str]:
    return [
        " ".join(code[ref.span.start : ref.span.end] for scope in statement.scopes for ref in scope.refs)
        for statement in sql_of(code, kind).statements
    ]


@pytest.mark.parametrize(("script", "server", "expected"), SHELL)
def test_scripts(script: str, server: str, expected: list[str]) -> None:
    assert refs(script, Kind.SHELL) == expected
    assert sql_of(script, Kind.SHELL).servers == ((server,) if expected else ())


@pytest.mark.parametrize(
    "script",
    [
        "psql -c '\\dt'\n",
        "psql -f schema.sql\n",
        "sqlite3 x.db .tables\n",
        'echo "SELECT bad FROM t"\n',
        'grep psql "SELECT bad FROM t"\n',
        "cat <<EOF\nSELECT bad FROM t\nEOF\n",
        "docker run psql\n",
        "psql -d 'SELECT bad FROM t'\n",
    ],
)
def test_what_no_client_reads(script: str) -> None:
    assert refs(script, Kind.SHELL) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.MAKEFILE, 'db:\n\tpsql -c "SELECT bad FROM t" $(DB)\n'),
        (Kind.DOCKERFILE, 'FROM x:1\nRUN psql -c "SELECT bad FROM t" && true\n'),
        (Kind.DOCKERFILE, "FROM x:1\nRUN <<EOF\npsql <<SQL\nSELECT bad FROM t;\nSQL\nEOF\n"),
        (Kind.DOCKERFILE, 'FROM x:1\nCMD ["psql", "-c", "SELECT bad FROM t"]\n'),
        (
            Kind.WORKFLOW,
            "jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          psql <<'EOF'\n          SELECT bad FROM t;\n"
            "          EOF\n",
        ),
        (Kind.COMPOSE, "services:\n  a:\n    image: x:1\n    command: psql -c 'SELECT bad FROM t'\n"),
        (Kind.COMPOSE, 'services:\n  a:\n    image: x:1\n    command: ["psql", "-c", "SELECT bad FROM t"]\n'),
    ],
)
def test_everywhere(kind: Kind, code: str) -> None:
    assert refs(code, kind) == ["bad"]


def test_python_runs_a_client() -> None:
    code = "import subprocess\n\nsubprocess.run(['psql', '-c', 'select bad from t'])\n"
    assert refs(code, Kind.PYTHON) == ["bad"]


def test_definitions_in_scripts_count() -> None:
    facts = sql_of("psql <<EOF\nCREATE TABLE t (a int);\nEOF\n", Kind.SHELL)
    assert [change.table.name for statement in facts.statements for change in statement.changes] == ["t"]
