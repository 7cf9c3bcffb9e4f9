"""Fixes applied to texts: pure functions from files and findings to repaired files.

A fix goes in whole or not at all. Of two fixes that want the same characters the first one wins, and the
other is found again in the next round (`repair.repair`), on the text that the first one left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infralint.findings import Applicability, Edit, Finding, Fix, TextEdit
from infralint.source import SourceText, Span

Files = Mapping[str, str]


class OverlappingEditsError(ValueError):
    """Two edits of one text want the same characters."""


def apply_text_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """`text` with all edits made; equal edits count once. Raises OverlappingEditsError."""
    ordered = sorted({(edit.span, edit.text) for edit in edits})
    parts = []
    at = 0
    previous: Span | None = None
    for span, replacement in ordered:
        if previous is not None and _overlap(previous, span):
            raise OverlappingEditsError(f"characters {span.start} to {span.end} are edited twice")
        parts += [text[at : span.start], replacement]
        at, previous = span.end, span
    return "".join([*parts, text[at:]])


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The same for edits in lines and columns. Raises OverlappingEditsError."""
    source = SourceText(text)
    return apply_text_edits(text, [_in_offsets(source, edit) for edit in edits])


def apply_fixes(
    files: Files, findings: Iterable[Finding], *, unsafe: bool = False
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """One round: the first usable fix of every reported finding. A fix that overlaps one already taken waits.

    Of `files` only those that a fix edits are looked at. Returns the changed texts and the findings that were
    repaired.
    """
    sources: dict[str, SourceText] = {}
    taken: dict[str, set[tuple[Span, str]]] = {}
    fixed = []
    for finding in findings:
        fix = _usable(finding, unsafe)
        if fix is None or any(edit.path not in files for edit in fix.edits):
            continue
        edits = [_in_offsets(_source(sources, files, edit.path), edit) for edit in fix.edits]
        wanted = {path: set(taken.get(path, ())) for path in {edit.path for edit in edits}}
        if all(_fits(edit, wanted[edit.path]) for edit in edits):
            taken.update(wanted)
            fixed.append(finding)
    changed = {
        path: apply_text_edits(files[path], [TextEdit(path, *edit) for edit in edits]) for path, edits in taken.items()
    }
    return changed, tuple(fixed)


def _source(sources: dict[str, SourceText], files: Files, path: str) -> SourceText:
    if path not in sources:
        sources[path] = SourceText(files[path])
    return sources[path]


def _usable(finding: Finding, unsafe: bool) -> Fix | None:
    """A silenced finding is not repaired: its reason says why it stays."""
    if finding.suppressed is not None:
        return None
    return next((fix for fix in finding.fixes if unsafe or fix.applicability is Applicability.SAFE), None)


def _in_offsets(source: SourceText, edit: Edit) -> TextEdit:
    start = source.offset(edit.line, edit.column)
    span = Span(start, source.offset(edit.end_line, edit.end_column))
    return TextEdit(edit.path, span, edit.text.replace("\n", source.newline))


def _fits(edit: TextEdit, taken: set[tuple[Span, str]]) -> bool:
    """Whether an edit goes beside those that are taken; it is one of them then."""
    # Two findings that need the same import bring the same edit.
    if (edit.span, edit.text) not in taken and any(_overlap(edit.span, span) for span, _ in taken):
        return False
    taken.add((edit.span, edit.text))
    return True


def _overlap(one: Span, other: Span) -> bool:
    """Whether two edits touch the same characters. Two insertions at one place have no order: they clash."""
    if one.start == other.start:
        # What is put before a text that is replaced stays before it.
        return (len(one) == 0) == (len(other) == 0)
    return one.start < other.end and other.start < one.end
