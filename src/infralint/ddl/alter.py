"""The actions of ALTER TABLE."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from infralint.ddl.columns import CONSTRAINT_WORDS, column_of, definition_of, is_constraint, read_constraint
from infralint.ddl.cursor import Cursor, Locate, joined
from infralint.ddl.tables import read_items
from infralint.ddl.tokens import Token
from infralint.facts.sql import SqlChange, SqlColumn, SqlTable
from infralint.facts.text import HOLE

# Actions that change neither columns nor constraints.
_HARMLESS = frozenset(
    {
        "ALGORITHM", "AUTO_INCREMENT", "CHARACTER", "CHARSET", "CLUSTER", "COLLATE", "COMMENT", "CONVERT", "DEFAULT",
        "DISABLE", "ENABLE", "ENGINE", "FORCE", "LOCK", "NOT", "OF", "ORDER", "OWNER", "REPLICA", "RESET",
        "ROW_FORMAT", "SET", "VALIDATE",
    }
)  # fmt: skip
_NOT_ADDED = CONSTRAINT_WORDS | {"INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION", "GENERATED"}


class Action(Cursor):
    """One action of ALTER TABLE on `table`."""

    def __init__(self, tokens: Sequence[Token], locate: Locate, table: SqlTable) -> None:
        super().__init__(tokens, locate)
        self.table_named = table

    def changes(self) -> list[SqlChange]:
        """What the action does; nothing for what changes neither columns nor constraints."""
        if self.take("ADD"):
            return self._add()
        if self.take("RENAME"):
            return self._rename()
        if self.take("DROP"):
            return self._drop()
        if self.take("ALTER"):
            return self._alter()
        if self.take("CHANGE"):
            return self._change()
        if self.take("MODIFY"):
            return self._modify()
        return self._other()

    def _made(self, kind: str, **values: object) -> list[SqlChange]:
        return [msgspec.structs.replace(SqlChange(kind, self.table_named), **values)]

    def _open(self, reason: str) -> list[SqlChange]:
        return self._made("open", reason=reason)

    def _flags(self, *flags: str) -> tuple[str, ...]:
        return tuple(flag for flag in flags if flag)

    def _cascade(self) -> str:
        return "cascade" if any(token.upper == "CASCADE" for token in self.rest()) else ""

    def _other(self) -> list[SqlChange]:
        if self.take("SET", "SCHEMA"):
            return self._made("set-schema", name=self.written())
        if self.take("INHERIT") or self.take("ATTACH", "PARTITION"):
            return self._parents("attach", self.tokens[0].upper == "ATTACH")
        if self.take("NO", "INHERIT") or self.take("DETACH", "PARTITION"):
            return self._parents("detach", self.tokens[0].upper == "DETACH")
        if self.word() in _HARMLESS or (self.word() in ("ATTACH", "DETACH", "NO")):
            return []
        return self._open("an ALTER TABLE that cannot be read")

    def _parents(self, kind: str, of_partition: bool) -> list[SqlChange]:
        other = self.table()
        if other is None:
            # Whatever it is called, columns of the parent stay what they are.
            return [] if of_partition else self._open("an ALTER TABLE that cannot be read")
        child, parent = (other, self.table_named) if of_partition else (self.table_named, other)
        return [SqlChange(kind, child, parents=(parent,), options=("partition",) if of_partition else ())]

    def _add(self) -> list[SqlChange]:
        explicit = self.take("COLUMN")
        if_not_exists = "if not exists" if self.take("IF", "NOT", "EXISTS") else ""
        rest = self.rest()
        if not explicit and rest and (self.word() in _NOT_ADDED or is_constraint(rest)) and self._is_constraint(rest):
            constraint = read_constraint(self)
            return self._made("add-constraint", constraints=(constraint,)) if constraint is not None else []
        inner = self.bracket()
        if inner is not None:
            items = read_items(inner, self)
            columns, whole = tuple(items.columns), items.whole
        else:
            column = column_of(rest, self.locate) if rest else None
            columns, whole = ((column,) if column else ()), column is not None and HOLE not in column.name
        if not whole:
            return self._open("a column whose name cannot be read is added")
        return self._made("add", columns=columns, options=self._flags(if_not_exists))

    def _is_constraint(self, rest: Sequence[Token]) -> bool:
        """`ADD key text` adds a column on servers where KEY is no word of theirs."""
        return rest[0].upper not in ("KEY", "INDEX") or is_constraint(rest)

    def _rename(self) -> list[SqlChange]:
        if self.word() in ("CONSTRAINT", "INDEX", "KEY") and self.word(2) == "TO":
            kind = "rename-constraint" if self.word() == "CONSTRAINT" else "rename-index"
            self.at += 1
            old = self.written()
            self.at += 1
            return self._made(kind, old=old, name=self.written())
        if self.take("TO") or self.take("AS"):
            renamed = self.table()
            return self._made("rename", renamed=renamed) if renamed else []
        self.take("COLUMN")
        old = self.written()
        if not old or not self.take("TO"):
            return self._open("a RENAME that cannot be read")
        return self._renamed_column(old)

    def _renamed_column(self, old: str) -> list[SqlChange]:
        rest = self.rest()
        column = column_of(rest, self.locate) if rest else None
        if column is None or HOLE in column.name:
            return self._open("a RENAME that cannot be read")
        return self._made("rename-column", columns=(column,), old=old)

    def _drop(self) -> list[SqlChange]:
        if self.take("CONSTRAINT") or self.take("FOREIGN", "KEY") or self.take("CHECK"):
            if_exists = "if exists" if self.take("IF", "EXISTS") else ""
            name = self.written()
            return self._made("drop-constraint", old=name, options=self._flags(if_exists, self._cascade()))
        if self.take("PRIMARY", "KEY"):
            return self._made("drop-constraint", options=("primary",))
        if self.word() in ("INDEX", "KEY") and (token := self.peek(1)) is not None and token.is_name:
            self.at += 1
            return self._made("drop-index", old=self.written())
        if self.word() == "PARTITION":
            return []
        self.take("COLUMN")
        if_exists = "if exists" if self.take("IF", "EXISTS") else ""
        old = self.written()
        if not old:
            return self._open("a DROP that cannot be read")
        return self._made("drop-column", old=old, options=self._flags(if_exists, self._cascade()))

    def _alter(self) -> list[SqlChange]:
        if self.word() in ("CONSTRAINT", "INDEX"):
            return []
        self.take("COLUMN")
        start = self.at
        name = self.name()
        if name is None or HOLE in name.text:
            return self._open("an ALTER COLUMN that cannot be read")
        span = self.span(self.tokens[start : self.at])
        column = SqlColumn(name.name, span, quoted=name.kind == "quoted")
        changed, options = self._altered(column)
        return self._made("alter-column", columns=(changed,), options=options) if options else []

    def _altered(self, column: SqlColumn) -> tuple[SqlColumn, tuple[str, ...]]:
        """The column with what is set, and which parts are; no parts for what does not count (statistics)."""
        if self.take("TYPE") or self.take("SET", "DATA", "TYPE"):
            return self._retyped(column), ("type",)
        if self.take("SET", "DEFAULT"):
            return msgspec.structs.replace(column, default=joined(self.rest())), ("set default",)
        for words, option in _ALTERED:
            if self.take(*words):
                generated = "identity" if option == "set generated" else ""
                if option == "set generated":
                    generated = f"identity {'by default' if self.take('BY') else 'always'}"
                return msgspec.structs.replace(column, generated=generated), (option,)
        return column, ()

    def _retyped(self, column: SqlColumn) -> SqlColumn:
        start = self.at
        while not self.done and self.word() not in ("USING", "COLLATE"):
            if self.bracket() is None:
                self.at += 1
        tokens = self.tokens[start : self.at]
        if self.take("COLLATE"):
            self.label()
        using = self.rest() if self.take("USING") else ()
        return msgspec.structs.replace(
            column,
            type=joined(tokens),
            type_span=self.span(tokens) if tokens else None,
            using=joined(using),
            using_span=self.span(using) if using else None,
        )

    def _change(self) -> list[SqlChange]:
        """MySQL's CHANGE old new definition."""
        self.take("COLUMN")
        old = self.written()
        renamed = self._renamed_column(old)
        if not old or renamed[0].kind == "open":
            return renamed
        return [*renamed, *_redefined(self.table_named, renamed[0].columns[0])]

    def _modify(self) -> list[SqlChange]:
        """MySQL's MODIFY column definition."""
        self.take("COLUMN")
        rest = self.rest()
        column = column_of(rest, self.locate) if rest else None
        if column is None or HOLE in column.name:
            return self._open("a MODIFY that cannot be read")
        return _redefined(self.table_named, column)


# Actions of ALTER COLUMN by their words.
_ALTERED = (
    (("DROP", "DEFAULT"), "drop default"),
    (("SET", "NOT", "NULL"), "set not null"),
    (("DROP", "NOT", "NULL"), "drop not null"),
    (("ADD", "GENERATED"), "set generated"),
    (("SET", "GENERATED"), "set generated"),
    (("DROP", "IDENTITY"), "drop generated"),
    (("DROP", "EXPRESSION"), "drop generated"),
)


def _redefined(table: SqlTable, column: SqlColumn) -> list[SqlChange]:
    """What a whole new definition sets: all of it (MySQL 8 manual, 15.1.9)."""
    options = (
        "type",
        "set not null" if column.not_null else "drop not null",
        "set default" if column.default else "drop default",
        *(("set generated",) if column.generated else ()),
    )
    return [SqlChange("alter-column", table, (column,), options=options, flavour="mysql")]


def domain_definition(cursor: Cursor, table: SqlTable) -> SqlColumn:
    """What stands behind `CREATE DOMAIN name [AS]`, as a column of that name."""
    return definition_of(cursor, SqlColumn(table.name, table.span, quoted=table.quoted))
