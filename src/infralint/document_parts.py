"""What the documents of `infralint schema` and `infralint services` have in common: places, and what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from infralint.project.catalog import Origin


class SpanObject(TypedDict):
    """A place in a file. Lines and columns count from 1, columns in characters; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class OpenObject(TypedDict):
    """Why something cannot be told, and where the cause stands."""

    reason: str
    span: SpanObject


# Lines and columns of a place: line, column, end line, end column.
Locate = Callable[[Origin], tuple[int, int, int, int]]


def span_object(origin: Origin, locate: Locate) -> SpanObject:
    """A place as the documents have it."""
    line, column, end_line, end_column = locate(origin)
    return {"path": origin.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column}
