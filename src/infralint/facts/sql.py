"""What SQL texts declare and what they name, as one file shows it."""

from __future__ import annotations

import msgspec


class SqlFacts(msgspec.Struct, frozen=True):
    """All SQL of one file."""
