"""What settings files tell pytest, and the fixtures that a module defines."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from infralint.source import Span


class PytestSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """A section of pytest's settings; None where a key is not given (pytest reference, "Configuration options").

    `importlib`: the import mode is importlib. `doctests`: modules are searched for doctests too. `python_path`: folders
    that are put on the search path. `ignored`: paths and patterns that are left out; `not_entered`: patterns of folders
    into which the collection does not go.
    """

    importlib: bool = False
    doctests: bool = False
    files: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    functions: tuple[str, ...] | None = None
    test_paths: tuple[str, ...] | None = None
    python_path: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    not_entered: tuple[str, ...] | None = None


class Fixture(msgspec.Struct, frozen=True, array_like=True):
    """A fixture at a module's top. `content` is alike for two that do the same: their code, with imported names
    resolved; "" where it uses what its own module defines. `autouse`: every test below its folder has it unasked."""

    name: str
    span: Span
    content: str
    autouse: bool = False


def collects_doctests(options: Iterable[str]) -> bool:
    """Whether options of pytest, or of the plugins xdoctest and doctestplus, make it collect doctests."""
    return any(option.startswith(("--doctest", "--xdoc")) for option in options)
