"""Functions that certainly run when a process starts: those that modules call at import, and what these call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.interpret import Interpreter
from infralint.project.lookup import Known
from infralint.project.modules import ModuleGraph, Symbol

# Decorators that leave a call what it is.
_PLAIN = frozenset({"cache", "classmethod", "lru_cache", "staticmethod"})
# Calls that run the coroutine they are given.
_RUNNERS = frozenset({"anyio.run", "asyncio.run", "run_until_complete", "trio.run", "uvloop.run"})
_MAX_FUNCTIONS = 5_000

# A function or class: the module's path and the qualified name; "" for the module itself, "__main__" for what it does
# when it is run.
Place = tuple[str, str]


class Reached:
    """Follows calls through the statements that every run comes to."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, interpreter: Interpreter) -> None:
        self.files = files
        self.modules = modules
        self.interpreter = interpreter
        self._definitions: dict[str, dict[str, ir.Function | ir.Class]] = {}
        self._bodies: dict[str, tuple[ir.Statement, ...]] = {}
        self._calls: dict[Place, tuple[Place, ...]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def is_used(self, place: Place, loaded: Iterable[str]) -> bool:
        """Whether a function is decorated, or one of these modules names it: else nobody calls it."""
        path, name = place
        definition = self._in(path).get(name)
        if isinstance(definition, ir.Function) and definition.decorators:
            return True
        last = name.rpartition(".")[2]
        if last.startswith("__"):
            # `Client()` calls `Client.__init__`.
            last = name.rpartition(".")[0].rpartition(".")[2]
        return any(last in self._named(each) for each in loaded)

    def _named(self, path: str) -> frozenset[str]:
        """The names and attributes that a module's expressions hold."""
        if path not in self._names:
            self._in(path)
            self._names[path] = frozenset(_names_below(self._bodies.get(path, ())))
        return self._names[path]

    def by(self, certain: Iterable[str], scripts: Iterable[str], factories: Iterable[Place] = ()) -> frozenset[Place]:
        """The functions that run, and the classes of which instances are made, when these modules are loaded, these
        scripts are run and these functions are called."""
        queue: list[Place] = [(path, "") for path in sorted(certain)]
        queue += [(path, "__main__") for path in sorted(scripts)]
        queue += sorted(factories)
        found = set(queue)
        while queue and len(found) < _MAX_FUNCTIONS:
            for target in self._called(queue.pop()):
                if target not in found:
                    found.add(target)
                    queue.append(target)
        return frozenset(found)

    def _called(self, place: Place) -> tuple[Place, ...]:
        if place not in self._calls:
            self._calls[place] = tuple(dict.fromkeys(self._calls_of(place)))
        return self._calls[place]

    def _calls_of(self, place: Place) -> Iterator[Place]:
        path, name = place
        definition = self._in(path).get(name)
        if name in ("", "__main__"):
            body: Sequence[ir.Statement] = self._bodies.get(path, ())
            local: frozenset[str] = frozenset()
        elif isinstance(definition, ir.Class):
            makers = (f"{name}.{method}" for method in ("__init__", "__new__", "__post_init__"))
            yield from ((path, maker) for maker in makers if maker in self._in(path))
            return
        elif isinstance(definition, ir.Function) and definition.body is not None and _is_plain(definition):
            body = definition.body
            local = frozenset({*definition.assigned, *(each.name for each in definition.parameters)})
        else:
            return
        owner = name.rpartition(".")[0]
        for call, runs in _executed(body, main=name == "__main__"):
            yield from self._targets(path, owner, call, local, runs=runs)

    def _targets(self, path: str, owner: str, call: ir.Call, local: frozenset[str], *, runs: bool) -> Iterator[Place]:
        written = _dotted(call.function)
        head, _, rest = written.partition(".")
        if not written or (head in local and head not in ("self", "cls")):
            return
        if head in ("self", "cls"):
            target = (path, f"{owner}.{rest}")
            found = target if rest in {name.rpartition(".")[2] for name in self._in(path)} else None
        else:
            found = self._resolved(path, written)
        if found is None:
            return
        definition = self._in(found[0]).get(found[1])
        is_coroutine = isinstance(definition, ir.Function) and definition.is_async
        is_lazy = isinstance(definition, ir.Function) and definition.generator
        if definition is not None and not is_lazy and (runs or not is_coroutine):
            yield found

    def _resolved(self, path: str, written: str) -> Place | None:
        found = self.modules.resolve(path, written)
        if not isinstance(found, Known) or not isinstance(found.value, Symbol):
            return None
        symbol = found.value
        qualname = f"{symbol.name}.{symbol.rest}" if symbol.rest else symbol.name
        if qualname in self._in(symbol.path):
            return symbol.path, qualname
        outline = self.modules.outline(symbol.path)
        bound = outline.bindings_of.get(symbol.name, ()) if outline else ()
        if not symbol.rest or len(bound) != 1 or bound[0].kind != "call" or not bound[0].value:
            return None
        made = self.modules.resolve(symbol.path, bound[0].value)
        if isinstance(made, Known) and isinstance(made.value, Symbol) and not made.value.rest:
            return made.value.path, f"{made.value.name}.{symbol.rest}"
        return None

    def _in(self, path: str) -> dict[str, ir.Function | ir.Class]:
        """The functions and classes of a module by qualified name; those of functions are left out."""
        if path not in self._definitions:
            self._definitions[path] = {}
            facts = self.files.get(path)
            if facts is not None and facts.python is not None:
                data = self.interpreter.program(path)
                self._bodies[path] = ir.decode_program(data).body if data else ()
                self._definitions[path] = dict(_definitions(self._bodies[path], ""))
        return self._definitions[path]


def _names_below(node: object) -> Iterator[str]:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ir.Name):
            yield current.id
        elif isinstance(current, ir.Attribute):
            yield current.name
        if isinstance(current, tuple):
            stack.extend(current)
        elif isinstance(current, msgspec.Struct):
            stack.extend(getattr(current, name) for name in current.__struct_fields__)


