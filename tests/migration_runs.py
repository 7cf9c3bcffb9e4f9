"""Small migration environments of our own, run by Alembic on PostgreSQL: what the replay is judged by.

`tests/migration_environments/*.md` hold them: a heading for each, then Python blocks, one for each revision in their
order (a block that begins with `# file: name` is another file). A heading that ends with `(fails: rule-id)` is an
environment that PostgreSQL or Alembic refuses, and the rule that says so before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "migration_environments"
_HEADING = re.compile(r"^## (?P<title>.*?)(?: \(fails: (?P<rule>[\w-]+)\))?$")
_FILE = re.compile(r"# file: (?P<path>\S+)\n")
ENV = """\
from alembic import context

{metadata}

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=target_metadata)
with context.begin_transaction():
    context.run_migrations()
"""
_REVISION = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{id}"
down_revision = {down}
branch_labels = None
depends_on = None


"""


@dataclass(frozen=True)
class Run:
    """An environment: its files by path, and the rule that must speak if it fails, "" if it runs."""

    title: str
    files: dict[str, str]
    rule: str = ""


def runs() -> list[Run]:
    """All environments."""
    return [run for path in sorted(FOLDER.glob("*.md")) for run in _parsed(path.read_text(encoding="utf-8"))]


def _parsed(text: str) -> Iterator[Run]:
    title, rule, blocks = "", "", list[str]()
    inside: list[str] | None = None
    for line in text.splitlines():
        if inside is not None:
            if line == "```":
                blocks.append("\n".join(inside) + "\n")
                inside = None
            else:
                inside.append(line)
        elif line.startswith("```"):
            inside = []
        elif match := _HEADING.match(line):
            if title:
                yield Run(title, _files(blocks), rule)
            title, rule, blocks = match["title"], match["rule"] or "", []
    if title:
        yield Run(title, _files(blocks), rule)


def _files(blocks: list[str]) -> dict[str, str]:
    files = {
        "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "migrations/env.py": ENV.format(metadata="target_metadata = None"),
    }
    down = "None"
    for block in blocks:
        if match := _FILE.match(block):
            files[match["path"]] = block[match.end() :]
            continue
        number = sum(path.startswith("migrations/versions/") for path in files) + 1
        id_ = f"r{number:02}"
        head = "" if "revision =" in block else _REVISION.format(id=id_, down=down)
        files[f"migrations/versions/{id_}_step.py"] = head + block
        down = repr(id_)
    return files
