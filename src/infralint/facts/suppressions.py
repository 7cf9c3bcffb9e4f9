"""`infralint: ignore[rule-id] reason` comments."""

from __future__ import annotations

import msgspec

from infralint.source import Span


class SuppressedRule(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One name between the brackets, and where it stands."""

    rule: str
    span: Span


class Suppression(msgspec.Struct, frozen=True, array_like=True):
    """One comment. It silences the named rules for findings that begin on one of its lines.

    `lines`: ranges of lines (from 1, both ends included) that it covers. `whole_file`: an
    `ignore-file[...]`, which covers all of them; `misplaced` where it stands below the top of the file and so
    covers none. No rules: a bare `ignore`, which is refused.
    """

    span: Span
    rules: tuple[SuppressedRule, ...]
    reason: str
    lines: tuple[tuple[int, int], ...] = ()
    whole_file: bool = False
    misplaced: bool = False

    def covers(self, line: int) -> bool:
        """Whether a finding that begins on this line is meant."""
        if self.whole_file:
            return not self.misplaced
        return any(first <= line <= last for first, last in self.lines)
