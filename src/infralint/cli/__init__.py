"""The command line. What a command needs is imported when it runs, so that help and completion are quick."""

from __future__ import annotations

from infralint.cli.app import main

__all__ = ["main"]
