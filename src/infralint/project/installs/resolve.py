"""From what an installer is asked for to the distributions that it brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from infralint.facts.commands import Word
from infralint.facts.files import FileFacts
from infralint.facts.requirements import Requirement, RequirementGroup, normalised
from infralint.facts.text import Text
from infralint.project.installs.context import Made, Place, known_tree
from infralint.project.installs.requests import InstallRequest, ProjectRequest
from infralint.project.installs.system import distribution_of, has_modules
from infralint.project.lookup import Absent
from infralint.project.requirements import MarkerEnvironment, RequirementSet
from infralint.project.requirements.view import Requirements
from infralint.project.requirements.words import requirement_in

# An archive that a build or `pip wheel` made; a glob in most cases.
_ARCHIVE = re.compile(r".*(?:\.whl|\.tar\.gz|\.zip)|.*/\*|\*")
_ADDRESS = re.compile(r"[a-z+]+://", re.IGNORECASE)
_PROJECT_FILES = {
    "uv": ("pyproject.toml",),
    "poetry": ("pyproject.toml",),
    "pdm": ("pyproject.toml",),
    "pipenv": ("Pipfile",),
    "pip": ("pyproject.toml",),
}
_INSTALLABLE = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the requests of one image."""

    files: Mapping[str, FileFacts]
    requirements: Requirements
    environment: MarkerEnvironment
    # Whether packages of the system are seen by the image's Python.
    sees_system: bool

    def resolve(self, request: InstallRequest, place: Place, made: Made) -> RequirementSet:
        """What a request brings, as far as it can be told."""
        sets = list(self._sets(request, place, made))
        found = self.requirements.together(sets) if sets else RequirementSet(provided={}, environment=self.environment)
        return replace(found, open=(*found.open, *request.open))

    def _sets(self, request: InstallRequest, place: Place, made: Made) -> Iterator[RequirementSet]:
        if request.isolated:
            return
        if request.tool == "system":
            yield from self._system(request, place)
            return
        for text in request.files:
            if not self._is_passed_by(text, place):
                yield self._file(text, request, place, made)
        yield from self._constraints(request, place)
        plain = [*((text, False) for text in request.requirements), *((text, True) for text in request.editables)]
        yield from self._named(plain, request, place, made)
        for project in request.projects:
            yield self._project(project, place)
        if request.tool == "conda":
            yield self._unknown("conda installs more than it is asked for")

    def _unknown(self, reason: str) -> RequirementSet:
        return RequirementSet(provided={}, open=(reason,), environment=self.environment)

    # Requirement files.

    def _file(self, text: Text, request: InstallRequest, place: Place, made: Made) -> RequirementSet:
        path = place.at(text.value) if text.is_static and not _ADDRESS.match(text.value) else None
        if path is None:
            return self._unknown("a requirement file whose name is not known")
        if known_tree(place.find(path)) is None:
            return self._made_file(path, made)
        if path.rpartition("/")[2] in _INSTALLABLE:
            return self._folder(path.rpartition("/")[0], request, place, request.extras, itself=False)
        return self.requirements.of_file(
            path,
            find=place.find,
            cwd=place.workdir,
            dependencies=request.dependencies,
            environment=self.environment,
        )

    def _is_passed_by(self, text: Text, place: Place) -> bool:
        """Whether a file is not there, and the install only runs if something holds: `[ -f r.txt ] && pip ...`."""
        path = place.at(text.value) if text.is_static else None
        return place.command.conditional and path is not None and isinstance(place.find(path), Absent)

    def _made_file(self, path: str, made: Made) -> RequirementSet:
        """A requirement file that a command of the build wrote: by its name, else whatever was written to anywhere."""
        if path in made.requirements:
            return made.requirements[path]
        if made.requirements:
            return self.requirements.together(made.requirements.values())
        return self._unknown(f"`{path}` is not a file of the tree")

    def _constraints(self, request: InstallRequest, place: Place) -> Iterator[RequirementSet]:
        for text in request.constraints:
            path = place.at(text.value) if text.is_static and not _ADDRESS.match(text.value) else None
            if path is not None and known_tree(place.find(path)) is not None:
                yield self.requirements.of_file(path, constraint=True, find=place.find, environment=self.environment)

    # Names, paths, archives.

    def _named(
        self, texts: Iterable[tuple[Text, bool]], request: InstallRequest, place: Place, made: Made
    ) -> Iterator[RequirementSet]:
        by_name = []
        for text, editable in texts:
            requirement = requirement_in(Word(text), editable=editable)
            if _ARCHIVE.fullmatch(text.value.partition("[")[0]) and not _ADDRESS.match(text.value):
                yield self._archive(text, made)
            elif requirement.path or (text.is_static and _is_path(text.value) and not _ADDRESS.match(text.value)):
                path = place.at(requirement.path or text.value.partition("[")[0])
                extras = (*requirement.extras, *request.extras)
                yield (
                    self._folder(path, request, place, extras) if path else self._unknown("a folder that is not known")
                )
            else:
                by_name.append(requirement)
        if by_name:
            yield self._by_name(by_name, request, place)

    def _by_name(self, requirements: list[Requirement], request: InstallRequest, place: Place) -> RequirementSet:
        return self.requirements.of_requirements(
            place.source,
            requirements,
            find=place.find,
            cwd=place.workdir,
            dependencies=request.dependencies,
            environment=self.environment,
        )

    def _archive(self, text: Text, made: Made) -> RequirementSet:
        """Wheels in a folder: what the build has put there."""
        if made.wheels:
            return self.requirements.together(made.wheels)
        return self._unknown(f"`{text.value}` is not made by the build")

    def _folder(
        self, path: str, request: InstallRequest, place: Place, extras: tuple[str, ...], *, itself: bool = True
    ) -> RequirementSet:
        """A project that is installed from a folder of the image."""
        folder = self._tree_folder(path, place, _INSTALLABLE)
        if folder is None:
            return self._unknown(f"`{path}` is no folder of the tree")
        if not request.dependencies:
            return RequirementSet(provided={}, projects=(folder,), environment=self.environment)
        found = self.requirements.of_project(folder, extras=extras, groups=(), environment=self.environment)
        return found if itself else replace(found, projects=())

    def _tree_folder(self, path: str, place: Place, names: Iterable[str]) -> str | None:
        """The folder of the tree that holds the project file which stands in a folder of the image."""
        for name in names:
            tree = known_tree(place.find(f"{path.rstrip('/')}/{name}"))
            if tree is not None:
                return tree.rpartition("/")[0]
        return None

    # Projects by their own tools.

    def _project(self, request: ProjectRequest, place: Place) -> RequirementSet:
        if request.folder is not None and not request.folder.is_static:
            return self._unknown("the folder of a project is not known")
        path = place.at(request.folder.value if request.folder is not None else ".")
        folder = self._project_folder(path, request, place)
        if folder is None and place.command.conditional and self._has_no_project(path, request, place):
            return RequirementSet(provided={}, environment=self.environment)
        if folder is None:
            return self._unknown(f"no project of the tree is in `{path}`")
        members = self._members(folder, request)
        if members is None:
            return self._unknown("a member of the workspace is not in the tree")
        sets = [self._one_project(member, request) for member in members]
        return self.requirements.together(sets) if len(sets) > 1 else sets[0]

    def _project_folder(self, path: str | None, request: ProjectRequest, place: Place) -> str | None:
        """The folder in the tree of the project that a tool finds: in the folder it runs in, or above."""
        while path is not None:
            found = self._tree_folder(path, place, _PROJECT_FILES.get(request.tool, ("pyproject.toml",)))
            if found is not None or path == "/":
                return found
            path = path.rpartition("/")[0] or "/"
        return None

    def _has_no_project(self, path: str | None, request: ProjectRequest, place: Place) -> bool:
        """Whether a folder certainly has no project of this tool."""
        names = _PROJECT_FILES.get(request.tool, ("pyproject.toml",))
        return path is not None and all(isinstance(place.find(f"{path.rstrip('/')}/{name}"), Absent) for name in names)

    def _members(self, folder: str, request: ProjectRequest) -> list[str] | None:
        """The projects of a workspace that are asked for; None where one of them is not found."""
        below = f"{folder}/" if folder else ""
        named = {
            normalised(facts.requirements.name): path.rpartition("/")[0]
            for path, facts in self.files.items()
            if facts.requirements is not None and facts.requirements.name and path.startswith(below)
        }
        if request.all_packages:
            return sorted({folder, *named.values()})
        found = [named.get(normalised(name)) for name in request.packages]
        members = [each for each in found if each is not None]
        if len(members) < len(found):
            return None
        return members or [folder]

    def _one_project(self, folder: str, request: ProjectRequest) -> RequirementSet:
        found = self.requirements.of_project(
            folder,
            extras=("*",) if request.all_extras else request.extras,
            groups=self._groups(folder, request),
            main=request.default,
            locked=request.locked,
            environment=self.environment,
        )
        return found if request.itself else replace(found, projects=tuple(p for p in found.projects if p != folder))

    def _groups(self, folder: str, request: ProjectRequest) -> tuple[str, ...] | None:
        """The groups by name; None leaves them to the tool."""
        if request.all_groups and not request.without:
            return ("*",)
        if request.dev is None and not request.without and not request.groups:
            return None
        default = [] if request.dev is False else self._groups_of(folder, every=request.all_groups)
        without = {normalised(name) for name in request.without}
        names = dict.fromkeys([*default, *(normalised(name) for name in request.groups)])
        return tuple(name for name in names if name not in without)

    def _groups_of(self, folder: str, *, every: bool) -> list[str]:
        """The groups of a project that its tool installs when nothing is said, or all of them."""
        names = ("pyproject.toml", "Pipfile")
        facts = [self.requirements.facts(f"{folder}/{name}" if folder else name) for name in names]
        groups: list[RequirementGroup] = [group for each in facts if each is not None for group in each.groups]
        return [normalised(group.name) for group in groups if group.kind == "group" and (group.default or every)]

    # Packages of the system.

    def _system(self, request: InstallRequest, place: Place) -> Iterator[RequirementSet]:
        if not self.sees_system:
            return
        if request.open:
            yield self._unknown(request.open[0])
        for text in request.system:
            if not has_modules(text.value):
                continue
            module = distribution_of(text.value)
            if module is None:
                yield self._unknown(f"the package `{text.value}` of the system may bring modules")
                continue
            # Debian and Alpine name such a package by the module in it.
            names = self.requirements.candidates(module.replace("-", "_")) or (normalised(module),)
            asked = [Requirement(text.span, text.span, name=name) for name in names]
            yield self._by_name(asked, request, place)


def _is_path(written: str) -> bool:
    """Whether pip takes an argument for a path: `.`, `./lib`, `../lib[extra]`, `/src`."""
    return written.startswith((".", "/")) or "/" in written.partition("[")[0].partition("@")[0]
