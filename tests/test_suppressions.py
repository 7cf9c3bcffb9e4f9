"""Suppression comments: where they may stand in every kind of file, and what is wrong with bad ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

import infralint
from infralint.findings import Finding
from infralint.kinds import Kind, kind_of
from infralint.readers.suppressions import suppressions_in
from infralint.settings import Settings

OF_COMMENTS = Settings(select=("suppression",), extend_select=("file-unparsable",))


def covered(text: str, path: str = "a.py") -> list[int]:
    """The lines (from 1) that any comment of a text covers."""
    kind = kind_of(path)
    assert kind is not None
    found = suppressions_in(text, kind)
    return [line for line in range(1, text.count("\n") + 2) if any(s.covers(line) for s in found)]


def found(files: dict[str, str], settings: Settings = OF_COMMENTS) -> list[tuple[str, str, int, int]]:
    """(rule, path, line, column) of every finding."""
    return [(f.rule, f.path, f.line, f.column) for f in infralint.lint(files, settings).findings]


COMMENT = "infralint: ignore[a-b] known"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f"x = 1  # {COMMENT}\ny = 2\n"),
        ("a.py", f"x = 1  # type: ignore  # {COMMENT}\ny = 2\n"),
        ("a.py", f"x = '#'  #{COMMENT}\r\ny = 2\r\n"),
        ("a.py", f"print 1  # {COMMENT}\ny = (\n"),
        ("a.py", f'é = "\'"  # {COMMENT}\ny = 2\n'),
        ("a.sql", f"SELECT 'it''s -- x' -- {COMMENT}\nFROM t;\n"),
        ("a.sql", f"SELECT a /* {COMMENT} */ FROM t\nWHERE b;\n"),
        ("a.sql", f"CREATE FUNCTION f() AS $$ x -- {COMMENT}\n$$;\n"),
        ("a.yaml", f"image: a:b # {COMMENT}\nx: 1\n"),
        ("a.yaml", f"image: don't # {COMMENT}\nx: it's\n"),
        ("a.yaml", f"image: {{{{ .x }}}} # {COMMENT}\n- : [\n"),
        ("compose.yml", f'command: "a # b" # {COMMENT}\nx: 1\n'),
        ("a.sh", f"gcloud run \"a # b\" 'c # d' ${{#x}} # {COMMENT}\nls\n"),
        ("Makefile", f"x = a\\#b # {COMMENT}\ny = 1\n"),
        ("a.ps1", f"docker run 'it''s' # {COMMENT}\nls\n"),
        ("a.ps1", f"docker run <# {COMMENT} #> x\nls\n"),
        ("a.tf", f'image = "http://x # y" // {COMMENT}\ny = 1\n'),
        ("a.tf", f'image = "x" # {COMMENT}\ny = 1\n'),
        ("a.tf", f'image = "x" /* {COMMENT} */\ny = 1\n'),
        ("a.toml", f"x = '# y' # {COMMENT}\ny = 1\n"),
        ("requirements.txt", f"a @ git+https://x#egg=a # {COMMENT}\nb\n"),
        (".env", f"A='x # y' # {COMMENT}\nB=1\n"),
    ],
)
def test_a_comment_on_the_line(path: str, text: str) -> None:
    assert covered(text, path) == [1]
    (suppression,) = suppressions_in(text, kind_of(path) or Kind.PYTHON)
    assert suppression.reason == "known"
    (name,) = suppression.rules
    assert text[name.span.start : name.span.end] == name.rule == "a-b"
    assert text[suppression.span.start : suppression.span.end] == COMMENT


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f"# {COMMENT}\nx = 1\ny = 2\n"),
        ("a.sql", f"/* {COMMENT} */\nSELECT 1;\nSELECT 2;\n"),
        ("Dockerfile", f"# {COMMENT}\nFROM a\nRUN b\n"),
        ("a.yaml", f"# {COMMENT}\na: 1\nb: 2\n"),
        ("a.sh", f"# {COMMENT}\na\nb\n"),
        ("alembic.ini", f"; {COMMENT}\na = 1\nb = 2\n"),
        ("setup.cfg", f"# {COMMENT}\na = 1\nb = 2\n"),
    ],
)
def test_a_comment_on_the_line_above(path: str, text: str) -> None:
    assert covered(text, path) == [1, 2]


def test_comments_that_stand_alone_stack() -> None:
    assert covered(f"# {COMMENT}\n# more\n# {COMMENT}\nx = 1\ny = 2\n") == [1, 2, 3, 4]


def test_a_blank_line_ends_the_reach() -> None:
    assert 3 not in covered(f"# {COMMENT}\n\nx = 1\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f'x = "# {COMMENT}"\n'),
        ("a.py", f'"""Use it so::\n\n    x  # {COMMENT}\n"""\n'),
        ("a.py", f"x = '''\n# {COMMENT}\n'''\n"),
        ("a.py", f"# write `{COMMENT}`, see infralint: ignore\n"),
        ("a.sql", f"SELECT '-- {COMMENT}';\n"),
        ("Dockerfile", f"RUN echo # {COMMENT}\n"),
        ("a.yaml", f'a: "x # {COMMENT}"\n'),
        ("a.yaml", f'a: "x\n  # {COMMENT}"\n'),
        ("a.yaml", f"a:\n  text: |\n    b\n    # {COMMENT}\n"),
        ("a.yaml", f"a: x#{COMMENT}\n"),
        ("a.sh", f"cat <<'EOF'\n# {COMMENT}\nEOF\n"),
        ("a.sh", f"echo '\n# {COMMENT}\n'\n"),
        ("a.tf", f"x = <<-EOT\n  # {COMMENT}\n  EOT\n"),
        ("a.toml", f'x = """\n# {COMMENT}\n"""\n'),
        (".env", f'A="x # {COMMENT}"\n'),
    ],
)
def test_what_is_no_comment(path: str, text: str) -> None:
    assert suppressions_in(text, kind_of(path) or Kind.PYTHON) == ()


