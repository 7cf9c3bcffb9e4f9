"""What the names of one file stand for by its own imports and aliases."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from infralint.facts.python import Binding, Import


class ImportTable:
    """The import table of one file.

    A name that is imported twice keeps its run-time import before one under TYPE_CHECKING; functions'
    own imports count for the whole file, since a file seldom gives one name two meanings.
    """

    def __init__(self, imports: Iterable[Import], bindings: Iterable[Binding] = ()) -> None:
        self._origins: dict[str, str] = {}
        for statement in sorted(imports, key=lambda each: not each.typing_only):
            self._add(statement)
        aliases = {b.name: b.value for b in bindings if b.kind == "alias" and b.name not in self._origins}
        rebound = {b.name for b in bindings if b.kind != "alias"}
        self._aliases = {name: value for name, value in aliases.items() if name not in rebound}

    def _add(self, statement: Import) -> None:
        prefix = "." * statement.level + statement.module
        if statement.names is None:
            bound = statement.alias or statement.module.partition(".")[0]
            self._origins[bound] = prefix if statement.alias else bound
            return
        separator = "" if prefix.endswith(".") or not prefix else "."
        for imported in statement.names:
            if imported.name != "*":
                self._origins[imported.bound] = f"{prefix}{separator}{imported.name}"

    def is_imported(self, name: str) -> bool:
        """Whether an import binds this (undotted) name."""
        return name in self._origins

    def resolve(self, dotted: str) -> str:
        """A dotted name with its first part replaced by what it is imported from, aliases followed."""
        for _ in range(8):
            head, dot, rest = dotted.partition(".")
            if head in self._origins:
                return self._origins[head] + dot + rest
            if head not in self._aliases:
                return dotted
            dotted = self._aliases[head] + dot + rest
        return dotted

    def meaning(self, dotted: Collection[str]) -> set[str]:
        """The (undotted) names that stand for one of these dotted names."""
        return {name for name in (*self._origins, *self._aliases) if self.resolve(name) in dotted}
