"""What Python's garbage collector is told: facts and syntax trees hold no cycles, and to look for them takes time."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

# After how many new objects the youngest are looked through, and after how many such looks the older ones.
_SELDOM = (200_000, 20, 50)
# Python's own, which the command does without.
_OFTEN = (700, 10, 10)
# In a smaller project collections cost next to nothing.
_MANY = 500

# Set while a project that stays has frozen what there is: to count that takes longer than a small change does.
_FROZEN = threading.Event()


def freeze() -> None:
    """Have the collector leave alone what there is now."""
    gc.freeze()
    _FROZEN.set()


def unfreeze() -> None:
    """Take that back."""
    _FROZEN.clear()
    gc.unfreeze()


def is_frozen() -> bool:
    """Whether `freeze` holds."""
    return _FROZEN.is_set()


def collect_seldom() -> None:
    """Have collections be rare from now on: of a process that is gone soon."""
    gc.set_threshold(*_SELDOM)


def collect_often() -> None:
    """Have collections be as frequent as in any program, but leave out what there is now: of a worker, which was born
    with what its parent has told the collector, and shares the parent's pages as long as it leaves them alone."""
    gc.freeze()
    gc.set_threshold(*_OFTEN)
    gc.enable()


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """No collection meanwhile; where there was none before, there is none after."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def seldom(files: int) -> Iterator[None]:
    """Collections meanwhile are rare, and leave out what there is, in a project of many files.

    To look through all facts was a fifth of the work on 6,000 files. What the caller has frozen or switched off stays
    so.
    """
    before = gc.get_threshold()
    if files < _MANY or not before[0]:
        yield
        return
    was_frozen = is_frozen() or gc.get_freeze_count() > 0
    if not was_frozen:
        gc.freeze()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not was_frozen:
            gc.unfreeze()