def _definitions(body: Iterable[object], prefix: str) -> Iterator[tuple[str, ir.Function | ir.Class]]:
    for statement in body:
        if isinstance(statement, ir.Function):
            yield prefix + statement.name, statement
        elif isinstance(statement, ir.Class):
            yield prefix + statement.name, statement
            yield from _definitions(statement.body, f"{prefix}{statement.name}.")


def _is_plain(function: ir.Function) -> bool:
    names = (_dotted(each.function if isinstance(each, ir.Call) else each) for each in function.decorators)
    return all(name.rpartition(".")[2] in _PLAIN for name in names)


def _executed(body: Sequence[ir.Statement], *, main: bool) -> Iterator[tuple[ir.Call, bool]]:
    """The calls that every run of a block does, each with whether a coroutine that it makes is run, too.

    `main`: those of `if __name__ == "__main__"` alone.
    """
    for statement in body:
        if main:
            if isinstance(statement, ir.If) and is_main_check(statement.test):
                yield from _executed(statement.body, main=False)
            continue
        for part in _parts(statement):
            if isinstance(part, tuple):
                yield from _executed(part, main=False)
            else:
                yield from _calls_in(part)
        if isinstance(statement, (ir.Return, ir.Raise, ir.Jump)) or _may_leave(statement):
            return


def _parts(statement: ir.Statement) -> Iterator[ir.Expression | tuple[ir.Statement, ...]]:
    """What of a statement every run comes to: expressions and blocks."""
    if isinstance(statement, (ir.Evaluate, ir.Assign, ir.Augment)):
        yield statement.value
    elif isinstance(statement, (ir.Annotate, ir.Return, ir.Raise)):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, (ir.Assert, ir.If, ir.While)):
        yield statement.test
    elif isinstance(statement, ir.For):
        yield statement.iterable
    elif isinstance(statement, ir.With):
        yield from (item.context for item in statement.items)
        yield statement.body
    elif isinstance(statement, ir.Try):
        if not statement.handlers:
            yield statement.body
        yield statement.last
    elif isinstance(statement, ir.Match):
        yield statement.subject
    elif isinstance(statement, ir.Function):
        yield from statement.decorators
        yield from (each.default for each in statement.parameters if each.default is not None)
    elif isinstance(statement, ir.Class):
        yield from statement.decorators
        yield statement.body


def _may_leave(statement: object) -> bool:
    """Whether a block inside of a statement may leave the function or loop around it."""
    stack: list[object] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, (ir.Return, ir.Jump)):
            return True
        if isinstance(node, (ir.If, ir.For, ir.While, ir.With, ir.Try, ir.Match, ir.Handler, ir.Case)):
            stack.extend(getattr(node, name) for name in node.__struct_fields__)
        elif isinstance(node, tuple):
            stack.extend(node)
    return False


def _calls_in(expression: object) -> Iterator[tuple[ir.Call, bool]]:
    """The calls that every evaluation of an expression does."""
    stack: list[tuple[object, bool]] = [(expression, False)]
    while stack:
        node, runs = stack.pop()
        if isinstance(node, ir.Call):
            yield node, runs
            written = _dotted(node.function)
            inner = written in _RUNNERS or written.rpartition(".")[2] in _RUNNERS
            stack += [(each, inner) for each in (*node.arguments, *(keyword.value for keyword in node.keywords))]
            stack.append((node.function, False))
        elif isinstance(node, ir.Await):
            stack.append((node.value, True))
        elif isinstance(node, ir.Boolean):
            stack.append((node.values[0], False))
        elif isinstance(node, ir.Conditional):
            stack.append((node.test, False))
        elif isinstance(node, ir.Comprehension):
            stack.append((node.clauses[0].iterable, False))
        elif isinstance(node, tuple):
            stack += [(each, False) for each in node]
        elif isinstance(node, msgspec.Struct) and not isinstance(node, (ir.Lambda, ir.Annotation)):
            stack += [(getattr(node, name), False) for name in node.__struct_fields__]


def is_main_check(test: ir.Expression) -> bool:
    """`__name__ == "__main__"`."""
    if not isinstance(test, ir.Compare) or test.operators != ("==",):
        return False
    return any(isinstance(each, ir.Name) and each.id == "__name__" for each in (test.left, *test.operands))


def _dotted(node: object) -> str:
    parts: list[str] = []
    while isinstance(node, ir.Attribute):
        parts.append(node.name)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ir.Name) else ""
