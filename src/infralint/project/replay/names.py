"""Names that PostgreSQL gives to constraints and indexes which have none.

makeObjectName and ChooseRelationName (src/backend/commands/indexcmds.c, PostgreSQL 18): `table_column_label`, the
longer of the two names cut until the whole fits into 63 bytes, and a number behind it while the name is taken.
"""

from __future__ import annotations

from collections.abc import Callable

MAX_BYTES = 63


def object_name(first: str, second: str, label: str) -> str:
    """`first_second_label`, cut to 63 bytes; `second` may be empty."""
    overhead = len(label) + 1 + (1 if second else 0)
    room = MAX_BYTES - overhead
    one, two = len(first.encode()), len(second.encode())
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = [_cut(first, one), *([_cut(second, two)] if second else []), label]
    return "_".join(parts)


def free_name(first: str, second: str, label: str, is_taken: Callable[[str], bool]) -> str:
    """The first of `first_second_label`, `..._label1`, `..._label2` that is not taken."""
    number, name = 0, object_name(first, second, label)
    while is_taken(name):
        number += 1
        name = object_name(first, second, f"{label}{number}")
    return name


def truncated(name: str) -> str:
    """An identifier as the server keeps it: 63 bytes of it."""
    return _cut(name, MAX_BYTES)


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode("utf-8", "ignore")
