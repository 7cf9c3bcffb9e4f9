"""What holds for every rule: its page, its messages, its spans, its fixes, and that a comment silences it."""

from __future__ import annotations

import re
from functools import cache

import harness
import pytest

from infralint.findings import Applicability, Edit, Finding, Related
from infralint.kinds import Kind, kind_of
from infralint.readers.dispatch import read_file
from infralint.report import Report
from infralint.rules import Rule, all_rules
from infralint.source import SourceText

ID = re.compile(r"[a-z]+(-[a-z0-9]+)+")
MESSAGE = re.compile(r"[a-z`\d](?:.*[^.\s])?")
RULES = {rule.id: rule for rule in all_rules()}
PAGES = harness.examples(harness.page_files())
CASES = harness.examples(harness.case_files())
BAD = [example for example in [*PAGES, *CASES] if example.section.kind == "Bad"]

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
each_bad = pytest.mark.parametrize("example", BAD, ids=[example.name for example in BAD])


@cache
def report_of(name: str) -> Report:
    example = next(example for example in BAD if example.name == name)
    return harness.lint(example.files, example.settings(example.rule))


def bad_of(rule: Rule) -> list[harness.Example]:
    return [example for example in BAD if example.rule == rule.id]


def test_pages_and_modules_pair_up() -> None:
    assert {rule for rule, _ in harness.page_files()} == set(RULES)


@each_rule
def test_id(rule: Rule) -> None:
    assert ID.fullmatch(rule.id)
    assert rule.id == f"{rule.family}-{rule.name}"


# What no file of a page can show; tests/test_bad_input.py does.
WITHOUT_EXAMPLES = {"file-too-large", "file-unreadable"}


@each_rule
def test_page_has_a_title_a_reason_and_both_examples(rule: Rule) -> None:
    page = rule.page
    assert page.title
    assert page.prose
    expected = set() if rule.id in WITHOUT_EXAMPLES else {"Bad", "Good"}
    assert expected <= {section.kind for section in page.sections}


@each_rule
def test_a_fixed_section_shows_a_declared_fix(rule: Rule) -> None:
    has_section = any(section.kind == "Fixed" for section in rule.page.sections)
    assert has_section == (rule.page.fix != "none")


@each_rule
def test_fixes_are_what_the_page_declares(rule: Rule) -> None:
    findings = [finding for example in bad_of(rule) for finding in report_of(example.name).findings]
    graded = {fix.applicability for finding in findings for fix in finding.fixes}
    declared = rule.page.fix
    if declared == "none":
        assert not graded
    else:
        assert Applicability(declared) in graded
    if declared == "unsafe":
        assert Applicability.SAFE not in graded


@each_rule
def test_nothing_is_found_in_an_empty_project(rule: Rule) -> None:
    settings = harness.settings_of({}, rule.id)
    empty = {"app/__init__.py": "", "Dockerfile": "", "schema.sql": "", "deploy.sh": "", "compose.yaml": ""}
    assert harness.lint({}, settings).findings == ()
    assert harness.lint(empty, settings).findings == ()


@each_bad
def test_findings_are_of_the_rule_alone(example: harness.Example) -> None:
    assert {finding.rule for finding in report_of(example.name).findings} == {example.rule}


@each_bad
def test_order_of_files_changes_nothing(example: harness.Example) -> None:
    turned = dict(reversed(example.files.items()))
    assert harness.lint(turned, example.settings(example.rule)).findings == report_of(example.name).findings


@each_bad
def test_spans_lie_in_their_files(example: harness.Example) -> None:
    for finding in report_of(example.name).findings:
        for place in (finding, *finding.related):
            start, end = _offsets(example, place)
            assert start < end or not example.files[place.path], f"nothing is underlined: {place}"
        for edit in (edit for fix in finding.fixes for edit in fix.edits):
            _offsets(example, edit)


def _offsets(example: harness.Example, place: Finding | Related | Edit) -> tuple[int, int]:
    source = SourceText(example.files[place.path])
    ends = ((place.line, place.column), (place.end_line, place.end_column))
    for line, column in ends:
        assert 1 <= line <= source.line_count
        assert 1 <= column <= len(source.line(line)) + 1
    start, end = (source.offset(*at) for at in ends)
    return start, end


@each_bad
def test_messages_are_one_lower_case_sentence(example: harness.Example) -> None:
    for finding in report_of(example.name).findings:
        assert MESSAGE.fullmatch(finding.message), finding.message
        texts = [finding.help, *(related.message for related in finding.related)]
        for text in (text for text in texts if text is not None):
            assert text.strip() == text
            assert text
            assert not text.endswith(".")
            assert "\n" not in text


@each_bad
def test_fixes_come_to_an_end_and_leave_files_that_parse(example: harness.Example) -> None:
    before = example.files
    result = harness.fixed(before, example.rule)
    assert result.converged
    assert result.spoiled == ()
    for path, text in result.files.items():
        if text != before[path] and not _is_broken(path, before[path]):
            assert not _is_broken(path, text), f"{path} does not parse after the fix:\n{text}"


def _is_broken(path: str, text: str) -> bool:
    kind = kind_of(path)
    return kind is not None and read_file(text.encode(), kind, "postgres").problem is not None


@each_bad
def test_a_comment_silences_each_finding(example: harness.Example) -> None:
    """Not asked of rules that the engine itself judges: of comments, and of files that cannot be read."""
    if RULES[example.rule].load() is None:
        return
    for finding in report_of(example.name).findings:
        silenced = (_is_silenced(example, finding, files) for files in _with_comment(example, finding))
        assert any(silenced), finding


def _is_silenced(example: harness.Example, finding: Finding, files: dict[str, str]) -> bool:
    report = harness.lint(files, example.settings(example.rule))
    here = [(other.path, other.message) for other in report.suppressed]
    everywhere = len(report.findings) + len(report.suppressed)
    return (finding.path, finding.message) in here and everywhere == len(report_of(example.name).findings)


# How far above its place a finding's statement or command may begin.
_REACH = 30


def _with_comment(example: harness.Example, finding: Finding) -> list[dict[str, str]]:
    """The files with a comment at the end of the finding's line, above it, or above its statement."""
    lines = example.files[finding.path].split("\n")
    at = finding.line - 1
    marker = "--" if kind_of(finding.path) is Kind.SQL else "#"
    comment = f"{marker} infralint: ignore[{finding.rule}] known, and repaired next week"
    placed = [[*lines[:at], f"{lines[at]}  {comment}", *lines[at + 1 :]]]
    for above in range(at, max(at - _REACH, -1), -1):
        indent = re.match(r"\s*", lines[above])
        placed.append([*lines[:above], f"{indent[0] if indent else ''}{comment}", *lines[above:]])
    return [{**example.files, finding.path: "\n".join(edited)} for edited in placed]
