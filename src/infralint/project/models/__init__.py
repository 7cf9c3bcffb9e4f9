"""SQLAlchemy's models: registries, mapped classes, tables and columns, read from what the interpreter evaluates.

`OrmView` is the view; `mapping` holds its values. Nothing here looks at source text or syntax: values and terms alone.
"""

from infralint.project.models.mapping import Attribute, Base, ColumnPlace, MappedClass, MetaData, Registry
from infralint.project.models.tables import Declaration
from infralint.project.models.view import OrmView

__all__ = ["Attribute", "Base", "ColumnPlace", "Declaration", "MappedClass", "MetaData", "OrmView", "Registry"]
