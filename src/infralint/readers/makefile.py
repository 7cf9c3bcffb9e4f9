"""Makefiles: the commands of recipes, with variables that are set once to a constant followed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.shell import commands_in
from infralint.source import LINE_END, Span

# GNU make manual 4.4, "Setting Variables": modifiers, name, flavour.
_ASSIGNMENT = re.compile(
    r"[ ]*(?:(?:export|override|private|unexport)[ \t]+)*([\w.-]+)[ \t]*(:::?=|::?=|\?=|\+=|!=|=)[ \t]*"
)
# "Target-specific Variable Values": the variable has another value in that target.
_OF_TARGET = re.compile(r"[^\t#=][^#=]*:[ \t]*(?:(?:export|override|private)[ \t]+)*([\w.-]+)[ \t]*[:?+!]{0,3}=")
_CONDITIONAL = re.compile(r"[ \t]*(?:ifeq|ifneq|ifdef|ifndef)\b")
_END_OF_CONDITIONAL = re.compile(r"[ \t]*endif\b")
_DEFINE = re.compile(r"[ \t]*(?:(?:export|override)[ \t]+)*define[ \t]+([\w.-]+)")
_END_OF_DEFINE = re.compile(r"[ \t]*endef\b")
_INCLUDE = re.compile(r"[ \t]*(?:-|s)?include\b")
_ONE_SHELL = re.compile(r"\.ONESHELL[ \t]*:")
_COMMENT = re.compile(r"(?<!\\)#")
_CONTINUATION = re.compile(r"[ \t]*\\(?:\r\n|\n|\r)[ \t]*")
_REFERENCE = re.compile(r"\$(?:\(([\w.-]+)\)|\{([\w.-]+)\})")
_MAX_DEPTH = 10


@dataclass(slots=True)
class _Makefile:
    """What the lines of a makefile tell: variables and recipes, each a range of the text."""

    values: dict[str, tuple[int, int]] = field(default_factory=dict)
    set_count: Counter[str] = field(default_factory=Counter)
    recipes: list[list[tuple[int, int]]] = field(default_factory=list)
    one_shell: bool = False


def read(text: str, dialect: str) -> FileFacts:
    """The commands of a makefile's recipes."""
    makefile = _parse(text)
    return FileFacts(commands=tuple(_commands(text, makefile)))


def _commands(text: str, makefile: _Makefile) -> Iterator[Command]:
    expander = _Expander(text, makefile)
    for recipe in makefile.recipes:
        scripts = [expander.script(start, end) for start, end in recipe]
        if makefile.one_shell:
            pieces = tuple(piece for script in scripts for piece in script.pieces)
            scripts = [Text(pieces, Span(scripts[0].span.start, scripts[-1].span.end))]
        for script in scripts:
            yield from commands_in(script)


def _logical_lines(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of lines; a line that ends in a backslash goes on in the next one."""
    start = at = 0
    for match in LINE_END.finditer(text):
        backslashes = len(text[at : match.start()]) - len(text[at : match.start()].rstrip("\\"))
        at = match.end()
        if backslashes % 2 == 0:
            yield start, match.end()
            start = match.end()
    if start < len(text):
        yield start, len(text)


def _parse(text: str) -> _Makefile:
    found = _Makefile()
    depth, defining, in_rule = 0, False, False
    for start, end in _logical_lines(text):
        line = text[start:end]
        if defining:
            defining = not _END_OF_DEFINE.match(line)
        elif line.startswith("\t") and in_rule:
            found.recipes[-1].append((start + 1, end))
        elif match := _DEFINE.match(line):
            found.set_count[match[1]] += 2
            defining = True
        elif _CONDITIONAL.match(line):
            depth += 1
        elif _END_OF_CONDITIONAL.match(line):
            depth -= 1
        elif _INCLUDE.match(line):
            # What is included may set again all that was set before.
            found.set_count.update(found.values.keys())
        elif match := _ASSIGNMENT.match(line):
            _note_assignment(found, match, text, start, end, certain=depth == 0)
        elif line.strip() and not line.lstrip().startswith("#"):
            _note_rule(found, line, start)
            in_rule = True
    found.recipes = [recipe for recipe in found.recipes if recipe]
    return found


def _note_assignment(found: _Makefile, match: re.Match[str], text: str, start: int, end: int, *, certain: bool) -> None:
    name = match[1]
    constant = certain and match[2] in ("=", ":=", "::=", ":::=")
    found.set_count[name] += 1 if constant else 2
    first = start + match.end()
    comment = _COMMENT.search(text, first, end)
    last = comment.start() if comment else end
    found.values[name] = first, first + len(text[first:last].rstrip())


def _note_rule(found: _Makefile, line: str, start: int) -> None:
    found.one_shell |= bool(_ONE_SHELL.match(line))
    found.recipes.append([])
    if match := _OF_TARGET.match(line):
        found.set_count[match[1]] += 2
        return
    semicolon = line.find(";", max(line.find(":"), 0))
    if semicolon >= 0 and "#" not in line[:semicolon]:
        found.recipes[-1].append((start + semicolon + 1, start + len(line)))


class _Expander:
    """Replaces make's references in a range of the text; what it does not know is a hole."""

    def __init__(self, text: str, makefile: _Makefile) -> None:
        self.text = text
        self.makefile = makefile

    def script(self, start: int, end: int) -> Text:
        """One recipe line as the shell gets it."""
        while start < end and self.text[start] in "@-+ \t":
            start += 1
        return Text(tuple(self._pieces(start, end, 0)), Span(start, end))

    def _pieces(self, start: int, end: int, depth: int) -> Iterator[Piece]:
        at = start
        while at < end:
            dollar = self.text.find("$", at, end)
            if dollar < 0:
                break
            if dollar > at:
                yield self._literal(at, dollar)
            at = self._after_reference(dollar, end)
            yield from self._reference(dollar, at, depth)
        if at < end:
            yield self._literal(at, end)

    def _literal(self, start: int, end: int) -> Piece:
        return Piece(self.text[start:end], Span(start, end))

    def _after_reference(self, dollar: int, end: int) -> int:
        """Where a reference ends that begins with the `$` at `dollar`."""
        opening = self.text[dollar + 1 : dollar + 2]
        if opening not in ("(", "{"):
            return min(dollar + 2, end)
        closing = ")" if opening == "(" else "}"
        depth = 0
        for at in range(dollar + 1, end):
            depth += (self.text[at] == opening) - (self.text[at] == closing)
            if depth == 0:
                return at + 1
        return end

    def _reference(self, start: int, end: int, depth: int) -> Iterator[Piece]:
        text = self.text[start:end]
        match = _REFERENCE.fullmatch(text)
        name = (match[1] or match[2]) if match else ""
        if text == "$$":
            yield Piece("$", Span(start, end))
        elif depth < _MAX_DEPTH and name in self.makefile.values and self.makefile.set_count[name] == 1:
            yield from self._value(*self.makefile.values[name], depth + 1)
        else:
            yield Piece(HOLE, Span(start, end))

    def _value(self, start: int, end: int, depth: int) -> Iterator[Piece]:
        """A variable's value: a line that goes on stands for one blank."""
        for match in _CONTINUATION.finditer(self.text, start, end):
            yield from self._pieces(start, match.start(), depth)
            yield Piece(" ", Span(match.start(), match.end()))
            start = match.end()
        yield from self._pieces(start, end, depth)
