"""Where in Python a text stands: what becomes of it."""

from __future__ import annotations

import re
from enum import Enum

import libcst as cst

from infralint.readers.python.context import PythonFile
from infralint.readers.python.names import dotted_name
from infralint.readers.python.tree import walk

# Methods and functions that execute the SQL they are given: asyncpg, psycopg, sqlite3, aiosqlite, SQLAlchemy,
# databases, PyMySQL, pandas, polars, Django, Alembic.
_SINK = re.compile(
    r"execute|aexecute|executemany|executescript|execute_values|execute_batch|execute_many|execute_script|exec_driver_sql|fetch|fetchrow"
    r"|fetchval|fetchmany|fetch_all|fetch_one|fetch_val|fetch_row|iterate|cursor|copy_from_query|copy_expert|prepare|mogrify|raw|text|SQL|RunSQL"
    r"|read_sql|read_sql_query|read_database|read_database_uri"
)
# What projects call their own covers over these; what they take may be completed, or go elsewhere.
_COVER = re.compile(
    r"_?(?:a?exec\w*|run_\w+|fetch\w*|query\w*|select\w*|get_\w*rows?|sql|stream|scalars?|step|copy_\w+)",
    re.IGNORECASE,
)
# Calls whose text a person reads.
_SPOKEN = re.compile(
    r"(?:print|debug|info|warning|warn|error|exception|critical|log|fail|skip|echo|secho|write|help|add_argument|Option|Argument"
    r"|add_parser|Field|match|compile|search|sub|startswith|endswith|assertIn|assertEqual|assert_called\w*|contains)"
)
_EXPECTED = frozenset({"raises", "assertRaises", "assertRaisesRegex", "suppress"})
_DATABASE_ERRORS = frozenset(
    {
        "OperationalError", "ProgrammingError", "UndefinedColumn", "UndefinedColumnError", "UndefinedTable",
        "UndefinedTableError", "DatabaseError",
    }
)  # fmt: skip


class Role(Enum):
    """What becomes of a text.

    EXECUTED: it is an argument of a database call. NAMED: it is bound to a name, or passed on to what looks
    like one. PART: it may be put together with more. OTHER: it is read by people, compared, or a docstring.
    """

    EXECUTED = "executed"
    NAMED = "named"
    PART = "part"
    OTHER = "other"


def is_sink(call: cst.Call) -> bool:
    """Whether a call executes the SQL that it is given, by its name."""
    return bool(_SINK.fullmatch(_last_name(call.func)))


def role_of(file: PythonFile, node: cst.CSTNode) -> Role:
    """The role of the node being visited."""
    if in_downgrade(file):
        return Role.OTHER
    child = node
    for parent in reversed(file.ancestors):
        if isinstance(parent, cst.Call):
            return Role.OTHER if child is parent.func else _role_in_call(parent)
        if isinstance(parent, (cst.List, cst.Tuple, cst.Set)):
            return Role.PART
        if not isinstance(parent, (cst.Arg, cst.Await, cst.Element, cst.IfExp, cst.BooleanOperation)):
            return _role_in_statement(parent)
        child = parent
    return Role.OTHER


def _role_in_call(call: cst.Call) -> Role:
    name = _last_name(call.func)
    if is_sink(call):
        return Role.EXECUTED
    if _COVER.fullmatch(name):
        return Role.NAMED
    if _SPOKEN.fullmatch(name) or name.endswith(("Error", "Exception", "Warning")):
        return Role.OTHER
    return Role.PART


def _role_in_statement(parent: cst.CSTNode) -> Role:
    if isinstance(parent, (cst.Assign, cst.AnnAssign)):
        return Role.NAMED
    if isinstance(
        parent,
        (
            cst.Return,
            cst.Yield,
            cst.DictElement,
            cst.Param,
            cst.NamedExpr,
            cst.AugAssign,
            cst.BinaryOperation,
        ),
    ):
        return Role.PART
    return Role.OTHER


def _last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def in_downgrade(file: PythonFile) -> bool:
    """Alembic's way back: it is run against another schema than the rest."""
    return any(isinstance(node, cst.FunctionDef) and node.name.value.startswith("downgrade") for node in file.ancestors)


def is_guarded(file: PythonFile) -> bool:
    """Whether a failure of what is executed here is expected: in `pytest.raises`, or where a handler of just
    the database's errors goes on."""
    child: cst.CSTNode | None = None
    for node in reversed(file.ancestors):
        if isinstance(node, cst.With) and any(_is_expected(item.item) for item in node.items):
            return True
        if isinstance(node, cst.Try) and child is node.body and any(map(_goes_on, node.handlers)):
            return True
        if isinstance(node, cst.FunctionDef):
            return False
        child = node
    return False


def _is_expected(item: cst.BaseExpression) -> bool:
    return isinstance(item, cst.Call) and _last_name(item.func) in _EXPECTED


def _goes_on(handler: cst.ExceptHandler) -> bool:
    kinds = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    names = {dotted_name(kind).rpartition(".")[2] for kind in kinds if kind is not None}
    if not names & _DATABASE_ERRORS:
        return False
    return not any(isinstance(node, cst.Raise) for node in walk(handler.body))
