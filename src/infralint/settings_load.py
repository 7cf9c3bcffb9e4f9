"""Settings from files: finding the project's root, reading its settings, saying what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infralint.settings import Settings

OWN_FILE = "infralint.toml"
SHARED_FILE = "pyproject.toml"
_TABLE = ("tool", "infralint")


@dataclass(frozen=True, slots=True, order=True)
class SettingsProblem:
    """One thing that is wrong in a settings file. `key` is "" where the file as a whole is wrong."""

    path: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        table = "[tool.infralint] " if self.key and self.path.endswith(SHARED_FILE) else ""
        key = f"{self.key}: " if self.key else ""
        return f"{self.path}:{self.line}: {table}{key}{self.message}"


class SettingsError(ValueError):
    """A settings file that cannot be used; `problems` holds all that is wrong with it, by line."""

    def __init__(self, problems: Iterable[SettingsProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def signs_of_roots() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names on which `find_root` and `load_settings` depend in a folder and those around it: of files that are
    read, and of what is looked for."""
    return (OWN_FILE, SHARED_FILE), (".git", *_MARKERS)


def find_root(start: str | Path) -> Path:
    """The root of the project that a file or folder belongs to.

    The nearest folder upwards with settings of infralint; else the nearest with `.git`; else the nearest
    with a pyproject.toml; else the topmost with a file that projects have at their top; else the current
    folder, if it holds `start`; else the folder itself. `start` need not exist.
    """
    start = Path(start).absolute()
    folder = start if start.is_dir() else start.parent
    upwards = (folder, *folder.parents)
    for is_root in (has_settings, _has_git, _has_pyproject):
        for candidate in upwards:
            if is_root(candidate):
                return candidate
    marked = [candidate for candidate in upwards if _has_marker(candidate)]
    here = Path.cwd()
    return marked[-1] if marked else here if here in upwards else folder


def load_settings(root: str | Path, config: str | Path | None = None) -> Settings:
    """The settings of the project in `root`: in infralint.toml, else pyproject.toml, else the defaults.

    `config` names another file to take them from. Raises SettingsError; its problems name the file
    relative to `root`, or as `config` gives it.
    """
    root = Path(root)
    if config is not None:
        return _load(Path(config), str(config), root, required=True)
    if (root / OWN_FILE).is_file():
        return _load(root / OWN_FILE, OWN_FILE, root, required=True)
    if (root / SHARED_FILE).is_file():
        return _load(root / SHARED_FILE, SHARED_FILE, root, required=False)
    return Settings()


def parse_settings(text: str, path: str, root: Path | None = None, *, required: bool = True) -> Settings:
    """The settings in the text of a file, whose name decides where they stand: pyproject.toml has a table.

    `root`: where the folders of `sources` must be; None = they are not looked for. `required`: whether a
    pyproject.toml must have the table. Raises SettingsError.
    """
    import tomli

    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        reason = f"not valid TOML: {_lower_first(error.msg)} (column {error.colno})"
        raise SettingsError([SettingsProblem(path, error.lineno, "", reason)]) from error
    except RecursionError as error:
        raise SettingsError([SettingsProblem(path, 1, "", "not read: nested too deeply")]) from error
    prefix: tuple[str, ...] = _TABLE if path.endswith(SHARED_FILE) else ()
    table = _table(document, prefix)
    if table is None:
        if required:
            raise SettingsError([SettingsProblem(path, 1, "", "holds no [tool.infralint]")])
        return Settings()
    # Most projects have none, and wait for neither the rules nor what validates.
    from infralint.settings_table import mistakes, settings_in

    problems = tuple(SettingsProblem(path, *mistake) for mistake in mistakes(table, text, prefix, root))
    if problems:
        raise SettingsError(problems)
    return settings_in(table)


def _load(file: Path, name: str, root: Path, *, required: bool) -> Settings:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SettingsError([SettingsProblem(name, 1, "", f"cannot be read: {error.strerror or error}")]) from error
    if not required and b"infralint" not in data:
        # Somebody else's file: whether it is valid TOML is not ours to say.
        return Settings()
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = SettingsProblem(name, line, "", f"not valid TOML: byte {error.start} is not UTF-8")
        raise SettingsError([problem]) from error
    return parse_settings(text, name, root, required=required)


def _table(document: dict[str, Any], prefix: tuple[str, ...]) -> Any:
    """The settings inside a document; None when there are none."""
    value: Any = document
    for name in prefix:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def has_settings(folder: Path) -> bool:
    """Whether a folder has settings of its own, in infralint.toml or in pyproject.toml."""
    if (folder / OWN_FILE).is_file():
        return True
    try:
        text = (folder / SHARED_FILE).read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return False
    if "infralint" not in text:
        return False
    import tomli

    try:
        return _table(tomli.loads(text), _TABLE) is not None
    except (tomli.TOMLDecodeError, RecursionError):
        # Broken TOML that speaks of infralint: its error is better told than settings from elsewhere used.
        return re.search(r"^\s*\[\s*tool\s*\.\s*infralint\b", text, re.MULTILINE) is not None


def _has_git(folder: Path) -> bool:
    # A worktree's or submodule's .git is a file.
    return (folder / ".git").exists()


# What stands at the top of a project that keeps no pyproject.toml and is no git checkout (a copy, an archive).
_MARKERS = (
    "Makefile", "Pipfile", "cloudbuild.yaml", "compose.yaml", "compose.yml", "docker-compose.yaml",
    "docker-compose.yml", "manage.py", "requirements.txt", "setup.cfg", "setup.py", ".pre-commit-config.yaml",
    ".github",
)  # fmt: skip


def _has_marker(folder: Path) -> bool:
    import tempfile

    # Stray files in such folders belong to no project.
    if folder in (Path(folder.anchor), Path.home(), Path(tempfile.gettempdir())):
        return False
    return any((folder / name).exists() for name in _MARKERS)


def _has_pyproject(folder: Path) -> bool:
    return (folder / SHARED_FILE).is_file()
