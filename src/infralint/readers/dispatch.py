"""From bytes to facts: the whole read step for one file, which never raises."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from infralint.facts.files import FileFacts, Problem
from infralint.kinds import Kind
from infralint.readers.python.reader import with_problem
from infralint.source import Span, UndecodableError, decode

# More than this is data or generated code, and a parser's time with it is no longer bounded.
MAX_BYTES = 5_000_000

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
}


def read_file(data: bytes, kind: Kind, dialect: str, *, outline: bool = False) -> FileFacts:
    """The facts of one file. Whatever keeps it from being read is a Problem in them."""
    if len(data) > MAX_BYTES:
        reason = f"{len(data) / 1e6:.1f} MB, and files over {MAX_BYTES / 1e6:.0f} MB are not read"
        return FileFacts(problem=Problem("too-large", reason, Span(0, 0)))
    try:
        text = decode(data, python=kind is Kind.PYTHON).text
    except UndecodableError as error:
        return FileFacts(problem=Problem("undecodable", error.reason, Span(0, 0)))
    return _with_suppressions(_read_text(text, kind, dialect, outline), text, kind)


def _read_text(text: str, kind: Kind, dialect: str, outline: bool) -> FileFacts:
    if kind is Kind.PYTHON:
        from infralint.readers.python.reader import read_python

        return read_python(text, dialect, outline=outline)
    reader = _reader(kind)
    if reader is None:
        return FileFacts()
    try:
        return reader(text, dialect)
    except RecursionError:
        return with_problem(FileFacts(), Problem("unparsable", "nested too deeply", Span(0, 0)))


@lru_cache(maxsize=None)
def _reader(kind: Kind) -> Callable[[str, str], FileFacts] | None:
    """The reader of a kind: the function `read(text, dialect)` of its module."""
    if kind not in _MODULES:
        return None
    read: Callable[[str, str], FileFacts] = import_module(f"infralint.readers.{_MODULES[kind]}").read
    return read


def _with_suppressions(facts: FileFacts, text: str, kind: Kind) -> FileFacts:
    if "infralint:" not in text:
        return facts
    import msgspec

    from infralint.readers.suppressions import suppressions_in

    return msgspec.structs.replace(facts, suppressions=suppressions_in(text, kind))
