"""Project.requirements: what the files of the tree ask to be installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Requirement, RequirementFacts
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.requirements.environment import CONTAINER, MarkerEnvironment
from infralint.project.requirements.sets import Provided, RequirementSet

# Finds the file of the tree that an installer would read: from the path as the installer sees it (in an image,
# `/app/requirements.txt`) to the path in the tree. Absent: it is certainly not there, and the install fails.
FindFile = Callable[[str], Lookup[str]]


class Requirements:
    """All requirement files, project files and lock files of a tree."""

    def __init__(
        self, files: Mapping[str, FileFacts], paths: frozenset[str], added: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ) -> None:
        """`added`: modules with the distributions that provide them, from the settings."""
        self._files = files
        self._paths = paths
        self._added = dict(added)

    def facts(self, path: str) -> RequirementFacts | None:
        """What a file of the tree asks for; None where it is no such file, or could not be read."""
        facts = self._files.get(path)
        return None if facts is None else facts.requirements

    def of_file(
        self,
        path: str,
        *,
        constraint: bool = False,
        find: FindFile | None = None,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What `pip install -r path` asks for, with its includes and constraints and all that these bring.

        `constraint`: the file is passed with `-c`. `find`: where the installer looks for `path` and for included
        files; without it paths are those of the tree. `dependencies`: False for `--no-deps`.
        """
        raise NotImplementedError

    def of_project(
        self,
        folder: str,
        *,
        extras: Iterable[str] = (),
        groups: Iterable[str] | None = None,
        main: bool = True,
        locked: bool = False,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What installing the project of a folder asks for (pyproject.toml, setup.cfg, setup.py, Pipfile).

        `folder`: "" is the tree's root. `extras` and `groups`: by name; "*" for all; groups None = those that the
        project's own tool installs by default. `main`: False for `--only-group` and its kin. `locked`: the lock file
        beside the project (or of its workspace) decides; without one, the table.
        """
        raise NotImplementedError

    def of_requirements(
        self,
        path: str,
        requirements: Iterable[Requirement],
        *,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What the requirements bring that stand in a command of the file `path` (see `requirement_in`)."""
        raise NotImplementedError

    def together(self, sets: Iterable[RequirementSet]) -> RequirementSet:
        """The union of sets that one run of an installer, or one run after another, installs side by side."""
        raise NotImplementedError

    def candidates(self, module: str, names: Iterable[str] = ()) -> tuple[str, ...]:
        """The distributions any of which provides what `from module import names` imports, best known first.

        Settings first, then the table; () = neither knows. No guess by likeness of names.
        """
        raise NotImplementedError

    def provider(self, module: str, installed: RequirementSet, names: Iterable[str] = ()) -> Lookup[Provided]:
        """Which installed distribution provides an import of a module that is not the project's own.

        Known also by likeness of names, for a module that no table knows. Absent: the table knows who provides the
        module, and none of them is installed, asked for or brought along. Open: else.
        """
        raise NotImplementedError


__all__ = ["Absent", "FindFile", "Known", "Open", "Requirements"]
