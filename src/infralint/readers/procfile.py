"""Procfiles: one process type and its command a line (Heroku, honcho, foreman)."""

from __future__ import annotations

import re

from infralint.facts.files import FileFacts
from infralint.facts.text import plain
from infralint.readers.argv import script_commands

_PROCESS = re.compile(r"^[ \t]*([A-Za-z0-9_-]+):[ \t]*(\S[^\r\n]*)", re.MULTILINE)


def read(text: str, dialect: str) -> FileFacts:
    """The commands of a Procfile."""
    commands = [
        command
        for process in _PROCESS.finditer(text)
        for command in script_commands(plain(process[2], process.start(2)))
    ]
    return FileFacts(commands=tuple(commands))
