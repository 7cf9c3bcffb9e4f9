"""The one declaration of all settings: what validates them, their JSON schema, and their documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infralint.findings import Severity
from infralint.settings import Dialect
from infralint.settings_nearest import suggestion

SELECTOR = "selector"
PATTERN = "pattern"
FOLDER = "folder"
BASE = "base"
PIN = "pin"
RELEASE = "release"
MODULE = "module"
DISTRIBUTION = "distribution"

_PATTERNS = {
    SELECTOR: r"^(ALL|[a-z][a-z0-9]*(-[a-z0-9]+)*)$",
    PATTERN: r"^[^\n\r]*[^\s][^\n\r]*$",
    FOLDER: r"^(?!/)(?![A-Za-z]:)(?!.*\\)(?!(.*/)?\.\.(/|$)).+$",
    RELEASE: r"^[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}$",
    BASE: r"^([^\W\d]\w*(\.[^\W\d]\w*)*:)?[^\W\d]\w*(\.[^\W\d]\w*)*$",
    MODULE: r"^[^\W\d]\w*(\.[^\W\d]\w*)*$",
    DISTRIBUTION: r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
    PIN: r"^[a-z0-9]([a-zA-Z0-9._/:-]*[a-zA-Z0-9._-])?@sha256:[0-9a-f]{64}$",
}
_ALLOWED = {
    SELECTOR: "a rule id, a family, or `ALL`",
    PATTERN: "a gitignore-style pattern",
    FOLDER: "a folder inside the project, relative to its root, with `/`",
    BASE: "`module:name` or `name`",
    PIN: "`image@sha256:` with 64 hexadecimal digits",
    MODULE: "a module with dots, such as `acme.billing`",
    DISTRIBUTION: "the name of a distribution",
    RELEASE: "a release of the Google Cloud SDK such as 502.0.0",
}

# A key inside the settings: names of tables, indexes of list items.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a value: where it stands in the settings, and what is said of it."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Words:
    """A string of one of the forms above."""

    form: str

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": _ALLOWED[self.form], "pattern": _PATTERNS[self.form]}

    def allowed(self) -> str:
        return _ALLOWED[self.form]

    def check(self, value: object, place: Place, names: frozenset[str]) -> Iterator[Wrong]:
        if not isinstance(value, str):
            yield Wrong(place, f"{_shown(value)} is not a string (allowed: {self.allowed()})")
        elif self.form == SELECTOR:
            if value not in names:
                yield Wrong(
                    place,
                    f"unknown rule or family `{shown_string(value)[1:-1]}`{selector_hint(value, names)}",
                )
        elif not re.search(_PATTERNS[self.form], value) or (self.form == PATTERN and not _compiles(value)):
            yield Wrong(place, f"{_shown(value)} is not {self.allowed()}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    values: tuple[str, ...]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}

    def allowed(self) -> str:
        return ", ".join(self.values)

    def check(self, value: object, place: Place, names: frozenset[str]) -> Iterator[Wrong]:
        if value not in self.values:
            hint = suggestion(value, self.values) if isinstance(value, str) else ""
            yield Wrong(place, f"unknown value {_shown(value)}{hint} (allowed: {self.allowed()})")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of strings."""

    item: Words

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema()}

    def allowed(self) -> str:
        return f"a list of strings, each {self.item.allowed()}"

    def check(self, value: object, place: Place, names: frozenset[str]) -> Iterator[Wrong]:
        if not isinstance(value, list):
            yield Wrong(place, f"{_shown(value)} is not a list (allowed: {self.allowed()})")
            return
        for index, item in enumerate(value):
            yield from self.item.check(item, (*place, index), names)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose keys are strings of one form."""

    key: Words
    value: Choice | Listed

    def schema(self) -> dict[str, Any]:
        keys = {"pattern": _PATTERNS[self.key.form]}
        return {"type": "object", "propertyNames": keys, "additionalProperties": self.value.schema()}

    def allowed(self) -> str:
        return f"a table, each key {self.key.allowed()}, each value {self.value.allowed()}"

    def check(self, value: object, place: Place, names: frozenset[str]) -> Iterator[Wrong]:
        if not isinstance(value, dict):
            yield Wrong(place, f"{_shown(value)} is not a table (allowed: {self.allowed()})")
            return
        for key, item in value.items():
            yield from self.key.check(key, (*place, key), names)
            yield from self.value.check(item, (*place, key), names)


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its name in the file, what it may hold, its default as TOML, and what it is for."""

    name: str
    shape: Choice | Words | Listed | Table
    default: str
    about: str

    @property
    def field(self) -> str:
        """The attribute of Settings."""
        return self.name.replace("-", "_")

    def schema(self) -> dict[str, Any]:
        return {"description": self.about, **{k: v for k, v in self.shape.schema().items() if k != "description"}}


