"""What a name means on a registry: classes, and tables for `secondary=`.

Source: SQLAlchemy 1.3 to 2.1, `orm/clsregistry.py` (add_class, _ModuleMarker, _class_resolver): a class is known by its
name, and behind every end of its module's path (`models.user.User`).
"""

from __future__ import annotations

import re

from infralint.project.catalog import Table
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.models.foreign_keys import why_open
from infralint.project.models.mapping import MappedClass, MetaData, Registry
from infralint.project.models.possible import Possible

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def is_name(text: str) -> bool:
    """Whether a string is a name, dotted or not: other strings are expressions."""
    return _DOTTED.fullmatch(text) is not None


def class_named(registry: Registry, name: str, possible: Possible) -> Lookup[MappedClass]:
    """The class that a string means on a registry; `possible` says whether one may exist that nobody sees."""
    path, _, last = name.rpartition(".")
    if not is_name(name):
        return Open("the target is an expression")
    if path.partition(".")[0] in registry.classes:
        return Open(f"`{name}` is an attribute of a class")
    found = [mapped for mapped in registry.classes.get(last, ()) if stands_at(mapped, path)]
    if len(found) > 1:
        return Open(f"several classes are called `{last}`")
    if found:
        return Known(found[0])
    reason = registry.open[0].reason if registry.open else possible.class_named(last)
    return Open(reason) if reason else Absent()


def stands_at(mapped: MappedClass, path: str) -> bool:
    """Whether the path of a class's module ends with a dotted path."""
    module = mapped.path.removesuffix(".py").removesuffix("/__init__")
    return not path or f"/{module}".endswith("/" + path.replace(".", "/"))


def table_named(metadata: MetaData, registry: Registry, name: str, possible: Possible) -> Lookup[Table]:
    """The table that a string means as `secondary=`: its key in the MetaData, `schema.name` or the name alone."""
    schema, _, last = name.rpartition(".")
    found = metadata.catalog.tables.get((schema, last))
    if found is not None:
        return Known(found)
    if not is_name(name):
        return Open("`secondary` is an expression")
    if name.partition(".")[0] in registry.classes or last in registry.classes:
        return Open(f"`{name}` is a class")
    reason = why_open(metadata, last) or possible.table_named(last)
    return Open(reason) if reason else Absent()
