"""Reads of environment variables in one Python module, and what else it does to its environment."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import msgspec

from infralint.facts.environment import (
    DotenvLoad,
    EnvironmentCall,
    EnvironmentFacts,
    EnvironmentRead,
    EnvironmentReader,
    EnvironmentWrapper,
    EnvironmentWrite,
)
from infralint.facts.environment_libraries import Method, method_of
from infralint.facts.files import FileFacts
from infralint.facts.text import Piece, Text, hole
from infralint.readers.python.environment_places import (
    FUNCTIONS,
    Situation,
    fails_without,
    is_demanded,
    situation_of,
)
from infralint.readers.python.environment_sources import (
    DOTENV_LOADERS,
    MAPPINGS,
    UNREAD,
    kind_of_reader,
    prefixed_by,
    reader_made_by,
)
from infralint.readers.python.outline import Outline, dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_flow import ModuleFlow
from infralint.readers.python.text_kinds import Entries, Origin, is_hole, last_name
from infralint.readers.python.text_names import Frame, parameters_of
from infralint.readers.python.text_scopes import FunctionNode
from infralint.source import SourceText, Span

# What a call must be given to count as a possible read of a variable: a name as these are written by everybody.
CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# Keywords by which libraries of command lines take a variable (click 8, typer 0.2x, configargparse 1.7).
_OPTION_KEYWORDS = frozenset({"env_var", "envvar", "envvars"})
_READING_ALL = frozenset({"copy", "items", "keys", "values"})
# A name is given among a call's first arguments.
_MAX_POSITION = 3
# More names than these in one place are a table.
_MAX_CHOICES = 50
# A text that is written like the name of a variable.
_WRITTEN = re.compile(r"""["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']""")
_IGNORED_CALLEES = frozenset({"getattr", "hasattr", "setattr", "print", "isinstance", "super", "str", "len", "repr"})


def read_environment_in(
    facts: FileFacts,
    source: SourceText,
    outline: Outline,
    body: Sequence[ast.stmt],
    places: Sequence[int],
    *,
    whole: bool = True,
) -> FileFacts:
    """`facts` with what a module does to its environment. `places`: offsets of the triggers, sorted. `whole`: `body` is
    all of it, as far as that can be told."""
    if all(source.text[at] == "(" for at in places):
        # Nothing stands out but calls with names in capitals: only statements that hold one are looked into.
        body = [statement for statement in body if _holds(source, statement, places)]
    reader = _Reader(Syntax(source, outline, body), places)
    if not whole:
        reader.open("a module that is not read")
        reader.whole.append(Span(0, 0))
    try:
        reader.flow.run(reader.is_relevant)
    except RecursionError:
        reader.open("nested too deeply")
    found = reader.finish()
    if found == EnvironmentFacts():
        return facts
    mentions = tuple(sorted(set(_WRITTEN.findall(source.text))))
    return msgspec.structs.replace(facts, environment=msgspec.structs.replace(found, mentions=mentions))


