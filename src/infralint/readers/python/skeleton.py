"""A module's text without the bodies of functions that tell its outline nothing: a third of the work for the parser.

What is left parses to the same tree as the whole text, but for these bodies and for where functions end. That is so
because

- the symbol table of the whole text was made: it parses, and its entries say on which lines definitions begin;
- what is cut away begins behind the colon of a function's head (`_HEAD` reads all its strings and brackets) and ends
  before the next line that is neither empty nor a comment and is indented no deeper than the `def`;
- that line begins no token but a statement's first: it begins a definition, or `_OUTSIDE` reads all strings before it.
  It may stand in brackets still; but then more of them were opened than closed in what was cut, in no cut are more
  closed than opened, and what is left does not parse.

Whatever is not written in the usual way (tabs, carriage returns, other brackets and strings than `_HEAD` knows) stays.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from infralint.source import SourceText

# Without one of these a string ends on its line, but for f-strings.
_SPANNING = ('"""', "'''", "\\\n")
# Blanks that the tokenizer counts in its own way.
_STRANGE = ("\t", "\r", "\f")
# Scopes that are no definitions: their lines may begin anywhere.
_NO_DEFINITIONS = frozenset({"lambda", "genexpr", "listcomp", "setcomp", "dictcomp"})
_FUNCTION, _CLASS = 0, 1

# A string on one line without escapes and braces, whatever its prefix.
_STRING = r"(?:\"(?!\"\")[^\"\\\n{}]*\"|'(?!'')[^'\\\n{}]*')"
_COMMENT = r"#[^\n]*\n"


def _nested(plain: str, opening: str, closing: str, others: str, depth: int) -> str:
    """What may stand in a bracket: characters that matter to nobody, other things, and brackets up to a depth."""
    inner = _unrolled(plain, others)
    for _ in range(depth):
        inner = _unrolled(plain, f"{others}|{opening}{inner}{closing}")
    return inner


def _unrolled(plain: str, others: str) -> str:
    """Plain characters with other things between them, in a form that is matched in one way only."""
    return f"{plain}*(?:(?:{others}){plain}*)*"


_PARAMETERS = _nested(r"[^()\"'#\\]", r"\(", r"\)", f"{_STRING}|{_COMMENT}", 2)
_RETURNED = _nested(r"[^:\"'#\\\n()\[\]{}]", r"\[", r"\]", _STRING, 3)
_HEAD = re.compile(rf"( *)(?:async +)?def +(\w+) *\(({_PARAMETERS})\) *(?:->{_RETURNED})?:(?= *(?:#[^\n]*)?\n)")
_DEFINITION = re.compile(r" *(?:async|class|def)\b")

# Since Python 3.12 an f-string may hold quotes and line ends of its own (PEP 701).
_HAS_FIELDS = sys.version_info >= (3, 12)
_FORMATTED = re.compile(r"[fFtT][rR]?[\"']")


def _string_of(quote: str, end: str) -> str:
    """A string that begins with a quote, for `_OUTSIDE`; of f-strings those with the plainest fields."""
    # The quotes that a long string may hold, the line ends that a short one may not.
    others, excluded = (f"|{quote}(?!{quote * 2})", "") if len(end) == 3 else ("", r"\n")
    every = _unrolled(rf"[^{quote}\\{excluded}]", rf"\\[\s\S]{others}")
    if not _HAS_FIELDS:
        return f"{end}{every}{end}"
    field = r"\{[^\"'{}#\\\n]*\}"
    plain = _unrolled(rf"[^{quote}\\{excluded}{{}}]", rf"\\[^{{}}N]|\{{\{{|\}}\}}|{field}{others}")
    is_plain, is_formatted = "(?<![fFtT])(?<![fFtT][rR])", "(?:(?<=[fFtT])|(?<=[fFtT][rR]))"
    return f"(?:{is_plain}{end}{every}{end}|{is_formatted}{end}{plain}{end})"


_OUTSIDE = re.compile(
    _unrolled(
        r"[^\"'#\\]",
        rf"#[^\n]*\n|\\\n|{_string_of(chr(34), chr(34) * 3)}|{_string_of(chr(39), chr(39) * 3)}"
        rf"|(?!\"\"\"){_string_of(chr(34), chr(34))}|(?!'''){_string_of(chr(39), chr(39))}",
    )
)

# A function with one of these words is of interest to an outline.
_TELLING = ("import", "class", "__name__")
_FIRST = re.compile(r"\s*(\w+)")
# A body that is no longer than this is not worth it.
_SHORTEST = 40


