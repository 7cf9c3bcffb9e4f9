"""Checkstyle's XML."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from infralint.findings import Finding
from infralint.reports.xml_text import attributes


def render_checkstyle(findings: Iterable[Finding]) -> str:
    """The findings by file; their places and help stand in the message."""
    files = groupby(sorted(findings, key=lambda finding: finding.sort_key), key=lambda finding: finding.path)
    body = "".join(
        f"  <file{attributes(name=path)}>\n{''.join(map(_error, found))}  </file>\n" for path, found in files
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n{body}</checkstyle>\n'


def _error(finding: Finding) -> str:
    places = [f"{place.message} ({place.path}:{place.line})" for place in finding.related]
    message = "; ".join([finding.message, *places, *([f"help: {finding.help}"] if finding.help else [])])
    values = attributes(
        line=finding.line,
        column=finding.column,
        severity=finding.severity.value,
        message=message,
        source=f"infralint.{finding.rule}",
    )
    return f"    <error{values}/>\n"
