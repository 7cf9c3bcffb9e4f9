"""What the modules of Python's standard library have, by `scripts/refresh_standard_names.py`; loaded when asked for.

The public names of each module in Python 3.10, 3.11, 3.12 and 3.13 on Linux, all versions together (2026-11).
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

import msgspec


class _Table(msgspec.Struct, frozen=True):
    versions: tuple[str, ...]
    modules: dict[str, frozenset[str]]


def has_all(module: str, names: frozenset[str]) -> bool:
    """Whether a top-level module has all of these names, its submodules among them; False for an unknown module."""
    return names <= _table().modules.get(module, frozenset()) if names else False


def modules() -> frozenset[str]:
    """The modules that the table knows."""
    return frozenset(_table().modules)


@lru_cache(maxsize=1)
def _table() -> _Table:
    packed = files(__package__).joinpath("names.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=_Table)
