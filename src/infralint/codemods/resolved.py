"""What a change is in a file: its edits."""

from __future__ import annotations

from dataclasses import dataclass

from infralint.findings import TextEdit


@dataclass(frozen=True, slots=True)
class Resolved:
    """The edits of a change. `is_certain` is False where the text shows something that a reader should look at."""

    edits: tuple[TextEdit, ...]
    is_certain: bool = True
