"""The three answers of every lookup: known, absent, open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """It is there, and this is it."""

    value: T


@dataclass(frozen=True, slots=True)
class Absent:
    """All that could declare it was read, and nothing does."""


@dataclass(frozen=True, slots=True)
class Open:
    """Something in reach could not be read, or is made at run time; `reason` says what."""

    reason: str


# `absent` is only ever said of a closed set: a function that answers with a Lookup checks that the
# set is closed before it says so, and rules that report absence ask nothing else.
Lookup = Known[T] | Absent | Open
