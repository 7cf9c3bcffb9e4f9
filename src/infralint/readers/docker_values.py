"""The arguments of a Dockerfile's instructions: flags, JSON lists, words, assignments.

After Docker's Dockerfile reference (Docker 28) and the parser of BuildKit 0.26 (frontend/dockerfile/parser).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from infralint.facts.builds import Assignment
from infralint.facts.slices import sliced
from infralint.facts.text import Piece, Text
from infralint.readers.pieces import stripped, words

_FLAG = re.compile(r"--[a-z][\w-]*(?:=\S*)?(?:\s+|$)")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def flags(rest: Text) -> list[tuple[str, Text]]:
    """The `--name=value` flags at the start of an instruction's text."""
    found = []
    at = 0
    value = rest.value
    while match := _FLAG.match(value, at):
        flag = stripped(sliced(rest, match.start(), match.end()))
        name, equals, _ = flag.value.partition("=")
        found.append((name[2:], sliced(flag, len(name) + len(equals), len(flag.value))))
        at = match.end()
    return found


def after_flags(rest: Text) -> Text:
    """An instruction's text behind its flags."""
    at = 0
    while match := _FLAG.match(rest.value, at):
        at = match.end()
    return stripped(sliced(rest, at, len(rest.value)))


def exec_form(rest: Text) -> Sequence[Text] | None:
    """The arguments of a JSON list of strings; None where the text is none: then it is shell form."""
    value = rest.value
    if not value.lstrip().startswith("["):
        return None
    try:
        listed = json.loads(value)
    except ValueError:
        return None
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return None
    found = []
    for match, item in zip(_JSON_STRING.finditer(value), listed, strict=True):
        text = sliced(rest, match.start() + 1, match.end() - 1)
        if text.value != item:
            text = Text((Piece(item, text.span),), text.span)
        found.append(text)
    return found


def listed(rest: Text) -> tuple[Text, ...]:
    """The words of an instruction that takes a JSON list or words between blanks."""
    found = exec_form(rest)
    return tuple(words(rest) if found is None else found)


def assignments(rest: Text, escape: str, *, old_form: bool) -> tuple[Assignment, ...]:
    """The assignments of ENV (`old_form`: `ENV NAME all the rest` too) and ARG."""
    parts = list(_quoted_words(rest, escape))
    if old_form and parts and "=" not in parts[0].value:
        tail = stripped(sliced(rest, rest.value.find(parts[0].value) + len(parts[0].value), len(rest.value)))
        return (Assignment(parts[0], tail if tail.value else None),)
    return tuple(_assignment(part) for part in parts if part.value.partition("=")[0])


def _assignment(word: Text) -> Assignment:
    name, equals, _ = word.value.partition("=")
    value = sliced(word, len(name) + 1, len(word.value)) if equals else None
    return Assignment(sliced(word, 0, len(name)), value)


def _quoted_words(rest: Text, escape: str) -> Iterator[Text]:
    """Words between blanks; blanks in quotes and behind the escape character belong to a word."""
    value = rest.value
    start: int | None = None
    quote = ""
    at = 0
    while at < len(value):
        letter = value[at]
        if start is None and not letter.isspace():
            start = at
        if letter == escape and quote != "'":
            at += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter.isspace() and start is not None:
            yield sliced(rest, start, at)
            start = None
        at += 1
    if start is not None:
        yield sliced(rest, start, len(value))
