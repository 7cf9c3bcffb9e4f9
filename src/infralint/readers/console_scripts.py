"""Console scripts: PEP 621's `[project.scripts]`, Poetry's, and setuptools' `console_scripts` in setup.cfg."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.entry_points import ConsoleScript
from infralint.source import Span

_SECTION = re.compile(r"^\s*\[([^\]\n]+)\]\s*(?:#.*)?$", re.MULTILINE)
_SECTIONS = frozenset({"project.scripts", "project.gui-scripts", "tool.poetry.scripts"})
_ENTRY = re.compile(r"""^\s*["']?([\w.-]+)["']?\s*=\s*(["'])([\w.]+:[\w.]+)\2""", re.MULTILINE)
_INI_ENTRY = re.compile(r"^\s+([\w.-]+)\s*=\s*([\w.]+:[\w.]+)\s*$", re.MULTILINE)
_INI_LIST = re.compile(r"^(?:console|gui)_scripts\s*=[ \t]*\n((?:[ \t]+.*\n?)+)", re.MULTILINE)


def console_scripts_in(text: str) -> tuple[ConsoleScript, ...]:
    """The console scripts of a TOML or INI file."""
    if "scripts" not in text:
        return ()
    return (*_of_toml(text), *_of_ini(text))


def _of_toml(text: str) -> Iterator[ConsoleScript]:
    sections = list(_SECTION.finditer(text))
    for at, section in enumerate(sections):
        if section[1].strip() not in _SECTIONS:
            continue
        end = sections[at + 1].start() if at + 1 < len(sections) else len(text)
        for entry in _ENTRY.finditer(text, section.end(), end):
            yield ConsoleScript(entry[1], entry[3], Span(entry.start(3) - 1, entry.end(3) + 1))


def _of_ini(text: str) -> Iterator[ConsoleScript]:
    for listed in _INI_LIST.finditer(text):
        for entry in _INI_ENTRY.finditer(text, listed.start(1), listed.end(1)):
            yield ConsoleScript(entry[1], entry[2], Span(*entry.span(2)))
