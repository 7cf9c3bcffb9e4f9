"""Facts of PostgreSQL's system catalog, loaded when first asked for. README.md in this folder tells what they are."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

import msgspec


class PostgresCatalog(msgspec.Struct, frozen=True):
    """The table. Types go by their names in `pg_type`: "int4", "varchar", "timestamptz"."""

    server: str
    made: str
    types: dict[str, str]
    spellings: dict[str, str]
    casts: dict[str, str]
    relations: dict[str, frozenset[str]]
    system_columns: frozenset[str]
    keywords: dict[str, str]
    functions: dict[str, tuple[str, ...]]

    def type_named(self, name: str) -> str | None:
        """The name in `pg_type` of a type as SQL spells it, in small letters; None for what is no built-in type."""
        return self.spellings.get(name) or (name if name in self.types else None)

    def category(self, name: str) -> str:
        """A type's category: "S" strings, "N" numbers, "D" dates and times, ... (manual, table 52.65)."""
        return self.types[name][0]

    def cast(self, source: str, target: str) -> str:
        """The context of the cast that the catalog lists: "i", "a", "e"; "" for none."""
        return self.casts.get(f"{source} {target}", "")

    def is_reserved(self, word: str) -> bool:
        """Whether a word needs quotes as the name of a table or column."""
        return self.keywords.get(word.lower(), "") in ("R", "T")


@lru_cache(maxsize=1)
def postgres_catalog() -> PostgresCatalog:
    """The table that this version of infralint ships; read once in a process."""
    packed = (files(__package__) / "catalog.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=PostgresCatalog)
