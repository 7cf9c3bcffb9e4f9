"""SQLModel's fields as columns.

Source: SQLModel 0.0.14 to 0.0.50, `main.py` (get_column_from_field, get_sqlalchemy_type, is_field_noneable); pydantic
2, `_internal/_fields.py`: fields of bases come first, a field that is declared again keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from infralint.project.catalog import DataType
from infralint.project.interpret import (
    NOTHING,
    Bound,
    ClassValue,
    DictValue,
    External,
    FunctionValue,
    ListValue,
    Made,
    TupleValue,
    Value,
)
from infralint.project.interpret import Unknown as UnknownValue
from infralint.project.models.annotations import Annotations, PythonType
from infralint.project.models.columns import ColumnDraft, apply_keyword, draft_of, is_column, read_item
from infralint.project.models.mapping import Attribute
from infralint.project.models.render import rendered
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import called_name, library_name

# What SQLModel gives Python's types; pydantic's strings and paths are strings too.
_TYPES = {
    "builtins.str": "AutoString",
    "builtins.float": "Float",
    "builtins.bool": "Boolean",
    "builtins.int": "Integer",
    "builtins.bytes": "LargeBinary",
    "datetime.datetime": "DateTime",
    "datetime.date": "Date",
    "datetime.timedelta": "Interval",
    "datetime.time": "Time",
    "decimal.Decimal": "Numeric",
    "uuid.UUID": "Uuid",
}
_STRINGS = frozenset(
    {
        "EmailStr", "NameEmail", "IPv4Address", "IPv4Network", "IPv6Address", "IPv6Network", "Path", "FilePath",
        "DirectoryPath", "SecretStr", "StrictStr", "constr", "HttpUrl", "AnyUrl", "AnyHttpUrl",
    }
)  # fmt: skip
_NUMBERS = frozenset({"PositiveInt", "NegativeInt", "NonNegativeInt", "NonPositiveInt", "StrictInt", "conint"})
_UUIDS = frozenset({"UUID1", "UUID3", "UUID4", "UUID5"})
_DATES = {
    "AwareDatetime": "DateTime",
    "NaiveDatetime": "DateTime",
    "PastDatetime": "DateTime",
    "FutureDatetime": "DateTime",
    "PastDate": "Date",
    "FutureDate": "Date",
}


def has_table(cls: ClassValue) -> bool:
    """Whether a class statement says `table=True`, as a keyword or in its `model_config`."""
    given = cls.keywords.get("table")
    if given is not None:
        return given.value is True
    config = cls.namespace.get("model_config")
    if config is None:
        return False
    if isinstance(config.value, DictValue):
        table = config.value.get("table")
    else:
        table = config.value.kwargs.get("table") if isinstance(config.value, Made) else None
    return table is not None and table.value is True


class Fields:
    """Reads the fields of SQLModel classes."""

    def __init__(self, annotations: Annotations, types: Types) -> None:
        self.annotations = annotations
        self.types = types

    def fields(self, lineage: list[ClassValue]) -> dict[str, Attribute]:
        """The fields of a class and its bases, in pydantic's order; the nearest declaration of each counts."""
        found: dict[str, Attribute] = {}
        for owner in reversed(lineage):
            for name, bound in owner.namespace.items():
                if self._is_field(name, bound):
                    found[name] = Attribute(name, bound.value, bound, owner)
        return found

    def _is_field(self, name: str, bound: Bound) -> bool:
        if name.startswith("_") or bound.annotation is None or isinstance(bound.value, FunctionValue):
            return False
        if called_name(bound.value).rpartition(".")[2] in ("Relationship", "PrivateAttr", "relationship"):
            return False
        return self.annotations.mapped(bound.annotation).container != "ClassVar"

    def drafts(self, attributes: dict[str, Attribute]) -> Iterator[ColumnDraft]:
        """The columns of fields."""
        for attribute in attributes.values():
            if attribute.bound.annotation is not None:
                draft = self._draft(attribute)
                draft.attribute = attribute.name
                draft.name = draft.name or attribute.name
                draft.key = draft.key or attribute.name
                draft.origin = attribute.bound.name_origin
                yield draft

    def _draft(self, attribute: Attribute) -> ColumnDraft:
        bound = attribute.bound
        assert bound.annotation is not None
        python = self.annotations.python_type(self.annotations.mapped(bound.annotation).inner)
        field = attribute.value if called_name(attribute.value) == "sqlmodel.Field" else _annotated_field(python)
        made = field if isinstance(field, Made) else None
        if (
            made
            and (whole := made.kwargs.get("sa_column"))
            and is_column(whole.value)
            and isinstance(whole.value, Made)
        ):
            draft = draft_of(whole.value)
            draft.type = self.types.read(draft.type_value) if draft.has_type else None
            return draft
        draft = ColumnDraft(bound.name_origin)
        self._read_field(draft, made, python)
        if made is None or attribute.value is not made:
            _read_default(draft, attribute.value if made is None or attribute.value is not NOTHING else NOTHING)
        return draft

    def _read_field(self, draft: ColumnDraft, made: Made | None, python: PythonType) -> None:
        given = made.kwargs if made else {}
        if made is not None:
            default = made.argument(0, "default")
            _read_default(draft, default.value if default else NOTHING)
            if "default_factory" in given:
                draft.default = rendered(given["default_factory"].value)
            if made.is_open:
                draft.open = "arguments of the field cannot be read"
        draft.primary_key = _flag(draft, made, "primary_key")
        draft.unique = _flag(draft, made, "unique")
        draft.index = _flag(draft, made, "index")
        draft.from_annotation = not draft.primary_key and python.nullable
        if (nullable := given.get("nullable")) is not None:
            apply_keyword(draft, "nullable", nullable)
        self._read_type(draft, made, python)
        self._read_key(draft, made)
        self._read_extras(draft, made)

    def _read_type(self, draft: ColumnDraft, made: Made | None, python: PythonType) -> None:
        chosen = made.kwargs.get("sa_type") if made else None
        if chosen is not None:
            draft.type_value = chosen.value
            draft.type = self.types.read(chosen.value)
            return
        draft.type = self._field_type(python, made)
        draft.type_value = python.value

    def _field_type(self, python: PythonType, made: Made | None) -> DataType | None:
        value = python.value
        if isinstance(value, ClassValue):
            if any(isinstance(base, External) and base.name.startswith("enum.") for base in value.mro):
                return self.types.enum_of(value)
            known = next((base for base in value.mro if library_name(base) in _TYPES), None)
            return self._field_type(PythonType(known, known, False), made) if known is not None else None
        name = library_name(value)
        last = name.rpartition(".")[2]
        kind = _TYPES.get(name) or ("AutoString" if last in _STRINGS else "Integer" if last in _NUMBERS else "")
        kind = kind or ("Uuid" if last in _UUIDS else _DATES.get(last, ""))
        if isinstance(value, Made) and called_name(value).endswith((".constr", ".conint")):
            return self._field_type(PythonType(value.callee, value, False), value)
        if not kind:
            return None
        return DataType(kind, _limits(kind, made), "sqlmodel" if kind == "AutoString" else "sqlalchemy")

    def _read_key(self, draft: ColumnDraft, made: Made | None) -> None:
        key = made.kwargs.get("foreign_key") if made else None
        if made is not None and key is not None and key.value is not None:
            named = made.kwargs.get("ondelete")
            keywords = {"ondelete": named} if named else {}
            draft.foreign_keys.append(Made(External("sqlalchemy.ForeignKey"), (key,), keywords, key.node, key.frame))

    def _read_extras(self, draft: ColumnDraft, made: Made | None) -> None:
        """`sa_column_args` and `sa_column_kwargs`, which go to the Column as they are."""
        items = made.kwargs.get("sa_column_args") if made else None
        if items is not None and isinstance(items.value, (ListValue, TupleValue)):
            for item in items.value.items:
                read_item(draft, item.value)
        keywords = made.kwargs.get("sa_column_kwargs") if made else None
        if keywords is None:
            return
        if isinstance(keywords.value, DictValue):
            for key, value in keywords.value.pairs():
                if isinstance(key.value, str):
                    apply_keyword(draft, key.value, value)
        elif keywords.value is not None:
            draft.open = draft.open or "arguments of the column cannot be read"


def _annotated_field(python: PythonType) -> Value:
    """The Field inside of `Annotated[str, Field(...)]`."""
    return next((value for value in python.metadata if called_name(value) == "sqlmodel.Field"), None)


def _read_default(draft: ColumnDraft, value: Value) -> None:
    if value is NOTHING or value is Ellipsis or value is None:
        return
    draft.default = rendered(value)


def _flag(draft: ColumnDraft, made: Made | None, name: str) -> bool:
    given = made.kwargs.get(name) if made else None
    if given is not None and isinstance(given.value, UnknownValue):
        draft.open = draft.open or given.value.reason
    return given is not None and given.value is True


def _limits(kind: str, made: Made | None) -> tuple[str, ...]:
    """The arguments that a field's limits give its type."""
    given = made.kwargs if made else {}
    if kind == "AutoString":
        length = given.get("max_length")
        return (f"length={length.value}",) if length and isinstance(length.value, int) else ()
    if kind == "Numeric":
        names = (("precision", "max_digits"), ("scale", "decimal_places"))
        return tuple(f"{name}={given[limit].value}" for name, limit in names if limit in given)
    return ()
