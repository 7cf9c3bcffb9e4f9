"""Names in force: module, class and function scopes, as Python's execution model has them (reference, 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from infralint.project.interpret.terms import Argument, Bound, External, Frame, Value

if TYPE_CHECKING:
    from infralint.project.interpret.values import ClassValue, ListValue, ModuleValue


class Scope:
    """Names of a module, class body, function or comprehension.

    `parent`: the scope in which names are looked up next; class bodies are skipped by the functions inside of them.
    `own`: names that are the function's own wherever they are bound. `typing`: names bound under
    `if TYPE_CHECKING`, which only annotations see. `stars`: what a module imports all names of.
    """

    __slots__ = ("globals_", "kind", "module", "names", "nonlocals", "own", "parent", "stars", "typing")

    def __init__(self, kind: str, parent: Scope | None = None, own: frozenset[str] = frozenset()) -> None:
        self.kind = kind
        self.parent = parent
        self.module: Scope = parent.module if parent is not None else self
        self.names: dict[str, Bound] = {}
        self.typing: dict[str, Bound] = {}
        self.stars: list[ModuleValue | External] = []
        self.own = own
        self.globals_: frozenset[str] = frozenset()
        self.nonlocals: frozenset[str] = frozenset()

    @property
    def closure(self) -> Scope:
        """The scope that functions defined here look their free names up in."""
        scope = self
        while scope.kind == "class" and scope.parent is not None:
            scope = scope.parent
        return scope

    def target(self, name: str) -> Scope:
        """The scope in which an assignment of a name binds it."""
        if name in self.globals_:
            return self.module
        if name in self.nonlocals:
            scope = self.parent
            while scope is not None and scope.kind != "module":
                if name in scope.names or name in scope.own:
                    return scope
                scope = scope.parent
        if self.kind == "comprehension" and self.parent is not None:
            return self
        return self


class Env:
    """Where an expression is evaluated: the running code's frame and scope, and what a function has given so far.

    `returned`: the values of the `return` statements that were reached. `yielded`: those of `yield`; `on_yield`
    runs the body of a `with` statement in place of a `yield`. `typing`: names under TYPE_CHECKING are seen, and
    bound. `owner` and `receiver`: the class that defines the running method, and its first argument.
    """

    __slots__ = ("frame", "module", "on_yield", "owner", "receiver", "returned", "scope", "typing", "yielded")

    def __init__(self, frame: Frame, scope: Scope, module: ModuleValue) -> None:
        self.frame = frame
        self.scope = scope
        self.module = module
        self.returned: list[Value] = []
        self.yielded: ListValue | None = None
        self.on_yield: Callable[[Argument], Value] | None = None
        self.typing = False
        self.owner: ClassValue | None = None
        self.receiver: Value = None

    def inner(self, scope: Scope) -> Env:
        """The same code in an inner scope: a class body or a comprehension."""
        env = Env(self.frame, scope, self.module)
        env.typing = self.typing
        env.owner = self.owner
        env.receiver = self.receiver
        return env
