"""What a shell variable certainly holds at a place of its script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from tree_sitter import Node

from infralint.facts.commands import Word
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.shell_words import Value, WordReader
from infralint.source import Span

# Nodes whose children run one after the other.
_BLOCKS = frozenset(
    {"program", "compound_statement", "do_group", "subshell", "command_substitution", "case_item",
     "else_clause", "if_statement"}
)  # fmt: skip
_TRANSPARENT = frozenset({"declaration_command", "variable_assignments", "redirected_statement"})
# Commands whose words name variables that they set.
_SETTERS = frozenset({"read", "mapfile", "readarray", "getopts", "printf", "let", "wait", "select", "unset"})
_UNKNOWN_CODE = frozenset({"source", ".", "eval"})
_SCOPING = frozenset({"local", "declare", "typeset"})
_NAME = re.compile(r"[A-Za-z_]\w*")
_ARITHMETIC_WRITE = re.compile(r"\+\+|--|[^=!<>]=[^=]")


@dataclass(frozen=True, slots=True)
class _Assignment:
    """`NAME=value`; `appends` for `NAME+=value` and `NAME="$NAME value"`."""

    node: Node
    value: tuple[Node, ...]
    is_array: bool
    appends: bool
    names_itself: bool


class VariableTable:
    """The variables of one script, from all its nodes that can change one."""

    def __init__(self) -> None:
        self.words: WordReader
        self._assignments: dict[str, list[_Assignment]] = {}
        self._touched: set[str] = set()
        self._locals: set[tuple[int, str]] = set()
        self._unknown_code: list[int] = []
        self._busy: set[str] = set()

    def note(self, node: Node) -> None:
        """Take account of one node; called for all nodes in order."""
        match node.type:
            case "variable_assignment":
                self._note_assignment(node)
            case "command":
                self._note_command(node)
            case "for_statement" | "select_statement" | "unset_command":
                self._touched.update(_text(child) for child in node.children if child.type == "variable_name")
            case "declaration_command":
                self._note_declaration(node)
            case "expansion" if _has_operator(node, ("=", ":=")):
                self._touched.update(_NAME.findall(_text(node)))
            case "arithmetic_expansion" | "c_style_for_statement" | "test_command" | "compound_statement":
                self._note_arithmetic(node)
            case _:
                pass

    def _note_assignment(self, node: Node) -> None:
        name_node = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name_node is None or name_node.type != "variable_name" or (node.parent and node.parent.type == "command"):
            self._touched.update(_NAME.findall(_text(name_node)))
            return
        name = _text(name_node)
        is_array = value is not None and value.type == "array"
        content = () if value is None else tuple(value.children[1:-1]) if is_array else (value,)
        plus = any(child.type == "+=" for child in node.children)
        mentions = len(re.findall(rf"\$\{{?{name}\b", _text(value)))
        itself = mentions == 1 and bool(re.match(rf"\(?\s*\"?\$\{{?{name}(?:\[@\])?\}}?", _text(value)))
        if mentions > itself:
            self._touched.add(name)
        assignment = _Assignment(node, content, is_array, plus or itself, itself and not plus)
        self._assignments.setdefault(name, []).append(assignment)

    def _note_command(self, node: Node) -> None:
        name = _text(node.child_by_field_name("name"))
        if name in _UNKNOWN_CODE:
            self._unknown_code.append(node.start_byte)
        elif name in _SETTERS:
            self._touched.update(_NAME.findall(_text(node)))

    def _note_declaration(self, node: Node) -> None:
        keyword = _text(node.children[0])
        names = [_text(child) for child in node.children if child.type == "variable_name"]
        names += [
            _text(child.child_by_field_name("name")) for child in node.children if child.type == "variable_assignment"
        ]
        options = "".join(_text(child) for child in node.children if child.type == "word")
        if re.search(r"-\w*[niul]", options):
            self._touched.update(names)
        function = _function(node)
        if keyword in _SCOPING and function is not None:
            self._locals.update((function.id, name) for name in names)

    def _note_arithmetic(self, node: Node) -> None:
        text = _text(node)
        if (node.type != "compound_statement" or text.startswith("((")) and _ARITHMETIC_WRITE.search(text):
            self._touched.update(_NAME.findall(text))

    def value(self, name: str, use: Node) -> Value | None:
        """What `name` holds at `use`; None where it is not certain."""
        if name in self._touched or name in self._busy or name not in self._assignments:
            return None
        scope = self._scope(name, use)
        assignments = [a for a in self._assignments[name] if self._scope(name, a.node) == scope]
        if not assignments or not self._is_certain(assignments, use):
            return None
        self._busy.add(name)
        try:
            return self._value(assignments, use)
        finally:
            self._busy.discard(name)

    def _scope(self, name: str, node: Node) -> int:
        function = _function(node)
        while function is not None and (function.id, name) not in self._locals:
            function = _function(function)
        return 0 if function is None else function.id

    def _is_certain(self, assignments: list[_Assignment], use: Node) -> bool:
        first, *others = assignments
        start = first.node.end_byte
        return (
            not first.appends
            and all(other.appends and other.is_array == first.is_array for other in others)
            and _dominates(first.node, use)
            and not any(start <= at <= use.start_byte for at in self._unknown_code)
        )

    def _value(self, assignments: list[_Assignment], use: Node) -> Value | None:
        first = assignments[0]
        words = list(self._parts(first, optional=False))
        function = _function(use)
        for other in assignments[1:]:
            if not _is_same(_function(other.node), function) or other.node.start_byte > use.start_byte:
                words.append(_hole_word(self.words.script.span(*self.words.range(other.node))))
            else:
                words += self._parts(other, optional=not _dominates(other.node, use))
        if all(word.value.strip(HOLE) == "" for word in words) and words and not first.is_array:
            return None
        return Value(tuple(words), first.is_array)

    def _parts(self, assignment: _Assignment, *, optional: bool) -> Iterator[Word]:
        if assignment.is_array:
            words = self.words.words(node for node in assignment.value if node.type != "comment")
            for word in words[1:] if assignment.names_itself else words:
                yield msgspec.structs.replace(word, optional=optional or word.optional)
            return
        word = self.words.value(assignment.value)
        if assignment.names_itself:
            word = msgspec.structs.replace(word, text=Text(word.text.pieces[1:], word.text.span))
        yield msgspec.structs.replace(word, optional=optional)


def _hole_word(span: Span) -> Word:
    return Word(Text((Piece(HOLE, span),), span), splits=True, optional=True)


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def _has_operator(node: Node, operators: tuple[str, ...]) -> bool:
    return any(child.type in operators for child in node.children)


def _function(node: Node) -> Node | None:
    parent = node.parent
    while parent is not None and parent.type != "function_definition":
        parent = parent.parent
    return parent


def _is_same(first: Node | None, second: Node | None) -> bool:
    return first == second


def _dominates(assignment: Node, use: Node) -> bool:
    """Whether the assignment has run whenever `use` runs: it stands before it in a block around it."""
    if use.start_byte < assignment.end_byte and _is_same(_function(assignment), _function(use)):
        return False
    block = assignment.parent
    while block is not None and block.type in _TRANSPARENT:
        block = block.parent
    if block is None or block.type not in _BLOCKS:
        return False
    child, parent = use, use.parent
    while parent is not None and parent != block:
        child, parent = parent, parent.parent
    return parent is not None and not (block.type == "if_statement" and child.type in ("else_clause", "elif_clause"))
