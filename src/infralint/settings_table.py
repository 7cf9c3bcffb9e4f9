"""What a table of settings says, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infralint.findings import Severity
from infralint.rules import all_rules, families
from infralint.settings import Dialect, Settings
from infralint.settings_locate import KeyPath, line_of, locate
from infralint.settings_schema import KEYS, Listed, Table, Words, check, shown_string


def selectors() -> frozenset[str]:
    """Everything that selects rules: ids, families, and `ALL`."""
    return frozenset({"ALL", *families(), *(rule.id for rule in all_rules())})


def mistakes(table: Any, text: str, prefix: KeyPath, root: Path | None) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the settings in a text: line, key and message of each.

    `prefix`: the keys that lead to the table. `root`: where the folders that are named must be; None = they are not
    looked for.
    """
    lines = locate(text)
    if not isinstance(table, dict):
        yield line_of(lines, prefix), "infralint", "is not a table"
        return
    if not prefix and "tool" in table:
        message = "unknown key; in infralint.toml the settings stand at the top, without [tool.infralint]"
        yield line_of(lines, ("tool",)), "tool", message
        table = {name: value for name, value in table.items() if name != "tool"}
    for wrong in check(table, selectors()):
        yield line_of(lines, (*prefix, *wrong.place)), _dotted(wrong.place), wrong.message
    for index, folder in _missing_sources(table.get("sources"), root):
        line = line_of(lines, (*prefix, "sources", index))
        yield line, "sources", f"there is no folder {shown_string(folder)} in the project"
    for reason in _bad_table(table.get("gcloud-table"), root):
        yield line_of(lines, (*prefix, "gcloud-table")), "gcloud-table", reason


def _bad_table(folder: object, root: Path | None) -> Iterator[str]:
    """Why a folder holds no table of gcloud's commands, if it does not."""
    if root is None or not isinstance(folder, str) or list(Words("folder").check(folder, (), frozenset())):
        return
    from infralint.data.gcloud import COMMANDS, HISTORY, table_of

    try:
        table_of(*((root / folder / name).read_bytes() for name in (COMMANDS, HISTORY)))
    except OSError as error:
        name = Path(error.filename or "").name
        yield f"{shown_string(f'{folder}/{name}')} cannot be read: {error.strerror or error}"
    except ValueError as error:
        yield f"{shown_string(folder)} holds no table that this version reads: {error}"


def _missing_sources(value: object, root: Path | None) -> Iterator[tuple[int, str]]:
    if root is None or not isinstance(value, list):
        return
    for index, folder in enumerate(value):
        valid = isinstance(folder, str) and not list(Words("folder").check(folder, (), frozenset()))
        if valid and not (root / folder).is_dir():
            yield index, folder


def _dotted(place: KeyPath) -> str:
    """A key as TOML writes it; the index of a list item is left to the line."""
    names = [part for part in place if isinstance(part, str)]
    return ".".join(name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else shown_string(name) for name in names)


def settings_in(table: dict[str, Any]) -> Settings:
    """Settings from a table that has been checked."""
    values: dict[str, Any] = {}
    for key in KEYS:
        if key.name not in table:
            continue
        value = table[key.name]
        if isinstance(key.shape, Listed):
            values[key.field] = tuple(value)
        elif isinstance(key.shape, Table) and isinstance(key.shape.value, Listed):
            values[key.field] = tuple((name, tuple(items)) for name, items in value.items())
        elif isinstance(key.shape, Table):
            values[key.field] = tuple((name, Severity(item)) for name, item in value.items())
        elif key.field == "dialect":
            values[key.field] = Dialect(value)
        else:
            values[key.field] = value
    return Settings(**values)
