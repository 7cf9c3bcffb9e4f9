"""What a rule yields (Diagnostic, in offsets) and what users get (Finding, in lines and columns).

What users get are dataclasses, which Python knows how to copy and take apart. What stays inside are structs, which
are kept between runs, and made in a thirtieth of the time when this is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Union

import msgspec

from infralint.source import Span


class Severity(str, Enum):
    """`error` fails when it runs; `warning` works today and breaks on a known event."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return 0 if self is Severity.ERROR else 1


class Applicability(str, Enum):
    """How far a fix can be trusted without a look."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Place(msgspec.Struct, frozen=True):
    """A span of a file with what is to be said of it."""

    path: str
    span: Span
    message: str


class TextEdit(msgspec.Struct, frozen=True, tag=True):
    """Replace the characters of `span` in `path` by `text`."""

    path: str
    span: Span
    text: str


class Rename(msgspec.Struct, frozen=True, tag=True):
    """Write `new` for the words `old` that stand in `span`: as they are, or once in the string literal there.

    No fix is offered where the file's text is another one.
    """

    path: str
    span: Span
    old: str
    new: str


class ImportInstead(msgspec.Struct, frozen=True, tag=True):
    """Import `name` of `module` in place of the statement that makes something of this kind anew.

    `span`: the call that is assigned, or the name of the class. `asked`: the names that other modules ask this one
    for, None where they may be any. No fix is offered where the statement does more than that.
    """

    path: str
    span: Span
    module: str
    name: str
    asked: frozenset[str] | None = None


class AddArgument(msgspec.Struct, frozen=True, tag=True):
    """Give the call in `span` one keyword more; `value` as Python writes it. No fix where it has that keyword."""

    path: str
    span: Span
    name: str
    value: str


class AddStatement(msgspec.Struct, frozen=True, tag=True):
    """Put a statement before the one around `span`, its lines as far to the right as that one.

    No fix is offered where the module has no name `needs`.
    """

    path: str
    span: Span
    statement: str
    needs: str


class AddImport(msgspec.Struct, frozen=True, tag=True):
    """Import `name` at the module's top, from `module`, or as a module itself where that is "".

    `span`: where the name is used first. No fix is offered where no line before it can take an import.
    """

    path: str
    span: Span
    module: str
    name: str

    @property
    def statement(self) -> str:
        """The import in a statement of its own."""
        return f"from {self.module} import {self.name}" if self.module else f"import {self.name}"


# What a fix does to a file: an edit, or what becomes one beside the file's text (`codemods`).
Change = Union[TextEdit, Rename, AddImport, ImportInstead, AddArgument, AddStatement]  # noqa: UP007


class TitledFix(msgspec.Struct, frozen=True):
    """A rule's repair: changes that belong together."""

    title: str
    edits: tuple[Change, ...]
    applicability: Applicability = Applicability.SAFE


class Diagnostic(msgspec.Struct, frozen=True):
    """What a rule yields. `severity` overrides the rule's own where a case is worse or milder."""

    path: str
    span: Span
    message: str
    related: tuple[Place, ...] = ()
    help: str | None = None
    fixes: tuple[TitledFix, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """Another place that belongs to a finding; lines and columns from 1, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement of a fix; lines and columns from 1, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    @property
    def sort_key(self) -> tuple[str, int, int, int, int, str]:
        """Order in a text: what is put before a text that is replaced stands before that."""
        return (self.path, self.line, self.column, self.end_line, self.end_column, self.text)


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: its title, how far it can be trusted, and its edits."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, at one place, with the other places that prove it.

    `path` is relative to the project root with `/` as separator. Lines and columns count from 1,
    columns in characters; `end_column` is the column after the last character.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    related: tuple[Related, ...] = ()
    help: str | None = None
    fixes: tuple[Fix, ...] = ()
    # Why a comment silences it; None = it is reported. Silenced findings are marked, not dropped.
    suppressed: str | None = field(default=None, kw_only=True)

    @property
    def sort_key(self) -> tuple[str, int, int, int, int, str, str]:
        """Order of findings in every report."""
        return (self.path, self.line, self.column, self.end_line, self.end_column, self.rule, self.message)
