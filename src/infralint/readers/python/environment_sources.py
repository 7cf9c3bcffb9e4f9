"""What reads variables in Python: `os.environ`, and the objects of libraries that are made for it.

Signatures are those of environs 15.2, python-decouple 3.8, django-environ 0.14, Starlette 1.10 and python-dotenv 1.2.
"""

from __future__ import annotations

import ast

from infralint.facts.environment import EnvironmentReader
from infralint.readers.python.outline import dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import last_name

# Mappings of the process's variables (PEP 3333's `environ` is another thing, and comes as a parameter).
MAPPINGS = frozenset({"os.environ", "posix.environ", "starlette.config.environ"})
# Makers of readers by their resolved name.
_MAKERS = {
    "environs.Env": "environs",
    "environs.EnvBase": "environs",
    "environs.FileAwareEnv": "environs",
    "environ.Env": "django-environ",
    "environ.FileAwareEnv": "django-environ",
    "starlette.config.Config": "starlette",
    "decouple.Config": "decouple",
    "decouple.AutoConfig": "decouple",
}
# Readers that the libraries make themselves.
_MADE = {"decouple.config": "decouple", "environs.env": "environs"}
# Functions of libraries that take variables from a file.
DOTENV_LOADERS = frozenset(
    {"dotenv.load_dotenv", "dotenv.main.load_dotenv", "dotenv.read_dotenv", "environs.Env.read_env",
     "environs.env.read_env", "environ.Env.read_env"}
)  # fmt: skip
# Libraries whose reads are not followed: any variable may be read by them.
UNREAD = frozenset(
    {"betterconf", "configargparse", "confuse", "dynaconf", "ecological", "envparse", "everett", "goodconf", "hydra",
     "omegaconf", "prettyconf", "simple_settings", "traitlets", "typed_settings"}
)  # fmt: skip


def kind_of_reader(syntax: Syntax, node: ast.expr) -> str:
    """The library of a reader that the libraries make themselves; "" for anything else."""
    return _MADE.get(syntax.resolve(node), "")


def reader_made_by(syntax: Syntax, name: str, value: ast.expr) -> EnvironmentReader | None:
    """The reader that `name = value` makes."""
    if not isinstance(value, ast.Call):
        kind = kind_of_reader(syntax, value)
        return EnvironmentReader(name, kind) if kind else None
    kind = _MAKERS.get(syntax.resolve(value.func), "")
    if not kind:
        return None
    prefix: str | None = ""
    defaults: list[str] = []
    for keyword in value.keywords:
        if keyword.arg in ("env_prefix", "prefix") and kind != "decouple":
            constant = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            prefix = constant if isinstance(constant, str) else None
        elif kind == "django-environ" and keyword.arg and _has_default(keyword.value):
            defaults.append(keyword.arg)
        elif keyword.arg is None:
            prefix = None
    return EnvironmentReader(name, kind, prefix, tuple(defaults))


def _has_default(scheme: ast.expr) -> bool:
    """django-environ: `Env(DEBUG=(bool, False))`."""
    return isinstance(scheme, ast.Tuple) and len(scheme.elts) == 2


def prefixed_by(syntax: Syntax, node: ast.AST, reader: str) -> list[ast.expr]:
    """The arguments of `with env.prefixed(...)` around a node, the outermost first."""
    found: list[ast.expr] = []
    for parent in syntax.ancestors(node):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            calls = [item.context_expr for item in parent.items if isinstance(item.context_expr, ast.Call)]
            found += [
                call.args[0]
                for call in reversed(calls)
                if last_name(call.func) == "prefixed"
                and isinstance(call.func, ast.Attribute)
                and dotted(call.func.value) == reader
                and call.args
            ]
    return found[::-1]
