"""pytest's settings in pytest.ini, tox.ini, setup.cfg and pyproject.toml (pytest reference, "Configuration")."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from infralint.facts.pytest import PytestSettings, collects_doctests

_SECTIONS = ("pytest", "tool:pytest")
_NAMED = re.compile(r"^\s*\[(?:pytest|tool:pytest|tool\.pytest(?:\.ini_options)?)\]", re.MULTILINE)


def pytest_settings_in(text: str) -> PytestSettings | None:
    """The settings of a file; None where it holds none, or cannot be read."""
    if not _NAMED.search(text):
        return None
    values = _from_toml(text)
    if values is None:
        values = _from_ini(text)
    return None if values is None else _settings(values)


def _from_toml(text: str) -> dict[str, Any] | None:
    import tomli

    try:
        tool = tomli.loads(text).get("tool", {})
    except (ValueError, RecursionError):
        return None
    section = tool.get("pytest") if isinstance(tool, dict) else None
    if not isinstance(section, dict):
        return None
    # pytest 9 has a section of its own form beside the older one.
    inner = section.get("ini_options")
    return {**section, **inner} if isinstance(inner, dict) else section


def _from_ini(text: str) -> dict[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return next((dict(parser[name]) for name in _SECTIONS if name in parser), None)


def _settings(values: dict[str, Any]) -> PytestSettings:
    options = _words(values.get("addopts")) or ()
    modes = [*options, f"--import-mode={values.get('import_mode') or values.get('import-mode') or ''}"]
    joined = " ".join(modes).replace("--import-mode ", "--import-mode=")
    return PytestSettings(
        importlib="--import-mode=importlib" in joined.split(),
        doctests=collects_doctests(options) or _is_on(values.get("doctest_plus")),
        files=_words(values.get("python_files")),
        classes=_words(values.get("python_classes")),
        functions=_words(values.get("python_functions")),
        test_paths=_words(values.get("testpaths")),
        python_path=_words(values.get("pythonpath")) or (),
        ignored=tuple(_ignored(options)),
        not_entered=_words(values.get("norecursedirs")),
    )


def _is_on(value: object) -> bool:
    return str(value or "false").strip().lower() not in ("false", "no", "0", "none")


def _ignored(options: Sequence[str]) -> Iterator[str]:
    """Paths and patterns that the options leave out of the collection."""
    for option, following in zip(options, (*options[1:], ""), strict=False):
        name, equals, value = option.partition("=")
        if name in ("--ignore", "--ignore-glob", "--deselect"):
            yield value if equals else following


def _words(value: object) -> tuple[str, ...] | None:
    """The words of a list, or of a text."""
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    if not isinstance(value, str):
        return None
    try:
        return tuple(shlex.split(value))
    except ValueError:
        return tuple(value.split())
