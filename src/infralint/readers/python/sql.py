"""SQL in one Python module: texts that reach a database call, and texts that are plainly whole statements."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.facts.sql_calls import SqlCall, SqlWrapper
from infralint.facts.text import Text
from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import Outline, dotted
from infralint.readers.python.sql_collect import SqlTexts
from infralint.readers.python.sql_places import Role, in_downgrade, is_guarded, role_in_call, role_of
from infralint.readers.python.sql_shape import is_composed, is_executable, looks_like_sql
from infralint.readers.python.sql_sinks import (
    SINKS,
    Sink,
    arguments_of,
    drivers_of,
    is_style_of,
    servers_in,
    sink_of,
    text_argument,
)
from infralint.readers.python.sql_wrappers import passed_by, takes_sql, wrapper_of
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_flow import ModuleFlow
from infralint.readers.python.text_kinds import Texts, is_hole, last_name
from infralint.readers.python.text_names import Frame, parameters_of
from infralint.readers.python.text_values import MAKERS
from infralint.source import SourceText, Span

# A search for letters as they stand is the fastest.
_AS = re.compile(r"(?:AS|as)(?<=\W..)\s+(?:(?i:(?:not\s+)?materialized\s+))?\(")
_NAMED = re.compile(r"(\w+)\"?\s*(?:\([^()]*\)\s*)?\Z")
_LONGEST_NAME = 400
_STRINGS = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Call)


def read_sql_in(
    facts: FileFacts,
    source: SourceText,
    outline: Outline,
    body: Sequence[ast.stmt],
    places: Sequence[int],
    dialect: str,
) -> FileFacts:
    """`facts` with the SQL of a module. `places`: offsets of the triggers, sorted: only functions that hold one are
    looked into."""
    reader = _Reader(Syntax(source, outline, body), places, dialect)
    try:
        reader.flow.run(reader.is_relevant)
    except RecursionError:
        # What was found up to here holds; the rest is nested more deeply than anybody writes.
        reader.texts.unread.append(Span(0, 0))
    return reader.finish(facts)


class _Reader:
    def __init__(self, syntax: Syntax, places: Sequence[int], dialect: str) -> None:
        self.syntax = syntax
        self.places = places
        self.drivers = drivers_of(syntax)
        self.texts = SqlTexts(syntax, self.drivers.dialect or dialect)
        self.flow = ModuleFlow(syntax, self.watch, _keeps)
        self.calls: list[SqlCall] = []
        self.wrappers: list[SqlWrapper] = []
        # Nodes that belong to a text that was taken already.
        self._used: set[ast.AST] = set()

    def is_relevant(self, node: ast.stmt) -> bool:
        """Whether a function holds a trigger, or may be a wrapper of one that does."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(map(takes_sql, parameters_of(node))):
            return True
        span = self.syntax.span(node)
        at = bisect_left(self.places, span.start)
        return at < len(self.places) and self.places[at] < span.end

    def watch(self, node: ast.expr, frame: Frame) -> None:
        """Every expression of what is walked, parents first."""
        if not isinstance(node, _STRINGS) or node in self._used:
            return
        if isinstance(node, ast.Call):
            self._call(node, frame)
            if last_name(node.func) not in _MAKING:
                return
        if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mod)):
            return
        if not _is_plain(node):
            self._text(node, frame)

    # Calls

    def _call(self, node: ast.Call, frame: Frame) -> None:
        """A call, which may be given SQL."""
        sink = sink_of(node)
        argument = text_argument(node, sink) if sink is not None else None
        if sink is None or argument is None:
            self._passing(node, frame)
        elif not in_downgrade(self.syntax, node):
            texts = frame.texts(argument)
            if sink.makes:
                self._made(node, argument, texts)
            else:
                self._executed(node, sink, argument, texts, frame)

    def _made(self, node: ast.Call, argument: ast.expr, texts: Texts) -> None:
        """`text("...")`: it is executed by whoever is given it."""
        driver = MAKERS.get(last_name(node.func), "")
        for text in texts.texts:
            if looks_like_sql(text.value, certain=True):
                self.texts.add(text, Role.EXECUTED, node, driver)
                self._use(argument)

    def _executed(self, node: ast.Call, sink: Sink, argument: ast.expr, texts: Texts, frame: Frame) -> None:
        """A call of what is a driver's method by its name."""
        callee = self._callee(node.func)
        known = [text for text in texts.texts if is_executable(text.value)]
        driver = self._driver(last_name(node.func), known)
        if not known and not self._imported(texts):
            # A namesake may take its text elsewhere: `execute(database, sql)`.
            if not self._passing(node, frame):
                self._note_wrapper(wrapper_of(node, texts, sink.text, sink, callee, driver, frame))
            return
        self._note_wrapper(wrapper_of(node, texts, sink.text, sink, callee, driver, frame))
        indices = [self.texts.add(text, Role.EXECUTED, node, driver) for text in known]
        self._use(argument)
        placeholders = [p for index in indices for p in self.texts.placeholders(index)]
        arguments = arguments_of(node, sink, driver, placeholders, frame)
        call = SqlCall(self.syntax.span(argument), callee, True, driver, arguments=arguments)
        call = msgspec.structs.replace(call, guarded=is_guarded(self.syntax, node))
        self._note_call(call, texts, indices)

    def _passing(self, node: ast.Call, frame: Frame) -> bool:
        """Whether a call that is none of a driver's method is given SQL: it may be a wrapper's."""
        role = role_in_call(node)
        if role is Role.OTHER or last_name(node.func) in _MAKING:
            return False
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        for position, argument in enumerate(arguments[:_MAX_POSITION]):
            if not isinstance(argument, _TEXT_LIKE) or argument in self._used or _is_plain(argument):
                continue
            texts = frame.texts(argument)
            callee = self._callee(node.func)
            if role is not Role.EXECUTED:
                self._note_wrapper(wrapper_of(node, texts, position, None, callee, "", frame))
            known = [text for text in texts.texts if looks_like_sql(text.value, certain=role is Role.EXECUTED)]
            imported = self._imported(texts) if role is Role.NAMED else ()
            if (known or imported) and not in_downgrade(self.syntax, node):
                self._use(argument)
                indices = [self.texts.add(text, role, node) for text in known]
                call = SqlCall(self.syntax.span(argument), callee, False, self._maker(known))
                call = msgspec.structs.replace(call, passed=passed_by(node, frame), position=position)
                self._note_call(call, texts, indices)
                return True
        return False

    def _note_call(self, call: SqlCall, texts: Texts, indices: list[int]) -> None:
        imported = self._imported(texts)
        self.calls.append(
            msgspec.structs.replace(
                call,
                texts=tuple(indices),
                all_texts=texts.complete and len(indices) + len(imported) == len(texts.texts),
                constants=imported,
            )
        )

    def _driver(self, method: str, texts: list[Text]) -> str:
        """The driver that executes these texts: "" where they are not written in its style."""
        driver = self.drivers.of(method, self._maker(texts))
        return driver if all(is_style_of(driver, text.value) for text in texts) else ""

    def _imported(self, texts: Texts) -> tuple[str, ...]:
        origins = (self.flow.evaluator.origin(text) for text in texts.texts)
        return tuple(dict.fromkeys(o.name for o in origins if o is not None and o.kind == "import"))

    def _maker(self, texts: list[Text]) -> str:
        """What made all of these texts: SQLAlchemy's text(), psycopg's SQL(), or ""."""
        made = {self.flow.evaluator.makers.get(text.pieces[0].span, "") for text in texts if text.pieces}
        return made.pop() if len(made) == 1 else ""

    def _callee(self, function: ast.expr) -> str:
        """What is called, see SqlCall."""
        written, names = dotted(function), self.syntax.names
        head, _, rest = written.partition(".")
        if head and names.is_imported(head):
            return names.resolve(written)
        if not rest:
            return written or f"*.{last_name(function)}"
        return f"self.{rest}" if head in ("self", "cls") and "." not in rest else f"*.{last_name(function)}"

    def _note_wrapper(self, wrapper: SqlWrapper | None) -> None:
        if wrapper is not None and wrapper not in self.wrappers:
            self.wrappers.append(wrapper)

    def _use(self, node: ast.expr) -> None:
        self._used.update(walk(node))

    # Texts that no call was seen to take

    def _text(self, node: ast.expr, frame: Frame) -> None:
        """An expression that makes a text; what stands inside of it belongs to it."""
        texts = frame.texts(node).texts
        if all(is_hole(text) for text in texts):
            return
        # psycopg's SQL() and its like make nothing but what is executed.
        role = Role.EXECUTED if self._maker([*texts]) else role_of(self.syntax, node)
        self._use(node)
        if role is Role.OTHER or in_downgrade(self.syntax, node):
            return
        names = self._names(node) if frame.scope is None else ()
        for text in texts:
            if looks_like_sql(text.value, certain=role is Role.EXECUTED):
                composed = role is Role.NAMED and is_composed(self.syntax, node)
                self.texts.add(text, Role.PART if composed else role, node, names=names)

    def _names(self, node: ast.expr) -> tuple[str, ...]:
        """What the module or a class binds a text to."""
        path: list[str] = []
        child: ast.AST = node
        for parent in self.syntax.ancestors(node):
            if isinstance(parent, ast.Dict):
                at = next((i for i, value in enumerate(parent.values) if value is child), -1)
                key = parent.keys[at] if at >= 0 else None
                if not isinstance(key, ast.Constant):
                    return ()
                path.insert(0, str(key.value))
            elif isinstance(parent, (ast.Assign, ast.AnnAssign)):
                target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
                path.insert(0, dotted(target))
            elif isinstance(parent, ast.ClassDef):
                path.insert(0, parent.name)
            elif isinstance(parent, (ast.stmt, ast.List, ast.Tuple, ast.Lambda)):
                return ()
            child = parent
        return (".".join(path),) if path and all(path) else ()

    # Facts

    def finish(self, facts: FileFacts) -> FileFacts:
        """`facts` with what was found."""
        known = facts.sql or SqlFacts()
        found = self.texts.read()
        return msgspec.structs.replace(
            facts,
            sql=msgspec.structs.replace(
                known,
                statements=(*known.statements, *found.statements),
                functions=(*known.functions, *found.functions),
                drivers=self.drivers.dialects,
                servers=servers_in(self.syntax.text),
                search_path=_search_path(self.syntax.text),
                unread=(*known.unread, *found.unread),
                texts=tuple(found.texts),
                calls=tuple(_renumbered(call, found.kept) for call in self.calls),
                wrappers=tuple(self.wrappers),
                subqueries=_subqueries(self.syntax.text),
            ),
        )


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a number or the like, or a text that is no SQL: nothing needs to be evaluated."""
    if not isinstance(node, ast.Constant):
        return False
    return not isinstance(node.value, str) or not looks_like_sql(node.value, certain=True)


def _renumbered(call: SqlCall, kept: dict[int, int]) -> SqlCall:
    return msgspec.structs.replace(call, texts=tuple(kept[index] for index in call.texts if index in kept))


def _subqueries(text: str) -> tuple[str, ...]:
    """The names of queries in WITH: `x AS (`, `x (a, b) AS MATERIALIZED (`."""
    before = (text[max(0, match.start() - _LONGEST_NAME) : match.start()] for match in _AS.finditer(text))
    names = (match[1].lower() for each in before if (match := _NAMED.search(each)) is not None)
    return tuple(sorted(set(names)))


def _search_path(text: str) -> tuple[str, ...]:
    if "search_path" not in text:
        return ()
    from infralint.readers.sql_statements import search_path_in

    return search_path_in(text)


def _keeps(call: ast.Call) -> bool:
    """Whether a call changes none of the lists that it is given."""
    name = last_name(call.func)
    return name in SINKS or name in _READING


_READING = frozenset(
    {"all", "any", "bool", "debug", "dict", "enumerate", "error", "info", "isinstance", "join", "len", "list", "max",
     "min", "print", "range", "repr", "set", "sorted", "str", "sum", "tuple", "warning", "zip"}
)  # fmt: skip
_MAKING = frozenset({"format", "join", "dedent", "cleandoc", "strip", "cast", "str"})
_TEXT_LIKE = (ast.Attribute, ast.BinOp, ast.Call, ast.Constant, ast.IfExp, ast.JoinedStr, ast.Name)
# A wrapper takes its text among its first arguments.
_MAX_POSITION = 4
