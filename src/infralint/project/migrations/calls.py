"""Calls of `op.*`: which operation, and which argument is which.

The parameters are those of `alembic/operations/base.py`, 0.7 to 1.20, older names of keywords included.
"""

from __future__ import annotations

from dataclasses import dataclass

from infralint.project.catalog import Origin
from infralint.project.interpret import Argument, AttributeOf, External, Made, Value

# Positional parameters of the operations; `*x` takes the rest. Batch operations do not have the table's name.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "add_column": ("table_name", "column"),
    "alter_column": ("table_name", "column_name"),
    "batch_alter_table": ("table_name", "schema", "recreate", "partial_reordering", "copy_from"),
    "bulk_insert": ("table", "rows"),
    "create_check_constraint": ("constraint_name", "table_name", "condition", "schema"),
    "create_exclude_constraint": ("constraint_name", "table_name", "*elements"),
    "create_foreign_key": ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"),
    "create_index": ("index_name", "table_name", "columns", "schema", "unique"),
    "create_primary_key": ("constraint_name", "table_name", "columns", "schema"),
    "create_table": ("table_name", "*columns"),
    "create_table_comment": ("table_name", "comment"),
    "create_unique_constraint": ("constraint_name", "table_name", "columns", "schema"),
    "drop_column": ("table_name", "column_name"),
    "drop_constraint": ("constraint_name", "table_name", "type_", "schema"),
    "drop_index": ("index_name", "table_name", "schema"),
    "drop_table": ("table_name", "schema"),
    "drop_table_comment": ("table_name",),
    "execute": ("sqltext",),
    "rename_table": ("old_table_name", "new_table_name", "schema"),
}
_BATCH: dict[str, tuple[str, ...]] = {
    "add_column": ("column",),
    "alter_column": ("column_name",),
    "create_check_constraint": ("constraint_name", "condition"),
    "create_exclude_constraint": ("constraint_name", "*elements"),
    "create_foreign_key": ("constraint_name", "referent_table", "local_cols", "remote_cols"),
    "create_index": ("index_name", "columns"),
    "create_primary_key": ("constraint_name", "columns"),
    "create_table_comment": ("comment",),
    "create_unique_constraint": ("constraint_name", "columns"),
    "drop_column": ("column_name",),
    "drop_constraint": ("constraint_name", "type_"),
    "drop_index": ("index_name",),
    "drop_table_comment": (),
    "execute": ("sqltext",),
}
# Names that a keyword had until 0.8, which later versions still take.
_OLD_NAMES: dict[str, tuple[str, ...]] = {
    "constraint_name": ("name",),
    "index_name": ("name",),
    "table_name": ("name", "source", "tablename"),
    "source_table": ("source",),
    "referent_table": ("referent",),
    "new_column_name": ("name",),
    "type_": ("type",),
    "local_cols": ("local_columns",),
    "new_table_name": ("new_name",),
    "old_table_name": ("old_name",),
}
# Everything that the proxy module `alembic.op` has, and the object behind it.
_ROOTS = ("alembic.op.", "alembic.operations.Operations.")


@dataclass(frozen=True, slots=True)
class OpCall:
    """A call of an operation. `batch`: the call of batch_alter_table that it belongs to."""

    name: str
    made: Made
    batch: OpCall | None = None

    @property
    def origin(self) -> Origin:
        """The whole call."""
        return self.made.origin

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its positional parameters."""
        return (_BATCH if self.batch else PARAMETERS).get(self.name, ())

    def argument(self, name: str) -> Argument | None:
        """The argument of a parameter; None where it is not given."""
        for each in (name, *_OLD_NAMES.get(name, ())):
            if each in self.made.kwargs:
                return self.made.kwargs[each]
        position = self.parameters.index(name) if name in self.parameters else -1
        return self.made.argument(position)

    def value(self, name: str) -> Value:
        """The value of an argument; None where it is not given."""
        found = self.argument(name)
        return found.value if found is not None else None

    def text(self, name: str) -> str | None:
        """The value of an argument that is a string, or a name that `op.f` or `quoted_name` gives."""
        return text_of(self.value(name))

    def place(self, name: str) -> Origin:
        """Where an argument stands; the whole call where it is not given."""
        found = self.argument(name)
        return found.origin if found is not None else self.origin

    def rest(self) -> tuple[Argument, ...]:
        """The arguments of `*columns` or `*elements`, those that could not be spread too."""
        taken = len([each for each in self.parameters if not each.startswith("*")])
        return self.made.args[taken:]


def op_call(made: Made) -> OpCall | None:
    """The operation that a call is, of `op` or of a batch; None for all others."""
    callee = made.callee
    if isinstance(callee, External):
        name = operation_name(callee)
        return OpCall(name, made) if name else None
    if isinstance(callee, AttributeOf):
        if (outer := batch_of(callee.value)) is not None:
            return OpCall(callee.name, made, outer)
        if _is_operations(callee.value):
            return OpCall(callee.name, made)
    return None


def operation_name(value: Value) -> str:
    """`add_column` of `alembic.op.add_column`; "" for all else."""
    if isinstance(value, External):
        for root in _ROOTS:
            if value.name.startswith(root):
                return value.name.removeprefix(root)
    return ""


def batch_of(value: Value) -> OpCall | None:
    """The call of batch_alter_table behind the name after `as`."""
    if isinstance(value, Made) and isinstance(value.callee, AttributeOf) and value.callee.name == "__enter__":
        value = value.callee.value
    if not isinstance(value, Made):
        return None
    call = op_call(value)
    return call if call is not None and call.name == "batch_alter_table" else None


def _is_operations(value: Value) -> bool:
    """`Operations(context)`, whose methods are those of `op`."""
    names = ("alembic.operations.Operations", "alembic.operations.base.Operations")
    return isinstance(value, Made) and value.name in names


def text_of(value: Value) -> str | None:
    """A string, also one wrapped so that it is not quoted or prefixed again; None for all else."""
    if isinstance(value, str):
        return value
    if isinstance(value, Made) and value.args:
        name = value.callee.name if isinstance(value.callee, (External, AttributeOf)) else ""
        if name in ("alembic.op.f", "f") or name.endswith((".quoted_name", ".conv")):
            return text_of(value.args[0].value)
    return None