SQL = 'db.execute(\n    """\n    SELECT a,\n           b\n    FROM t\n    """\n)\nx = 1\n'


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("db.execute(", f"db.execute(  # {COMMENT}", [1, 2, 3, 4, 5, 6]),
        ("db.execute(", f"# {COMMENT}\ndb.execute(", [1, 2, 3, 4, 5, 6, 7]),
        ('(\n    """', f'(\n    # {COMMENT}\n    """', [2, 3, 4, 5, 6, 7]),
        ('   """\n)', f'   """  # {COMMENT}\n)', [2, 3, 4, 5, 6]),
        ("SELECT a,", f"SELECT a, -- {COMMENT}", [3]),
        ("    SELECT a,", f"    -- {COMMENT}\n    SELECT a,", [3, 4]),
        ("SELECT a,", f"SELECT a, /* {COMMENT} */", [3]),
    ],
)
def test_sql_in_a_string_of_several_lines(old: str, new: str, lines: list[int]) -> None:
    assert old in SQL
    assert covered(SQL.replace(old, new, 1)) == lines


def test_literals_that_stand_together_are_one_string() -> None:
    text = f'q = (\n    "SELECT a "  # {COMMENT}\n    f"FROM {{t}} "\n    "WHERE b"\n)\ny = "c"\n'
    assert covered(text) == [2, 3, 4]


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.sh", f"# {COMMENT}\ngcloud run \\\n  --a \\\n  --b\nls\n", [1, 2, 3, 4]),
        ("a.sh", f"gcloud run \\\n  --a \\\n  --b # {COMMENT}\nls\n", [1, 2, 3]),
        ("Dockerfile", f"# {COMMENT}\nRUN a && \\\n    # why\n    b\nRUN c\n", [1, 2, 3, 4]),
        ("Makefile", f"x:\n\t# {COMMENT}\n\tdocker run \\\n\t  a\n\tls\n", [2, 3, 4]),
        ("a.ps1", f"# {COMMENT}\ndocker run `\n  a\nls\n", [1, 2, 3]),
        ("a.yaml", f"# {COMMENT}\nrun: |\n  a\n  b\nx: 1\n", [1, 2, 3, 4]),
        ("a.yaml", f"run: | # {COMMENT}\n  a\n  b\nx: 1\n", [1, 2, 3]),
        ("a.yaml", f"- run: |\n    a # {COMMENT}\n    b\n", [2]),
        ("a.yaml", f"args:\n  - |\n    # {COMMENT}\n    a \\\n      b\n    c\n", [3, 4, 5]),
    ],
)
def test_commands_and_scripts_of_several_lines(path: str, text: str, lines: list[int]) -> None:
    assert covered(text, path) == lines


@pytest.mark.parametrize(
    ("path", "top"),
    [
        ("a.py", ""),
        ("a.py", '#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"""What it does.\n"""\n\n'),
        ("a.yaml", "---\n"),
        ("a.sql", "/* x */\n\n-- y\n"),
    ],
)
def test_a_comment_for_the_whole_file(path: str, top: str) -> None:
    mark = "--" if path.endswith(".sql") else "#"
    text = f"{top}{mark} infralint: ignore-file[a-b] generated\nx = 1\n"
    (suppression,) = suppressions_in(text, kind_of(path) or Kind.PYTHON)
    assert suppression.whole_file
    assert suppression.covers(1000)


