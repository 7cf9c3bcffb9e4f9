"""Buffers that cannot be read while somebody types: the project is judged with the text that last could be.

What is found in such a text is shown at its place in the present one, beside what keeps that from being read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infralint.engine import dialect_of, lint
from infralint.facts.files import FileFacts
from infralint.findings import Finding, Related
from infralint.kinds import Kind
from infralint.readers.dispatch import lenient_text, read_file
from infralint.report import Report
from infralint.settings import Settings
from infralint.source import SourceText, UndecodableError, decode


@dataclass(frozen=True, slots=True)
class Broken:
    """Two texts of a file: as it last could be read, and as it is. `head` and `tail`: how many characters at the start
    and at the end are the same in both."""

    good: SourceText
    now: SourceText
    head: int
    tail: int

    def place(self, line: int, column: int) -> tuple[int, int] | None:
        """Where a place of the good text is now; None where the text around it was changed."""
        offset = self.good.offset(line, column)
        if offset <= self.head:
            return self.now.position(offset)
        if offset >= len(self.good.text) - self.tail:
            return self.now.position(offset + len(self.now.text) - len(self.good.text))
        return None


def broken(good: str, now: str) -> Broken:
    """The two texts of a file that was readable and is not."""
    head = _alike(good, now)
    return Broken(SourceText(good), SourceText(now), head, _alike(good[head:][::-1], now[head:][::-1]))


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their start."""
    for at, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine != yours:
            return at
    return min(len(one), len(other))


class Buffers:
    """The last readable text of each buffer (`good`, by path). `read`: the facts of those that were new when they were
    taken last, so that nobody needs to read them again."""

    def __init__(self) -> None:
        self.good: dict[str, bytes] = {}
        self.read: dict[str, FileFacts] = {}

    def take(
        self, buffers: Mapping[str, bytes], root: Path, kind_of: Callable[[str], Kind | None], settings: Settings
    ) -> dict[str, bytes]:
        """Note the readable ones among the buffers; gives those that are not and were, or are on disk, before.

        `kind_of`: what a path is read as.
        """
        good: dict[str, bytes] = {}
        read: dict[str, FileFacts] = {}
        unreadable = {}
        for path, data in buffers.items():
            kind = kind_of(path)
            if data == self.good.get(path) or kind is None:
                good[path] = data
                continue
            facts = read_file(data, kind, dialect_of(settings))
            if facts.problem is None:
                good[path], read[path] = data, facts
                continue
            before = self.good.get(path) or _on_disk(root / path, kind, settings)
            if before is not None:
                good[path], unreadable[path] = before, data
        self.good, self.read = good, read
        return unreadable


def _on_disk(file: Path, kind: Kind, settings: Settings) -> bytes | None:
    """What stands on disk in the place of a buffer, if that can be read."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    return data if read_file(data, kind, dialect_of(settings)).problem is None else None


def with_problems(
    report: Report, unreadable: Mapping[str, bytes], good: Mapping[str, bytes], settings: Settings
) -> Report:
    """The report on the texts that can be read, for those that are there: `unreadable` by path, in place of `good`."""
    if not unreadable:
        return report
    texts = {path: broken(_text(good[path]), _text(data)) for path, data in unreadable.items()}
    findings = relocated(report.findings, texts)
    for path, data in unreadable.items():
        findings += [finding for finding in lint({path: data}, settings).findings if finding.rule.startswith("file-")]
    return replace(
        report,
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        suppressed=tuple(relocated(report.suppressed, texts)),
        digests={path: digest for path, digest in report.digests.items() if path not in unreadable},
    )


def _text(data: bytes) -> str:
    try:
        return decode(data, python=True).text
    except UndecodableError:
        return lenient_text(data)


def relocated(findings: Iterable[Finding], texts: Mapping[str, Broken]) -> list[Finding]:
    """The findings where they are now: without those whose own text was changed, and without fixes of such files."""
    return [moved for finding in findings if (moved := _relocated(finding, texts)) is not None]


def _relocated(finding: Finding, texts: Mapping[str, Broken]) -> Finding | None:
    paths = {finding.path, *(place.path for place in finding.related)}
    paths |= {edit.path for fix in finding.fixes for edit in fix.edits}
    if not paths & texts.keys():
        return finding
    place = _place(finding, texts)
    if place is None:
        return None
    line, column, end_line, end_column = place
    return replace(
        finding,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        related=tuple(
            replace(other, line=at[0], column=at[1], end_line=at[2], end_column=at[3])
            for other in finding.related
            if (at := _place(other, texts)) is not None
        ),
        fixes=tuple(fix for fix in finding.fixes if not any(edit.path in texts for edit in fix.edits)),
    )


def _place(at: Finding | Related, texts: Mapping[str, Broken]) -> tuple[int, int, int, int] | None:
    text = texts.get(at.path)
    if text is None:
        return at.line, at.column, at.end_line, at.end_column
    start, end = text.place(at.line, at.column), text.place(at.end_line, at.end_column)
    return (*start, *end) if start is not None and end is not None else None
