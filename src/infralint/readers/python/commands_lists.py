"""Argument lists of a Python function while its statements are followed in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, product

import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.text import HOLE, Piece, Text
from infralint.source import Span

# More forms of one list than this are not told apart.
MAX_FORMS = 4

_identities = count(1)


@dataclass(frozen=True, slots=True)
class ListValue:
    """One form of a list: its words, and the place of the expression that made it.

    `identity` stays the same while the same list grows. `is_text`: it is no list, but a text that is one word.
    """

    words: tuple[Word, ...]
    span: Span
    identity: int
    is_text: bool = False

    def with_words(self, words: Iterable[Word]) -> ListValue:
        """The same list with other words."""
        return replace(self, words=tuple(words))

    @property
    def program(self) -> str:
        """The first word, where it is certain; else ""."""
        if not self.words or self.words[0].splits or self.words[0].optional:
            return ""
        return self.words[0].text.static or ""

    @property
    def is_exact(self) -> bool:
        """Whether every word is one word, so that an index finds it."""
        return not any(word.splits or word.optional for word in self.words)

    def command(self, *, sole: bool) -> Command:
        """The command that the list is. `sole`: it has no other form.

        Where it has, which optional words go with which form is not known.
        """
        words = self.words if sole else tuple(_hidden(word) for word in self.words)
        return Command(words, self.span)


# All forms that a list may have at one place; empty = it is not known.
Forms = tuple[ListValue, ...]
# What the names of a function stand for.
Names = dict[str, Forms]


def hole_word(span: Span, *, splits: bool) -> Word:
    """A word, or several, of which nothing is known."""
    return Word(Text((Piece(HOLE, span),), span), splits)


def new_list(words: Iterable[Word], span: Span) -> ListValue:
    """A list that an expression makes."""
    return ListValue(tuple(words), span, next(_identities))


def new_text(word: Word) -> ListValue:
    """A text that an expression makes, or that a name stands for."""
    return ListValue((word,), word.span, next(_identities), is_text=True)


def texts_of(forms: Forms) -> tuple[Text, ...]:
    """The texts that forms are; empty where one of them is a list."""
    return tuple(form.words[0].text for form in forms) if forms and all(form.is_text for form in forms) else ()


def joined(parts: Iterable[Forms], span: Span) -> Forms:
    """The list that lists make, one after the other; an unknown one is a hole in it."""
    unknown = (new_list([hole_word(span, splits=True)], span),)
    every = [forms or unknown for forms in parts]
    number = 1
    for forms in every:
        number *= len(forms)
    if number > MAX_FORMS:
        return ()
    return tuple(new_list((w for form in choice for w in form.words), span) for choice in product(*every))


def optional(words: Iterable[Word]) -> Iterator[Word]:
    """The words as words that only some runs pass."""
    return (msgspec.structs.replace(word, optional=True) for word in words)


def _hidden(word: Word) -> Word:
    return hole_word(word.span, splits=True) if word.optional else word


def merged(before: Names, branches: list[Names]) -> Names:
    """What names stand for after branches of which one was taken."""
    names = dict.fromkeys(name for branch in branches for name in branch)
    return {name: _merged_forms(before.get(name, ()), [b[name] for b in branches if name in b]) for name in names}


def _merged_forms(before: Forms, branches: list[Forms]) -> Forms:
    """Lists that grew in a branch keep their form with optional words; all others are forms side by side."""
    forms: list[ListValue] = []
    for form in (form for branch in branches for form in branch):
        base = next((b for b in before if b.identity == form.identity and not b.is_text and _begins(form, b)), None)
        if base is None:
            forms += [form] if form not in forms else []
            continue
        extra = tuple(optional(form.words[len(base.words) :]))
        index = next((i for i, f in enumerate(forms) if f.identity == base.identity and _begins(f, base)), None)
        if index is None:
            forms.append(base.with_words((*base.words, *extra)))
        else:
            known = forms[index].words
            forms[index] = base.with_words((*known, *(word for word in extra if word not in known)))
    return tuple(forms) if len(forms) <= MAX_FORMS else ()


def _begins(form: ListValue, base: ListValue) -> bool:
    return form.words[: len(base.words)] == base.words
