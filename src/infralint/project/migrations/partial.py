"""What is written of a text that is put together at run time: the literal parts, with holes between them."""

from __future__ import annotations

import re

from infralint.facts import program as ir
from infralint.facts.text import HOLE

_FIELD = re.compile(r"\{[^{}]*\}")
_PERCENT = re.compile(r"%\(\w+\)[sdr]|%[sdr]")


def partial_text(node: ir.Node) -> str:
    """The text of an f-string, a sum, or a literal that is formatted; "" for any other expression."""
    if isinstance(node, ir.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ir.JoinedString):
        return "".join(partial_text(part) or HOLE for part in node.parts)
    if isinstance(node, ir.Binary) and node.operator == "+":
        left, right = partial_text(node.left), partial_text(node.right)
        return (left or HOLE) + (right or HOLE) if left or right else ""
    if isinstance(node, ir.Binary) and node.operator == "%":
        return _PERCENT.sub(HOLE, partial_text(node.left))
    if isinstance(node, ir.Call) and isinstance(node.function, ir.Attribute) and node.function.name == "format":
        return _FIELD.sub(HOLE, partial_text(node.function.value))
    return ""
