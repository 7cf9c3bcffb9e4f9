"""The interpreter's face: modules, calls, attributes, annotations and traced runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.interpret.hooks import Event, Hooks
from infralint.project.interpret.scopes import Scope
from infralint.project.interpret.values import (
    AnnotationValue,
    Argument,
    ForwardValue,
    Frame,
    ModuleValue,
    Unknown,
    Value,
)
from infralint.project.modules import ModuleGraph

_NOWHERE = ir.Ellipsis_(0, 0)


class Interpreter:
    """Evaluates modules of a project, each once, when it is first asked for.

    `demand` reads a module that was only scanned, and gives its facts; without it such a module is Unknown.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: ModuleGraph,
        demand: Callable[[str], FileFacts | None] | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.files = files
        self.modules = modules
        self.demand = demand
        self.hooks = hooks or Hooks()

    def module(self, path: str) -> ModuleValue:
        """The module in a file, its top level run to the end (or as far as a circle of imports has come)."""
        return ModuleValue(path, self.modules.dotted_name(path), Scope("module"))

    def name(self, path: str, dotted: str) -> Value:
        """What a dotted name stands for at the end of the module in `path`; Unknown where nothing binds it."""
        return Unknown("not evaluated", _NOWHERE, Frame(path))

    def call(
        self,
        function: Value,
        args: Sequence[Value | Argument] = (),
        kwargs: Mapping[str, Value | Argument] | None = None,
        hooks: Hooks | None = None,
    ) -> Value:
        """The value of calling something. A FunctionValue is run as its body stands, decorators notwithstanding."""
        return Unknown("not evaluated", _NOWHERE, Frame(""))

    def attribute(self, value: Value, name: str) -> Value:
        """The value of `value.name`."""
        return Unknown("not evaluated", _NOWHERE, Frame(""))

    def annotation(self, annotation: AnnotationValue) -> Value:
        """The value of an annotation where it stands; names under `if TYPE_CHECKING` count.

        Strings inside of it are ForwardValues, a whole annotation in quotes is evaluated.
        """
        return Unknown("not evaluated", _NOWHERE, annotation.frame)

    def forward(self, forward: ForwardValue) -> Value:
        """The value of a string inside of an annotation: its expression where it stands; Unknown if it is none."""
        return Unknown("not evaluated", _NOWHERE, forward.frame)

    def items(self, value: Value) -> list[Argument] | None:
        """The items of a list, tuple, set, dict (its keys), string or enum class; None where they cannot be told."""
        return None

    def parsed(self, argument: Argument) -> ir.Expression | None:
        """The expression that a string argument is (`primaryjoin="A.id == B.a_id"`), with ranges of the file.

        Only literals that were written as the value of such keywords are parsed; None for all others.
        """
        return None

    def evaluate(self, expression: ir.Expression, path: str, names: Mapping[str, Value]) -> Value:
        """The value of an expression that `parsed` gave, with these names in force before those of the module."""
        return Unknown("not evaluated", _NOWHERE, Frame(path))

    def trace(
        self,
        function: Value,
        args: Sequence[Value | Argument] = (),
        hooks: Hooks | None = None,
        kwargs: Mapping[str, Value | Argument] | None = None,
    ) -> list[Event]:
        """Run a function and report the external calls on the way, in order, those in inlined functions too."""
        return []
