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

    `first_line` and `last_line` (from 1, both included) are the lines it covers; a comment for the
    whole file (`ignore-file[...]`) covers all of them. No rules: a bare `ignore`, which is refused.
    """

    span: Span
    rules: tuple[SuppressedRule, ...]
    reason: str
    first_line: int
    last_line: int
    whole_file: bool = False
