"""What variables of a PowerShell script certainly hold: a text, or a list that grows.

about_Variables, about_Arrays, about_Assignment_Operators (PowerShell 7.4). A variable is known where it is assigned
once, at the top of the script, and only added to after that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from infralint.facts.commands import Word

_ASSIGNMENT = re.compile(
    r"(?<![\w$])\$(?P<name>\w+)(?:(?P<step>\+\+|--)(?![\w-])"
    r"|[ \t]*(?P<operator>(?:[-+*/%]|\?\?)?=)(?!=)[ \t]*(?:`\r?\n[ \t]*)?)"
)
# What else gives a variable its value, or any variable any value.
_BOUND = re.compile(
    r"\bforeach[ \t]*\([ \t]*\$(?P<each>\w+)|\[ref\][ \t]*\$(?P<ref>\w+)"
    r"|-(?:Out|Error|Warning|Pipeline)Variable[ \t]+(?P<out>\w+)"
    r"|\b(?:Set|New|Clear|Remove)-Variable[ \t]+(?:-Name[ \t]+)?(?P<set>\w+)",
    re.I,
)
_PARAMETERS = re.compile(r"\b(?:param[ \t]*|function[ \t]+[\w:-]+[ \t]*)\(", re.I)
_NAME = re.compile(r"\$(\w+)")
_OTHER_CODE = re.compile(r"(?:^|[;{])[ \t]*\.[ \t]+\S|\b(?:Invoke-Expression|iex)\b", re.I | re.M)
_PLUS = ("=", "+=")


@dataclass(frozen=True, slots=True)
class PowerShellValue:
    """What a variable holds: the words of a list, or one word that is a text."""

    words: tuple[Word, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class _Assignment:
    operator: str
    start: int
    value: int
    depth: int


# Reads the value that begins at an offset; None where it is none that is known.
Reader = Callable[[int], "PowerShellValue | None"]


class PowerShellVariables:
    """The variables of a script. `code` is the script with comments and strings blanked, letter for letter."""

    def __init__(self, code: str, read: Reader) -> None:
        self._read = read
        self._depths = _depths(code)
        self._assignments: dict[str, list[_Assignment]] = {}
        for match in _ASSIGNMENT.finditer(code):
            found = _Assignment(
                match["operator"] or match["step"], match.start(), match.end(), self._depths[match.start()]
            )
            self._assignments.setdefault(match["name"].lower(), []).append(found)
        self._bound = {name.lower() for match in _BOUND.finditer(code) for name in match.groups() if name}
        self._bound |= {name.lower() for match in _PARAMETERS.finditer(code) for name in _parameters(code, match.end())}
        self._other_code = [match.start() for match in _OTHER_CODE.finditer(code)]
        self._busy: set[str] = set()

    def value(self, name: str, at: int) -> PowerShellValue | None:
        """What a variable holds at an offset."""
        name = name.lower()
        assignments = self._assignments.get(name, [])
        if name in self._bound or name in self._busy or not self._is_certain(assignments, at):
            return None
        self._busy.add(name)
        try:
            return self._value(assignments)
        finally:
            self._busy.discard(name)

    def _is_certain(self, assignments: list[_Assignment], at: int) -> bool:
        if not assignments or any(each.operator not in _PLUS for each in assignments):
            return False
        first, *others = assignments
        is_first = first.operator == "=" and first.depth == 0 and all(each.operator == "+=" for each in others)
        is_before = all(each.start < at for each in assignments)
        return is_first and is_before and not any(first.start < place < at for place in self._other_code)

    def _value(self, assignments: list[_Assignment]) -> PowerShellValue | None:
        value = self._read(assignments[0].value)
        if value is None:
            return None
        words = list(value.words)
        for assignment in assignments[1:]:
            more = self._read(assignment.value)
            if more is None or not value.is_list:
                return None
            optional = assignment.depth > 0
            words += (msgspec.structs.replace(word, optional=optional or word.optional) for word in more.words)
        return PowerShellValue(tuple(words), value.is_list)


def _depths(code: str) -> list[int]:
    """How many braces are open at each character."""
    depths = []
    depth = 0
    for character in code:
        depth -= character == "}"
        depths.append(depth)
        depth += character == "{"
    return depths


def _parameters(code: str, start: int) -> list[str]:
    """The names in the list of parameters that begins at an offset."""
    depth, at = 1, start
    while at < len(code) and depth:
        depth += (code[at] == "(") - (code[at] == ")")
        at += 1
    return _NAME.findall(code[start:at])
