"""The report formats of code hosts and CI servers, judged by readers of these formats and by their documented rules."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from sarif_pydantic import Sarif

from infralint.findings import Applicability, Edit, Finding, Fix, Related, Severity
from infralint.reports import sarif
from infralint.reports.azure import render_azure
from infralint.reports.checkstyle import render_checkstyle
from infralint.reports.github import MAX_ANNOTATIONS, render_github
from infralint.reports.gitlab import render_gitlab
from infralint.reports.junit import render_junit
from infralint.reports.markdown import render_markdown
from infralint.reports.rdjson import render_rdjson
from infralint.reports.rule_texts import rule_texts
from infralint.reports.sarif import render_sarif

ERROR = Finding(
    "sql-unknown-column",
    Severity.ERROR,
    "jobs/a report.sql",
    2,
    8,
    2,
    12,
    "table `users` has no column `naem`",
    (Related("app/models.py", 11, 7, 11, 11, "its model is declared here"),),
    "did you mean `name`?",
    (Fix("Use `name`", Applicability.SAFE, (Edit("jobs/a report.sql", 2, 8, 2, 12, "name"),)),),
)
WARNING = Finding("image-latest-tag", Severity.WARNING, "Dockerfile", 1, 6, 1, 19, "the tag [moves]")
# What no output may be broken by.
HOSTILE = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["::error ::x", "##vso[task.x]y", "]]>", "</a>", "a|b", "`", "%0A", "\x1b[31m", "\u2028", "\ufffe", "[x](y)", ";]"]
)


@st.composite
def hostile_findings(draw: st.DrawFn) -> list[Finding]:
    """Findings whose texts hold anything."""
    return [
        Finding(
            "image-latest-tag",
            draw(st.sampled_from(Severity)),
            "/".join(part.strip("/.\0") or "x" for part in draw(st.lists(HOSTILE, min_size=1, max_size=2))),
            draw(st.integers(1, 9)),
            draw(st.integers(1, 9)),
            9,
            9,
            draw(HOSTILE),
            tuple(Related("other.py", 1, 1, 1, 2, draw(HOSTILE)) for _ in range(draw(st.integers(0, 2)))),
            draw(st.none() | HOSTILE),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]


def sarif_of(findings: list[Finding], suppressed: list[Finding] | None = None) -> dict[str, Any]:
    text = render_sarif(findings, suppressed or [], rule_texts(findings), "1.2.3")
    Sarif.model_validate_json(text)
    document: dict[str, Any] = json.loads(text)
    return document


def test_sarif_holds_all_of_a_finding() -> None:
    (run,) = sarif_of([ERROR, WARNING])["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["image-latest-tag", "sql-unknown-column"]
    first, second = run["results"]
    assert first["ruleId"] == "sql-unknown-column"
    assert first["ruleIndex"] == 1
    assert first["level"] == "error"
    assert first["message"]["text"] == (
        "table `users` has no column `naem`\n[its model is declared here](1)\nhelp: did you mean `name`?"
    )
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "jobs/a%20report.sql", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 12}
    assert first["relatedLocations"][0]["id"] == 1
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "name"}
    # A bracket in a message begins no link.
    assert second["message"]["text"] == r"the tag \[moves\]"


def test_sarif_marks_what_is_silenced() -> None:
    silenced = replace(WARNING, suppressed="the base is rebuilt nightly")
    (run,) = sarif_of([ERROR], [silenced])["runs"]
    assert [result.get("suppressions") for result in run["results"]] == [
        None,
        [{"kind": "inSource", "justification": "the base is rebuilt nightly"}],
    ]


def test_sarif_fingerprints_hold_no_lines_and_tell_twins_apart() -> None:
    moved = replace(ERROR, line=40, end_line=40)
    marks = [
        [result["partialFingerprints"][sarif.FINGERPRINT] for result in sarif_of(findings)["runs"][0]["results"]]
        for findings in ([ERROR], [moved], [ERROR, moved])
    ]
    assert marks[0] == marks[1]
    assert len(set(marks[2])) == 2
    assert marks[0][0] in marks[2]


def test_sarif_keeps_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    (run,) = sarif_of([WARNING, replace(WARNING, line=2), ERROR])["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert notes[0]["message"]["text"].startswith("1 of 3 findings are left out")


@settings(max_examples=60, deadline=None)
@given(hostile_findings())
def test_sarif_takes_any_text(findings: list[Finding]) -> None:
    (run,) = sarif_of(findings)["runs"]
    assert len(run["results"]) == len(findings)
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        # RFC 3986: a relative reference of these characters alone, whose first segment holds no colon.
        assert re.fullmatch(r"(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", uri, re.ASCII)


def test_gitlab_has_what_its_manual_asks_for() -> None:
    first, second, third = json.loads(render_gitlab([ERROR, WARNING, replace(WARNING, line=2)]))
    assert first["location"] == {"path": "jobs/a report.sql", "lines": {"begin": 2, "end": 2}}
    assert first["check_name"] == "sql-unknown-column"
    assert first["severity"] == "critical"
    assert second["severity"] == "minor"
    assert first["description"] == (
        "table `users` has no column `naem`; its model is declared here (app/models.py:11); help: did you mean `name`?"
    )
    # Issues with one fingerprint are shown once.
    assert second["fingerprint"] != third["fingerprint"]
    assert json.loads(render_gitlab([])) == []


def test_junit_fails_once_for_each_finding() -> None:
    (suite,) = JUnitXml.fromstring(render_junit([ERROR, WARNING]).encode())
    assert (suite.tests, suite.failures) == (2, 2)
    case = next(iter(suite))
    assert case.name == "sql-unknown-column at jobs/a report.sql:2:8"
    assert case.result[0].message == "table `users` has no column `naem`"
    assert "did you mean `name`?" in case.result[0].text


def test_junit_passes_where_nothing_is_found() -> None:
    (suite,) = JUnitXml.fromstring(render_junit([]).encode())
    assert (suite.tests, suite.failures) == (1, 0)
    assert [case.is_passed for case in suite] == [True]


@settings(max_examples=60, deadline=None)
@given(hostile_findings())
def test_xml_takes_any_text(findings: list[Finding]) -> None:
    (suite,) = JUnitXml.fromstring(render_junit(findings).encode())
    assert suite.failures == len(findings)
    errors = ElementTree.fromstring(render_checkstyle(findings)).findall("file/error")
    assert len(errors) == len(findings)


def test_checkstyle_groups_by_file() -> None:
    root = ElementTree.fromstring(render_checkstyle([ERROR, WARNING, replace(WARNING, line=2)]))
    assert [(file.get("name"), len(file)) for file in root] == [("Dockerfile", 2), ("jobs/a report.sql", 1)]
    error = root.findall("file/error")[2]
    assert (error.get("line"), error.get("column"), error.get("severity")) == ("2", "8", "error")
    assert error.get("source") == "infralint.sql-unknown-column"


def test_rdjson_counts_bytes_and_suggests_safe_fixes() -> None:
    document = json.loads(render_rdjson([ERROR], lambda path, line: "é" * 20))
    (diagnostic,) = document["diagnostics"]
    assert diagnostic["severity"] == "ERROR"
    assert diagnostic["code"] == {"value": "sql-unknown-column"}
    # Seven characters of two bytes stand before column 8.
    expected = {"start": {"line": 2, "column": 15}, "end": {"line": 2, "column": 23}}
    assert diagnostic["location"] == {"path": "jobs/a report.sql", "range": expected}
    assert diagnostic["suggestions"] == [{"range": expected, "text": "name"}]
    assert diagnostic["related_locations"][0]["location"]["path"] == "app/models.py"


def test_rdjson_suggests_nothing_unsafe_and_nothing_elsewhere() -> None:
    unsafe = replace(ERROR, fixes=(replace(ERROR.fixes[0], applicability=Applicability.UNSAFE),))
    elsewhere = replace(ERROR, fixes=(Fix("x", Applicability.SAFE, (Edit("b.py", 1, 1, 1, 1, ""),)),))
    found = json.loads(render_rdjson([unsafe, elsewhere], lambda path, line: ""))["diagnostics"]
    assert [diagnostic.get("suggestions") for diagnostic in found] == [None, None]


def test_azure_escapes() -> None:
    finding = replace(WARNING, path="a;b]c.py", message="100% [x]")
    assert render_azure([finding]) == (
        "##vso[task.logissue type=warning;sourcepath=a%3Bb%5Dc.py;linenumber=1;columnnumber=6;code=image-latest-tag;]"
        "a;b]c.py:1:6: warning image-latest-tag: 100%AZP25 [x]\n"
    )


@settings(max_examples=60, deadline=None)
@given(hostile_findings())
def test_logs_hold_no_command_but_ours(findings: list[Finding]) -> None:
    for line in render_azure(findings).split("\n")[:-1]:
        assert line.startswith("##vso[task.logissue type=")
    ours = [replace(finding, severity=Severity.ERROR) for finding in findings] * 8
    for line in render_github(ours).split("\n")[:-1]:
        assert line.startswith(("::error title=", "::notice title=", "- "))


def test_github_shows_as_many_as_it_takes() -> None:
    many = [replace(ERROR, line=line, end_line=line) for line in range(1, MAX_ANNOTATIONS + 3)]
    lines = render_github([WARNING, *many]).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == MAX_ANNOTATIONS
    assert sum(line.startswith("::warning ") for line in lines) == 1
    assert "::notice title=infralint::2 more findings are in the log of this step" in lines
    assert sum(line.startswith("- jobs/a report.sql:1") for line in lines) == 2


def test_markdown_is_a_table() -> None:
    shown = render_markdown([WARNING, ERROR], 40).splitlines()
    assert shown[0] == "## infralint"
    assert shown[-2] == (
        "| error | `jobs/a report.sql:2:8` | sql-unknown-column | table `users` has no column `naem`"
        "<br>`app/models.py:11:7`: its model is declared here<br>help: did you mean `name`? |"
    )
    assert shown[-1] == r"| warning | `Dockerfile:1:6` | image-latest-tag | the tag \[moves\] |"


def test_markdown_keeps_to_its_limit() -> None:
    shown = render_markdown([replace(ERROR, line=line) for line in range(1, 100)], 40, limit=2000)
    assert len(shown.encode()) < 2200
    assert re.search(r"\n\n\d+ more findings are left out here\.\n$", shown)


@settings(max_examples=60, deadline=None)
@given(hostile_findings())
def test_markdown_rows_have_four_cells(findings: list[Finding]) -> None:
    rows = [line for line in render_markdown(findings, 1).splitlines() if line.startswith(("| error", "| warning"))]
    assert len(rows) == len(findings)
    for row in rows:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 5
