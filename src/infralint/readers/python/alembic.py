"""Alembic's operations in one module, as far as they make, rename and widen tables."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlChange, SqlColumn, SqlFacts, SqlStatement, SqlTable
from infralint.facts.text import HOLE, Text
from infralint.readers.python.context import Handler, PythonFile
from infralint.source import Span

_OPERATIONS = frozenset({"add_column", "alter_column", "create_table", "rename_table", "batch_alter_table"})
# What stands among a table's columns and is none (SQLAlchemy 2, "Constraints and Indexes").
_NOT_COLUMNS = frozenset(
    {
        "CheckConstraint", "Computed", "ExcludeConstraint", "ForeignKeyConstraint", "Index",
        "PrimaryKeyConstraint", "UniqueConstraint",
    }
)  # fmt: skip


class AlembicVisitor:
    """Collects the operations of one file, those of `downgrade` left out."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.statements: list[SqlStatement] = []

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        return {cst.Call: self.call}

    def call(self, node: cst.CSTNode) -> None:
        """`op.add_column(...)`, or the same on a batch."""
        assert isinstance(node, cst.Call)
        if not isinstance(node.func, cst.Attribute) or node.func.attr.value not in _OPERATIONS:
            return
        if not self._is_alembic(node.func.value):
            return
        if any(isinstance(n, cst.FunctionDef) and n.name.value.startswith("downgrade") for n in self.file.ancestors):
            return
        changes = self._changes(node.func.attr.value, node, node.func.value)
        if changes:
            self.statements.append(SqlStatement(self.file.span(node), changes=tuple(changes)))

    def _is_alembic(self, receiver: cst.BaseExpression) -> bool:
        """Whether this is Alembic's `op` or a batch; other things have an `add_column` too."""
        name = self.file.resolve(receiver)
        return name.startswith("alembic.") or name in ("op", "operations") or self._batch(receiver) is not None

    def _changes(self, operation: str, node: cst.Call, receiver: cst.BaseExpression) -> list[SqlChange]:
        arguments = _Arguments(self.file, node)
        if operation == "create_table":
            return [self._create(arguments)]
        if operation == "rename_table":
            old, new = arguments.table(0, "old_table_name"), arguments.table(1, "new_table_name")
            return [SqlChange("rename", old, renamed=new)]
        batch = self._batch(receiver)
        table, rest = (batch, 0) if batch else (arguments.table(0, "table_name"), 1)
        if operation == "add_column":
            return [self._add(table, arguments, rest)]
        if operation == "alter_column":
            return self._alter(table, arguments, rest)
        return []

    def _create(self, arguments: _Arguments) -> SqlChange:
        table = arguments.table(0, "table_name")
        columns: list[SqlColumn] = []
        for argument in arguments.positional[1:]:
            column = self._column(argument)
            if column is not None:
                columns.append(column)
            elif not (isinstance(argument, cst.Call) and _last_name(argument.func) in _NOT_COLUMNS):
                return SqlChange("create", table, reason="a migration makes it of columns that cannot be read")
        reason = "a migration makes it of columns that cannot be read" if arguments.starred else ""
        return SqlChange("create", table, tuple(columns), reason=reason)

    def _add(self, table: SqlTable, arguments: _Arguments, position: int) -> SqlChange:
        argument = arguments.find(position, "column")
        column = self._column(argument) if argument is not None else None
        if column is None:
            return SqlChange("open", table, reason="a migration adds a column whose name cannot be read")
        return SqlChange("add", table, (column,))

    def _alter(self, table: SqlTable, arguments: _Arguments, position: int) -> list[SqlChange]:
        renamed = arguments.named.get("new_column_name") or arguments.named.get("name")
        if renamed is None:
            return []
        new, old = arguments.text(renamed), arguments.text(arguments.find(position, "column_name"))
        if new is None or not new.is_static:
            return [SqlChange("open", table, reason="a migration renames a column of it")]
        column = SqlColumn(new.value, new.span)
        if old is None or not old.is_static:
            return [SqlChange("add", table, (column,))]
        return [SqlChange("rename-column", table, (column,), old=old.value)]

    def _column(self, node: cst.BaseExpression) -> SqlColumn | None:
        """`sa.Column("name", ...)`, with its name; None for all else."""
        if not isinstance(node, cst.Call) or _last_name(node.func) != "Column":
            return None
        arguments = _Arguments(self.file, node)
        name = arguments.text(arguments.find(0, "name"))
        return SqlColumn(name.value, name.span) if name is not None and name.is_static else None

    def _batch(self, receiver: cst.BaseExpression) -> SqlTable | None:
        """The table of `with op.batch_alter_table("t") as batch:` that a name stands for."""
        if not isinstance(receiver, cst.Name):
            return None
        for node in reversed(self.file.ancestors):
            for item in node.items if isinstance(node, cst.With) else ():
                bound = item.asname.name if item.asname else None
                if isinstance(bound, cst.Name) and bound.value == receiver.value and isinstance(item.item, cst.Call):
                    return _Arguments(self.file, item.item).table(0, "table_name")
        return None

    def finish(self, facts: FileFacts) -> FileFacts:
        known = facts.sql or SqlFacts()
        statements = sorted((*known.statements, *self.statements), key=lambda statement: statement.span)
        return msgspec.structs.replace(facts, sql=msgspec.structs.replace(known, statements=tuple(statements)))


class _Arguments:
    """The arguments of a call."""

    def __init__(self, file: PythonFile, call: cst.Call) -> None:
        self.file = file
        self.call = call
        self.positional = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
        self.named = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
        self.starred = any(arg.star == "*" for arg in call.args)

    def find(self, position: int, name: str) -> cst.BaseExpression | None:
        if position < len(self.positional):
            return self.positional[position]
        return self.named.get(name)

    def text(self, node: cst.BaseExpression | None) -> Text | None:
        return self.file.text_of(node) if node is not None else None

    def table(self, position: int, name: str) -> SqlTable:
        """The table that an argument names; a name that cannot be read is a HOLE: any table may be meant."""
        node = self.find(position, name)
        text = self.text(node)
        schema = self.text(self.named.get("schema"))
        written = schema.value if schema is not None else ""
        span = self.file.span(node) if node is not None else self.file.span(self.call)
        if text is None:
            return SqlTable(HOLE, span, written)
        return SqlTable(text.value, _inner(text, span), written)


def _inner(text: Text, span: Span) -> Span:
    return text.locate(0, len(text.value)) if text.value else span


def _last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def make(file: PythonFile, dialect: str) -> AlembicVisitor:
    return AlembicVisitor(file)
