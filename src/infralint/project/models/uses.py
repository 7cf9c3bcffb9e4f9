"""What modules do with the MetaData of bases: create its tables, migrate by it, replace it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.interpret import Interpreter, Value
from infralint.project.program_walk import children

_ENGINES = frozenset({"create_engine", "create_async_engine"})


@dataclass(slots=True)
class _Seen:
    """What one module says, in dotted names as written."""

    uses: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    engine: bool = False


class MetadataUses:
    """Looks at every statement of the given modules, those in functions too."""

    def __init__(self, interpreter: Interpreter, files: Mapping[str, FileFacts], paths: Iterable[str]) -> None:
        self.interpreter = interpreter
        self.files = files
        self.paths = tuple(paths)

    def creates_engine(self, path: str) -> bool:
        """Whether a module makes an engine of its own."""
        return path in self._seen and self._seen[path].engine

    @cached_property
    def used(self) -> list[Value]:
        """Whose `.metadata` is used for more than to declare a Table."""
        return [self.interpreter.name(path, name) for path, seen in self._seen.items() for name in seen.uses]

    @cached_property
    def given(self) -> list[Value]:
        """To whose `.metadata` something is assigned."""
        return [self.interpreter.name(path, name) for path, seen in self._seen.items() for name in seen.given]

    @cached_property
    def _seen(self) -> dict[str, _Seen]:
        found = {}
        for path in self.paths:
            data = self.files[path].program
            if data:
                found[path] = _Seen()
                for statement in ir.decode_program(data).body:
                    _look(statement, found[path])
        return found


def _look(node: ir.Node, seen: _Seen) -> None:
    skipped: tuple[ir.Node, ...] = ()
    if isinstance(node, ir.Call):
        called = _last(node.function)
        seen.engine = seen.engine or called in _ENGINES
        if called == "Table":
            skipped = tuple(node.arguments[:2])
    elif isinstance(node, ir.Assign):
        targets = [target for target in node.targets if isinstance(target, ir.Attribute) and target.name == "metadata"]
        seen.given += filter(None, (_dotted(target.value) for target in targets))
        skipped = tuple(targets)
    elif isinstance(node, ir.Attribute) and node.name == "metadata" and (name := _dotted(node.value)):
        seen.uses.append(name)
    for child in children(node):
        if not any(child is each for each in skipped):
            _look(child, seen)


def _last(function: ir.Expression) -> str:
    return _dotted(function).rpartition(".")[2] if isinstance(function, (ir.Name, ir.Attribute)) else ""


def _dotted(expression: ir.Expression) -> str:
    """A dotted name as written; "" for everything else."""
    if isinstance(expression, ir.Name):
        return expression.id
    if isinstance(expression, ir.Attribute) and (owner := _dotted(expression.value)):
        return f"{owner}.{expression.name}"
    return ""
