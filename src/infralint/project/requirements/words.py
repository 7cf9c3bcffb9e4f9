"""Requirements as words of a command: `pip install "fastapi[standard]>=0.110" ./lib -e .`."""

from __future__ import annotations

from infralint.facts.commands import Word
from infralint.facts.requirements import Requirement
from infralint.pep508 import UNKNOWN_PART, pip_requirement


def requirement_in(word: Word, *, editable: bool = False) -> Requirement:
    """The requirement that an argument of pip, uv or poetry add asks for, with spans in the command's file.

    What has holes or does not parse is a requirement with `open` set.
    """
    if word.splits and not word.text.is_static:
        return Requirement(word.span, word.span, editable=editable, open=UNKNOWN_PART)
    return pip_requirement(word.text, editable=editable)