def _holds(source: SourceText, statement: ast.stmt, places: Sequence[int]) -> bool:
    """Whether a statement holds one of these places."""
    start = source.byte_offset_to_char(statement.lineno, statement.col_offset)
    end = source.byte_offset_to_char(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


@dataclass(slots=True)
class _Name:
    """One text that the name of a variable may be, and what it is where it is none."""

    text: Text
    origin: Origin | None


class _Reader:
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
            top = "" if statement.level else _top(statement.module)
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

    def watch(self, node: ast.expr, frame: Frame) -> None:
        """Every expression of what is walked, parents first."""
        if node in self._used:
            return
        if isinstance(node, ast.Call):
            self._call(node, frame)
        elif isinstance(node, ast.Subscript) and self._is_mapping(node.value, frame):
            self._used.add(node.value)
            if isinstance(node.ctx, ast.Load):
                self._read(node, node.slice, "item", frame)
        elif isinstance(node, ast.Compare):
            self._compare(node, frame)
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            self._mention(node, frame)

    def _mention(self, node: ast.expr, frame: Frame) -> None:
        """The mapping itself, used in a way that was not read: it is handed on."""
        if self._is_mapping(node, frame) and not self._is_alias(node):
            self._used.add(node)
            self.whole.append(self.syntax.span(node))

    def _is_alias(self, node: ast.expr) -> bool:
        """`env = os.environ`, `def f(env=os.environ)`: what is done with `env` is read."""
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.arguments):
            return True
        return isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name)

    def _is_mapping(self, node: ast.expr, frame: Frame) -> bool:
        if self.syntax.resolve(node) in MAPPINGS:
            return not (isinstance(node, ast.Name) and frame.scope is not None and self._shadowed(node.id, frame))
        return isinstance(node, ast.Name) and node.id in self._local_mappings(frame)

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

    # Names of variables

    def _names(self, node: ast.expr, frame: Frame, prefix: str = "") -> Iterator[_Name]:
        """The texts that an expression may be, with what stands before them."""
        for text in frame.texts(node).texts:
            origin = self.flow.evaluator.origin(text) if is_hole(text) else None
            pieces = (Piece(prefix, Span(text.span.start, text.span.start)), *text.pieces) if prefix else text.pieces
            yield _Name(Text(pieces, text.span), origin)

    # Reads

    def _read(
        self,
        node: ast.expr,
        argument: ast.expr,
        form: str,
        frame: Frame,
        default: ast.expr | None = None,
        prefix: str | None = "",
    ) -> None:
        """A read at `node` of the variable that `argument` names. `prefix` None: something unknown stands before."""
        situation = self._situation(node, frame, by_key=form in ("item", "pop", "library"))
        given = default if default is not None else self._alternative(node)
        default_text = None if given is None else self._default(given, frame)
        required = not situation.guarded and default_text is None and self._fails(node, form)
        span = self.syntax.span(argument)
        for name in self._names(argument, frame, prefix or ""):
            if prefix is None:
                self.whole.append(span)
            elif self._wrapper(name, default, frame, required=not situation.guarded and self._fails(node, form)):
                continue
            elif name.origin is not None and name.origin.kind == "import":
                self._note(name.text, span, form, required, default_text, situation, node, name.origin.name)
            elif name.text.is_static:
                self._note(name.text, span, form, required, default_text, situation, node)
            else:
                self.whole.append(span)

    def _note(
        self,
        name: Text,
        span: Span,
        form: str,
        required: bool,
        default: Text | None,
        situation: Situation,
        node: ast.AST,
        reference: str = "",
    ) -> None:
        self.reads.append(
            EnvironmentRead(
                name,
                span,
                form,
                required,
                default,
                situation.guarded,
                situation.conditional,
                situation.function,
                reference,
                self._beside(node),
            )
        )

    def _fails(self, node: ast.expr, form: str) -> bool:
        """Whether the process fails where the variable is not set, nothing else being said."""
        if form in ("item", "pop", "library"):
            return True
        if form == "in":
            return is_demanded(self.syntax, node)
        return form == "get" and fails_without(self.syntax, node)

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
        parent = self.syntax.parents.get(node)
        if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent.values[-1] is not node:
            return parent.values[-1]
        return None

    def _beside(self, node: ast.AST) -> tuple[str, ...]:
        """Variables that are asked before this one: `getenv("A") or getenv("B")`, `getenv("A", getenv("B"))`."""
        found: list[str] = []
        child: ast.AST = node
        for parent in self.syntax.ancestors(node):
            if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or):
                found += [name for value in parent.values if value is not child for name in _literals(value)]
            elif isinstance(parent, ast.Call) and child in parent.args[1:]:
                found += _literals(parent.args[0])
            elif isinstance(parent, ast.keyword):
                pass
            elif isinstance(parent, ast.Call) and child in parent.keywords and parent.args:
                found += _literals(parent.args[0])
            elif isinstance(parent, ast.stmt):
                break
            child = parent
        return tuple(dict.fromkeys(name for name in found if CAPITALS.fullmatch(name)))

    def _wrapper(self, name: _Name, default: ast.expr | None, frame: Frame, *, required: bool) -> bool:
        """Whether the name is a parameter's, which makes a wrapper of the function."""
        holes = [piece for piece in name.text.pieces if piece.is_hole]
        origin = self.flow.evaluator.origins.get(holes[0].span) if len(holes) == 1 else None
        scope = frame.scope
        if origin is None or origin.kind != "parameter" or scope is None or origin.scope != scope.qualname:
            return False
        fallback, fixed = self._fallback(scope.node, default, frame)
        raises = bool(fallback) and any(isinstance(node, ast.Raise) for node in ast.walk(scope.node))
        self.wrappers.append(
            EnvironmentWrapper(
                scope.qualname,
                _position(scope.parameters, origin.name),
                origin.name,
                name.text,
                fixed is None and (required or raises),
                _position(scope.parameters, fallback),
                fallback,
                fixed,
            )
        )
        return True

    def _fallback(self, function: FunctionNode, default: ast.expr | None, frame: Frame) -> tuple[str, Text | None]:
        """The parameter of a wrapper by which callers give a default, and what is taken where they give none."""
        parameters = [*parameters_of(function)]
        name = default.id if isinstance(default, ast.Name) and default.id in parameters else ""
        if default is not None and not name:
            return "", self._default(default, frame)
        name = name or next((each for each in parameters if each in _DEFAULT_PARAMETERS), "")
        own = dict(_defaults_of(function.args)).get(name)
        return name, None if own is None else self._default(own, frame)

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
        for node in (each for statement in self.syntax.body for each in ast.walk(statement)):
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

    def _compare(self, node: ast.Compare, frame: Frame) -> None:
        """`"A" in os.environ`."""
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            mapping = node.comparators[0]
            if isinstance(mapping, ast.Call) and last_name(mapping.func) == "keys" and not mapping.args:
                mapping = mapping.func.value if isinstance(mapping.func, ast.Attribute) else mapping
            if self._is_mapping(mapping, frame):
                self._used.update(ast.walk(node.comparators[0]))
                self._read(node, node.left, "in", frame)

    # Calls

    def _call(self, node: ast.Call, frame: Frame) -> None:
        self._options(node, frame)
        name = self.syntax.resolve(node.func)
        if name == "os.getenv" and node.args:
            self._read(node, node.args[0], "get", frame, _argument(node, 1, "default"))
        elif isinstance(node.func, ast.Attribute) and self._is_mapping(node.func.value, frame):
            self._used.add(node.func)
            self._used.add(node.func.value)
            self._of_mapping(node, node.func.attr, frame)
        elif name in ("os.putenv", "os.unsetenv") and node.args:
            self._write(node.args[0], frame)
        elif name in ("os.path.expandvars", "posixpath.expandvars") and node.args:
            self._expanded(node.args[0], frame)
        elif self._is_load(node, name):
            self._load(node, frame)
        else:
            self._of_reader(node, frame)

    def _of_mapping(self, node: ast.Call, method: str, frame: Frame) -> None:
        """`os.environ.method(...)`."""
        if method == "update":
            self._update(node, frame)
        elif method in ("clear", "popitem"):
            self.open(f"os.environ.{method}")
        elif method in _READING_ALL or not node.args:
            self.whole.append(self.syntax.span(node))
        elif method in ("get", "__getitem__", "pop", "setdefault"):
            default = _argument(node, 1, "default")
            form = "item" if method == "__getitem__" else method
            self._read(node, node.args[0], form, frame, default)
            if method == "setdefault":
                self._write(node.args[0], frame, weak=True)

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

    def _expanded(self, argument: ast.expr, frame: Frame) -> None:
        """`os.path.expandvars("$A/b")`."""
        situation = self._situation(argument, frame, by_key=True)
        for text in frame.texts(argument).texts:
            if not text.is_static:
                self.whole.append(self.syntax.span(argument))
                continue
            for match in _VARIABLE.finditer(text.value):
                name = match[1] or match[2]
                place = text.locate(*match.span(1 if match[1] else 2))
                read = Text((Piece(name, place),), place)
                self._note(read, place, "get", False, hole(place), situation, argument)

    def _options(self, node: ast.Call, frame: Frame) -> None:
        """`click.option("--a", envvar="A")`."""
        for keyword in node.keywords:
            if keyword.arg == "auto_envvar_prefix":
                self.whole.append(self.syntax.span(keyword.value))
            elif keyword.arg in _OPTION_KEYWORDS:
                many = isinstance(keyword.value, (ast.List, ast.Tuple))
                for each in keyword.value.elts if many else [keyword.value]:  # type: ignore[attr-defined]
                    if not (isinstance(each, ast.Constant) and not isinstance(each.value, str)):
                        self._read(node, each, "option", frame)

    def _is_load(self, node: ast.Call, name: str) -> bool:
        if name in DOTENV_LOADERS:
            return True
        if name == "starlette.config.Config":
            given = _argument(node, 0, "env_file")
            return given is not None and not (isinstance(given, ast.Constant) and given.value is None)
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr != "read_env":
            return False
        reader = self.readers.get(dotted(function.value))
        return reader is not None or "environ" in self.syntax.text

    def _load(self, node: ast.Call, frame: Frame) -> None:
        """`load_dotenv(...)`, `Config(".env")`."""
        given = _argument(node, 0, "dotenv_path", "path", "env_file")
        if isinstance(given, ast.Call) and last_name(given.func) == "find_dotenv":
            given = _argument(given, 0, "filename")
        texts = frame.texts(given).texts if given is not None else ()
        override = _argument(node, 3, "override", "overwrite")
        overrides = isinstance(override, ast.Constant) and override.value is True
        function = self._situation(node, frame, by_key=True).function
        for path in texts or (None,):
            self.loads.append(DotenvLoad(path, self.syntax.span(node), function, overrides))

    def _of_reader(self, node: ast.Call, frame: Frame) -> None:
        """`env("A")`, `env.str("A")` of a reader of a library, else a call that may be one."""
        written = dotted(node.func)
        head, _, method = written.rpartition(".")
        for name, how in ((written, ""), (head, method)):
            reader = self.readers.get(name) or self._made(node.func, how, name)
            if reader is not None:
                asked = method_of(reader.kind, how)
                if asked is not None:
                    self._asked(node, reader, asked, frame)
                return
        self._possible(node, written, frame)

    def _made(self, function: ast.expr, method: str, name: str) -> EnvironmentReader | None:
        """A reader that is imported from its library."""
        node = function.value if method and isinstance(function, ast.Attribute) else function
        kind = kind_of_reader(self.syntax, node) if name else ""
        return EnvironmentReader(name, kind) if kind else None

    def _asked(self, node: ast.Call, reader: EnvironmentReader, method: Method, frame: Frame) -> None:
        """A read by a reader."""
        argument = _argument(node, 0, "name", "var", "key", "option")
        if argument is None:
            if method.own:
                span = self.syntax.span(node)
                name = Text((Piece(method.own, span),), span)
                situation = self._situation(node, frame, by_key=True)
                default = _argument(node, -1, "default")
                text = None if default is None else self._default(default, frame) or hole(span)
                required = not situation.guarded and text is None
                self._note(name, span, "library", required, text, situation, node)
            return
        default = _argument(node, method.default_at, "default", "missing")
        prefix = reader.prefix
        for outer in prefixed_by(self.syntax, node, reader.name):
            static = frame.texts(outer).texts
            known = static[0].static if len(static) == 1 else None
            prefix = None if prefix is None or known is None else prefix + known
        if default is None and isinstance(argument, ast.Constant) and argument.value in reader.defaults:
            default = node.func
        if default is not None and isinstance(default, ast.Constant) and default.value is None:
            # For these libraries None is a default.
            self._read(node, argument, "option", frame, None, prefix)
            return
        self._read(node, argument, "library", frame, default, prefix)

    def _possible(self, node: ast.Call, written: str, frame: Frame) -> None:
        """A call that may be of a wrapper or of another module's reader."""
        head = written.partition(".")[0]
        if not head or head in _IGNORED_CALLEES or not self._is_known(head):
            return
        arguments = [*node.args[:_MAX_POSITION], *(keyword.value for keyword in node.keywords)]
        if not any(self._is_capitals(argument, frame) for argument in arguments):
            return
        positional = node.args[: _MAX_POSITION + 1]
        keywords = [keyword for keyword in node.keywords if keyword.arg]
        situation = self._situation(node, frame, by_key=True)
        choices = [self._argument_texts(each, frame) for each in (*positional, *(each.value for each in keywords))]
        for texts in islice(product(*choices), _MAX_CHOICES):
            self._note_call(node, written, texts, positional, keywords, situation)

    def _note_call(
        self,
        node: ast.Call,
        written: str,
        texts: Sequence[Text],
        positional: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        situation: Situation,
    ) -> None:
        self.calls.append(
            EnvironmentCall(
                written,
                tuple(texts[: len(positional)]),
                tuple((each.arg or "", text) for each, text in zip(keywords, texts[len(positional) :], strict=True)),
                tuple(self.syntax.span(each) for each in (*positional, *(each.value for each in keywords))),
                any(isinstance(each, ast.Starred) for each in node.args) or len(keywords) < len(node.keywords),
                situation.guarded or self._alternative(node) is not None,
                situation.conditional,
                situation.function,
                self._beside(node),
            )
        )

    def _is_known(self, head: str) -> bool:
        names = self.syntax.names
        if head in ("self", "cls") or names.is_imported(head):
            return _top(names.resolve(head)) not in ("logging", "os", "re", "json", "typing", "sqlalchemy", "enum")
        return head in self.flow.scopes.top or any(each.name == head for each in self.syntax.outline.bindings)

    def _is_capitals(self, node: ast.expr, frame: Frame) -> bool:
        if not isinstance(node, (ast.Constant, ast.Name, ast.Attribute, ast.JoinedStr, ast.BinOp)):
            return False
        return any(CAPITALS.fullmatch(text.static or "") for text in frame.texts(node).texts)

    def _argument_texts(self, node: ast.expr, frame: Frame) -> Sequence[Text]:
        """The texts that an argument may be; None is a text without pieces."""
        if isinstance(node, ast.Constant) and node.value is None:
            return [Text((), self.syntax.span(node))]
        return frame.texts(node).texts or [hole(self.syntax.span(node))]


# Parameters of wrappers that are the default of what they read.
_DEFAULT_PARAMETERS = ("default", "default_value", "fallback", "default_val")


def _position(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1


def _top(dotted_name: str) -> str:
    return dotted_name.partition(".")[0]


def _argument(node: ast.Call, position: int, *names: str) -> ast.expr | None:
    """An argument by its position or one of its names; None where it is not given."""
    if 0 <= position < len(node.args) and not any(isinstance(each, ast.Starred) for each in node.args[: position + 1]):
        return node.args[position]
    return next((keyword.value for keyword in node.keywords if keyword.arg in names), None)


def _literals(node: ast.expr) -> list[str]:
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


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
        elif isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case)):
            stack.extend(ast.iter_child_nodes(node))


def _mapping_names(syntax: Syntax, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Names of a function that stand for `os.environ`."""
    yield from (name for name, default in _defaults_of(function.args) if syntax.resolve(default) in MAPPINGS)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
                value = value.values[-1]
            if syntax.resolve(value) in MAPPINGS:
                yield node.targets[0].id


def _defaults_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
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
