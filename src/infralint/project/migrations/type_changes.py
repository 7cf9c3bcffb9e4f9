"""Changes of a column's type that PostgreSQL refuses, told from the type before and the cast that is asked for.

PostgreSQL 18 manual, ALTER TABLE, "SET DATA TYPE": without USING the conversion is an assignment cast; the result of
USING must have one to the new type, too, and so must the default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infralint.project.catalog import Catalog, Column, DataType, Origin
from infralint.project.postgres_types import Castable, PostgresType, can_alter, postgres_type
from infralint.project.replay.operations import AlterColumn
from infralint.project.replay.types import data_type

# Names of types as the server prints them (format_type), where they are not those of pg_type.
_SPELLED = {
    "int2": "smallint", "int4": "integer", "int8": "bigint", "varchar": "character varying", "bpchar": "character",
    "float4": "real", "float8": "double precision", "bool": "boolean", "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone", "time": "time without time zone", "timetz": "time with time zone",
    "varbit": "bit varying",
}  # fmt: skip
_AUTOMATIC = frozenset({"implicit", "assignment", "unknown"})
_CAST = re.compile(r"^CAST\s*\(\s*(?P<inner>.+?)\s+AS\s+(?P<type>[^()]+(?:\([\d\s,]*\))?[^()]*)\)$", re.I | re.S)
_COLONS = re.compile(r"^(?P<inner>.+)\s*::\s*(?P<type>[\w\s.\"]+(?:\([\d\s,]*\))?[\w\s]*(?:\[\d*\])*)$", re.S)
_STRING = re.compile(r"^(?:E?'(?:[^']|'')*')(?:::[\w\s\[\]\".()]+)?$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
_MAX_CASTS = 8


@dataclass(frozen=True, slots=True)
class TypeChange:
    """A change of a type. `column`: as it was; `catalog`: the database's types at that time."""

    operation: AlterColumn
    column: Column
    catalog: Catalog

    @property
    def place(self) -> Origin:
        """The expression of USING where it is to blame, else the new type."""
        operation = self.operation
        if self.refusal in ("using", "result") and operation.using_origin is not None:
            return operation.using_origin
        return operation.type_origin or operation.origin

    @property
    def refusal(self) -> str:
        """Why the server refuses: "cast" (no automatic one), "using" (the cast that is written does not exist),
        "result" (that of USING does not fit), "default" (which does not fit); "" where it does not."""
        old, new, operation = self.column.type, self.operation.type, self.operation
        if old is None or new is None or self.column.open or not operation.certain:
            return ""
        if not operation.using:
            return "" if self._path(old, new) in _AUTOMATIC else "cast"
        return self._using(old, new) or self._default(old, new)

    def _path(self, old: DataType | None, new: DataType | None) -> Castable:
        return can_alter(old, new, self.catalog)

    def _using(self, old: DataType, new: DataType) -> str:
        casts = casts_in(self.operation.using, self.column.name)
        if casts is None:
            return ""
        for target in casts:
            if target is None or self._path(old, target) == "unknown":
                return ""
            if self._path(old, target) == "impossible":
                return "using"
            old = target
        return "" if self._path(old, new) in _AUTOMATIC else "result"

    def _default(self, old: DataType, new: DataType) -> str:
        """A default that is written out has the column's old type (a number its own)."""
        written = self.column.server_default.strip()
        if _NUMBER.match(written):
            kind = DataType("NUMERIC" if "." in written else "INTEGER")
        elif _STRING.match(written) or written.lower() in ("true", "false"):
            kind = old
        else:
            return ""
        return "" if self._path(kind, new) in _AUTOMATIC else "default"

    @property
    def old_name(self) -> str:
        """The old type as the server prints it."""
        return spelled(postgres_type(self.column.type, self.catalog))

    @property
    def new_name(self) -> str:
        """The new type as the server prints it."""
        return spelled(postgres_type(self.operation.type, self.catalog))

    @property
    def wrong_cast(self) -> tuple[str, str]:
        """The cast of USING that does not exist: its source and its target."""
        old: DataType | None = self.column.type
        for target in casts_in(self.operation.using, self.column.name) or ():
            if self._path(old, target) == "impossible":
                return spelled(postgres_type(old, self.catalog)), spelled(postgres_type(target, self.catalog))
            old = target
        return self.old_name, self.new_name

    @property
    def can_be_written(self) -> bool:
        """Whether `USING column::type` would do."""
        return self._path(self.column.type, self.operation.type) == "explicit"


def casts_in(expression: str, column: str) -> list[DataType | None] | None:
    """The types of `column::a::b` in the order in which they apply; None for any other expression."""
    found: list[DataType | None] = []
    text = expression.strip()
    for _ in range(_MAX_CASTS):
        text = _without_brackets(text)
        if text.replace('"', "").lower() == column.lower():
            return found[::-1]
        match = _CAST.match(text) or _COLONS.match(text)
        if match is None:
            return None
        found.append(data_type(match["type"].strip()))
        text = match["inner"].strip()
    return None


def _without_brackets(text: str) -> str:
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str) -> bool:
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def spelled(kind: PostgresType | None) -> str:
    """A type as the server prints it: `character varying[]`."""
    if kind is None:
        return "an unknown type"
    if kind.kind == "array":
        return f"{spelled(kind.item)}[]"
    return _SPELLED.get(kind.name, kind.name) or "an enum"
