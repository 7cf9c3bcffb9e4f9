"""Names in force: module, class and function scopes, as Python's execution model has them (reference, 4.2)."""

from __future__ import annotations

from infralint.project.interpret.values import Bound


class Scope:
    """Names of a module, class body, function or comprehension.

    `parent`: the scope in which names are looked up next; class bodies are skipped by the functions inside of them.
    `typing`: names bound under `if TYPE_CHECKING`, which only annotations see. `globals_`, `nonlocals`: declared so.
    """

    __slots__ = ("globals_", "kind", "module", "names", "nonlocals", "own", "parent", "region", "typing")

    def __init__(self, kind: str, parent: Scope | None = None, own: frozenset[str] = frozenset()) -> None:
        self.kind = kind
        self.parent = parent
        self.module: Scope = parent.module if parent is not None else self
        self.names: dict[str, Bound] = {}
        self.typing: dict[str, Bound] = {}
        self.own = own
        self.globals_: set[str] = set()
        self.nonlocals: set[str] = set()
        self.region: object = None
