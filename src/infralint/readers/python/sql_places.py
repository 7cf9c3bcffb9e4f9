"""Where in Python a text stands: what becomes of it."""

from __future__ import annotations

import ast
import re
from enum import Enum

from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import dotted
from infralint.readers.python.sql_sinks import SINKS
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import last_name

# What projects call their own covers over drivers; what they take may be completed, or go elsewhere.
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
# Servers that infralint does not know, by which connections to them are called.
_OTHER_SERVERS = frozenset(
    {
        "athena", "bigquery", "bq", "cassandra", "clickhouse", "cosmos", "databricks", "duckdb", "mssql", "redshift",
        "salesforce", "scylla", "snowflake", "spanner", "sqlserver", "teradata", "trino", "vertica",
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TRANSPARENT = (ast.Await, ast.BoolOp, ast.IfExp, ast.Starred, ast.keyword)
# What the text is a part of: it may be put together with more.
_PARTS = (ast.AugAssign, ast.BinOp, ast.Dict, ast.FormattedValue, ast.NamedExpr, ast.Return, ast.Yield, ast.arguments)


class Role(Enum):
    """What becomes of a text.

    EXECUTED: it is an argument of a database call. NAMED: it is bound to a name, or passed on to what looks
    like one. PASSED: it is an argument of some other call. PART: it may be put together with more. OTHER: it is
    read by people, compared, or a docstring.
    """

    EXECUTED = "executed"
    NAMED = "named"
    PASSED = "passed"
    PART = "part"
    OTHER = "other"


def role_of(syntax: Syntax, node: ast.expr) -> Role:
    """The role of an expression."""
    child: ast.AST = node
    for parent in syntax.ancestors(node):
        if isinstance(parent, ast.Call):
            return Role.OTHER if child is parent.func else role_in_call(parent)
        if isinstance(parent, (ast.List, ast.Tuple, ast.Set, *_PARTS)):
            return Role.PART
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            return Role.NAMED
        if not isinstance(parent, _TRANSPARENT):
            return Role.OTHER
        child = parent
    return Role.OTHER


def role_in_call(call: ast.Call) -> Role:
    """The role of a text that a call is given."""
    name = last_name(call.func)
    if name in SINKS:
        return Role.EXECUTED
    if _COVER.fullmatch(name):
        return Role.NAMED
    if _SPOKEN.fullmatch(name) or name.endswith(("Error", "Exception", "Warning")):
        return Role.OTHER
    return Role.PASSED


def in_downgrade(syntax: Syntax, node: ast.AST) -> bool:
    """Alembic's way back: it is run against another schema than the rest."""
    return any(
        isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name.startswith("downgrade")
        for each in syntax.ancestors(node)
    )


def is_guarded(syntax: Syntax, node: ast.AST) -> bool:
    """Whether what is executed here may name what is not there: in `pytest.raises`, where a handler of just the
    database's errors goes on, or by what is called after another server."""
    if isinstance(node, ast.Call) and _is_called_after_another(node.func):
        return True
    child = node
    for parent in syntax.ancestors(node):
        if isinstance(parent, (ast.With, ast.AsyncWith)) and any(_is_expected(item) for item in parent.items):
            return True
        if isinstance(parent, ast.Try) and child in parent.body and any(map(_goes_on, parent.handlers)):
            return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = parent
    return False


def _is_called_after_another(function: ast.expr) -> bool:
    """Whether a word of a server that infralint does not know stands in the name of a function or its owner."""
    names = []
    node: ast.AST = function
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        node = node.value if isinstance(node, ast.Attribute) else node.func
    if isinstance(node, ast.Name):
        names.append(node.id)
    return any(word.lower() in _OTHER_SERVERS for name in names for word in _WORD.findall(name))


def _is_expected(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and last_name(item.context_expr.func) in _EXPECTED


def _goes_on(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {dotted(kind).rpartition(".")[2] for kind in kinds}
    if not names & _DATABASE_ERRORS:
        return False
    return not any(isinstance(node, ast.Raise) for statement in handler.body for node in walk(statement))
