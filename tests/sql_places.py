"""What the tests of SQL places share: the calls of one file, as short texts."""

from __future__ import annotations

from collections.abc import Mapping

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.facts.sql_calls import SqlArguments
from infralint.kinds import Kind, kind_of
from infralint.project.project import Project
from infralint.readers.dispatch import read_file
from infralint.settings import Settings


def sql_of(code: str, kind: Kind = Kind.PYTHON) -> SqlFacts:
    """The SQL facts of a file's text."""
    facts = read_file(code.encode(), kind, "postgres")
    assert facts.problem is None
    return facts.sql or SqlFacts()


def passed(code: str, arguments: SqlArguments | None) -> str:
    """`?` for arguments that are not known, `-` for none, else `a, b` or `x: a`; `*` before many rows of them."""
    if arguments is None:
        return "?"
    items = [
        (f"{item.name}: " if item.name else "") + code[item.span.start : item.span.end] for item in arguments.items
    ]
    text = "-" if arguments.kind == "none" else ", ".join(items)
    return f"*{text}" if arguments.rows else text


def calls_of(code: str) -> list[tuple[str, str, str, str]]:
    """Of every sink: the texts as written, the driver, the placeholders and what is passed for them."""
    facts = sql_of(code)
    found = []
    for call in facts.calls:
        texts = [facts.texts[index] for index in call.texts]
        written = " | ".join(code[text.span.start : text.span.end] for text in texts)
        placeholders = " ".join(each.kind + each.name for text in texts for each in text.placeholders)
        found.append((written, call.driver, placeholders, passed(code, call.arguments)))
    return found


def statements_of(code: str, kind: Kind = Kind.PYTHON) -> list[str]:
    """The names that each statement refers to, in order."""
    return [
        " ".join(code[ref.span.start : ref.span.end] for scope in statement.scopes for ref in scope.refs)
        for statement in sql_of(code, kind).statements
    ]


def project_of(files: Mapping[str, str]) -> Project:
    """A linked project of texts."""
    facts: dict[str, FileFacts] = {}
    for path, text in files.items():
        kind = kind_of(path)
        assert kind is not None
        facts[path] = read_file(text.encode(), kind, "postgres")
    return Project(facts, facts, Settings())
