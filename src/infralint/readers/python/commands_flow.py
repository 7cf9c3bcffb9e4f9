"""Statements that make, change and use argument lists, followed in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import libcst as cst

from infralint.facts.commands import Word
from infralint.readers.python.commands_lists import (
    MAX_FORMS,
    Forms,
    ListValue,
    Names,
    hole_word,
    merged,
    new_list,
    new_text,
    texts_of,
)
from infralint.readers.python.commands_values import ListReader, glued
from infralint.readers.python.tree import children

_LIST_METHODS = frozenset(
    {"append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"}
)
_LEAVING = (cst.Return, cst.Raise, cst.Continue, cst.Break)


class Flow:
    """Follows one function, or the module's own statements.

    `seen` is called with the forms of a list where it is used; `called` with each call and the names at
    that place, and answers whether the call itself may make a list.
    """

    def __init__(
        self,
        reader: ListReader,
        seen: Callable[[Forms], None],
        called: Callable[[cst.Call, Names], bool],
    ) -> None:
        self.reader = reader
        self.seen = seen
        self.called = called
        self._used: set[int] = set()

    def run(self, body: Iterable[cst.BaseStatement | cst.BaseSmallStatement], names: Names) -> None:
        """Follow a whole body; lists that it makes and never passes on are seen at its end."""
        self._block(body, names)
        self._leave(names)

    def _leave(self, names: Names) -> None:
        for forms in names.values():
            self._let_go(forms)

    def _let_go(self, forms: Forms) -> None:
        unused = tuple(form for form in forms if form.identity not in self._used and not form.is_text)
        if unused:
            self._use(unused)

    def _use(self, forms: Forms) -> None:
        self._used.update(form.identity for form in forms)
        self.seen(forms)

    def _block(self, body: Iterable[cst.BaseStatement | cst.BaseSmallStatement], names: Names) -> bool:
        """Follow statements; True where the end is not reached."""
        return any(self._statement(statement, names) for statement in body)

    def _statement(self, node: cst.CSTNode, names: Names) -> bool:
        match node:
            case cst.SimpleStatementLine() | cst.SimpleStatementSuite() | cst.IndentedBlock():
                return self._block(node.body, names)
            case cst.If():
                return self._if(node, names)
            case cst.For() | cst.While():
                return self._loop(node, names)
            case cst.Try() | cst.TryStar():
                return self._try(node, names)
            case cst.With():
                for item in node.items:
                    self._scan(item.item, names)
                    if item.asname is not None:
                        self._forget_in(item.asname.name, names)
                return self._statement(node.body, names)
            case cst.Match():
                self._scan(node.subject, names)
                return self._branches([(), *((case.body,) for case in node.cases)], names)
            case cst.FunctionDef() | cst.ClassDef():
                return False
            case _:
                self._simple(node, names)
                return isinstance(node, _LEAVING)

    def _loop(self, node: cst.For | cst.While, names: Names) -> bool:
        self._scan(node.iter if isinstance(node, cst.For) else node.test, names)
        if isinstance(node, cst.For):
            self._forget_in(node.target, names)
        before = dict(names)
        left = self._branches([(node.body,), (node.orelse,)], names)
        for name, forms in names.items():
            # How often a text has grown is not known.
            if forms != before.get(name, ()) and any(form.is_text for form in forms):
                names[name] = ()
        return left

    def _if(self, node: cst.If, names: Names) -> bool:
        self._scan(node.test, names)
        orelse = node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse
        return self._branches([(node.body,), (orelse,)], names)

    def _try(self, node: cst.Try | cst.TryStar, names: Names) -> bool:
        before = dict(names)
        left = self._branches([(node.body, node.orelse)], names)
        started = merged(before, [before, names])
        handled = dict(started)
        leaves = self._branches([(handler.body,) for handler in node.handlers], handled) if node.handlers else True
        rest = [branch for branch, gone in ((dict(names), left), (handled, leaves)) if not gone]
        names.clear()
        names.update(merged(before, rest or [started]))
        if node.finalbody is not None:
            return self._statement(node.finalbody.body, names) or not rest
        return not rest

    def _branches(self, branches: Sequence[Sequence[cst.CSTNode | None]], names: Names) -> bool:
        """Follow branches of which one is taken; True where none reaches its end."""
        ends = []
        for branch in branches:
            own = dict(names)
            nodes = [node.body if isinstance(node, cst.Else) else node for node in branch if node is not None]
            if any(self._statement(node, own) for node in nodes):
                self._leave({name: forms for name, forms in own.items() if forms != names.get(name)})
            else:
                ends.append(own)
        if ends:
            after = merged(dict(names), ends)
            names.clear()
            names.update(after)
        return not ends

    def _simple(self, node: cst.CSTNode, names: Names) -> None:
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                self._bind(name, value, names)
            case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
                self._bind(name, value, names)
            case cst.AugAssign(target=cst.Name(value=name), operator=cst.AddAssign()) if texts_of(names.get(name, ())):
                more = self.reader.texts(node.value, names)
                names[name] = glued(names[name], more, self.reader.file.span(node.value))
                self._scan_parts(node.value, names)
            case cst.AugAssign(target=cst.Name(value=name), operator=cst.AddAssign()) if names.get(name):
                self._grow(name, self.reader.forms(node.value, names), names, node.value)
                self._scan_parts(node.value, names)
            case cst.Del(target=cst.Subscript(value=cst.Name(value=name)) as target):
                self._cut(name, target, names)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript(value=cst.Name(value=name)) as target)]):
                self._scan(node.value, names)
                self._replace(name, target, node.value, names)
            case cst.Assign() | cst.AugAssign() | cst.Del() | cst.AnnAssign():
                self._forget(node, names)
                if not isinstance(node, cst.Del) and node.value is not None:
                    self._scan(node.value, names)
            case cst.Expr(value=cst.Call(func=cst.Attribute(value=cst.Name(value=name)) as func) as call) if names.get(
                name
            ):
                self._method(name, func.attr.value, call, names)
            case cst.Return(value=cst.BaseExpression() as value):
                self._scan(value, names)
                self._use(self.reader.forms(value, names))
            case _:
                self._scan(node, names)

    def _bind(self, name: str, value: cst.BaseExpression, names: Names) -> None:
        forms = self.reader.forms(value, names) or self._text(value, names)
        if forms and not isinstance(value, cst.Name):
            self._scan_parts(value, names)
        else:
            self._scan(value, names)
        old = names.get(name, ())
        if not _names_in(value, name):
            self._let_go(old)
        names[name] = forms

    def _text(self, value: cst.BaseExpression, names: Names) -> Forms:
        """The texts that a name may stand for from here on."""
        program = self.reader.program(value)
        return (new_text(Word(program)),) if program is not None else self.reader.texts(value, names)

    def _forget(self, node: cst.CSTNode, names: Names) -> None:
        """Names that a statement binds in a way that is not followed."""
        targets: list[cst.CSTNode] = []
        if isinstance(node, cst.Assign):
            targets = [target.target for target in node.targets]
        elif isinstance(node, (cst.AugAssign, cst.AnnAssign, cst.Del)):
            targets = [node.target]
        for target in targets:
            self._forget_in(target, names)

    def _forget_in(self, target: cst.CSTNode, names: Names) -> None:
        for name in [name for name in names if _names_in(target, name)]:
            self._let_go(names[name])
            names[name] = ()

    def _grow(self, name: str, more: Forms, names: Names, node: cst.BaseExpression) -> None:
        span = self.reader.file.span(node)
        added = more if len(more) == 1 else (new_list([hole_word(span, splits=True)], span),)
        names[name] = tuple(form.with_words((*form.words, *added[0].words)) for form in names[name])

    def _method(self, name: str, method: str, call: cst.Call, names: Names) -> None:
        arguments = [argument.value for argument in call.args]
        if method not in _LIST_METHODS or any(form.is_text for form in names[name]):
            self._scan(call, names)
            return
        if method == "append" and len(arguments) == 1:
            self._append(name, arguments[0], names)
        elif method == "extend" and len(arguments) == 1:
            self._grow(name, self.reader.forms(arguments[0], names), names, arguments[0])
        elif method == "insert" and len(arguments) == 2:
            self._insert(name, arguments, names)
        elif method == "pop" and len(arguments) == 1:
            self._pop(name, arguments[0], names)
        elif method not in ("copy", "index", "count"):
            names[name] = ()
        for argument in arguments:
            self._scan_parts(argument, names)

    def _append(self, name: str, node: cst.BaseExpression, names: Names) -> None:
        words = self.reader.words(node, names)
        if len(words) * len(names[name]) > MAX_FORMS:
            words = (new_text(hole_word(self.reader.file.span(node), splits=False)),)
        names[name] = tuple(form.with_words((*form.words, *word.words)) for form in names[name] for word in words)

    def _pop(self, name: str, index: cst.BaseExpression, names: Names) -> None:
        forms: list[ListValue] = []
        for form in names[name]:
            at = _index(index, form, name)
            if at is None or at >= len(form.words):
                names[name] = ()
                return
            forms.append(form.with_words((*form.words[:at], *form.words[at + 1 :])))
        names[name] = tuple(forms)

    def _cut(self, name: str, target: cst.Subscript, names: Names) -> None:
        """`del cmd[1]`."""
        index = target.slice[0].slice if len(target.slice) == 1 else None
        if isinstance(index, cst.Index) and name in names:
            self._pop(name, index.value, names)
        elif name in names:
            names[name] = ()

    def _insert(self, name: str, arguments: Sequence[cst.BaseExpression], names: Names) -> None:
        forms = []
        for form in names[name]:
            at = _index(arguments[0], form, name)
            if at is None:
                names[name] = ()
                return
            forms.append(form.with_words((*form.words[:at], self.reader.word(arguments[1]), *form.words[at:])))
        names[name] = tuple(forms)

    def _replace(self, name: str, target: cst.Subscript, value: cst.BaseExpression, names: Names) -> None:
        """`cmd[3] = "update"`: from here on the list has another word at that place."""
        if name not in names:
            return
        new = self.reader.words(value, names)
        forms: list[ListValue] = []
        for form in names[name]:
            at = self._place(form, target, value, name)
            if at is None or at >= len(form.words) or len(forms) + len(new) > MAX_FORMS:
                names[name] = ()
                return
            forms += (form.with_words((*form.words[:at], *word.words, *form.words[at + 1 :])) for word in new)
        names[name] = tuple(forms)

    def _place(self, form: ListValue, target: cst.Subscript, value: cst.BaseExpression, name: str) -> int | None:
        """The place of the one word that an assignment replaces."""
        index = target.slice[0].slice if len(target.slice) == 1 else None
        return _index(index.value, form, name) if isinstance(index, cst.Index) else None

    def _scan(self, node: cst.CSTNode, names: Names) -> None:
        """Uses of lists inside of an expression."""
        makes_list = isinstance(node, (cst.List, cst.Tuple, cst.BinaryOperation))
        if makes_list or (isinstance(node, cst.Call) and self.called(node, names)):
            assert isinstance(node, cst.BaseExpression)
            forms = self.reader.forms(node, names)
            if any(form.program for form in forms):
                self._use(forms)
                self._scan_inside(node, names)
                return
        if isinstance(node, cst.Call):
            for argument in node.args:
                forms = names.get(argument.value.value, ()) if isinstance(argument.value, cst.Name) else ()
                if forms and not forms[0].is_text:
                    self._use(forms)
        self._scan_parts(node, names)

    def _scan_inside(self, node: cst.CSTNode, names: Names) -> None:
        """Uses of lists inside of a list that is used: its own parts are no lists of their own."""
        if isinstance(node, cst.BinaryOperation):
            self._scan_inside(node.left, names)
            self._scan_inside(node.right, names)
        else:
            self._scan_parts(node, names)

    def _scan_parts(self, node: cst.CSTNode, names: Names) -> None:
        for child in children(node):
            if not isinstance(child, (cst.FunctionDef, cst.ClassDef)):
                self._scan(child, names)


def _index(node: cst.BaseExpression, form: ListValue, name: str) -> int | None:
    """The place that `3`, `-1` or `name.index("create")` means in a list of certain length."""
    words: tuple[Word, ...] = form.words
    match node:
        case cst.Integer():
            at = int(node.evaluated_value)
            return at if not any(w.splits or w.optional for w in words[: at + 1]) and at <= len(words) else None
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer() as number) if form.is_exact:
            at = len(words) - int(number.evaluated_value)
            return at if at >= 0 else None
        case cst.Call(
            func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="index")),
            args=[cst.Arg(value=cst.SimpleString() as wanted)],
        ) if owner == name:
            return next((i for i, word in enumerate(words) if word.text.static == wanted.evaluated_value), None)
    return None


def _names_in(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Name):
        return node.value == name
    return any(_names_in(child, name) for child in children(node))
