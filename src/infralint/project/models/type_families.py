"""Which types of columns a foreign key can join.

Source: PostgreSQL 18, "Constraints" and `ri_triggers.c`: a foreign key needs an equality operator between the two
types, or an implicit cast of the referring one. Within a family there is one; between families there is none.
"""

from __future__ import annotations

from infralint.project.catalog import DataType

_FAMILIES = {
    "number": (
        "Integer BigInteger SmallInteger Numeric Float Double INTEGER INT BIGINT SMALLINT NUMERIC DECIMAL FLOAT REAL "
        "DOUBLE DOUBLE_PRECISION TINYINT MEDIUMINT NUMBER BIGSERIAL SERIAL"
    ),
    "text": (
        "String Text Unicode UnicodeText VARCHAR CHAR NVARCHAR NCHAR TEXT CLOB CITEXT VARCHAR2 NVARCHAR2 TINYTEXT "
        "MEDIUMTEXT LONGTEXT AutoString"
    ),
    "uuid": "UUID Uuid UNIQUEIDENTIFIER",
    "date": "Date DateTime DATE DATETIME DATETIME2 TIMESTAMP",
    "time": "Time TIME",
    "interval": "Interval INTERVAL",
    "binary": "LargeBinary BINARY VARBINARY BLOB BYTEA",
    "json": "JSON JSONB",
    "boolean": "Boolean BOOLEAN",
}
_FAMILY_OF = {name: family for family, names in _FAMILIES.items() for name in names.split()}
# Booleans are numbers in MySQL and SQLite, texts and bytes are told apart by their collation alone there; a time of day
# is an interval where one is wanted.
_NEAR = (frozenset({"boolean", "number"}), frozenset({"text", "binary"}), frozenset({"time", "interval"}))


def family(data_type: DataType) -> str:
    """The family of a type of SQLAlchemy; "" for all that may be stored as anything: decorators, enums, variants."""
    if data_type.variants or not data_type.module.startswith(("sqlalchemy", "sqlmodel")):
        return ""
    if "native_uuid=False" in data_type.arguments:
        return "text"
    return _FAMILY_OF.get(data_type.name, "")


def are_apart(left: DataType, right: DataType) -> bool:
    """Whether no database compares values of these types; False where that cannot be told."""
    families = {family(left), family(right)}
    return "" not in families and len(families) == 2 and families not in _NEAR
