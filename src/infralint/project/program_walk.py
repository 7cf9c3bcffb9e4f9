"""Walks over the statements and expressions of modules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from infralint.facts import program as ir

# The types of fields that hold no nodes.
_PLAIN = (str, int, bool, Any, tuple[str, ...])


def children(node: ir.Node | ir.Program) -> list[ir.Node]:
    """The nodes right below a node, in the order of its fields."""
    found: list[ir.Node] = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if type(value) is tuple:
            found += [each for each in value if each is not None]
        elif value is not None:
            found.append(value)
    return found


def nodes_in(program: ir.Program) -> Iterator[ir.Node]:
    """All nodes of a module, in no certain order."""
    stack = children(program)
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


@cache
def _fields(kind: type[ir.Node | ir.Program]) -> tuple[str, ...]:
    return tuple(each.name for each in msgspec.structs.fields(kind) if each.type not in _PLAIN)
