"""What a column's type is called in PostgreSQL, given SQLAlchemy's class for it or SQL's own name."""

from __future__ import annotations

import re
from collections.abc import Collection

from infralint.reports.postgres_names import in_schema
from infralint.schema_document import TypeObject

# Schema and name of a type.
TypeKey = tuple[str | None, str]

_KEYWORD = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r"""[urURbB]{0,2}(['"])(.*)\1""", re.DOTALL)
_NUMBER = re.compile(r"\d+")

# SQLAlchemy 2.1, dialects/postgresql/base.py (PGTypeCompiler), and the names that its generic types compile to there.
_PLAIN = {
    "ARRAY": "", "BIGINT": "bigint", "BINARY": "bytea", "BLOB": "bytea", "BOOLEAN": "boolean", "BYTEA": "bytea",
    "BigInteger": "bigint", "Boolean": "boolean", "CIDR": "cidr", "CLOB": "text", "DATE": "date",
    "DATEMULTIRANGE": "datemultirange", "DATERANGE": "daterange", "DOUBLE": "double precision",
    "DOUBLE_PRECISION": "double precision", "Date": "date", "Double": "double precision", "INET": "inet",
    "INT4MULTIRANGE": "int4multirange", "INT4RANGE": "int4range", "INT8MULTIRANGE": "int8multirange",
    "INT8RANGE": "int8range", "INTEGER": "integer", "Integer": "integer", "JSON": "json", "JSONB": "jsonb",
    "JSONPATH": "jsonpath", "LONGTEXT": "text", "LargeBinary": "bytea", "MACADDR": "macaddr",
    "MACADDR8": "macaddr8", "MEDIUMTEXT": "text", "MONEY": "money", "NUMMULTIRANGE": "nummultirange",
    "NUMRANGE": "numrange", "OID": "oid", "PickleType": "bytea", "REAL": "real", "REGCLASS": "regclass",
    "REGCONFIG": "regconfig", "SMALLINT": "smallint", "SmallInteger": "smallint", "TEXT": "text",
    "TINYINT": "smallint", "TSMULTIRANGE": "tsmultirange", "TSQUERY": "tsquery", "TSRANGE": "tsrange",
    "TSTZMULTIRANGE": "tstzmultirange", "TSTZRANGE": "tstzrange", "TSVECTOR": "tsvector", "Text": "text",
    "UUID": "uuid", "UnicodeText": "text", "Uuid": "uuid", "VARBINARY": "bytea", "XML": "xml",
}  # fmt: skip
_CHARACTERS = {
    "AutoString": "varchar", "CHAR": "char", "NCHAR": "char", "NVARCHAR": "varchar", "String": "varchar",
    "Unicode": "varchar", "VARCHAR": "varchar",
}  # fmt: skip
_NUMBERS = {"DECIMAL": "numeric", "NUMERIC": "numeric", "Numeric": "numeric", "FLOAT": "float", "Float": "float"}
_TIMES = {
    "DATETIME": "timestamp", "DateTime": "timestamp", "TIME": "time", "TIMESTAMP": "timestamp", "Time": "time",
}  # fmt: skip
# SQLAlchemy-Utils 0.43, sqlalchemy_utils/types: what its types are on PostgreSQL without arguments.
_UTILITIES = {
    "ArrowType": "timestamp", "ColorType": "varchar(20)", "CountryType": "varchar(2)", "CurrencyType": "varchar(3)",
    "EmailType": "varchar(255)", "EnrichedDateTimeType": "timestamp", "EnrichedDateType": "date",
    "IPAddressType": "varchar(50)", "JSONType": "json", "LocaleType": "varchar(10)", "PhoneNumberType": "varchar(20)",
    "TSVectorType": "tsvector", "TimezoneType": "varchar(50)", "URLType": "text", "UUIDType": "uuid",
    "WeekDaysType": "bit(7)",
}  # fmt: skip
_ENUMS = frozenset({"ENUM", "Enum"})
_HOMES = ("", "sqlalchemy", "sqlmodel")
# Which types a foreign key may join to which others: SQL's own families, then implicit casts (PostgreSQL 18, 37.16).
_FAMILIES = {
    "smallint": "integer", "integer": "integer", "bigint": "integer", "numeric": "numeric", "real": "float",
    "float": "float", "double precision": "float", "varchar": "text", "text": "text", "char": "text",
    "date": "date", "timestamp": "date",
}  # fmt: skip
_WIDENED = frozenset({("integer", "numeric"), ("integer", "float"), ("numeric", "float")})


