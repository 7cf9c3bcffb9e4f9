"""The words behind a program: options with their values, and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from infralint.facts.commands import Word
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text


@dataclass(slots=True)
class Arguments:
    """`options` holds (name, value) in order, the value None for a switch. `unknown`: a word that may be several, or
    any option, so that there may be more of everything."""

    positionals: list[Text] = field(default_factory=list)
    options: list[tuple[str, Text | None]] = field(default_factory=list)
    unknown: bool = False

    def values(self, *names: str) -> tuple[Text, ...]:
        """The values of options, in order."""
        return tuple(value for name, value in self.options if name in names and value is not None)

    def last(self, *names: str) -> Text | None:
        """The value that counts of an option that is given once; None without one."""
        found = self.values(*names)
        return found[-1] if found else None

    def has(self, *names: str) -> bool:
        """Whether one of these options is there."""
        return any(name in names for name, _ in self.options)

    def names(self, *options: str) -> tuple[str, ...]:
        """The names that options list: `--extra a --extra b`, `--with a,b`, `-E "a b"`."""
        listed = [value.value.replace(",", " ").split() for value in self.values(*options)]
        return tuple(name for names in listed for name in names)


def arguments_of(words: Sequence[Word], valued: frozenset[str]) -> Arguments:
    """Words taken apart. `valued`: options that take the next word; every other is a switch unless it has a `=`."""
    found = Arguments()
    words = [part for word in words for part in _split(word)]
    at = 0
    while at < len(words):
        word, value = words[at], words[at].value
        at += 1
        if word.splits and not word.text.is_static:
            found.unknown = True
        elif value == "--":
            found.positionals += [each.text for each in words[at:]]
            break
        elif value.startswith("--"):
            at += _long(word, words[at : at + 1], valued, found)
        elif value.startswith("-") and len(value) > 1:
            at += _short(word, words[at : at + 1], valued, found)
        else:
            found.positionals.append(word.text)
    found.unknown = found.unknown or any(_may_be_option(text) for text in found.positionals)
    return found


def _split(word: Word) -> list[Word]:
    """The words that an unquoted variable with a known value becomes."""
    if not word.splits or not word.text.is_static:
        return [word]
    parts = [sliced(word.text, match.start(), match.end()) for match in re.finditer(r"\S+", word.value)]
    return [Word(part) for part in parts]


def _may_be_option(text: Text) -> bool:
    """Whether nothing is known of the beginning of a word."""
    return text.value.startswith(HOLE)


def _long(word: Word, following: Sequence[Word], valued: frozenset[str], found: Arguments) -> int:
    """Note a long option; how many words behind it are its value."""
    name, equals, _ = word.value.partition("=")
    if equals:
        found.options.append((name, sliced(word.text, len(name) + 1, len(word.value))))
    elif name in valued and following:
        found.options.append((name, following[0].text))
        return 1
    else:
        found.options.append((name, None))
    return 0


def _short(word: Word, following: Sequence[Word], valued: frozenset[str], found: Arguments) -> int:
    """Note options of one letter: `-q`, `-qr file`, `-rfile`; how many words behind them are a value."""
    value = word.value
    for at, letter in enumerate(value[1:], start=1):
        name = f"-{letter}"
        if name not in valued:
            found.options.append((name, None))
            continue
        if at + 1 < len(value):
            start = at + 2 if value[at + 1] == "=" else at + 1
            found.options.append((name, sliced(word.text, start, len(value))))
            return 0
        if following:
            found.options.append((name, following[0].text))
            return 1
    return 0


def options(*groups: str) -> frozenset[str]:
    """A set of options, written with spaces between them."""
    return frozenset(name for group in groups for name in group.split())


def static(texts: Iterable[Text]) -> bool:
    """Whether all of these are known."""
    return all(text.is_static for text in texts)


def verb_at(words: Sequence[Word], valued: frozenset[str]) -> int | None:
    """Where the subcommand stands: behind general options, of which `valued` take a value; None without one."""
    at = 0
    while at < len(words):
        value = words[at].value
        if not words[at].text.is_static:
            return None
        if not value.startswith("-"):
            return at
        at += 2 if value in valued else 1
    return None
