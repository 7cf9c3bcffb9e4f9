"""Which project a file or folder of the editor belongs to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from infralint.settings_load import SHARED_FILE, find_root, has_settings

# Folders of installed packages: their code is not what anybody works on.
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def project_of(path: Path, folders: frozenset[Path]) -> Path | None:
    """The root of the project of a file; None where it belongs to none.

    In a folder of the editor it is the project that `infralint check` finds, and the folder where nothing marks one.
    A file elsewhere (a definition that somebody jumped to) has a project only where something marks its root,
    or where no folder is open at all.
    """
    root = find_root(path)
    around = [folder for folder in folders if folder == path or folder in path.parents]
    if around:
        folder = max(around, key=lambda each: len(each.parts))
        return root if _is_marked(root) else _not_by_chance(find_root(folder), folder)
    if _INSTALLED.intersection(path.parts):
        return None
    if _is_marked(root):
        return root
    root = _not_by_chance(root, path.parent)
    return None if folders or root in _places_of_everything() else root


def _not_by_chance(root: Path, folder: Path) -> Path:
    """The root, unless it is only where the server happens to run: an editor that was started at home is no project."""
    return folder if root == Path.cwd() else root


def _is_marked(root: Path) -> bool:
    return (root / ".git").exists() or (root / SHARED_FILE).is_file() or has_settings(root)


def _places_of_everything() -> tuple[Path, ...]:
    temporary = Path(tempfile.gettempdir())
    return (Path(temporary.anchor), Path.home(), temporary)


def below(path: Path, root: Path) -> str | None:
    """The path of a file in a project, with `/`; None where it is not in it."""
    if root not in path.parents:
        return None
    return path.relative_to(root).as_posix()
