"""The report formats: what each prints for the same findings."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infralint.findings import Applicability, Edit, Finding, Fix, Related, Severity
from infralint.reports.concise import render_concise
from infralint.reports.frame import cell_width, excerpt
from infralint.reports.github import render_github
from infralint.reports.harmless import harmless
from infralint.reports.json import VERSION, render_json
from infralint.reports.sources import Sources
from infralint.reports.statistics import render_statistics
from infralint.reports.text import render_text, summary_line

ERROR = Finding(
    "sql-unknown-column",
    Severity.ERROR,
    "jobs/report.sql",
    2,
    8,
    2,
    12,
    "table `users` has no column `naem`",
    (Related("app/models.py", 11, 7, 11, 11, "its model is declared here"),),
    "did you mean `name`?",
    (Fix("Use `name`", Applicability.SAFE, (Edit("jobs/report.sql", 2, 8, 2, 12, "name"),)),),
)
WARNING = Finding("image-latest-tag", Severity.WARNING, "Dockerfile", 1, 6, 1, 19, "the tag moves")
LINES = {
    ("jobs/report.sql", 2): "SELECT naem FROM users;",
    ("app/models.py", 11): "class User(Base):",
    ("Dockerfile", 1): "FROM python:latest",
}


def read_line(path: str, number: int) -> str:
    return LINES.get((path, number), "")


def text_of(line: str, start: int, end: int, *, width: int = 120) -> list[str]:
    """The source line and its underline, without the gutter, for a span in characters from 1."""
    finding = Finding("a-b", Severity.ERROR, "f", 1, start, 1, end, "m")
    shown = render_text([finding], lambda _, __: line, width=width).splitlines()
    return [row[4:] for row in shown[3:5]]


def test_text() -> None:
    assert render_text([ERROR, WARNING], read_line) == (
        "error[sql-unknown-column]: table `users` has no column `naem`\n"
        "  --> jobs/report.sql:2:8\n"
        "   |\n"
        " 2 | SELECT naem FROM users;\n"
        "   |        ^^^^\n"
        "   |\n"
        "  ::: app/models.py:11:7\n"
        "   |\n"
        "11 | class User(Base):\n"
        "   |       ---- its model is declared here\n"
        "   |\n"
        "   = help: did you mean `name`?\n"
        "\n"
        "warning[image-latest-tag]: the tag moves\n"
        " --> Dockerfile:1:6\n"
        "  |\n"
        "1 | FROM python:latest\n"
        "  |      ^^^^^^^^^^^^^\n"
        "  |\n"
        "\n"
    )


def test_text_without_findings_is_empty() -> None:
    assert render_text([], read_line) == ""


def test_colour_adds_codes_and_changes_nothing_else() -> None:
    coloured = render_text([ERROR, WARNING], read_line, colour=True)
    assert "\x1b[1;31merror[sql-unknown-column]\x1b[0m" in coloured
    assert "\x1b[1;33mwarning" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == render_text([ERROR, WARNING], read_line)


def test_source_that_cannot_be_read_leaves_the_places() -> None:
    assert render_text([ERROR], lambda _, __: "").splitlines() == [
        "error[sql-unknown-column]: table `users` has no column `naem`",
        "  --> jobs/report.sql:2:8",
        "  ::: app/models.py:11:7: its model is declared here",
        "   = help: did you mean `name`?",
        "",
    ]


@pytest.mark.parametrize(
    ("end_line", "end_column", "frame"),
    [
        (4, 4, ["1 | foo(", "  | ^^^^", "...", "4 |   b)", "  |   ^"]),
        (2, 3, ["1 | foo(", "  | ^^^^", "2 |   a,", "  |   ^"]),
        (2, 1, ["1 | foo(", "  | ^^^^"]),
    ],
)
def test_span_of_several_lines(end_line: int, end_column: int, frame: list[str]) -> None:
    lines = ["", "foo(", "  a,", "", "  b)"]
    finding = Finding("a-b", Severity.ERROR, "f", 1, 1, end_line, end_column, "m")
    shown = render_text([finding], lambda _, number: lines[number]).splitlines()
    assert shown[3:-2] == frame


@pytest.mark.parametrize(
    ("line", "start", "end", "rows"),
    [
        ("\tx = naem", 6, 10, ["    x = naem", "        ^^^^"]),
        ("ab\tnaem", 4, 8, ["ab  naem", "    ^^^^"]),
        ("'日本' naem", 6, 10, ["'日本' naem", "       ^^^^"]),
        ("'日本' naem", 2, 4, ["'日本' naem", " ^^^^"]),
        ("e\u0301t\u00e9 naem", 6, 10, ["e\u0301t\u00e9 naem", "    ^^^^"]),
        ("\x1b[31m naem", 7, 11, ["\\x1b[31m naem", "         ^^^^"]),
        ("naem", 5, 5, ["naem", "    ^"]),
        ("naem", 9, 12, ["naem", "    ^"]),
        ("\u202enaem", 2, 6, ["\\u202enaem", "      ^^^^"]),
    ],
)
def test_underline_is_exact(line: str, start: int, end: int, rows: list[str]) -> None:
    assert text_of(line, start, end) == rows


@pytest.mark.parametrize("place", [0, 30, 500, 995, 1000])
def test_long_line_is_cut_around_the_span(place: int) -> None:
    source, underline = text_of("x" * place + "NAEM" + "y" * (1000 - place), place + 1, place + 5, width=80)
    marked = source[underline.index("^") : underline.rindex("^") + 1]
    assert marked == "NAEM"
    assert len(source) <= 76
    assert source.startswith("…") == (place > 50)
    assert source.endswith("…") == (place < 990)


def test_span_longer_than_the_line_of_output_is_cut() -> None:
    source, underline = text_of("x" * 20 + "N" * 500, 21, 521, width=60)
    assert source.startswith("…N") or source.startswith("x")
    assert len(source) <= 56
    assert len(underline) <= 56


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=300)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 300), st.integers(0, 300), st.integers(20, 100))
@example("0" * 21, 0, 0, 20)
@example("0" * 41, 20, 20, 20)
def test_every_line_fits_and_can_be_printed(line: str, start: int, end: int, limit: int) -> None:
    shown = excerpt(line, start, end, limit)
    assert cell_width(shown.text) <= limit
    assert shown.indent <= limit
    assert 1 <= shown.width <= limit
    assert not any(unicodedata.category(character) == "Cc" for character in shown.text)


@settings(deadline=None)
@given(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=300),
    st.data(),
)
def test_the_underlined_cells_hold_the_span(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, min(len(line), start + 15)))
    shown = excerpt(line, start, end, 40)
    assert shown.text[shown.indent : shown.indent + shown.width] == line[start:end]


def test_a_line_of_ten_megabytes_costs_little() -> None:
    line = "x" * 10_000_000
    assert len(excerpt(line, 5_000_000, 5_000_004, 100).text) <= 100


def test_concise() -> None:
    assert render_concise([ERROR, WARNING]) == (
        "jobs/report.sql:2:8: error sql-unknown-column: table `users` has no column `naem`\n"
        "  app/models.py:11:7: its model is declared here\n"
        "  help: did you mean `name`?\n"
        "Dockerfile:1:6: warning image-latest-tag: the tag moves\n"
    )
    assert render_concise([]) == ""


def test_names_from_the_project_cannot_break_out_of_their_line() -> None:
    finding = Finding("a-b", Severity.ERROR, "a\n::error::x.py", 1, 1, 1, 2, "m\x1b[2J\u2028")
    assert render_concise([finding]) == "a\\x0a::error::x.py:1:1: error a-b: m\\x1b[2J\\u2028\n"
    assert "\x1b" not in render_text([finding], lambda _, __: "\x1b[2J")


@settings(deadline=None)
@given(st.text())
def test_harmless_text_has_no_controls_and_changes_nothing_else(text: str) -> None:
    shown = harmless(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown)
    if text.isprintable() and "\u200e" not in text:
        assert shown == text


def test_json_holds_every_field() -> None:
    silenced = Finding("a-b", Severity.ERROR, "a.py", 1, 1, 1, 2, "m", suppressed="known")
    document = json.loads(render_json([ERROR, WARNING], [silenced], 7))
    assert document["version"] == VERSION == 1
    assert document["findings"][0] == {
        "rule": "sql-unknown-column",
        "severity": "error",
        "path": "jobs/report.sql",
        "line": 2,
        "column": 8,
        "end_line": 2,
        "end_column": 12,
        "message": "table `users` has no column `naem`",
        "related": [
            {
                "path": "app/models.py",
                "line": 11,
                "column": 7,
                "end_line": 11,
                "end_column": 11,
                "message": "its model is declared here",
            }
        ],
        "help": "did you mean `name`?",
        "fixes": [
            {
                "title": "Use `name`",
                "applicability": "safe",
                "edits": [
                    {
                        "path": "jobs/report.sql",
                        "line": 2,
                        "column": 8,
                        "end_line": 2,
                        "end_column": 12,
                        "text": "name",
                    }
                ],
            }
        ],
    }
    assert document["findings"][1]["help"] is None
    assert [(item["rule"], item["suppressed"]) for item in document["suppressed"]] == [("a-b", "known")]
    assert document["summary"] == {
        "errors": 1,
        "warnings": 1,
        "suppressed": 1,
        "files": 2,
        "files_read": 7,
        "rules": {"image-latest-tag": 1, "sql-unknown-column": 1},
    }


def test_json_survives_every_encoding() -> None:
    finding = Finding("a-b", Severity.ERROR, "\udcff.py", 1, 1, 1, 2, "é日")
    text = render_json([finding], [], 1)
    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == "é日"


def test_docs_name_every_json_field() -> None:
    page = (Path(__file__).parents[1] / "docs" / "output.md").read_text(encoding="utf-8")
    silenced = Finding("a-b", Severity.ERROR, "a.py", 1, 1, 1, 2, "m", suppressed="known")

    def names(value: object) -> set[str]:
        if isinstance(value, dict):
            inner = (names(item) for key, item in value.items() if key != "rules")
            return set(value).union(*inner)
        return set().union(*map(names, value)) if isinstance(value, list) else set()

    fields = names(json.loads(render_json([ERROR], [silenced], 1)))
    assert {field for field in fields if f"`{field}`" not in page} == set()


def test_github_puts_errors_first_and_columns_only_on_one_line() -> None:
    long = Finding("a-b", Severity.WARNING, "a.py", 1, 2, 3, 4, "m")
    assert render_github([WARNING, long, ERROR]).splitlines() == [
        "::error title=infralint (sql-unknown-column),file=jobs/report.sql,"
        "line=2,endLine=2,col=8,endColumn=12"
        "::jobs/report.sql:2:8: error sql-unknown-column: table `users` has no column `naem`"
        "%0A  app/models.py:11:7: its model is declared here%0A  help: did you mean `name`?",
        "::warning title=infralint (image-latest-tag),file=Dockerfile,line=1,endLine=1,col=6,endColumn=19"
        "::Dockerfile:1:6: warning image-latest-tag: the tag moves",
        "::warning title=infralint (a-b),file=a.py,line=1,endLine=3::a.py:1:2: warning a-b: m",
    ]


def test_github_escapes() -> None:
    finding = Finding("a-b", Severity.ERROR, "100%,a:b\n.py", 1, 1, 1, 2, "50%\r\n::error::x")
    line = render_github([finding])
    assert line.count("\n") == 1
    assert "file=100%25%2Ca%3Ab%0A.py," in line
    assert line.endswith("error a-b: 50%25\\x0d\\x0a::error::x\n")


def test_statistics() -> None:
    assert render_statistics([WARNING, *[ERROR] * 10]) == (
        "10  error    sql-unknown-column\n 1  warning  image-latest-tag\n"
    )
    assert render_statistics([]) == ""


@pytest.mark.parametrize(
    ("findings", "files", "line"),
    [
        ([], 123, "No findings (123 files read)."),
        ([], 1, "No findings (1 file read)."),
        ([ERROR], 2, "Found 1 error in 1 file (2 files read)."),
        ([ERROR, ERROR, ERROR, WARNING], 123, "Found 3 errors and 1 warning in 2 files (123 files read)."),
        ([WARNING, WARNING], 0, "Found 2 warnings in 1 file (0 files read)."),
    ],
)
def test_summary(findings: list[Finding], files: int, line: str) -> None:
    assert summary_line(findings, files) == line


def test_sources(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# coding: latin-1\r\n\xe9 = 1\r\n")
    (tmp_path / "b.sql").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "c.sql").write_bytes(b"\xef\xbb\xbfdisk")
    sources = Sources(tmp_path, {"c.sql": b"buffer"})
    assert sources.line("a.py", 2) == "é = 1"
    assert sources.line("a.py", 9) == ""
    assert sources.line("b.sql", 1) == ""
    assert sources.line("c.sql", 1) == "buffer"
    assert sources.line("missing", 1) == ""
    assert Sources(tmp_path).line("c.sql", 1) == "disk"
    assert Sources(None).line("c.sql", 1) == ""
