"""What is noted of a module's environment: who stands for it, what is set, which files are taken."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infralint.facts.environment import (
    DotenvLoad,
    EnvironmentCall,
    EnvironmentFacts,
    EnvironmentRead,
    EnvironmentReader,
    EnvironmentWrapper,
    EnvironmentWrite,
)
from infralint.facts.text import Piece, Text, hole
from infralint.readers.python.environment_places import (
    FUNCTIONS,
    Situation,
    situation_of,
)
from infralint.readers.python.environment_sources import (
    DOTENV_LOADERS,
    MAPPINGS,
    UNREAD,
    reader_made_by,
)
from infralint.readers.python.marked import BLOCKS, PARTS, MarkedLines, statements_in, walk_marked
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_flow import ModuleFlow
from infralint.readers.python.text_kinds import Entries, Origin, is_hole, last_name
from infralint.readers.python.text_names import Frame, parameters_of
from infralint.source import Span

# The name of a variable as everybody writes it.
CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,}")


@dataclass(slots=True)
class Name:
    """One text that the name of a variable may be, and what it is where it is none."""

    text: Text
    origin: Origin | None


class Notes(ABC):
    """The facts of one module while it is walked."""

    def __init__(self, syntax: Syntax, places: Sequence[int]) -> None:
        self.syntax = syntax
        self.places = places
        self.flow = ModuleFlow(syntax, self.watch, _keeps)
        self.reads: list[EnvironmentRead] = []
        self.writes: list[EnvironmentWrite] = []
        self.wrappers: list[EnvironmentWrapper] = []
        self.calls: list[EnvironmentCall] = []
        self.loads: list[DotenvLoad] = []
        self.whole: list[Span] = []
        self.reasons: dict[str, None] = {}
        self.readers = {each.name: each for each in _readers_in(syntax)}
        # Nodes that are part of a read that was taken already.
        self._used: set[ast.AST] = set()
        self._mappings: dict[ast.AST, set[str]] = {}
        for statement in syntax.outline.imports:
            top = "" if statement.level else top_of(statement.module)
            if top in UNREAD:
                self.whole.append(statement.span)
            elif top == "decouple":
                # It looks for `settings.ini` and `.env` beside the module and above.
                self.loads.append(DotenvLoad(None, statement.span))

    def open(self, reason: str) -> None:
        """Variables may be set that are not seen."""
        self.reasons[reason] = None

    def is_relevant(self, node: ast.stmt) -> bool:
        """Whether a function holds a trigger."""
        span = self.syntax.span(node)
        at = bisect_left(self.places, span.start)
        return at < len(self.places) and self.places[at] < span.end

    def finish(self) -> EnvironmentFacts:
        """What was found."""
        self._set_items()
        return EnvironmentFacts(
            tuple(dict.fromkeys(self.reads)),
            tuple(dict.fromkeys(self.writes)),
            tuple(dict.fromkeys(self.wrappers)),
            tuple(dict.fromkeys(self.calls)),
            tuple(self.readers.values()),
            tuple(dict.fromkeys(self.loads)),
            tuple(dict.fromkeys(self.whole)),
            tuple(self.reasons),
        )

    @abstractmethod
    def watch(self, node: ast.expr, frame: Frame) -> None:
        """Every expression of what is walked, parents first."""

    def _is_mapping(self, node: ast.expr, frame: Frame) -> bool:
        if self.syntax.resolve(node) in MAPPINGS:
            return not (isinstance(node, ast.Name) and frame.scope is not None and self._shadowed(node.id, frame))
        return isinstance(node, ast.Name) and node.id in self._local_mappings(frame)

    def _is_alias(self, node: ast.expr) -> bool:
        """`env = os.environ`, `def f(env=os.environ)`: what is done with `env` is read."""
        parent = self.syntax.parent(node)
        if isinstance(parent, ast.arguments):
            return True
        return isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name)

    def _shadowed(self, name: str, frame: Frame) -> bool:
        scope = frame.scope
        return scope is not None and (name in scope.local or name in parameters_of(scope.node))

    def _local_mappings(self, frame: Frame) -> set[str]:
        """Names of a function that are the mapping: assigned, or the default of a parameter."""
        if frame.scope is None:
            return set()
        node = frame.scope.node
        if node not in self._mappings:
            self._mappings[node] = set(_mapping_names(self.syntax, node))
        return self._mappings[node]

    def _names(self, node: ast.expr, frame: Frame, prefix: str = "") -> Iterator[Name]:
        """The texts that an expression may be, with what stands before them."""
        for text in frame.texts(node).texts:
            origin = self.flow.evaluator.origin(text) if is_hole(text) else None
            pieces = (Piece(prefix, Span(text.span.start, text.span.start)), *text.pieces) if prefix else text.pieces
            yield Name(Text(pieces, text.span), origin)

    def _situation(self, node: ast.AST, frame: Frame, *, by_key: bool) -> Situation:
        return situation_of(self.syntax, node, frame.scope.qualname if frame.scope else "", by_key=by_key)

    def _default(self, node: ast.expr, frame: Frame) -> Text | None:
        """A default as text; None where it is None, which is none."""
        if isinstance(node, ast.Constant) and node.value is None:
            return None
        texts = frame.texts(node).texts
        if len(texts) == 1:
            return texts[0]
        return hole(self.syntax.span(node))

    def _alternative(self, node: ast.expr) -> ast.expr | None:
        """What `read or default` gives where nothing is set."""
        parent = self.syntax.parent(node)
        if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent.values[-1] is not node:
            return parent.values[-1]
        return None

    def _beside(self, node: ast.AST) -> tuple[str, ...]:
        """Variables that are asked before this one: `getenv("A") or getenv("B")`, `getenv("A", getenv("B"))`."""
        found: list[str] = []
        child: ast.AST = node
        for parent in self.syntax.ancestors(node):
            if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or):
                found += [name for value in parent.values if value is not child for name in literals_in(value)]
            elif isinstance(parent, ast.Call) and child in parent.args[1:]:
                found += literals_in(parent.args[0])
            elif isinstance(parent, ast.keyword):
                pass
            elif isinstance(parent, ast.Call) and child in parent.keywords and parent.args:
                found += literals_in(parent.args[0])
            elif isinstance(parent, ast.stmt):
                break
            child = parent
        return tuple(dict.fromkeys(name for name in found if CAPITALS.fullmatch(name)))

    def _write(self, argument: ast.expr, frame: Frame, *, weak: bool = False) -> None:
        """The process sets the variable that `argument` names."""
        situation = self._situation(argument, frame, by_key=True)
        for name in self._names(argument, frame):
            text = name.text if name.text.is_static else hole(self.syntax.span(argument))
            self.writes.append(EnvironmentWrite(text, situation.function, weak))

    def _set_items(self) -> None:
        """`os.environ["A"] = ...`, `del os.environ["A"]`, `os.environ |= ...`, wherever they stand."""
        if "environ" not in self.syntax.text:
            return
        words = {"environ", *self.syntax.names.meaning(MAPPINGS)}
        lines = MarkedLines(self.syntax.source, *(re.compile(rf"\b{name}\b") for name in words))
        marked = (statement for statement in self.syntax.body if lines.in_statement(statement))
        for node in (each for statement in marked for each in walk_marked(statement, lines)[0]):
            if isinstance(node, ast.AugAssign) and self.syntax.resolve(node.target) in MAPPINGS:
                self._set(hole(self.syntax.span(node.value)), node)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                name, span = node.slice, self.syntax.span(node.slice)
                if self.syntax.resolve(node.value) in MAPPINGS:
                    known = isinstance(name, ast.Constant) and isinstance(name.value, str)
                    self._set(Text((Piece(name.value, span),), span) if known else hole(span), node)  # type: ignore[attr-defined]

    def _set(self, name: Text, node: ast.AST) -> None:
        functions = [each for each in self.syntax.ancestors(node) if isinstance(each, FUNCTIONS)]
        scope = self.flow.scopes.by_node.get(functions[0]) if functions else None
        situation = situation_of(self.syntax, node, scope.qualname if scope else "", by_key=True)
        self.writes.append(EnvironmentWrite(name, situation.function))

    def _update(self, node: ast.Call, frame: Frame) -> None:
        """`os.environ.update(...)`."""
        situation = self._situation(node, frame, by_key=True)
        for keyword in node.keywords:
            if keyword.arg:
                span = self.syntax.span(keyword)
                name = Text((Piece(keyword.arg, Span(span.start, span.start + len(keyword.arg))),), span)
                self.writes.append(EnvironmentWrite(name, situation.function))
            else:
                self.open("os.environ.update")
        for argument in node.args:
            value = frame.evaluate(argument)
            if not isinstance(value, Entries):
                self.writes.append(EnvironmentWrite(hole(self.syntax.span(argument)), situation.function))
                continue
            for key, key_node, _ in value.entries:
                span = self.syntax.span(key_node)
                self.writes.append(EnvironmentWrite(Text((Piece(key, span),), span), situation.function))

    def _is_load(self, node: ast.Call, name: str) -> bool:
        if name in DOTENV_LOADERS:
            return True
        if name == "starlette.config.Config":
            given = argument_of(node, 0, "env_file")
            return given is not None and not (isinstance(given, ast.Constant) and given.value is None)
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr != "read_env":
            return False
        reader = self.readers.get(dotted(function.value))
        return reader is not None or "environ" in self.syntax.text

    def _load(self, node: ast.Call, frame: Frame) -> None:
        """`load_dotenv(...)`, `Config(".env")`."""
        given = argument_of(node, 0, "dotenv_path", "path", "env_file")
        if isinstance(given, ast.Call) and last_name(given.func) == "find_dotenv":
            given = argument_of(given, 0, "filename")
        texts = frame.texts(given).texts if given is not None else ()
        override = argument_of(node, 3, "override", "overwrite")
        overrides = isinstance(override, ast.Constant) and override.value is True
        function = self._situation(node, frame, by_key=True).function
        for path in texts or (None,):
            self.loads.append(DotenvLoad(path, self.syntax.span(node), function, overrides))


def top_of(dotted_name: str) -> str:
    return dotted_name.partition(".")[0]


def argument_of(node: ast.Call, position: int, *names: str) -> ast.expr | None:
    """An argument by its position or one of its names; None where it is not given."""
    if 0 <= position < len(node.args) and not any(isinstance(each, ast.Starred) for each in node.args[: position + 1]):
        return node.args[position]
    return next((keyword.value for keyword in node.keywords if keyword.arg in names), None)


def literals_in(node: ast.expr) -> list[str]:
    return [each.value for each in walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _readers_in(syntax: Syntax) -> Iterator[EnvironmentReader]:
    """The readers that the module's own statements bind, in blocks too."""
    stack: list[ast.AST] = list(syntax.body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                name = dotted(target)
                reader = reader_made_by(syntax, name, node.value) if name else None
                if reader is not None:
                    yield reader
        elif isinstance(node, BLOCKS):
            stack += [each for each in children(node) if isinstance(each, PARTS)]


def _mapping_names(syntax: Syntax, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Names of a function that stand for `os.environ`."""
    yield from (name for name, default in defaults_of(function.args) if syntax.resolve(default) in MAPPINGS)
    for node in statements_in(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
                value = value.values[-1]
            if syntax.resolve(value) in MAPPINGS:
                yield node.targets[0].id


def defaults_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that have a default, with it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    yield from ((each.arg, default) for each, default in zip(with_default, arguments.defaults, strict=True))
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield each.arg, default


def _keeps(call: ast.Call) -> bool:
    """Whether a call changes none of the lists that it is given."""
    return last_name(call.func) in ("all", "any", "enumerate", "len", "list", "print", "set", "sorted", "tuple", "zip")
