"""Values that only the interpreter sees: what is looked up when it is used, and methods on their way to a call."""

from __future__ import annotations

import re
from typing import Final

from infralint.facts import program as ir
from infralint.project.interpret.scopes import Scope
from infralint.project.interpret.terms import Value
from infralint.project.interpret.values import ClassValue

PENDING: Final = object()


class Lazy:
    """`from module import name`, looked up when the name is used. `statement` stands in the module in `path`.

    `busy`: it is being looked up. `found`: what it is, PENDING before; `through`: the modules that were looked at.
    """

    __slots__ = ("busy", "found", "name", "path", "statement", "through")

    def __init__(self, path: str, statement: ir.ImportFrom, name: str) -> None:
        self.path = path
        self.statement = statement
        self.name = name
        self.busy = False
        self.found: Value = PENDING
        self.through: frozenset[str] = frozenset()


class PackageValue:
    """A package of the tree without a file of its own, by its dotted name where the module in `path` imports it."""

    __slots__ = ("dotted", "path")

    def __init__(self, dotted: str, path: str) -> None:
        self.dotted = dotted
        self.path = path


class BuiltinMethod:
    """A method of a constant or of a collection."""

    __slots__ = ("name", "receiver")

    def __init__(self, receiver: Value, name: str) -> None:
        self.receiver = receiver
        self.name = name


class SuperValue:
    """`super()` in a method: attributes of the classes behind `owner` in the order of the receiver's class."""

    __slots__ = ("owner", "receiver")

    def __init__(self, owner: ClassValue, receiver: Value) -> None:
        self.owner = owner
        self.receiver = receiver


class ScopeView:
    """`globals()`, `locals()` or `vars()`: the names of a scope as a dict. `path`: the module that it is of."""

    __slots__ = ("path", "scope")

    def __init__(self, scope: Scope, path: str) -> None:
        self.scope = scope
        self.path = path


class Expression:
    """A compiled regular expression, or a match of one."""

    __slots__ = ("object",)

    def __init__(self, object: re.Pattern[str] | re.Match[str]) -> None:
        self.object = object
