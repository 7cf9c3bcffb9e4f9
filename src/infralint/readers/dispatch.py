"""From bytes to facts: the whole read step for one file, which never raises."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import msgspec

from infralint.facts.files import FileFacts, Problem
from infralint.facts.python import PythonModule
from infralint.kinds import DECLARE_ENCODING, Kind
from infralint.readers.environment_mentions import with_mentions
from infralint.readers.mentions import tables_mentioned
from infralint.readers.sql_shell import with_sql_of_commands
from infralint.source import LINE_END, Span, UndecodableError, decode

# More than this is data or generated code, and a parser's time with it is no longer bounded.
MAX_BYTES = 5_000_000
# Python is scanned for class statements up to this size; of more, nothing at all is known.
MAX_SCANNED = 50_000_000
_INTERNAL = "internal error"
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What no encoding of text can hold: bytes that did not decode, and what an escape of this shape makes.
_SURROGATE = re.compile("[\ud800-\udfff]")
_HALF_CHARACTER = re.compile(r"\\[uU]\{?(?:0000)?[dD][89a-fA-F]")

_MODULES = {
    Kind.SQL: "sql_file",
    Kind.DOCKERFILE: "dockerfile",
    Kind.COMPOSE: "compose",
    Kind.WORKFLOW: "workflow",
    Kind.CLOUDBUILD: "cloudbuild",
    Kind.YAML: "manifest",
    Kind.SHELL: "shell",
    Kind.MAKEFILE: "makefile",
    Kind.POWERSHELL: "powershell",
    Kind.TERRAFORM: "terraform",
    Kind.TOML: "settings_file",
    Kind.INI: "settings_file",
    Kind.PROCFILE: "procfile",
    Kind.REQUIREMENTS: "requirement_files",
    Kind.PIPFILE_LOCK: "pipfile_lock",
    Kind.DOTENV: "dotenv",
    Kind.DOCKERIGNORE: "dockerignore",
}


# Marks of Jinja, cookiecutter and the like, where no Python or SQL has them.
_TEMPLATE = re.compile(r"\{%[-+]?\s*\w[^{}]*[-+]?%\}|\{\{\s*(?:cookiecutter|copier)\.|^\s*\{#.*#\}\s*$", re.MULTILINE)

# Kinds of file that declare tables.
_DECLARING = frozenset({Kind.PYTHON, Kind.SQL})


def is_worth_reading(size: int, kind: Kind) -> bool:
    """Whether the bytes of a file of this size tell anything."""
    return size <= (MAX_SCANNED if kind is Kind.PYTHON else MAX_BYTES)


def read_file(data: bytes, kind: Kind, dialect: str, *, program: bool = False) -> FileFacts:
    """The facts of one file. Whatever keeps it from being read is a Problem in them.

    `program`: the statements of a Python module alone.
    """
    if len(data) > MAX_BYTES:
        return _unread(too_large(len(data)), lenient_text(data), kind)
    try:
        text = decode(data, python=kind in DECLARE_ENCODING).text
    except UndecodableError as error:
        text = lenient_text(data)
        return _with_suppressions(_unread(_undecodable(data, error), text, kind), text, kind)
    facts = _read_text(text, kind, dialect, program)
    if program:
        return facts
    if facts.problem is not None and kind in _DECLARING:
        problem = facts.problem
        if _TEMPLATE.search(text) or "{{" in _line_at(text, problem.span.start):
            # No mistake: another program makes the file of it.
            problem = Problem("template", problem.reason, problem.span)
        facts = msgspec.structs.replace(facts, problem=problem, may_change=tables_mentioned(text))
    if _HALF_CHARACTER.search(text):
        facts = msgspec.convert(_whole_characters(msgspec.to_builtins(facts)), FileFacts)
    return _with_suppressions(facts, text, kind)


def is_our_fault(problem: Problem | None) -> bool:
    """Whether a reader broke down: that says nothing of the file, and may be another thing the next time."""
    return problem is not None and problem.reason.startswith(_INTERNAL)


def too_large(size: int) -> Problem:
    """What keeps a file of `size` bytes from being read."""
    reason = f"{size / 1e6:.1f} MB, and files over {MAX_BYTES / 1e6:.0f} MB are not read"
    return Problem("too-large", reason, Span(0, 0))


def _unread(problem: Problem, text: str, kind: Kind) -> FileFacts:
    """What is known of a file that no parser reads: the tables that it may change; of Python, its classes' names.

    They keep what is said of all other tables and classes of the project certain.
    """
    mentioned = tables_mentioned(text) if kind in _DECLARING else ()
    if kind is not Kind.PYTHON:
        return FileFacts(problem=problem, may_change=mentioned)
    from infralint.readers.python.attribute_sets import attributes_set
    from infralint.readers.python.imports_seen import with_loads
    from infralint.readers.python.subjects import scanner

    scan = scanner().scan(text)
    module = PythonModule(stubs=scan.stubs, sets=attributes_set(text, scan.words))
    facts = FileFacts(problem=problem, python=module, may_change=mentioned)
    return with_loads(facts, text, scan.words)


def _undecodable(data: bytes, error: UndecodableError) -> Problem:
    """The place is that of the first bad byte in `lenient_text`."""
    mark = next((len(mark) for mark in _MARKS if data.startswith(mark)), 0)
    before = lenient_text(data[: mark + error.offset])
    return Problem("undecodable", error.reason, Span(len(before), len(before) + 1))


def lenient_text(data: bytes) -> str:
    """A text of bytes that do not decode, in which every bad byte is one character."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return _SURROGATE.sub("\ufffd", data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"))


def _read_text(text: str, kind: Kind, dialect: str, program: bool) -> FileFacts:
    try:
        if kind is Kind.PYTHON:
            from infralint.readers.python.reader import read_python

            facts = read_python(text, dialect, program=program)
            return facts if program else with_sql_of_commands(facts)
        reader = _reader(kind)
        facts = with_sql_of_commands(reader(text, dialect)) if reader else FileFacts()
        return with_mentions(facts, text, kind)
    except (RecursionError, MemoryError):
        return _unread(Problem("unparsable", "nested too deeply", _first_line(text)), text, kind)
    except Exception as error:
        # A fault of a reader of ours must not cost the findings of all other files.
        reason = f"{_INTERNAL}: {type(error).__name__}: {error}"
        return _unread(Problem("unparsable", reason, _first_line(text)), text, kind)


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, (list, tuple)):
        return [_whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole_characters(item) for name, item in value.items()}
    return value


def _line_at(text: str, offset: int) -> str:
    return text[text.rfind("\n", 0, offset) + 1 :].partition("\n")[0]


def _first_line(text: str) -> Span:
    end = LINE_END.search(text)
    return Span(0, end.start() if end else len(text))


@cache
def _reader(kind: Kind) -> Callable[[str, str], FileFacts] | None:
    """The reader of a kind: the function `read(text, dialect)` of its module."""
    if kind not in _MODULES:
        return None
    read: Callable[[str, str], FileFacts] = import_module(f"infralint.readers.{_MODULES[kind]}").read
    return read


def _with_suppressions(facts: FileFacts, text: str, kind: Kind) -> FileFacts:
    if "infralint:" not in text:
        return facts

    from infralint.readers.suppressions import suppressions_in

    return msgspec.structs.replace(facts, suppressions=suppressions_in(text, kind))
