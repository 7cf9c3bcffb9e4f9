"""What a consumer may answer while its code runs, and what a traced run reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from infralint.project.catalog import Origin
from infralint.project.interpret.terms import Made, Value
from infralint.project.interpret.values import FunctionValue


class _Unanswered:
    """The answer of a hook that has none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNANSWERED"


UNANSWERED: Final = _Unanswered()


class Hooks:
    """Answers for what comes from outside of the tree. UNANSWERED leaves the term as it is."""

    def call(self, call: Made) -> Value:
        """The value of an external call: `op.get_context().as_sql` has its beginning here."""
        return UNANSWERED

    def attribute(self, value: Value, name: str) -> Value:
        """The value of an attribute of a term: `op.get_bind().dialect` and then its `name`."""
        return UNANSWERED

    def inherited(self, function: FunctionValue, receiver: Value) -> Value:
        """What `super().name` gives for a function under a decorator that is not followed (`declared_attr`)."""
        return UNANSWERED


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a traced run does, in order.

    `kind`: "call", an external call (`call`); "raise", the run ends there by a `raise` statement (`call` is None).
    `certain`: it is reached on every run, exactly here; else `cause` is the place of the condition, loop or handler
    that cannot be told, and `reason` says so in words. `place`: the call or the statement. `tried`: it is not certain
    only because it stands in a `try`: it runs unless something before it raises.
    """

    kind: str
    call: Made | None
    place: Origin
    certain: bool = True
    cause: Origin | None = None
    reason: str = ""
    tried: bool = False
