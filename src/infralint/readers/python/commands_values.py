"""Expressions that make argument lists: literals, sums, stars, conditions, `shlex.split`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from infralint.facts.commands import Word
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.python.commands_lists import (
    MAX_FORMS,
    Forms,
    Names,
    hole_word,
    joined,
    new_list,
    new_text,
    optional,
    texts_of,
)
from infralint.readers.python.context import PythonFile
from infralint.readers.shell import commands_in
from infralint.readers.shell_text import Script
from infralint.source import Span

# A list that begins with one of these is a command wherever it is passed.
PROGRAMS = frozenset({"gcloud"})
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv"})
_FIELD = re.compile(r"\S+")
# Ways in which code that is not followed could change a list of the module.
_CHANGES = r"\s*(?:\.\s*(?:append|extend|insert|pop|remove|clear|reverse|sort)\b|\+=|\[[^\]\n]*\]\s*=[^=])"


class ListReader:
    """Evaluates expressions of one file to the forms of the list that they make."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self._of_module: dict[str, Forms] = {}

    def forms(self, node: cst.BaseExpression, names: Names) -> Forms:
        """The forms of the list that `node` makes; empty where it makes none that begins to be known."""
        span = self.file.span(node)
        match node:
            case cst.List() | cst.Tuple():
                heads = [self._head(node.elements[0], names)] if node.elements else []
                return joined((*heads, *(self._element(each, names) for each in node.elements[1:])), span)
            case cst.Name():
                found = names[node.value] if node.value in names else self._module_list(node.value)
                return () if any(form.is_text for form in found) else found
            case cst.BinaryOperation(operator=cst.Add()):
                left, right = self.forms(node.left, names), self.forms(node.right, names)
                return joined((left, right), span) if left or right else ()
            case cst.IfExp():
                return self._either(node, names)
            case cst.ListComp() | cst.GeneratorExp():
                return (new_list(optional([self.word(node.elt)]), span),)
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, upper=None, step=None))]):
                return self.forms(node.value, names)
            case cst.Call():
                return self._call(node, names)
            case _:
                return ()

    def word(self, node: cst.BaseExpression) -> Word:
        """One element of a list."""
        text = self.file.text_of(node)
        return Word(text) if text is not None else hole_word(self.file.span(node), splits=False)

    def words(self, node: cst.BaseExpression, names: Names) -> Forms:
        """One element of a list, in each form that it may have."""
        match node:
            case cst.Name() if node.value in names:
                texts = texts_of(names[node.value])
                if texts:
                    return tuple(new_text(Word(text)) for text in texts)
                parameter = names[node.value][0].words if len(names[node.value]) == 1 else ()
                if len(parameter) == 1 and parameter[0].splits and parameter[0].value == HOLE:
                    # A parameter stands for one word here, and for the words of a list behind a star.
                    return (new_text(hole_word(parameter[0].span, splits=False)),)
            case cst.IfExp():
                both = (*self.words(node.body, names), *self.words(node.orelse, names))
                if len(both) <= MAX_FORMS and all(form.words[0].text.is_static for form in both):
                    return both
            case _:
                pass
        return (new_text(self.word(node)),)

    def texts(self, node: cst.BaseExpression, names: Names) -> Forms:
        """The texts that an expression may be, where all of them begin to be known; else empty."""
        match node:
            case cst.Name() | cst.IfExp():
                found = self.words(node, names)
                return found if all(form.words[0].value != HOLE for form in found) else ()
            case cst.BinaryOperation(operator=cst.Add()):
                return glued(self.texts(node.left, names), self.texts(node.right, names), self.file.span(node))
            case _:
                text = self.file.text_of(node)
                return (new_text(Word(text)),) if text is not None else ()

    def _head(self, element: cst.BaseElement, names: Names) -> Forms:
        """The first element of a list: a program may be looked for on the PATH, or be named by the environment."""
        known = isinstance(element.value, cst.Name) and element.value.value in names
        program = self.program(element.value) if isinstance(element, cst.Element) and not known else None
        return (new_text(Word(program)),) if program is not None else self._element(element, names)

    def program(self, node: cst.BaseExpression) -> Text | None:
        """`shutil.which("gcloud")`, `os.environ.get("GCLOUD", "gcloud")`, `... or "gcloud"`: the program's name.

        What the environment or another value may replace is only taken for a program: another one than it says
        would be no command of that shape.
        """
        match node:
            case cst.Call(args=[cst.Arg(value=value)]) if self.file.resolve(node.func) == "shutil.which":
                return self.file.text_of(value)
            case cst.Call(args=[_, cst.Arg(value=value)]) if self.file.resolve(node.func) in _ENVIRONMENT:
                return self._named(value)
            case cst.BooleanOperation(operator=cst.Or()):
                return self._named(node.right)
            case cst.Name() if self.file.text_of(node) is None:
                found = texts_of(self._module_list(node.value))
                return found[0] if found else None
            case _:
                return None

    def _named(self, node: cst.BaseExpression) -> Text | None:
        text = self.file.text_of(node)
        return text if text is not None and text.value in PROGRAMS else None

    def _element(self, element: cst.BaseElement, names: Names) -> Forms:
        if isinstance(element, cst.StarredElement):
            return self.forms(element.value, names)
        return self.words(element.value, names)

    def _either(self, node: cst.IfExp, names: Names) -> Forms:
        """`A if c else B`: one of two lists; where one is empty, the other's words are optional."""
        span = self.file.span(node)
        left, right = self.forms(node.body, names), self.forms(node.orelse, names)
        if len(left) == len(right) == 1 and not (left[0].words and right[0].words):
            return (new_list(optional((*left[0].words, *right[0].words)), span),)
        return ()

    def _call(self, node: cst.Call, names: Names) -> Forms:
        name, span = self.file.resolve(node.func), self.file.span(node)
        argument = node.args[0].value if len(node.args) == 1 and not node.args[0].star else None
        if name in ("list", "tuple") and argument is not None:
            return self.forms(argument, names)
        if name == "shlex.split" and argument is not None:
            text = self.file.text_of(argument)
            return self._shell_words(text) if text is not None else ()
        if not isinstance(node.func, cst.Attribute) or node.args:
            return ()
        if node.func.attr.value == "copy":
            return tuple(new_list(form.words, span) for form in self.forms(node.func.value, names))
        text = self.file.text_of(node.func.value) if node.func.attr.value == "split" else None
        return (new_list(_fields(text), span),) if text is not None else ()

    def _shell_words(self, text: Text) -> Forms:
        commands = commands_in(text)
        return (new_list(commands[0].words, text.span),) if len(commands) == 1 else ()

    def _module_list(self, name: str) -> Forms:
        """A list that the module binds once and nothing changes."""
        if name not in self._of_module:
            self._of_module[name] = ()
            self._of_module[name] = self._read_module_list(name)
        return self._of_module[name]

    def _read_module_list(self, name: str) -> Forms:
        bindings = [binding for binding in self.file.outline.bindings if binding.name == name]
        if len(bindings) != 1 or self.file.names.is_imported(name):
            return ()
        if re.search(rf"\b{re.escape(name)}{_CHANGES}|\bglobal\b[^\n]*\b{re.escape(name)}\b", self.file.text):
            return ()
        at = bindings[0].span.start
        statement = next((s for s in self.file.outline.statements if s.start <= at < s.end), None)
        region = self.file.region_at(statement) if statement else None
        value = _value_of(region.module, name) if region else None
        if region is None or value is None:
            return ()
        here, ancestors = self.file.region, self.file.ancestors
        self.file.region, self.file.ancestors = region, []
        try:
            program = self.program(value) if not isinstance(value, cst.Name) else None
            return (new_text(Word(program)),) if program is not None else self.forms(value, {})
        finally:
            self.file.region, self.file.ancestors = here, ancestors


def _value_of(module: cst.Module, name: str) -> cst.BaseExpression | None:
    """The value of the assignment `name = value` that is a module's own statement."""
    for line in module.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match statement:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=bound))]) if bound == name:
                    return statement.value
                case cst.AnnAssign(target=cst.Name(value=bound)) if bound == name:
                    return statement.value
    return None


def glued(left: Forms, right: Forms, span: Span) -> Forms:
    """Texts with other texts behind them; empty where one of the two is not known."""
    if len(left) * len(right) > MAX_FORMS:
        return ()
    pairs = ((*a.words[0].text.pieces, *b.words[0].text.pieces) for a in left for b in right)
    return tuple(new_text(Word(Text(pieces, span))) for pieces in pairs)


def _fields(text: Text) -> Iterator[Word]:
    """The words of `text.split()`; a hole may bring white space of its own."""
    script = Script(text)
    for match in _FIELD.finditer(script.value):
        pieces: tuple[Piece, ...] = tuple(script.pieces(*match.span()))
        yield Word(Text(pieces, script.span(*match.span())), HOLE in match[0])
