"""Markers (PEP 508) that tools write in keys of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PART = re.compile(r"(===|==|!=|<=|>=|<|>|~=)\s*([^,\s]+)")


def marker_of_python(specifier: str) -> str:
    """The marker that holds where Python's version fits a specifier; "" for any version."""
    parts = [f'python_full_version {operator} "{version}"' for operator, version in _PART.findall(specifier)]
    return " and ".join(parts)


def with_and(markers: Iterable[str]) -> str:
    """The marker that holds where all of them do; empty ones hold always."""
    given = [marker for marker in markers if marker]
    return given[0] if len(given) == 1 else " and ".join(f"({marker})" for marker in given)
