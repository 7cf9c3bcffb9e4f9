"""The command line. What a command needs is imported when it runs, so that help and completion are quick."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from infralint.cli.app import main

__all__ = ["main"]


def __getattr__(name: str) -> Any:
    # A command line that was answered before does without what reads it.
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from infralint.cli.app import main as found

    return found
