""".sql files: dumps, migrations, queries; psql's and mysql's own lines are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, split, tokens_of
from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.readers.sql_dumps import without_rows
from infralint.readers.sql_statements import SqlReading, read_statement, search_path_in
from infralint.source import Span

# psql's commands stand on a line of their own; so does mysql's DELIMITER. COPY's data ends with `\\.`.
_CLIENT_LINE = re.compile(r"^[ \t]*(?:\\[^\n]*|(?i:DELIMITER)[ \t]+(?P<delimiter>\S+)[^\n]*)$", re.MULTILINE)
_COPY = re.compile(
    r"^COPY\b[^;\n]*\bFROM\s+stdin\b[^;\n]*;[^\n]*\n(?P<data>.*?)(?:^\\\.[ \t]*\r?$|\Z)", re.I | re.M | re.S
)
# Lines behind which stands the way back (dbmate, goose, sql-migrate, node-pg-migrate, tern, MyBatis, Play), up to one
# that opens the way forth again.
_DOWN = re.compile(
    r"""^[ \t]*(?:
      (?:--|\#)[ \t]*(?:
        migrate:down\b | \+goose[ \t]+down\b | \+migrate[ \t]+down\b | \+down\b | down[ \t]+migration\b
        | //[ \t]*@undo\b | -*[ \t]*!downs?\b | down[ \t]*:?[ \t]*$
      )
      | ----[ \t]+create[ \t]+above
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_UP = re.compile(
    r"""^[ \t]*(?:--|\#)[ \t]*(?:
      migrate:up\b | \+goose[ \t]+up\b | \+migrate[ \t]+up\b | \+up\b | up[ \t]+migration\b | -*[ \t]*!ups?\b
      | up[ \t]*:?[ \t]*$
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


# Words that only Oracle has, and those of SQL Server.
_OTHER_SERVER = re.compile(
    r"\b(?:varchar2|pls_integer|systimestamp|dbms_\w+|scope_identity|sysutcdatetime)\b|\[dbo\]|\bnvarchar\s*\(\s*max\b"
    r"|^[ \t]*go[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a .sql file."""
    reading = SqlReading()
    read_script(text, dialect, Span, reading)
    return FileFacts(
        sql=SqlFacts(
            tuple(reading.statements),
            tuple(reading.functions),
            search_path=search_path_in(text),
            unread=tuple(reading.unread),
            servers=("other",) if _OTHER_SERVER.search(text) else (),
        )
    )


def read_script(text: str, dialect: str, locate: Locate, reading: SqlReading) -> None:
    """Add the statements of a text as a client reads it, its own commands among them."""
    text, left_out = without_rows(text)
    reading.unread += [locate(block.start, block.end) for block in left_out]
    clean = _blanked(text)
    for tokens in _statements(clean, dialect):
        read_statement(clean, tokens, dialect, locate, reading)


def _statements(text: str, dialect: str) -> Iterator[Sequence[Token]]:
    return split(list(tokens_of(text, dialect)))


def _blanked(text: str) -> str:
    """The text with data, client commands and other delimiters blanked: offsets stay."""
    text = _without_way_back(_COPY.sub(lambda match: _blank(match, "data"), text))
    parts: list[str] = []
    delimiter, at = ";", 0
    for line in _CLIENT_LINE.finditer(text):
        parts += [_with_semicolons(text[at : line.start()], delimiter), " " * len(line[0])]
        delimiter, at = line["delimiter"] or delimiter, line.end()
    parts.append(_with_semicolons(text[at:], delimiter))
    return "".join(parts)


def _without_way_back(text: str) -> str:
    parts: list[str] = []
    at = 0
    while down := _DOWN.search(text, at):
        up = _UP.search(text, down.end())
        end = up.start() if up is not None else len(text)
        parts += [text[at : down.start()], re.sub(r"[^\n]", " ", text[down.start() : end])]
        at = end
    # Play's marks are comments for MySQL alone.
    return _UP.sub(lambda match: " " * len(match[0]), "".join((*parts, text[at:])))


def _blank(match: re.Match[str], group: str) -> str:
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + " " * (end - start) + match[0][end:]


def _with_semicolons(text: str, delimiter: str) -> str:
    """A part under another delimiter: its own semicolons no longer split, its delimiter does."""
    if delimiter == ";":
        return text
    return text.replace(";", " ").replace(delimiter, ";" + " " * (len(delimiter) - 1))