def postgres_type(data_type: TypeObject, own: Collection[TypeKey]) -> str | None:
    """The type as CREATE TABLE takes it; None where it cannot be told. `own`: the enums and domains that exist."""
    arguments = _Arguments(data_type["arguments"])
    name = data_type["name"]
    if (data_type["module"] or "").partition(".")[0] == "sqlalchemy_utils" and name in _UTILITIES:
        return _UTILITIES[name]
    if not _is_known_home(data_type["module"] or ""):
        return _stored(data_type, own)
    if name in _ENUMS:
        return _enum(arguments, own)
    if name == "ARRAY":
        item = postgres_type(data_type["item"], own) if data_type["item"] else None
        return item + "[]" * int(arguments.number("dimensions", 9) or 1) if item else None
    return _simple(name, arguments) or _named(name, own) or _stored(data_type, own)


def joins(left: str, right: str) -> bool:
    """Whether a foreign key of type `left` may point at a column of type `right`; False where it is not certain."""
    one, other = _family(left), _family(right)
    return one == other or (one, other) in _WIDENED


def _family(written: str) -> str:
    base = re.sub(r"\(.*?\)", "", written).partition(" with")[0].strip()
    return _FAMILIES.get(base, written)


def _is_known_home(module: str) -> bool:
    return module.partition(".")[0] in _HOMES


def _stored(data_type: TypeObject, own: Collection[TypeKey]) -> str | None:
    """What a type of the project's own stores."""
    return postgres_type(data_type["item"], own) if data_type["item"] else None


def _simple(name: str, arguments: _Arguments) -> str | None:
    if name in ("UUID", "Uuid") and arguments.named.get("native_uuid") == "False":
        return "char(32)"
    if name in _CHARACTERS:
        return _CHARACTERS[name] + _sized(arguments.number("length", 0))
    if name in _NUMBERS:
        precision, scale = arguments.number("precision", 0), arguments.number("scale", 1)
        # The second argument of Float is no scale.
        return _NUMBERS[name] + _sized(precision, scale if _NUMBERS[name] == "numeric" else None)
    if name in _TIMES:
        zone = " with time zone" if arguments.flag("timezone", 0) else ""
        return _TIMES[name] + _sized(arguments.number("precision", 1)) + zone
    if name in ("INTERVAL", "Interval"):
        return "interval"
    if name in ("BIT", "VARBIT"):
        varying = " varying" if arguments.flag("varying", 1) or name == "VARBIT" else ""
        return f"bit{varying}{_sized(arguments.number('length', 0))}"
    return _PLAIN.get(name) or None


def _sized(*numbers: str | None) -> str:
    known = [number for number in numbers if number is not None]
    return f"({', '.join(known)})" if known else ""


def enum_key(data_type: TypeObject) -> TypeKey | None:
    """Schema and name of the enum type that a column brings along; None where it brings none."""
    arguments = _Arguments(data_type["arguments"])
    if data_type["name"] not in _ENUMS or not data_type["labels"] or arguments.named.get("native_enum") == "False":
        return None
    name = _enum_name(arguments)
    return (arguments.text("schema"), name) if name else None


def _enum_name(arguments: _Arguments) -> str:
    """The name that is given, or that of the class in lower case (SQLAlchemy 2.1, sqltypes.Enum)."""
    of_class = arguments.placed[0].rpartition(".")[2] if arguments.placed else ""
    return arguments.text("name") or (of_class.lower() if of_class.isidentifier() else "")


def _enum(arguments: _Arguments, own: Collection[TypeKey]) -> str | None:
    if arguments.named.get("native_enum") == "False":
        return "varchar" + _sized(arguments.number("length", 99))
    name = _enum_name(arguments)
    return _existing((arguments.text("schema"), name), own)


def _named(name: str, own: Collection[TypeKey]) -> str | None:
    """SQL names an enum or a domain as it names every type."""
    schema, _, last = name.rpartition(".")
    return _existing((schema or None, last), own)


def _existing(key: TypeKey, own: Collection[TypeKey]) -> str | None:
    """The name of a type that exists: the one of that schema and name, or the only one of that name."""
    found = [key] if key in own else [each for each in own if each[1] == key[1]]
    return in_schema(*found[0]) if len(found) == 1 else None


class _Arguments:
    """What a type is made with: arguments by place, and by name."""

    def __init__(self, written: list[str]) -> None:
        matches = [(text, _KEYWORD.fullmatch(text)) for text in written]
        self.placed = [text for text, match in matches if match is None]
        self.named = {match[1]: match[2] for _, match in matches if match is not None}

    def _get(self, name: str, place: int) -> str:
        return self.named.get(name) or (self.placed[place] if place < len(self.placed) else "")

    def number(self, name: str, place: int) -> str | None:
        """A number, given by name or by place."""
        value = self._get(name, place)
        return value if _NUMBER.fullmatch(value) else None

    def flag(self, name: str, place: int) -> bool:
        """Whether something is True."""
        return self._get(name, place) == "True"

    def text(self, name: str) -> str | None:
        """The text that a keyword gives, without its quotes."""
        match = _QUOTED.fullmatch(self.named.get(name, ""))
        return match[2] if match else None
