"""Operations applied to a state: each kind's effect, as PostgreSQL 18 has it (reference pages of CREATE and ALTER).

Other servers differ in what they refuse, not in what stands there afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from infralint.project.replay import apply_columns, apply_tables, apply_types
from infralint.project.replay.operations import Operation
from infralint.project.replay.state import State

_HANDLERS: dict[type[Operation], Callable[[State, Any], None]] = {
    **apply_tables.HANDLERS,
    **apply_columns.HANDLERS,
    **apply_types.HANDLERS,
}


def apply(state: State, operation: Operation) -> None:
    """Change the state as the operation changes a database. Never raises for what does not fit."""
    _HANDLERS[type(operation)](state, operation)


def apply_all(state: State, operations: Iterable[Operation]) -> None:
    """All of them, in order."""
    for operation in operations:
        apply(state, operation)
