"""Verdicts on statements: the server's, and infralint's over the same schema and the same statement in a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from harness import lint
from sql_generator import Case
from sql_schemas import Schema

from infralint.findings import Severity
from infralint.settings import Dialect, Settings
from infralint.source import SourceText

# Tables that only make most of the project's tables known, whatever one statement says.
FILLERS = tuple(f"filler_{number}" for number in range(15))
# A file that reads one of our tables is one that speaks to our server.
OURS = 'conn.execute("SELECT 1 FROM filler_0")'
HEAD = f"import asyncpg\n\n\nasync def run(conn, a):\n    await {OURS}\n    await conn.execute(\n        " + '"""'
# PostgreSQL manual, appendix A.
RULES = {
    "42703": "sql-unknown-column",
    "42P01": "sql-unknown-table",
    "23502": "sql-missing-value",
    "23514": "sql-invalid-literal",
    "22P02": "sql-invalid-literal",
    "08P01": "sql-parameter-count",
}


@dataclass(frozen=True)
class Verdict:
    """`rule`: "" = accepted, "?" = refused for another reason. `at`: offset in the statement, -1 where not told."""

    rule: str
    at: int = -1
    text: str = ""


def server_verdict(connection: psycopg.Connection[Any], case: Case) -> Verdict:
    """What PostgreSQL says; the statement leaves nothing behind."""
    try:
        with connection.transaction(force_rollback=True):
            psycopg.RawCursor(connection).execute(case.sql.encode(), ["7"] * case.arguments, prepare=False)
    except psycopg.Error as error:
        message = str(error.diag.message_primary or error)
        rule = RULES.get(error.sqlstate or "", "?")
        if error.sqlstate == "42601" and message.startswith(("INSERT has more", "VALUES lists must")):
            rule = "sql-value-count"
        if error.sqlstate in ("42P02", "42P18") and case.mistake == "parameters":
            # Too few types, or too many, are sent with the statement.
            rule = "sql-parameter-count"
        position = error.diag.statement_position
        return Verdict(rule, int(position) - 1 if position else -1, message)
    return Verdict("")


def call_of(case: Case) -> str:
    """A module that executes the statement with asyncpg."""
    arguments = "".join(" a," for _ in range(case.arguments))
    return f'{HEAD}{case.sql}""",{arguments}\n    )\n'


def findings(
    schema: str,
    cases: Sequence[Case],
    tables: Sequence[str],
    *,
    head: str = HEAD,
    call: Callable[[Case], str] = call_of,
    dialect: str = "postgres",
) -> list[list[Verdict]]:
    """What infralint says of each statement; then of the schema, and of queries that read its tables. `call` makes a module
    of a statement, which begins with `head`."""
    files = {f"app{number}.py": call(case) for number, case in enumerate(cases)}
    fillers = "\n".join(f"CREATE TABLE {name} (id integer);" for name in FILLERS)
    files["schema.sql"] = f"{schema}\n{fillers}\n"
    files["used.sql"] = "".join(f"SELECT 1 FROM {name};\n" for name in (*FILLERS, *tables))
    report = lint(files, Settings(select=("sql",), dialect=Dialect(dialect)))
    found: dict[str, list[Verdict]] = {path: [] for path in files}
    for finding in report.findings:
        if finding.severity is Severity.WARNING:
            # A comparison in vain, which no server refuses.
            continue
        source = SourceText(files[finding.path])
        start = source.offset(finding.line, finding.column)
        end = source.offset(finding.end_line, finding.end_column)
        found[finding.path].append(Verdict(finding.rule, start - len(head), source.text[start:end]))
    return list(found.values())


@dataclass
class Tally:
    """What a run of the judge found. `missed`, `misplaced` and `false` hold statements with both verdicts."""

    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    other: int = 0
    missed: list[tuple[str, Verdict]] = field(default_factory=list)
    misplaced: list[tuple[str, Verdict, list[Verdict]]] = field(default_factory=list)
    false: list[tuple[str, list[Verdict]]] = field(default_factory=list)

    def add(self, case: Case, server: Verdict, ours: list[Verdict]) -> None:
        """Count one statement."""
        if not server.rule:
            self.accepted += 1
            if ours:
                self.false.append((case.sql, ours))
        elif server.rule == "?":
            self.other += 1
        else:
            self.refused[server.rule] = self.refused.get(server.rule, 0) + 1
            same = [each for each in ours if each.rule == server.rule]
            if not same:
                self.missed.append((case.sql, server))
            elif not any(same_place(case.sql, server, each) for each in same):
                self.misplaced.append((case.sql, server, same))

    @property
    def recall(self) -> float:
        """The share of refused statements that infralint refuses for the same reason."""
        refused = sum(self.refused.values())
        return 1 - len(self.missed) / refused if refused else 1.0

    def summary(self) -> str:
        """The numbers of a long run, and the first of what is wrong."""
        return (
            f"accepted {self.accepted}, of these reported {len(self.false)}: {self.false[:5]}\n"
            f"refused {self.refused}, recall {self.recall:.4f}, missed {self.missed[:10]}\n"
            f"misplaced {self.misplaced[:10]}; refused for other reasons {self.other}"
        )


def same_place(sql: str, server: Verdict, ours: Verdict) -> bool:
    """Whether both mean one token. The server points at the start of a qualified name, infralint at its bad part; it has no
    place for what fails when rows are written, and points at a surplus value, where infralint names the table."""
    if server.at < 0 or ours.rule in ("sql-value-count", "sql-missing-value", "sql-parameter-count"):
        return True
    # Of ON CONFLICT it points at the bracket.
    start = server.at + (sql[server.at] == "(")
    if ours.rule in ("sql-unknown-column", "sql-unknown-table") and start < ours.at:
        between = sql[start : ours.at]
        return between.endswith(".") and between.strip('").').replace("_", "a").isalnum()
    return start == ours.at


def set_up(connection: psycopg.Connection[Any], schema: Schema) -> None:
    """Make the tables with a row each."""
    for name in FILLERS:
        connection.execute(f"CREATE TABLE {name} (id integer)".encode())
    connection.execute(schema.ddl().encode())
    for row in schema.rows():
        connection.execute(row.encode())
