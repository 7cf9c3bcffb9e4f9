"""JUnit's XML, as test reports of CI servers read it: each finding is a test that failed."""

from __future__ import annotations

from collections.abc import Sequence

from infralint.findings import Finding
from infralint.reports.concise import concise_lines
from infralint.reports.xml_text import attributes, content


def render_junit(findings: Sequence[Finding]) -> str:
    """One suite. Where nothing is found it holds one test that passes: servers take an empty one for a mistake."""
    failures = len(findings)
    counts = attributes(name="infralint", tests=max(failures, 1), failures=failures, errors=0)
    cases = [_case(finding) for finding in findings] or ['    <testcase name="infralint" classname="infralint"/>\n']
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites{counts}>\n  <testsuite{counts}>\n{''.join(cases)}  </testsuite>\n</testsuites>\n"
    )


def _case(finding: Finding) -> str:
    name = f"{finding.rule} at {finding.path}:{finding.line}:{finding.column}"
    case = attributes(name=name, classname=f"infralint.{finding.rule}", file=finding.path, line=finding.line)
    failure = attributes(message=finding.message, type=finding.severity.value)
    text = content("\n".join(concise_lines(finding)))
    return f"    <testcase{case}>\n      <failure{failure}>{text}</failure>\n    </testcase>\n"