def silenced(text: str) -> tuple[Finding, ...]:
    return infralint.lint({"a.py": text}, OF_COMMENTS).suppressed


def test_silenced_findings_are_marked() -> None:
    report = infralint.lint({"a.py": "print 1  # infralint: ignore[file-unparsable] Python 2: for ever\n"}, OF_COMMENTS)
    assert report.findings == ()
    (finding,) = report.suppressed
    assert finding.suppressed == "Python 2: for ever"
    bare = infralint.lint({"a.py": "print 1\n"}, OF_COMMENTS).findings
    assert (replace(finding, suppressed=None),) == bare


def test_a_comment_for_the_whole_file_silences() -> None:
    (finding,) = silenced("# infralint: ignore-file[file-unparsable] Python 2\nx = 1\nprint 1\n")
    assert finding.line == 3


def test_a_comment_for_the_file_below_its_top_silences_nothing() -> None:
    text = "x = 1\n# infralint: ignore-file[file-unparsable] Python 2\nprint 1\n"
    assert found({"a.py": text}) == [
        ("suppression-unused", "a.py", 2, 26),
        ("file-unparsable", "a.py", 3, 1),
    ]


def test_without_a_reason_it_silences_and_is_reported() -> None:
    text = "print 1  # infralint: ignore[file-unparsable]\n"
    assert [finding.suppressed for finding in silenced(text)] == [""]
    assert found({"a.py": text}) == [("suppression-missing-reason", "a.py", 1, 12)]


@pytest.mark.parametrize("bare", ["ignore", "ignore[]", "ignore[ ] reason", "ignore-file", "ignore because", "ignore["])
def test_bare_comments_are_refused(bare: str) -> None:
    assert found({"a.py": f"print 1  # infralint: {bare}\n"}) == [
        ("file-unparsable", "a.py", 1, 1),
        ("suppression-bare", "a.py", 1, 12),
    ]


def test_unknown_rules_families_and_all() -> None:
    text = "x = 1  # infralint: ignore[file-unparsible, file, ALL] why\n"
    report = infralint.lint({"a.py": text}, OF_COMMENTS)
    assert [(f.column, f.end_column, f.message, f.help) for f in report.findings] == [
        (
            28,
            43,
            "there is no rule `file-unparsible`, so this silences nothing",
            "did you mean `file-unparsable`?",
        ),
        (45, 49, "`file` is no single rule, so this silences nothing", "name the rules one by one"),
        (51, 54, "`ALL` is no single rule, so this silences nothing", "name the rules one by one"),
    ]


def test_an_unused_name_is_found_at_its_own_place() -> None:
    text = "x = 1  # infralint: ignore[file-unparsable] why\n"
    assert found({"a.py": text}) == [("suppression-unused", "a.py", 1, 28)]
    (finding,) = infralint.lint({"a.py": text}, OF_COMMENTS).findings
    assert text[finding.column - 1 : finding.end_column - 1] == "file-unparsable"


def test_a_rule_that_did_not_run_is_not_unused() -> None:
    files = {"a.py": "x = 1  # infralint: ignore[file-unparsable] why\n"}
    assert found(files, Settings(select=("suppression",))) == []
    ignoring = replace(OF_COMMENTS, per_file_ignores=(("*.py", ("file",)),))
    assert found(files, ignoring) == []


def test_in_a_file_that_was_not_read_in_full_nothing_is_unused() -> None:
    text = "x = 1  # infralint: ignore[orm-separate-base] why\nprint 1\n"
    assert found({"a.py": text}, replace(OF_COMMENTS, extend_select=("orm",))) == []


def test_no_comment_silences_the_rules_about_comments() -> None:
    text = "# infralint: ignore[suppression-bare] why\nx = 1  # infralint: ignore\n"
    rules = [(f.rule, f.line, f.message) for f in infralint.lint({"a.py": text}, OF_COMMENTS).findings]
    assert rules == [
        ("suppression-unused", 1, "no comment can silence `suppression-bare`"),
        ("suppression-bare", 2, "this comment names no rule, so it silences nothing"),
    ]
    assert found({"a.py": text}, replace(OF_COMMENTS, ignore=("suppression",))) == []


def test_two_names_one_of_them_unused() -> None:
    text = "print 1  # infralint: ignore[file-unparsable, file-undecodable] why\n"
    settings = replace(OF_COMMENTS, extend_select=("file",))
    assert found({"a.py": text}, settings) == []
    assert len(infralint.lint({"a.py": text}, settings).suppressed) == 1
