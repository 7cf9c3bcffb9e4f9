"""Reads of environment variables in one Python module, and what else it does to its environment."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice, product

import msgspec

from infralint.facts.environment import (
    EnvironmentCall,
    EnvironmentFacts,
    EnvironmentReader,
)
from infralint.facts.environment_libraries import Method, method_of
from infralint.facts.files import FileFacts
from infralint.facts.text import Piece, Text, hole
from infralint.readers.python.environment_notes import CAPITALS, argument_of, top_of
from infralint.readers.python.environment_places import (
    Situation,
)
from infralint.readers.python.environment_reads import ReadNotes
from infralint.readers.python.environment_sources import (
    kind_of_reader,
    prefixed_by,
)
from infralint.readers.python.outline import Outline, dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import last_name
from infralint.readers.python.text_names import Frame
from infralint.source import SourceText, Span

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


class _Reader(ReadNotes):
    """Finds the reads."""

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

    def _compare(self, node: ast.Compare, frame: Frame) -> None:
        """`"A" in os.environ`."""
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            mapping = node.comparators[0]
            if isinstance(mapping, ast.Call) and last_name(mapping.func) == "keys" and not mapping.args:
                mapping = mapping.func.value if isinstance(mapping.func, ast.Attribute) else mapping
            if self._is_mapping(mapping, frame):
                self._used.update(ast.walk(node.comparators[0]))
                self._read(node, node.left, "in", frame)

    def _call(self, node: ast.Call, frame: Frame) -> None:
        self._options(node, frame)
        name = self.syntax.resolve(node.func)
        if name == "os.getenv" and node.args:
            self._read(node, node.args[0], "get", frame, argument_of(node, 1, "default"))
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
            default = argument_of(node, 1, "default")
            form = "item" if method == "__getitem__" else method
            self._read(node, node.args[0], form, frame, default)
            if method == "setdefault":
                self._write(node.args[0], frame, weak=True)

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
        argument = argument_of(node, 0, "name", "var", "key", "option")
        if argument is None:
            if method.own:
                span = self.syntax.span(node)
                name = Text((Piece(method.own, span),), span)
                situation = self._situation(node, frame, by_key=True)
                default = argument_of(node, -1, "default")
                text = None if default is None else self._default(default, frame) or hole(span)
                required = not situation.guarded and text is None
                self._note(name, span, "library", required, text, situation, node)
            return
        default = argument_of(node, method.default_at, "default", "missing")
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
            return top_of(names.resolve(head)) not in ("logging", "os", "re", "json", "typing", "sqlalchemy", "enum")
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
