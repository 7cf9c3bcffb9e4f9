"""The interpreter's face: modules, calls, attributes, annotations and traced runs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from infralint.facts import program as ir
from infralint.facts.files import FileFacts

# Each of these registers what it evaluates.
from infralint.project.interpret import builtin_objects, classes, flow, statements  # noqa: F401
from infralint.project.interpret.attributes import attribute_of
from infralint.project.interpret.calls import call_value
from infralint.project.interpret.functions import run_function
from infralint.project.interpret.hooks import Event, Hooks
from infralint.project.interpret.items import items_of
from infralint.project.interpret.loader import forced, module_at, ran
from infralint.project.interpret.machine import MAX_STEPS, Decoded, Machine, Record
from infralint.project.interpret.renewal import renew
from infralint.project.interpret.runs import CONSUMER, Kept
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import (
    AnnotationValue,
    Argument,
    Bound,
    ForwardValue,
    Frame,
    Made,
    Unknown,
    Value,
)
from infralint.project.interpret.values import BoundMethod, ClassValue, FunctionValue, ModuleValue, key_of
from infralint.project.modules import ModuleGraph

T = TypeVar("T")
_NOWHERE = ir.Ellipsis_(0, 0)


class Interpreter:
    """Evaluates modules of a project, each once, when it is first asked for.

    `demand` gives the statements of a module that was not lowered when it was read; without it such a module is
    Unknown. `decoded`: what another one has decoded of the same project; it grows.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: ModuleGraph,
        demand: Callable[[str], FileFacts | None] | None = None,
        hooks: Hooks | None = None,
        decoded: Decoded | None = None,
    ) -> None:
        self._machine = Machine(files, modules, demand, hooks or Hooks(), decoded)

        self._note: Callable[[str], object] | None = None
        self._noted: set[str] = set()

    # What stays, and who must know when it does not.

    def renew(self, changed: Collection[str]) -> bool:
        """Take other statements of these modules; False where that cannot be done: then make another Interpreter."""
        return renew(self._machine, changed)

    def run_of(self, path: str) -> Hashable:
        """What is another one after a module was run again."""
        return self._machine.runs.serial(path)

    def noting(self, note: Callable[[str], object]) -> Interpreter:
        """The same interpreter, which tells `note` each module that is looked at by way of it, once."""
        other = copy.copy(self)
        other._note, other._noted = note, set()
        return other

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if self._note is None:
            yield
            return
        with self._machine.runs.watched() as seen:
            yield
        for path in seen - self._noted:
            self._noted.add(path)
            self._note(path)

    def keep(self, kind: Hashable, value: Value, born: str | None, make: Callable[[], T]) -> T:
        """What a consumer makes of a value of the tree by looking at nothing but what comes from the interpreter.

        It is made once for as long as the runs stay that it comes from, those of the modules that `make` looks at and
        the one in which the value was `born`. `kind` says what is made. Where nobody is to be told, nothing stays.
        """
        if self._note is None:
            return make()
        runs = self._machine.runs
        key = (kind, id(value))
        known = runs.kept.get(key)
        if known is not None:
            if not known.through <= self._noted:
                with self._watched():
                    runs.seen |= known.through
            return known.found  # type: ignore[no-any-return]
        with runs.watched() as seen:
            found = make()
        if born:
            runs.kept[key] = Kept(found, value, frozenset({born, *seen}))
            runs.kept_by.add(key, runs.kept[key].through)
        return found

    # Modules.

    def module(self, path: str) -> ModuleValue:
        """The module in a file, its top level run to the end (or as far as a circle of imports has come)."""
        with self._watched():
            self._machine.runs.seen.add(path)
            return ran(self._machine, module_at(self._machine, path))

    def program(self, path: str) -> bytes:
        """The statements that a module is run from, encoded; b"" where it was not read."""
        self.module(path)
        return self._machine.programs.get(path, b"")

    def name(self, path: str, dotted: str) -> Value:
        """What a dotted name stands for at the end of the module in `path`; Unknown where nothing binds it."""
        module = self.module(path)
        value: Value = module
        env = self._env(path)
        with self._watched():
            for name in dotted.split("."):
                value = attribute_of(self._machine, value, name, _NOWHERE, env)
        return value

    def classes(self, path: str) -> list[ClassValue]:
        """The classes that a module's own run makes, in order: those of functions that it calls, too."""
        self.module(path)
        return self._record(path).classes

    def calls(self, path: str) -> list[Made]:
        """The calls of external things in a module's own run, in order."""
        self.module(path)
        return self._record(path).calls

    def _record(self, path: str) -> Record:
        return self._machine.records.get(path) or Record()

    def assigned(self, value: Value, name: str) -> Bound | None:
        """What was assigned to an attribute of a term (`metadata.naming_convention = ...`); None if nothing was."""
        return self._machine.assigned.get(key_of(value), {}).get(name)

    # Values.

    def call(
        self,
        function: Value,
        args: Sequence[Value | Argument] = (),
        kwargs: Mapping[str, Value | Argument] | None = None,
        hooks: Hooks | None = None,
    ) -> Value:
        """The value of calling something. A FunctionValue is run as its body stands, decorators notwithstanding."""
        env = self._env_of(function)
        with self._run(hooks, None):
            return self._called(function, args, kwargs or {}, env)

    def attribute(self, value: Value, name: str) -> Value:
        """The value of `value.name`."""
        with self._run(None, None):
            return attribute_of(self._machine, value, name, _NOWHERE, self._env_of(value))

    def value(self, bound: Bound) -> Value:
        """What a binding of `ModuleValue.names` is: names that an import binds are looked up only now."""
        with self._run(None, None):
            return forced(self._machine, bound)

    def annotation(self, annotation: AnnotationValue) -> Value:
        """The value of an annotation where it stands; names under `if TYPE_CHECKING` count.

        Strings inside of it are ForwardValues, a whole annotation in quotes is evaluated.
        """
        return self._evaluated(annotation.annotation.expression, annotation.scope, annotation.frame)

    def forward(self, forward: ForwardValue) -> Value:
        """The value of a string inside of an annotation: its expression where it stands; Unknown if it is none."""
        if forward.expression is None:
            return Unknown("a string that is no expression", forward.node, forward.frame)
        return self._evaluated(forward.expression, forward.scope, forward.frame)

    def _evaluated(self, expression: ir.Expression, scope: Scope, frame: Frame) -> Value:
        env = Env(frame, scope, module_at(self._machine, frame.path))
        env.typing = True
        with self._run(None, None):
            try:
                return self._machine.eval(expression, env)
            except RecursionError:
                return Unknown("nested too deeply", expression, frame)

    def items(self, value: Value) -> list[Argument] | None:
        """The items of a list, tuple, set, dict (its keys), string or enum class; None where they cannot be told."""
        with self._watched():
            items, open = items_of(self._machine, value, _NOWHERE, self._env_of(value))
        return items if open is None and items is not None and not any(item.star for item in items) else None

    def parsed(self, argument: Argument) -> ir.Expression | None:
        """The expression that a string argument is (`primaryjoin="A.id == B.a_id"`), with ranges of the file.

        Only literals that were written as the value of such keywords are parsed; None for all others.
        """
        node = argument.node
        return self._machine.strings.get(argument.frame.path, {}).get((node.start, node.end))

    def evaluate(self, expression: ir.Expression, path: str, names: Mapping[str, Value]) -> Value:
        """The value of an expression that `parsed` gave, with these names in force before those of the module."""
        module = self.module(path)
        scope = Scope("function", module.scope)
        scope.names = {name: Bound(value, expression, module.frame) for name, value in names.items()}
        return self._evaluated(expression, scope, module.frame)

    # Traced runs.

    def trace(
        self,
        function: Value,
        args: Sequence[Value | Argument] = (),
        hooks: Hooks | None = None,
        kwargs: Mapping[str, Value | Argument] | None = None,
    ) -> list[Event]:
        """Run a function and report the external calls on the way, in order, those in inlined functions too.

        What could not be followed on the way is an event, too: nothing is known of what it does.
        """
        events: list[Event] = []
        env = self._env_of(function)
        with self._run(hooks, events):
            self._called(function, args, kwargs or {}, env)
        return events

    def _called(
        self, function: Value, args: Sequence[Value | Argument], kwargs: Mapping[str, Value | Argument], env: Env
    ) -> Value:
        given = [_argument(each, env) for each in args]
        named = {name: _argument(each, env) for name, each in kwargs.items()}
        node = env.frame.call or _NOWHERE
        try:
            if isinstance(function, BoundMethod):
                receiver = _argument(function.receiver, env)
                return run_function(self._machine, function.function, [receiver, *given], named, node, env)
            if isinstance(function, FunctionValue):
                return run_function(self._machine, function, given, named, node, env)
            return call_value(self._machine, function, given, named, node, env)
        except RecursionError:
            return self._machine.unknown("nested too deeply", node, env)

    @contextmanager
    def _run(self, hooks: Hooks | None, events: list[Event] | None) -> Iterator[None]:
        """A run of its own: certain at its start, with its own steps and reports."""
        machine = self._machine
        before = machine.region, machine.events, machine.hooks, machine.steps, machine.record
        runner, machine.runs.running = machine.runs.running, CONSUMER
        machine.region, machine.events, machine.record = None, events, Record()
        machine.steps = MAX_STEPS
        machine.use(hooks or machine.hooks)
        try:
            with self._watched():
                yield
        finally:
            machine.region, machine.events, previous, machine.steps, machine.record = before
            machine.runs.running = runner
            machine.use(previous)

    def _env(self, path: str) -> Env:
        module = module_at(self._machine, path)
        return Env(module.frame, module.scope, module)

    def _env_of(self, value: Value) -> Env:
        """Where a call by a consumer stands: at the definition of what is called."""
        function = value.function if isinstance(value, BoundMethod) else value
        frame = getattr(function, "frame", None)
        if not isinstance(frame, Frame):
            return self._env("")
        node = function.definition if isinstance(function, FunctionValue) else getattr(function, "node", _NOWHERE)
        module = module_at(self._machine, frame.path)
        return Env(Frame(frame.path, None, None, node), module.scope, module)


def _argument(given: Value, env: Env) -> Argument:
    return given if isinstance(given, Argument) else Argument(given, env.frame.call or _NOWHERE, env.frame)
