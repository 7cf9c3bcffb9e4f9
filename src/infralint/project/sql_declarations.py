"""What files declare of the database, apart from what they ask of it: it stays where only queries change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlChange, SqlFacts
from infralint.facts.text import HOLE

# SQL with something around it: templates, archives.
_SQL_LIKE = re.compile(r".+\.(?:sql|ddl)(?:\.[\w-]+)+", re.IGNORECASE)


def declared_in(facts: FileFacts) -> Iterator[SqlFacts]:
    """The part of a file's SQL that declares: statements with changes, functions, the search path; none without it.

    Drivers tell whose words a file's definitions are.
    """
    sql = facts.sql
    if sql is None:
        return
    changing = tuple(statement for statement in sql.statements if statement.changes)
    if changing or sql.functions or sql.search_path:
        drivers = sql.drivers if changing else ()
        yield SqlFacts(changing, functions=sql.functions, search_path=sql.search_path, drivers=drivers)


def unread_sql(paths: Iterable[str], files: Mapping[str, FileFacts]) -> tuple[str, ...]:
    """Files that may hold SQL which nobody saw: the system does not let us read them, or they are templates."""
    return tuple(sorted(path for path in paths if _is_unread(path, files)))


def _is_unread(path: str, files: Mapping[str, FileFacts]) -> bool:
    if path not in files:
        return bool(_SQL_LIKE.fullmatch(path.rpartition("/")[2]))
    if not path.endswith((".sql", ".ddl", ".py")):
        return False
    problem = files[path].problem
    return problem is not None and problem.kind == "unreadable"


class TableMakers:
    """Which files make tables of which names, all of them in small letters.

    `broken`: names by the paths of files that do not parse and may change the tables of these names, "*" for all.
    """

    def __init__(self, declarations: Mapping[str, SqlFacts], broken: Mapping[str, tuple[str, ...]]) -> None:
        self._paths: dict[str, set[str]] = {}
        self._patterns: dict[str, None] = {}
        created: dict[tuple[str, str], int] = {}
        for names in broken.values():
            self._patterns.update((".*" if name == "*" else re.escape(name), None) for name in names)
        for path, facts in declarations.items():
            for change in (change for statement in facts.statements for change in statement.changes):
                self._note(path, change)
                if change.kind == "create":
                    mark = (path, change.table.name.lower())
                    created[mark] = created.get(mark, 0) + 1
        # Tables that one file creates more than once: which of them is meant depends on the time.
        self.remade = frozenset(name for (_, name), count in created.items() if count > 1)
        # Tables that more than one file creates.
        self.united = frozenset(name for name, paths in self._paths.items() if len(paths) > 1)
        self._made = tuple(re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in self._patterns)

    def _note(self, path: str, change: SqlChange) -> None:
        named = change.renamed if change.kind == "rename" else change.table
        if change.kind not in ("create", "rename") or named is None:
            return
        self._paths.setdefault(named.name.lower(), set()).add(path)
        if HOLE in named.name:
            self._patterns[".*".join(map(re.escape, re.split(f"{HOLE}+", named.name)))] = None

    def of(self, table: str) -> set[str]:
        """The files that create a table of a name, or rename one to it."""
        return self._paths.get(table.lower(), set())

    def may_make(self, table: str) -> bool:
        """Whether something may make such a table whose name is made at run time, or stands where nobody could read."""
        return any(pattern.fullmatch(table) for pattern in self._made)
