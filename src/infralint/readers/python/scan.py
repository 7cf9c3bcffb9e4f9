"""The byte scan: one pass of a multi-pattern automaton over a file's text decides what is looked into."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from infralint.facts.python import ClassStub

# A class statement as far as one line (or a parenthesis over several) tells it.
_CLASS = re.compile(r"class[ \t]+(\w+)[ \t]*(?:\[[^\]]*\][ \t]*)?(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?[ \t]*:")
_LAST_NAME = re.compile(r"(\w+)[ \t]*(?:\[.*\])?[ \t]*(?:\(.*\))?\s*$", re.DOTALL)
_CLASS_TRIGGER = "class "
# A class may be made by a call: type("Name", (Base, Other), ...). Longer ones are not looked at.
_LONGEST_CALL = 4000
_LITERAL = re.compile(r"""\s*(["'])(\w+)\1\s*""")
_PARENTHESES = re.compile(r"[()\[\]{},]")
_TYPE_TRIGGER = "type("


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass saw: offsets of the triggers by subject, in order; class statements; which of the words
    stand in the text that a reader asks for by themselves."""

    hits: dict[str, list[int]]
    stubs: tuple[ClassStub, ...]
    words: frozenset[str] = frozenset()


class Scanner:
    """Finds the triggers of all subjects in one pass."""

    def __init__(self, triggers: dict[str, tuple[str, ...]], words: frozenset[str] = frozenset()) -> None:
        self._subjects: list[tuple[str, ...]] = []
        self._words: list[str] = []
        by_word: dict[str, set[str]] = {_CLASS_TRIGGER: set(), _TYPE_TRIGGER: set()}
        for subject, own in triggers.items():
            for word in own:
                by_word.setdefault(word, set()).add(subject)
        for plain in words:
            by_word.setdefault(plain, set())
        for word, subjects in sorted(by_word.items()):
            self._words.append(word)
            self._subjects.append(tuple(sorted(subjects)))
        # A table of all transitions: twice as fast as the default, for a millisecond once.
        self._automaton = AhoCorasick(self._words, implementation=Implementation.DFA)

    def scan(self, text: str) -> Scan:
        """All that one pass over the text sees."""
        hits: dict[str, list[int]] = {}
        stubs: list[ClassStub] = []
        seen = set()
        for pattern, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            seen.add(pattern)
            for subject in self._subjects[pattern]:
                hits.setdefault(subject, []).append(start)
            word = self._words[pattern]
            if word in _STUB_READERS and (stub := _STUB_READERS[word](text, start)):
                stubs.append(stub)
        return Scan(hits, tuple(stubs), frozenset(self._words[each] for each in seen))


def _stub_at(text: str, start: int) -> ClassStub | None:
    if start and not text[start - 1].isspace() and text[start - 1] != ";":
        return None
    match = _CLASS.match(text, start)
    if match is None:
        return None
    return ClassStub(match[1], _last_names(match[2] or ""))


def _made_at(text: str, start: int) -> ClassStub | None:
    if start and (text[start - 1].isalnum() or text[start - 1] in "_."):
        return None
    arguments = _arguments(text, start + len(_TYPE_TRIGGER))
    if len(arguments) < 2:
        return None
    literal = _LITERAL.fullmatch(arguments[0])
    return ClassStub(literal[2] if literal else "", _last_names(arguments[1].strip().strip("()")))


def _arguments(text: str, start: int) -> list[str]:
    """The texts of a call's arguments, given where its parenthesis opens; strings with commas may split one in two."""
    depth, begin, found = 0, start, []
    for match in _PARENTHESES.finditer(text, start, start + _LONGEST_CALL):
        if match[0] in "([{":
            depth += 1
        elif match[0] == "," and depth == 0:
            found.append(text[begin : match.start()])
            begin = match.end()
        elif match[0] in ")]}":
            depth -= 1
            if depth < 0:
                last = text[begin : match.start()]
                return [*found, last] if last.strip() else found
    return []


def _last_names(bases: str) -> tuple[str, ...]:
    parts = (part.strip() for part in bases.split(",") if "=" not in part)
    return tuple(name[1] for part in parts if (name := _LAST_NAME.search(part)))


_STUB_READERS = {_CLASS_TRIGGER: _stub_at, _TYPE_TRIGGER: _made_at}


def words_in(text: str, words: Iterable[str]) -> frozenset[str]:
    """Which of the words stand in a text: what a scan tells of them, where there was none."""
    return frozenset(word for word in words if word in text)
