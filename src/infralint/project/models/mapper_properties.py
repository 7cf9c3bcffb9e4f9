"""Which values in a class body are properties of its mapper."""

from __future__ import annotations

from infralint.project.interpret import AttributeOf, Made, Value
from infralint.project.models.columns import column_in
from infralint.project.models.vocabulary import called_name

# Calls that make a property of the mapper, columns and relationships aside.
_PROPERTIES = frozenset(
    {
        "sqlalchemy.column_property", "sqlalchemy.synonym", "sqlalchemy.composite", "sqlalchemy.deferred",
        "sqlalchemy.query_expression", "sqlalchemy.with_expression", "sqlalchemy.ColumnProperty", "sqlmodel.Field",
        "sqlalchemy.SynonymProperty", "sqlalchemy.CompositeProperty", "sqlalchemy.MappedSQLExpression",
    }
)  # fmt: skip


def is_property(value: Value) -> bool:
    """Whether a value is a property of a mapper, relationships aside: a column, a synonym, a composite."""
    if column_in(value) is not None or (isinstance(value, Made) and called_name(value) in _PROPERTIES):
        return True
    # A column of a Table: `users.c.name`.
    owner = value.value if isinstance(value, AttributeOf) else None
    return isinstance(owner, AttributeOf) and owner.name in ("c", "columns")
