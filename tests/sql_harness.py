"""What the tests of raw SQL share."""

from __future__ import annotations

from collections.abc import Mapping

from harness import lint

from infralint.settings import Dialect, Settings
from infralint.source import SourceText


def unknown(files: Mapping[str, str], dialect: str = "auto") -> list[tuple[str, str | None]]:
    """Text and help of every finding of sql-unknown-column, the text being exactly what is underlined."""
    settings = Settings(select=("sql-unknown-column",), dialect=Dialect(dialect))
    found = []
    for finding in lint(dict(files), settings).findings:
        source = SourceText(files[finding.path])
        start = source.offset(finding.line, finding.column)
        end = source.offset(finding.end_line, finding.end_column)
        found.append((source.text[start:end], finding.help))
    return found


def names(files: Mapping[str, str], dialect: str = "auto") -> list[str]:
    """The texts that sql-unknown-column underlines."""
    return [name for name, _ in unknown(files, dialect)]
