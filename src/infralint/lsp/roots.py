"""Which project a file or folder of the editor belongs to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from infralint.settings_load import SHARED_FILE, find_root, has_settings

# Folders of installed packages: their code is not what anybody works on.
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def project_of(path: Path, folders: frozenset[Path]) -> Path | None:
    """The root of the project of a file; None where it belongs to none.

    In a folder of the editor it is the project that `infralint check` finds. A file elsewhere (a definition that
    somebody jumped to) has a project only where something marks its root, or where no folder is open at all.
    """
    root = find_root(path)
    if any(folder == path or folder in path.parents for folder in folders):
        return root
    if _INSTALLED.intersection(path.parts):
        return None
    if _is_marked(root) or (not folders and root not in _places_of_everything()):
        return root
    return None


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
