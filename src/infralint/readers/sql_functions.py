"""Functions in FROM whose columns are known (PostgreSQL manual 9.16, 9.19, 9.26; sqlite.org/json1)."""

from __future__ import annotations

# What a function that gives single values calls them: "" = as the item of FROM is called.
_NAMED_BY_ALIAS = ("",)
_VALUE = ("value",)
_PAIR = ("key", "value")
_SQLITE_JSON = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")

_COLUMNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "generate_series", "generate_subscripts", "json_object_keys", "jsonb_object_keys", "jsonb_path_query",
            "regexp_matches", "regexp_split_to_table", "string_to_table",
        ),
        _NAMED_BY_ALIAS,
    ),
    **dict.fromkeys(
        (
            "json_array_elements", "json_array_elements_text", "jsonb_array_elements", "jsonb_array_elements_text",
        ),
        _VALUE,
    ),
    # SQLite's json_each gives more; nothing is said of these.
    **dict.fromkeys(("json_each", "jsonb_each", "json_each_text", "jsonb_each_text"), _PAIR + _SQLITE_JSON),
}  # fmt: skip


def columns_of(function: str, alias: str, *, ordinality: bool) -> tuple[str, ...] | None:
    """The columns that a function gives as an item of FROM; None where they are not known."""
    known = _COLUMNS.get(function.lower())
    if known is None:
        return None
    columns = tuple(name or alias or function for name in known)
    return (*columns, "ordinality") if ordinality else columns
