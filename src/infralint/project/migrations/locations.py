"""Where migration environments are: script locations and version locations, as settings files and env.py tell.

Alembic manual, "Tutorial" (Editing the .ini File) and `alembic/config.py`, `alembic/script/base.py` of 1.20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infralint.facts.alembic import AlembicSection
from infralint.facts.files import FileFacts
from infralint.facts.python import Import

_SPLITTERS = {"space": " ", "newline": "\n", "os": r"[:;]", ":": ":", ";": ";"}
_LEGACY_SPLIT = r", *|(?: +)"
# Alembic's own pattern of source files that are revisions.
_REVISION_FILE = re.compile(r"(?!\.\#|__init__)(.*\.py)$")
# What Flask-Migrate and Flask-Alembic are content with: a folder of this name beside env.py.
_VERSIONS = "versions"


@dataclass(frozen=True, slots=True)
class ScriptFolder:
    """A script location. `folder` is "" for the root of the tree; `env` the path of its env.py, "" without one.

    `settings`: the file that names it, "" without one. `versions`: folders that the settings name, in order; None
    where they name none, or what they name is not in the tree. `recursive`: revisions stand in subfolders too.
    `dialect`: the database's name as its address in the settings begins, "" where none is written.
    """

    folder: str
    env: str = ""
    settings: str = ""
    versions: tuple[str, ...] | None = None
    recursive: bool = False
    dialect: str = ""


def script_folders(files: Mapping[str, FileFacts], folders: frozenset[str]) -> list[ScriptFolder]:
    """All script locations, sorted by folder: those that settings name, then other folders with an env.py."""
    found: dict[str, ScriptFolder] = {}
    for path, facts in files.items():
        for section in facts.alembic:
            script = _script_of(path, section, files, folders)
            if script is not None and (script.folder not in found or script.versions):
                found[script.folder] = script
    for path in files:
        folder, _, name = path.rpartition("/")
        if name == "env.py" and folder not in found and is_environment(files[path]):
            found[folder] = ScriptFolder(folder, path)
    return [found[folder] for folder in sorted(found)]


def is_environment(facts: FileFacts) -> bool:
    """Whether a module is an env.py of Alembic: it imports `alembic.context`."""
    imports = facts.python.imports if facts.python is not None else ()
    return any(
        statement.module == "alembic.context"
        or (statement.module == "alembic" and (statement.names is None or "context" in _names(statement)))
        for statement in imports
    )


def _names(statement: Import) -> set[str]:
    return {name.name for name in statement.names or ()}


def is_revision_name(path: str) -> bool:
    """Whether Alembic takes a file of a version location for a revision, by its name."""
    return bool(_REVISION_FILE.match(path.rpartition("/")[2]))


def _script_of(
    path: str, section: AlembicSection, files: Mapping[str, FileFacts], folders: frozenset[str]
) -> ScriptFolder | None:
    here = path.rpartition("/")[0]
    written = section.get("script_location")
    folder = _resolve(written, here, folders) if written else here
    if folder is None:
        return None
    env = join(folder, "env.py")
    if env not in files and not (written and join(folder, _VERSIONS) in folders):
        return None
    return ScriptFolder(
        folder,
        env if env in files else "",
        path,
        _versions_of(section, here, folders),
        section.get("recursive_version_locations") == "true",
        (section.get("sqlalchemy.url") or "").partition("+")[0],
    )


def _versions_of(section: AlembicSection, here: str, folders: frozenset[str]) -> tuple[str, ...] | None:
    written = section.get("version_locations")
    if not written:
        return None
    separator = section.get("path_separator") or section.get("version_path_separator")
    pattern = _SPLITTERS.get(separator, separator) if separator else _LEGACY_SPLIT
    resolved = [_resolve(each.strip(), here, folders) for each in re.split(pattern, written) if each.strip()]
    found = [each for each in resolved if each is not None]
    return tuple(dict.fromkeys(found)) if found and len(found) == len(resolved) else None


def _resolve(written: str, here: str, folders: frozenset[str]) -> str | None:
    """The folder that a location names: Alembic takes it from the folder that it is started in, which is that of the
    settings or one above it; `package:folder` from where the package is installed."""
    if "{" in written or "$" in written:
        return None
    if written.startswith("%(here)s"):
        return _existing(here, written.removeprefix("%(here)s").lstrip("/\\"), folders)
    if ":" in written and not re.match(r"[A-Za-z]:[\\/]", written):
        package, *inner = written.split(":")
        return _package_folder("/".join([*package.split("."), *inner]), here, folders)
    above: str | None = here
    while above is not None:
        if (found := _existing(above, written, folders)) is not None:
            return found
        above = above.rpartition("/")[0] if above else None
    return None


def _package_folder(inner: str, here: str, folders: frozenset[str]) -> str | None:
    """The folder of the tree that ends with a package's path, the nearest to the settings first."""
    found = [folder for folder in folders if folder == inner or folder.endswith(f"/{inner}")]
    return max(found, key=lambda folder: (_shared(folder, here), -len(folder), folder), default=None)


def _shared(first: str, second: str) -> int:
    """How many folders two paths begin with in common."""
    both = zip(first.split("/"), second.split("/"), strict=False)
    count = 0
    for one, other in both:
        if one != other:
            break
        count += 1
    return count


def _existing(folder: str, written: str, folders: frozenset[str]) -> str | None:
    parts = folder.split("/") if folder else []
    for part in re.split(r"[/\\]", written):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    return path if path in folders or not path else None


def join(folder: str, name: str) -> str:
    """`folder/name`, where "" is the root of the tree."""
    return f"{folder}/{name}" if folder else name
