"""Requirements that TOML writes as tables, as Pipenv and Poetry do."""

from __future__ import annotations

from collections.abc import Mapping

from infralint.facts.requirements import normalised


def word(table: Mapping[str, object], key: str) -> str:
    """The text of a key; "" for one that is not there, or is no text."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def extras_of(table: Mapping[str, object]) -> tuple[str, ...]:
    """The extras that are asked for, in order of their names."""
    extras = table.get("extras")
    names = extras if isinstance(extras, list) else ()
    return tuple(sorted(normalised(name) for name in names if isinstance(name, str)))
