"""A revision file's identifiers: `revision`, `down_revision`, `branch_labels`, `depends_on`, computed or not."""

from __future__ import annotations

import re

from infralint.project.catalog import Origin
from infralint.project.interpret import Interpreter, ListValue, ModuleValue, SetValue, TupleValue, Value
from infralint.project.migrations.graph import Revision
from infralint.source import Span

# Files of Alembic 0.1, whose names are their ids (`alembic/script/base.py`, _legacy_rev).
_LEGACY = re.compile(r"([a-f0-9]+)\.py$")
_START = Span(0, 0)


def read_revision(interpreter: Interpreter, path: str) -> Revision | None:
    """The revision that a file is; None for a file that has no id, which Alembic refuses."""
    module = interpreter.module(path)
    bound = module.names.get("revision")
    legacy = _LEGACY.match(path.rpartition("/")[2])
    if bound is None and legacy is None:
        return None
    id_ = interpreter.value(bound) if bound is not None else legacy[1] if legacy else ""
    start = Origin(path, _START)
    down = _names(interpreter, module, "down_revision")
    labels, depends = _names(interpreter, module, "branch_labels"), _names(interpreter, module, "depends_on")
    unknown = not isinstance(id_, str) or down is None or labels is None or depends is None
    return Revision(
        id_ if isinstance(id_, str) else path,
        path,
        bound.origin if bound is not None else start,
        _place(module, "down_revision") or start,
        down or (),
        labels or (),
        depends or (),
        _place(module, "depends_on"),
        f"the identifiers in {path} cannot be told" if unknown else "",
    )


def _place(module: ModuleValue, name: str) -> Origin | None:
    bound = module.names.get(name)
    return bound.origin if bound is not None else None


def _names(interpreter: Interpreter, module: ModuleValue, name: str) -> tuple[str, ...] | None:
    """None, a string, or a collection of strings; None where it cannot be told."""
    bound = module.names.get(name)
    value: Value = interpreter.value(bound) if bound is not None else None
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (ListValue, TupleValue, SetValue)) and value.open is None:
        found = tuple(each for each in value.values if isinstance(each, str))
        return found if len(found) == len(value.items) else None
    return None
