"""The order in which a class's bases are asked: Python's C3 linearisation, as far as the bases are known."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from infralint.project.interpret.terms import External, Value


def identity(value: Value) -> Hashable:
    """What tells two values apart: the name of something external, the object of everything else."""
    return value if isinstance(value, External) else id(value)


def merged_order(lists: list[list[Value]], is_certain: Callable[[Value], bool]) -> list[Value] | None:
    """The C3 merge (Python's "The Python 2.3 Method Resolution Order"); None where there is no consistent order.

    A value that is not certain may be several at once: it is taken where it stands.
    """
    found: list[Value] = []
    lists = [each for each in lists if each]
    while lists:
        tails = {identity(value) for each in lists for value in each[1:]}
        head = next((each[0] for each in lists if identity(each[0]) not in tails), None)
        if head is None and not is_certain(lists[0][0]):
            head = lists[0][0]
        if head is None:
            return None
        found.append(head)
        chosen = identity(head)
        lists = [rest for each in lists if (rest := [v for v in each if identity(v) != chosen])]
    return found
