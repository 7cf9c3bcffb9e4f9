"""Lines of the documents' text formats: cells that line up, and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infralint.document_parts import OpenObject, SpanObject

# Columns of text line up with each other only as long as nothing is much longer than the rest.
_WIDEST = 48


def rows(cells: Sequence[tuple[str, ...]], indent: str = "  ") -> Iterator[str]:
    """Rows of cells, lined up; a cell that is much too wide pushes the others."""
    widths = [0] * max(map(len, cells), default=0)
    for row in cells:
        for at, cell in enumerate(row):
            if len(cell) <= _WIDEST:
                widths[at] = max(widths[at], len(cell))
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False) if width or cell]
        yield f"{indent}{'  '.join(padded)}".rstrip()


def place(span: SpanObject) -> str:
    """A place as `path:line:column`."""
    return f"{span['path']}:{span['line']}:{span['column']}"


def open_lines(causes: Iterable[OpenObject], indent: str) -> Iterator[str]:
    """A line for each thing that cannot be told."""
    return (f"{indent}open: {cause['reason']}  {place(cause['span'])}" for cause in causes)
