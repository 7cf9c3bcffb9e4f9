"""What database calls pass for placeholders, beside the placeholders of their statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infralint.facts.sql_calls import SqlArguments, SqlPlaceholder, SqlText
from infralint.project.sql_calls import CallSite
from infralint.source import Span

# Drivers that hand a text to the server as it is when a call passes nothing: its placeholders are an error there.
_FORMATTING = frozenset({"django", "mysql", "psycopg"})


# Methods of drivers and of SQLAlchemy that take the values as they are written. psycopg2's execute_values is none: it
# puts all rows in the place of one `%s`.
_METHODS = frozenset(
    {
        "cursor", "exec_driver_sql", "execute", "executemany", "fetch", "fetch_all", "fetch_one", "fetch_val",
        "fetchrow", "fetchval", "iterate", "scalar", "scalars",
    }
)  # fmt: skip
# Who counts the values for a placeholder; others may take a list of rows for one.
_COUNTING = {"$": ("", "asyncpg"), "%s": ("django", "mysql", "psycopg"), "?": ("sqlite",)}


@dataclass(frozen=True, slots=True)
class WrongParameters:
    """A call whose SQL (at `span`) takes `wanted` values and gets `given`; or gets none for the names `missing`.

    `placeholders`: those that get nothing.
    """

    path: str
    span: Span
    wanted: int
    given: int
    missing: tuple[str, ...] = ()
    placeholders: tuple[Span, ...] = ()
    text_path: str = ""


def wrong_parameters(sites: Iterable[CallSite]) -> Iterator[WrongParameters]:
    """Every call that a driver or its server refuses for the number or the names of its values."""
    for site in sites:
        if (
            site.call.guarded
            or site.arguments is None
            or not site.all_texts
            or not (site.wrapper or _is_drivers(site.call.callee))
        ):
            continue
        found = [_compared(site, path, text, site.arguments) for path, text in site.texts]
        # Of several texts that it may be, each must be wrong.
        if all(found) and found[0] is not None:
            yield found[0]


def _is_drivers(callee: str) -> bool:
    """Whether a call is one of a driver's own methods by its name, and none of the class that it stands in."""
    owner, _, method = callee.rpartition(".")
    return method in _METHODS and owner not in ("self", "cls")


def _compared(site: CallSite, path: str, text: SqlText, passed: SqlArguments) -> WrongParameters | None:
    """The fault of one text with the values that are passed; None for none, or where it cannot be told."""
    driver = site.driver
    kinds = {placeholder.kind for placeholder in text.placeholders}
    if not text.whole or len(kinds) > 1:
        return None
    kind = next(iter(kinds), "")
    if not kind:
        # Other drivers' marks have more meanings than those that are understood here, as has SQLite's `ATTACH ?`.
        counted = driver == "asyncpg" or (driver == "sqlite" and bool(text.statements))
        many = passed.kind == "positions" and passed.items and counted and not passed.rows
        return WrongParameters(site.path, site.call.span, 0, len(passed.items)) if many else None
    if kind in ("%(", ":"):
        return _named(site, path, text, passed)
    wanted = _wanted(text.placeholders)
    given = len(passed.items)
    if driver not in _COUNTING.get(kind, ()):
        return None
    if passed.kind == "names" or (passed.kind == "none" and not _needs_values(kind, driver)) or wanted == given:
        return None
    return WrongParameters(site.path, site.call.span, wanted, given)


def _needs_values(kind: str, driver: str) -> bool:
    """Whether a call without any values is a mistake for sure."""
    return {"$": driver == "asyncpg", "?": driver == "sqlite", "%s": driver in _FORMATTING}.get(kind, False)


def _wanted(placeholders: tuple[SqlPlaceholder, ...]) -> int:
    """How many values: `$2` and `?2` take the second, whatever stands before them."""
    numbers = [int(placeholder.name) for placeholder in placeholders if placeholder.name.isdigit()]
    return max(numbers) if numbers else len(placeholders)


def _named(site: CallSite, path: str, text: SqlText, passed: SqlArguments) -> WrongParameters | None:
    if passed.kind != "names" or site.driver not in ("django", "mysql", "psycopg", "sqlalchemy", "sqlite"):
        return None
    given = {item.name for item in passed.items}
    lacking = [placeholder for placeholder in text.placeholders if placeholder.name not in given]
    if not lacking:
        return None
    names = tuple(dict.fromkeys(placeholder.name for placeholder in lacking))
    places = tuple(placeholder.span for placeholder in lacking)
    return WrongParameters(site.path, site.call.span, 0, 0, names, places, path)
