"""SQL that commands hand to a database's client: `psql -c`, `sqlite3 file "..."`, `mysql -e`, and here-documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.facts.text import Text


@dataclass(frozen=True, slots=True)
class _Client:
    """`options`: those that take SQL; `with_value`: others that take the next word. `operands`: SQL stands behind the
    name of the database, too."""

    dialect: str
    options: frozenset[str]
    with_value: frozenset[str]
    operands: bool = False


# PostgreSQL 18 manual, psql; sqlite.org/cli; MySQL 8.4 manual 6.5.1.1; MariaDB's client takes the same.
_MYSQL = _Client(
    "mysql",
    frozenset({"-e", "--execute"}),
    frozenset({"-h", "--host", "-u", "--user", "-P", "--port", "-D", "--database", "-S", "--socket"}),
)
_CLIENTS = {
    "psql": _Client(
        "postgres",
        frozenset({"-c", "--command"}),
        frozenset(
            {"-d", "--dbname", "-f", "--file", "-F", "-h", "--host", "-L", "-o", "--output", "-p", "--port",
             "-P", "--pset", "-R", "-T", "-U", "--username", "-v", "--set", "--variable"}
        ),
    ),
    "sqlite3": _Client(
        "sqlite",
        frozenset({"-cmd", "--cmd"}),
        frozenset({"-init", "-separator", "-newline", "-nullvalue", "-mmap", "-vfs", "-maxsize"}),
        operands=True,
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}  # fmt: skip
# Programs that run another one in a container, or as another user.
_RUNNERS = frozenset(
    {"docker", "docker-compose", "flyctl", "gosu", "heroku", "kubectl", "nerdctl", "oc", "podman", "runuser", "su-exec"}
)


# The commands of sqlite3 itself; those of psql are left out wherever a script is read.
_DOT_LINE = re.compile(r"^\.[^\n]*", re.MULTILINE)


def with_sql_of_commands(facts: FileFacts) -> FileFacts:
    """`facts` with the SQL of its commands."""
    found = [(client, text) for command in facts.commands for client, text in _texts(command)]
    if not found:
        return facts
    from infralint.readers.sql_file import read_script
    from infralint.readers.sql_statements import SqlReading

    reading = SqlReading()
    for client, text in found:
        value = text.value
        if client.dialect == "sqlite":
            value = _DOT_LINE.sub(lambda match: " " * len(match[0]), value)
        read_script(value, client.dialect, text.locator(), reading)
    known = facts.sql or SqlFacts()
    sql = msgspec.structs.replace(
        known,
        statements=(*known.statements, *reading.statements),
        functions=(*known.functions, *reading.functions),
        unread=(*known.unread, *reading.unread),
        servers=tuple(sorted({*known.servers, *(client.dialect for client, _ in found)})),
    )
    return msgspec.structs.replace(facts, sql=sql)


def _texts(command: Command) -> Iterator[tuple[_Client, Text]]:
    at = _client_at(command.words)
    if at is None:
        return
    client = _CLIENTS[_program(command.words[at])]
    texts = list(_arguments(client, command.words[at + 1 :]))
    # A client that is given SQL as an argument does not read its input.
    if not texts and command.stdin is not None:
        texts = [command.stdin]
    yield from ((client, text) for text in texts)


def _client_at(words: Sequence[Word]) -> int | None:
    """The index of the client's word: the first, or any behind a program that runs others."""
    if not words or words[0].splits:
        return None
    first = _program(words[0])
    if first in _CLIENTS:
        return 0
    if first not in _RUNNERS:
        return None
    return next((at for at, word in enumerate(words) if at and _program(word) in _CLIENTS and _is_run(words, at)), None)


def _is_run(words: Sequence[Word], at: int) -> bool:
    """Whether a client's name is the program that is run, not the name of a container: options follow it."""
    return at + 1 < len(words) or words[at].value != words[at - 1].value


def _program(word: Word) -> str:
    return word.value.rpartition("/")[2]


def _arguments(client: _Client, words: Sequence[Word]) -> Iterable[Text]:
    operands = 0
    skipped = taken = False
    for word in words:
        value = word.value
        if skipped or taken:
            if taken:
                yield word.text
            skipped = taken = False
        elif value in client.options or _is_bundle(client, value):
            taken = True
        elif value in client.with_value:
            skipped = True
        elif (text := _attached(client, word)) is not None:
            yield text
        elif not value.startswith("-"):
            operands += 1
            if client.operands and operands > 1:
                yield word.text


def _is_bundle(client: _Client, word: str) -> bool:
    """Whether a word is several options of one letter, the last of which takes SQL: `-tAc`."""
    letters = word[1:]
    if not word.startswith("-") or not letters.isalpha() or len(letters) < 2 or client.operands:
        return False
    flags = [f"-{letter}" for letter in letters]
    return flags[-1] in client.options and not any(flag in client.with_value | client.options for flag in flags[:-1])


def _attached(client: _Client, word: Word) -> Text | None:
    """The SQL of `--command=...` and `-c"..."`."""
    for option in client.options:
        prefix = f"{option}=" if option.startswith("--") else option
        if word.value.startswith(prefix) and (option.startswith("--") or len(option) == 2):
            return _behind(word.text, len(prefix))
    return None


def _behind(text: Text, length: int) -> Text:
    pieces = []
    for piece in text.pieces:
        if length >= len(piece.text):
            length -= len(piece.text)
            continue
        if length:
            linear = len(piece.text) == len(piece.span)
            span = msgspec.structs.replace(piece.span, start=piece.span.start + length) if linear else piece.span
            piece = msgspec.structs.replace(piece, text=piece.text[length:], span=span)
            length = 0
        pieces.append(piece)
    return Text(tuple(pieces), text.span)
