"""Which kind of file a path is: decided by its name, or by the first line where a name says nothing."""

from __future__ import annotations

import re
from enum import Enum

# How a file is read: whether for its statements alone.
Way = bool


class Kind(str, Enum):
    """The kinds of file that infralint reads."""

    PYTHON = "python"
    SQL = "sql"
    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    WORKFLOW = "workflow"
    CLOUDBUILD = "cloudbuild"
    YAML = "yaml"
    SHELL = "shell"
    MAKEFILE = "makefile"
    POWERSHELL = "powershell"
    TERRAFORM = "terraform"
    REQUIREMENTS = "requirements"
    TOML = "toml"
    DOTENV = "dotenv"
    INI = "ini"
    PROCFILE = "procfile"
    PIPFILE_LOCK = "pipfile-lock"
    DOCKERIGNORE = "dockerignore"


# Their bytes may name their encoding (PEP 263; pip reads requirement files by it too).
DECLARE_ENCODING = frozenset({Kind.PYTHON, Kind.REQUIREMENTS})

_EXACT = {
    "dockerfile": Kind.DOCKERFILE,
    "containerfile": Kind.DOCKERFILE,
    "makefile": Kind.MAKEFILE,
    "gnumakefile": Kind.MAKEFILE,
    "procfile": Kind.PROCFILE,
    "procfile.dev": Kind.PROCFILE,
    "pipfile": Kind.TOML,
    "poetry.lock": Kind.TOML,
    "pipfile.lock": Kind.PIPFILE_LOCK,
    "uv.lock": Kind.TOML,
    "pdm.lock": Kind.TOML,
    "alembic.ini": Kind.INI,
    "setup.cfg": Kind.INI,
    "pytest.ini": Kind.INI,
    "tox.ini": Kind.INI,
}
_SUFFIXES = {
    ".py": Kind.PYTHON,
    ".pyi": Kind.PYTHON,
    ".sql": Kind.SQL,
    ".ddl": Kind.SQL,
    ".sh": Kind.SHELL,
    ".bash": Kind.SHELL,
    ".ksh": Kind.SHELL,
    ".mk": Kind.MAKEFILE,
    ".ps1": Kind.POWERSHELL,
    ".psm1": Kind.POWERSHELL,
    ".tf": Kind.TERRAFORM,
    ".dockerfile": Kind.DOCKERFILE,
    ".dockerignore": Kind.DOCKERIGNORE,
    ".containerignore": Kind.DOCKERIGNORE,
    ".toml": Kind.TOML,
    ".yaml": Kind.YAML,
    ".yml": Kind.YAML,
}
# Alembic is told by `-c` to read another file than alembic.ini.
_ALEMBIC = re.compile(r"(?:.*[-_.])?alembic(?:[-_.].*)?\.(?:ini|cfg)(?:\.(?:example|sample|template|dist))?")
_COMPOSE = re.compile(r"(?:.*[-_.])?(?:docker-)?compose(?:[-_.].*)?\.ya?ml")
_CLOUDBUILD = re.compile(r"(?:.*[-_.])?cloudbuild(?:[-_.].*)?\.ya?ml")
_DOCKERFILE = re.compile(r"(?:dockerfile|containerfile)[-_.].+|.+[-_.](?:dockerfile|containerfile)")
_REQUIREMENTS = re.compile(
    r"(?:.*[-_.])?(?:requirements?|constraints?|reqs?|requires|deps|dependencies)(?:[-_.].*)?\.(?:txt|in|pip)"
)
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")
_ACTION = re.compile(r"(?:^|/)action\.ya?ml$")
_REQUIREMENTS_FOLDER = re.compile(r"(?:^|/)(?:requirements?|reqs|constraints)/(?:.+/)?[^/]+\.(?:txt|in|pip)$")
# `dockerfile-lint.sh` and `Dockerfile.md` speak of a Dockerfile; `Dockerfile.j2` is one only when rendered.
# Migrations that come once for each database: `12_users.sql.postgres`.
_SQL_VARIANT = re.compile(r".+\.sql\.(?:postgres(?:ql)?|pg|sqlite3?|mysql|mariadb)")
_NOT_DOCKERFILE = (
    ".md", ".rst", ".txt", ".dockerignore", ".json", ".html", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl",
    *(suffix for suffix in _SUFFIXES if suffix != ".dockerfile"),
)  # fmt: skip
# As much of a file as a first line with an interpreter takes.
SHEBANG_BYTES = 64
_SHEBANG = re.compile(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?(python[\d.]*|bash|sh|dash|ksh|zsh)\b")


def kind_of(path: str) -> Kind | None:
    """The kind of a file by its path (relative, `/` as separator); None when its name tells of none."""
    name = path.rpartition("/")[2].lower()
    if name in _EXACT:
        return _EXACT[name]
    if _DOCKERFILE.fullmatch(name) and not name.endswith(_NOT_DOCKERFILE):
        return Kind.DOCKERFILE
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return Kind.DOTENV
    if name.endswith((".yaml", ".yml")):
        return _yaml_kind(path, name)
    if _REQUIREMENTS.fullmatch(name) or _REQUIREMENTS_FOLDER.search(path):
        return Kind.REQUIREMENTS
    if _SQL_VARIANT.fullmatch(name):
        return Kind.SQL
    if _ALEMBIC.fullmatch(name):
        return Kind.INI
    return _SUFFIXES.get(name[name.rfind(".") :]) if "." in name else None


def _yaml_kind(path: str, name: str) -> Kind:
    if _WORKFLOW.search(path) or _ACTION.search(path):
        return Kind.WORKFLOW
    if _COMPOSE.fullmatch(name):
        return Kind.COMPOSE
    return Kind.CLOUDBUILD if _CLOUDBUILD.fullmatch(name) else Kind.YAML


def may_have_shebang(path: str) -> bool:
    """Whether the first line of a file is worth a look: a name without an ending tells nothing."""
    name = path.rpartition("/")[2]
    return bool(name) and "." not in name


def kind_of_shebang(start: bytes) -> Kind | None:
    """The kind that a script's first line tells."""
    match = _SHEBANG.match(start)
    if match is None:
        return None
    return Kind.PYTHON if match[1].startswith(b"python") else Kind.SHELL
