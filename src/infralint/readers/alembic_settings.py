"""Sections for Alembic in .ini files (Alembic manual, "Tutorial", Editing the .ini File) and in pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import Error, RawConfigParser

from infralint.facts.alembic import AlembicSection

# An environment is where one of these is set; `[alembic]` itself may be empty (Flask-Migrate's).
_MARKS = frozenset({"script_location", "version_locations"})
_OPTIONS = _MARKS | {
    "path_separator", "prepend_sys_path", "recursive_version_locations", "sqlalchemy.url", "version_path_separator",
}  # fmt: skip
# What tells that a file may hold such a section.
_TRIGGERS = ("[alembic", "script_location", "version_locations", "[tool.alembic")


def alembic_sections(text: str) -> tuple[AlembicSection, ...]:
    """The sections of a settings file, in order; none where the file cannot be parsed."""
    if not any(trigger in text for trigger in _TRIGGERS):
        return ()
    return tuple(_toml(text)) if "[tool.alembic" in text else tuple(_ini(text))


def _ini(text: str) -> Iterator[AlembicSection]:
    parser = RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except Error:
        return
    for name in parser.sections():
        options = {key: _plain(key, value or "") for key, value in parser.items(name) if key in _OPTIONS}
        if name == "alembic" or _MARKS & options.keys():
            yield AlembicSection(name, tuple(options.items()))


def _plain(key: str, value: str) -> str:
    """A value without the remark that Alembic's template puts behind it; of a database's address, what stands before
    the first colon: the rest may hold a password."""
    if key == "sqlalchemy.url":
        return value.partition(":")[0]
    return value.partition("  #")[0].partition("\t#")[0].strip().replace("%%", "%")


def _toml(text: str) -> Iterator[AlembicSection]:
    import tomli

    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    tool = document.get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return
    texts = {}
    for key, value in table.items():
        if key not in _OPTIONS:
            continue
        if isinstance(value, (str, bool)):
            texts[key] = str(value).lower() if isinstance(value, bool) else _plain(key, value)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            texts |= {key: "\n".join(value), "path_separator": "newline"}
    yield AlembicSection("tool.alembic", tuple(texts.items()))