KEYS: tuple[Key, ...] = (
    Key(
        "select",
        Listed(Words(SELECTOR)),
        "the rules that are on by default",
        "The rules that run, instead of the default ones.",
    ),
    Key("extend-select", Listed(Words(SELECTOR)), "[]", "Rules that run besides those of `select`."),
    Key("ignore", Listed(Words(SELECTOR)), "[]", "Rules that do not run, even if selected."),
    Key("exclude", Listed(Words(PATTERN)), "[]", "Files and folders that are not read."),
    Key(
        "per-file-ignores",
        Table(Words(PATTERN), Listed(Words(SELECTOR))),
        "{}",
        "Rules whose findings are not reported in the files that a pattern matches.",
    ),
    Key(
        "sources",
        Listed(Words(FOLDER)),
        "[] (found from the imports)",
        "Folders from which Python modules are imported.",
    ),
    Key(
        "relative-imports",
        Listed(Words(PATTERN)),
        "[]",
        "Files in which relative imports are allowed; one that must fail is reported there too.",
    ),
    Key(
        "bases",
        Listed(Words(BASE)),
        "[]",
        "Declarative bases of SQLAlchemy that are separate on purpose.",
    ),
    Key(
        "pins",
        Listed(Words(PIN)),
        "[]",
        "Digests of images, which `--fix` writes in place of a missing tag and of `latest`.",
    ),
    Key(
        "dialect",
        Choice(tuple(dialect.value for dialect in Dialect)),
        '"auto"',
        "The SQL dialect; `auto` takes it from the database driver that a Python file imports, "
        "and is PostgreSQL's elsewhere.",
    ),
    Key(
        "schema-files",
        Listed(Words(PATTERN)),
        "[] (all of them)",
        "The .sql files that declare the database's tables.",
    ),
    Key(
        "gcloud-sdk",
        Words(RELEASE),
        "the release of infralint's own table (the messages name it)",
        "The release of the Google Cloud SDK that runs the project's gcloud commands.",
    ),
    Key(
        "gcloud-table",
        Words(FOLDER),
        "infralint's own table",
        "A folder with a table of gcloud's commands that `infralint gcloud refresh` has made.",
    ),
    Key(
        "module-distributions",
        Table(Words(MODULE), Listed(Words(DISTRIBUTION))),
        "{}",
        "Modules with the distributions any of which provides them, beside those of infralint's own table.",
    ),
    Key(
        "distribution-requires",
        Table(Words(DISTRIBUTION), Listed(Words(DISTRIBUTION))),
        "{}",
        "Distributions with those that they bring along, beside those of infralint's own table.",
    ),
    Key(
        "severity",
        Table(Words(SELECTOR), Choice(tuple(severity.value for severity in Severity))),
        "{}",
        "The severity of a rule's findings; a rule id beats its family, a family beats `ALL`.",
    ),
)


def json_schema() -> dict[str, Any]:
    """The JSON schema of the settings table."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "infralint",
        "description": "The table [tool.infralint] of pyproject.toml, or the whole of infralint.toml.",
        "type": "object",
        "properties": {key.name: key.schema() for key in KEYS},
        "additionalProperties": False,
    }


def check(table: dict[str, Any], names: frozenset[str]) -> Iterator[Wrong]:
    """All that is wrong with a settings table. `names`: the rule ids and families that exist, and `ALL`."""
    known = {key.name: key for key in KEYS}
    for name, value in table.items():
        if name in known:
            yield from known[name].shape.check(value, (name,), names)
        else:
            yield Wrong((name,), f"unknown key{suggestion(name, known)} (allowed: {', '.join(known)})")


def selector_hint(wrong: str, names: frozenset[str]) -> str:
    """The nearest rule or family; where none is near, the families, which are few."""
    families = sorted(name for name in names if "-" not in name)
    return suggestion(wrong, names) or f" (allowed: rule ids, families: {', '.join(families)})"


def _shown(value: object) -> str:
    """A value as TOML writes it, shortened, for a message."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, dict):
        return "a table"
    text = shown_string(value) if isinstance(value, str) else str(value)
    text = text.replace("'", '"') if isinstance(value, list) else text
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def shown_string(text: str) -> str:
    """A string as a TOML basic string, on one line, with escapes for all that cannot be printed."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(character if character.isprintable() else f"\\U{ord(character):08x}" for character in quoted)


def _compiles(pattern: str) -> bool:
    """Whether pathspec takes a pattern. Raises nothing."""
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    return True