def skeleton_of(source: SourceText, top: Any) -> str | None:
    """The text with functions' bodies replaced by `pass`, on the same lines; None where there is nothing to gain.

    `top`: the symbol table's entry of the module.
    """
    text = source.text
    if any(each in text for each in _STRANGE):
        return None
    functions: list[tuple[int, bool]] = []
    definitions: set[int] = set()
    _collect(top, functions, definitions)
    parts: list[str] = []
    done = 0
    for start, end in _cuts(source, functions, definitions):
        parts.append(text[done:start])
        parts.append("pass")
        parts.append("\n" * text.count("\n", start, end))
        done = end
    return "".join([*parts, text[done:]]) if parts else None


def _collect(entry: Any, functions: list[tuple[int, bool]], definitions: set[int]) -> None:
    """The lines of the functions that stand in no other function, with whether they are methods; and those of all
    definitions around and between them."""
    of_class = entry.type == _CLASS
    for each in entry.children:
        if each.type == _CLASS:
            definitions.add(each.lineno)
            _collect(each, functions, definitions)
        elif each.type == _FUNCTION and each.name not in _NO_DEFINITIONS:
            definitions.add(each.lineno)
            functions.append((each.lineno, of_class))


def _cuts(source: SourceText, functions: list[tuple[int, bool]], definitions: set[int]) -> Iterator[tuple[int, int]]:
    """The spans that are cut away, in order."""
    text, starts = source.text, source.line_starts
    beginnings = {starts[line - 1] for line in definitions}
    # In the table the parts of some statements stand in another order: `else` before `except`.
    for line, is_method in sorted(functions):
        head = _HEAD.match(text, starts[line - 1])
        if head is None:
            continue
        start = head.end()
        following = _next_line(len(head[1])).search(text, start)
        end = following.start() + 1 if following else len(text)
        body = text[start:end]
        if len(body) < _SHORTEST or any(word in body for word in _TELLING):
            continue
        if is_method and _may_assign(body, head[3]):
            continue
        if following is None or _is_outside(text, start, end, beginnings):
            yield start, end


@lru_cache(maxsize=64)
def _next_line(indent: int) -> re.Pattern[str]:
    """The end of the line before one that is indented no deeper than this, empty lines and comments left out."""
    return re.compile(rf"\n {{0,{indent}}}(?=[^ \n#])")


def _is_outside(text: str, start: int, line: int, beginnings: set[int]) -> bool:
    """Whether a line begins in no string and continues no other, given a place before it that stands in none."""
    if text[line - 2] == "\\":
        return False
    if line in beginnings and _DEFINITION.match(text, line):
        return True
    spanning = any(text.find(each, start, line) >= 0 for each in _SPANNING)
    if not spanning and not (_HAS_FIELDS and _FORMATTED.search(text, start, line)):
        return True
    return _OUTSIDE.fullmatch(text, start, line) is not None


def _may_assign(body: str, parameters: str) -> bool:
    """Whether a method's body may assign an attribute of its first parameter."""
    parameters = parameters.lstrip()
    if not parameters or parameters.startswith("*"):
        return False
    first = _FIRST.match(parameters)
    if first is None or not first[1].isascii() or not body.isascii():
        # Letters of other kinds mean the same (PEP 3131).
        return True
    return first[1] in body and _assigning(first[1])(body)


@lru_cache(maxsize=256)
def _assigning(name: str) -> Callable[[str], bool]:
    """Whether a statement may bind or delete an attribute of a name. The patterns begin with words, to be fast."""
    attribute, gap = rf"{name}\.\w+", r"(?:[\s)\]\\]|#[^\n]*\n)*"
    # The target of an assignment, or a part of it, which a comma or a bracket ends; and an attribute that is not
    # written as one word: `self . x`, `(self).x`.
    target = re.compile(
        rf"{name}(?:\.\w+{gap}(?:,|(?:[-+*/%&|^@]|//|\*\*|>>|<<)?=(?!=))|[\s\\)]*#|[\s\\)]+\.|\.[\s\\#])"
    )
    # The target of an annotation, with which a statement begins.
    before_colon = re.compile(f"{attribute}{gap}:")
    annotated = re.compile(rf"(?:^|[;:\\]) *(?:\(\s*)*{attribute}{gap}:", re.MULTILINE)
    # A loop whose targets are not names alone. No statement stands before it on its line.
    names = r"(?:[\w\s,*]|\((?:(?!\bin\b)[\w\s,*])*\))*\bin\b"
    loop = re.compile(rf"\n *(?:async +)?for\b(?!{names})")
    bound = re.compile(rf"as(?<!\was)\b[\s\\]*(?:{name}\b|[(\[#])|del(?<!\wdel)\b")

    def may_assign(body: str) -> bool:
        if target.search(body) or bound.search(body) or ("for" in body and loop.search(body)):
            return True
        return before_colon.search(body) is not None and annotated.search(body) is not None

    return may_assign
