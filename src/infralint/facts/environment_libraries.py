"""How the readers of libraries are asked for variables: their methods, and where these take a default.

Signatures are those of environs 15.2, python-decouple 3.8, django-environ 0.14 and Starlette 1.10.
"""

from __future__ import annotations

from dataclasses import dataclass

# django-environ: methods with a variable of their own, which the first argument replaces.
_OWN_NAMES = {
    "db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
    "email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL", "channels": "CHANNELS_URL",
    "channels_url": "CHANNELS_URL",
}  # fmt: skip
_CASTS = {
    "environs": frozenset(
        {"str", "bool", "int", "float", "decimal", "list", "dict", "json", "datetime", "date", "time", "path",
         "log_level", "timedelta", "uuid", "url", "enum", "dj_db_url", "dj_email_url", "dj_cache_url"}
    ),
    "django-environ": frozenset(
        {"str", "unicode", "bytes", "bool", "int", "float", "json", "list", "tuple", "dict", "url", "path",
         "get_value", *_OWN_NAMES}
    ),
    "starlette": frozenset({"get"}),
    "decouple": frozenset({"get"}),
}  # fmt: skip
# Where a default is given by position: 1 for most, 2 behind a cast, -1 nowhere.
_DEFAULT_AT = {
    ("starlette", ""): 2, ("starlette", "get"): 2, ("django-environ", ""): 2, ("django-environ", "get_value"): 2,
    ("django-environ", "list"): 2, ("django-environ", "tuple"): 2, ("django-environ", "dict"): 2,
    ("django-environ", "path"): 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Method:
    """How a reader is asked: the library, and where its call takes a default. `own`: the variable that is read where
    no name is given."""

    kind: str
    default_at: int
    own: str = ""


def method_of(kind: str, method: str) -> Method | None:
    """How `reader.method(...)` reads a variable, "" for the call of the reader itself; None where it reads none."""
    if method and method not in _CASTS[kind]:
        return None
    own = _OWN_NAMES.get(method, "") if kind == "django-environ" else ""
    return Method(kind, _DEFAULT_AT.get((kind, method), 1), own)
