"""Walks over statements and expressions."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts import program as ir


def children(node: ir.Node) -> Iterator[ir.Node]:
    """The nodes right below a node, in the order of its fields."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, ir.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, ir.Node))
