"""Dotted names of libcst nodes."""

from __future__ import annotations

import libcst as cst


def dotted_name(node: cst.CSTNode | None) -> str:
    """`a.b.c` for names and attributes of names; "" for everything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))
