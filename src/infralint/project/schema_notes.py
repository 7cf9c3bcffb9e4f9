"""What the files say of the changes that stand in them, beside what the changes lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infralint.facts.sql import SqlChange, SqlFacts
from infralint.facts.text import HOLE
from infralint.project.places import is_example, is_test
from infralint.project.replay.state import DEFAULT_SCHEMAS

_TABLES = frozenset({"table", "view", "materialized view", "foreign table"})


@dataclass(frozen=True, slots=True)
class _Anywhere:
    """Columns that tables of a name like `pattern` may have; none = any column."""

    pattern: re.Pattern[str]
    columns: frozenset[str]


class Notes:
    """Names are in small letters.

    `functions`: those that are declared; `search_path`: schemas that a name without one may mean; `replaced`: tables
    whose name one takes that cannot be read.
    """

    def __init__(self, declared: Mapping[str, SqlFacts]) -> None:
        self.functions: set[str] = set()
        self.search_path: set[str] = set(DEFAULT_SCHEMAS)
        self.replaced: set[str] = set()
        # Changes whose table's name cannot be read: they count for every table that may be meant.
        self._anywhere: list[_Anywhere] = []
        # Files with changes of the schema: what they say of a table may be older than its last definition.
        self._changing: set[str] = set()
        self._rebuilt: set[str] = set()
        self._created: set[tuple[str, str]] = set()
        self._altered: set[tuple[str, str]] = set()
        for path, facts in declared.items():
            self._add(path, facts)

    def _add(self, path: str, facts: SqlFacts) -> None:
        self.functions |= {name.lower() for name in facts.functions}
        self.search_path |= {name.lower() for name in facts.search_path}
        for statement in facts.statements:
            for change in statement.changes:
                if HOLE in change.table.name:
                    self._note_anywhere(path, change)
                elif change.object in _TABLES:
                    self._note(path, change)

    def _note(self, path: str, change: SqlChange) -> None:
        self._changing.add(path)
        name, renamed = change.table.name.lower(), change.renamed.name.lower() if change.renamed is not None else ""
        named = {name, renamed} - {""}
        if change.kind == "create":
            self._created.add((name, path))
        else:
            self._altered |= {(each, path) for each in named}
        if renamed:
            self._created.add((renamed, path))
        if change.kind in ("drop", "rename"):
            self._rebuilt |= named

    def _note_anywhere(self, path: str, change: SqlChange) -> None:
        if is_test(path) or is_example(path):
            return
        if change.kind == "rename" and change.renamed is not None and HOLE not in change.renamed.name:
            self.replaced.add(change.renamed.name.lower())
        elif change.kind in ("add", "create", "open", "rename-column"):
            whole = not change.reason and not change.parents and change.query < 0
            names = frozenset(column.name.lower() for column in change.columns) if whole else frozenset[str]()
            self._anywhere.append(_Anywhere(_pattern(change.table.name), names))

    def may_be_anywhere(self, table: str, column: str) -> bool:
        """Whether a change of some table, whose name is made at run time, may give the column to this one."""
        return any(
            (not each.columns or column in each.columns) and each.pattern.fullmatch(table) for each in self._anywhere
        )

    def alters(self, table: str, path: str) -> bool:
        """Whether a file changes a table."""
        return (table.lower(), path) in self._altered

    def speaks_of_before(self, table: str, path: str) -> bool:
        """Whether a file with changes may mean a table that another one has replaced since."""
        if table not in self._rebuilt or path not in self._changing:
            return False
        return not (path.endswith(".py") and (table, path) in self._created)


def _pattern(name: str) -> re.Pattern[str]:
    """What a name with holes may be."""
    return re.compile(".*".join(re.escape(part) for part in re.split(f"{HOLE}+", name)), re.IGNORECASE | re.DOTALL)
