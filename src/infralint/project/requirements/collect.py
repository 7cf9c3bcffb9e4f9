"""What one install asks for: requirement files with their includes, projects with their groups."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Include, Requirement, RequirementFacts, RequirementGroup
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.requirements.environment import MarkerEnvironment
from infralint.project.requirements.markers import holds
from infralint.project.requirements.sets import Asked, Missing
from infralint.source import Span

# Finds the file of the tree that an installer would read: from the path as the installer sees it (in an image,
# `/app/requirements.txt`) to the path in the tree. Absent: it is certainly not there, and the install fails.
FindFile = Callable[[str], Lookup[str]]

Includes = tuple[tuple[str, Span], ...]
# A URL, as pip tells them from paths (pip, req_file.py).
_URL = re.compile(r"(?:https?|file):", re.IGNORECASE)
PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")


@dataclass
class Collected:
    """All that is asked for so far."""

    files: Mapping[str, FileFacts]
    environment: MarkerEnvironment
    find: FindFile
    # Where pip runs: what paths of local projects are relative to; None = not known.
    cwd: str | None = None
    asked: list[Asked] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    # Whether every file so far lists whatever is installed.
    compiled: bool = True
    _seen: set[tuple[str, bool]] = field(default_factory=set)
    _projects_seen: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def facts(self, path: str) -> RequirementFacts | None:
        """What a file of the tree asks for; None where that is not known."""
        facts = self.files.get(path)
        return None if facts is None else facts.requirements

    def file(self, path: str, constraint: bool, includes: Includes = ()) -> None:
        """Add a requirement file. `path` is as the installer sees it."""
        found = self.find(path)
        if not isinstance(found, Known):
            self.open.append(found.reason if isinstance(found, Open) else f"`{path}` is not there")
            return
        tree = found.value
        facts = self.facts(tree)
        if facts is None or facts.tool not in ("pip", "conda"):
            self.open.append(f"`{tree}` is not read as a requirement file")
            return
        if (path, constraint) in self._seen:
            return
        self._seen.add((path, constraint))
        if not constraint:
            self.compiled = self.compiled and facts.compiled
        for group in facts.groups:
            if group.open:
                self.open.append(f"`{tree}`: {group.open}")
            parts: list[Requirement | Include] = [*group.requirements, *group.includes]
            for part in sorted(parts, key=lambda each: each.span):
                if isinstance(part, Include):
                    self._include(part, path, tree, includes)
                else:
                    self.requirements([part], tree, constraint, includes)

    def _include(self, include: Include, path: str, tree: str, includes: Includes) -> None:
        written = include.target.static
        if written is None:
            self.open.append(f"`{tree}` includes a file whose name is made at run time")
            return
        if _URL.match(written):
            self.open.append(f"`{tree}` includes `{written}`")
            return
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
        constraint = include.kind == "constraints"
        if isinstance(self.find(target), Absent):
            self.missing.append(Missing(tree, include.span, target, written, constraint))
            if constraint:
                return
        # Inside of a constraint file, `-r` installs: pip, "Requirements File Format".
        self.file(target, constraint, (*includes, (tree, include.span)))

    def requirements(
        self, requirements: Iterable[Requirement], path: str, constraint: bool, includes: Includes = ()
    ) -> None:
        """Add requirements of a file of the tree, without those whose markers fail."""
        for requirement in requirements:
            answer = holds(requirement.marker, self.environment)
            if answer is False:
                continue
            self.asked.append(Asked(requirement, path, constraint, includes, answer is True))
            if not constraint:
                self._consider(requirement, path, includes)

    def _consider(self, requirement: Requirement, path: str, includes: Includes) -> None:
        """Note what a requirement brings that is no distribution of an index."""
        if requirement.path:
            self._local(requirement, path, includes)
        elif requirement.open and not requirement.name:
            self.open.append(f"`{path}`: {requirement.open}")

    def _local(self, requirement: Requirement, path: str, includes: Includes) -> None:
        folder = self._folder_of(requirement.path, path)
        if folder is None:
            self.open.append(f"`{path}` asks for `{requirement.path}`, which is no project of the tree")
            return
        self.project(folder, requirement.extras, includes=(*includes, (path, requirement.span)))

    def _folder_of(self, written: str, path: str) -> str | None:
        """The folder of the tree that a path of a requirement leads to, if it holds a project."""
        starts = [self.cwd] if self.cwd is not None else [posixpath.dirname(path), ""]
        for start in starts:
            place = posixpath.normpath(posixpath.join(start, written))
            for name in PROJECT_FILES[:3]:
                found = self.find(posixpath.normpath(posixpath.join(place, name)))
                if isinstance(found, Known):
                    return posixpath.dirname(found.value)
        return None

    def project(self, folder: str, extras: Iterable[str] = (), *, includes: Includes = ()) -> None:
        """Add a project that is installed from its folder, as pip does: with its main requirements and extras."""
        key = (folder, tuple(extras))
        if key in self._projects_seen:
            return
        self._projects_seen.add(key)
        self.projects.append(folder)
        found = groups_of(self, folder)
        if not found:
            self.open.append(f"the requirements of the project in `{folder or '.'}` are not known")
        wanted = [(path, group) for path, group in found if group.kind == "main"]
        for extra in key[1]:
            wanted += [(path, group) for path, group in found if group.kind == "extra" and extra in (group.name, "*")]
        for path, group in wanted:
            self.group(path, group, found, includes)

    def group(
        self, path: str, group: RequirementGroup, among: list[tuple[str, RequirementGroup]], includes: Includes = ()
    ) -> None:
        """Add a group of a project's file with the groups and files that it includes."""
        self.compiled = False
        self._group(path, group, among, includes, set())

    def _group(
        self,
        path: str,
        group: RequirementGroup,
        among: list[tuple[str, RequirementGroup]],
        includes: Includes,
        seen: set[tuple[str, str]],
    ) -> None:
        if (group.kind, group.name) in seen:
            return
        seen.add((group.kind, group.name))
        if group.open:
            self.open.append(f"`{path}`: {group.open}")
        own_name = (self.facts(path) or RequirementFacts("")).name
        for requirement in group.requirements:
            if requirement.name and requirement.name == own_name:
                # An extra that asks for other extras of its own project.
                self._own_extras(path, requirement, among, includes, seen)
            else:
                self.requirements([requirement], path, constraint=False, includes=includes)
        for include in group.includes:
            if include.kind == "group":
                self._included_group(path, include, among, includes, seen)
            else:
                self._dynamic(path, include, includes)

    def _own_extras(
        self,
        path: str,
        requirement: Requirement,
        among: list[tuple[str, RequirementGroup]],
        includes: Includes,
        seen: set[tuple[str, str]],
    ) -> None:
        for other_path, group in among:
            if group.kind == "extra" and group.name in requirement.extras:
                self._group(other_path, group, among, includes, seen)

    def _included_group(
        self,
        path: str,
        include: Include,
        among: list[tuple[str, RequirementGroup]],
        includes: Includes,
        seen: set[tuple[str, str]],
    ) -> None:
        name = include.target.value
        found = [(other, group) for other, group in among if group.kind == "group" and group.name == name]
        if not found:
            self.open.append(f"`{path}` includes the group `{name}`, which it does not have")
        for other, group in found:
            self._group(other, group, among, includes, seen)

    def _dynamic(self, path: str, include: Include, includes: Includes) -> None:
        """A requirement file that the build system reads, relative to the project."""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), include.target.value))
        facts = self.facts(target)
        if facts is None or facts.tool != "pip":
            self.open.append(f"`{target}` is not read as a requirement file")
            return
        for group in facts.groups:
            self.requirements(group.requirements, target, False, (*includes, (path, include.span)))
            if group.includes:
                self.open.append(f"`{target}` includes another file, which build systems do not follow")


def groups_of(collected: Collected, folder: str) -> list[tuple[str, RequirementGroup]]:
    """The groups of the project in a folder of the tree, each with its file; [] where they are not known.

    setup.cfg and setup.py count where pyproject.toml leaves the requirements to them: it has no `[project]`, or says
    that they are dynamic and not from where (PEP 621, "dynamic").
    """
    by_file = {name: collected.facts(posixpath.join(folder, name)) for name in PROJECT_FILES}
    main = by_file["pyproject.toml"]
    own = [(posixpath.join(folder, "pyproject.toml"), group) for group in main.groups] if main else []
    leaves = main is None or main.tool not in ("project", "poetry", "flit")
    left = [group for _, group in own if group.open and group.kind in ("main", "extra")]
    others = [
        (posixpath.join(folder, name), group)
        for name in ("setup.cfg", "setup.py")
        if (facts := by_file[name]) is not None
        for group in facts.groups
        if leaves or (left and group.kind in ("main", "extra"))
    ]
    if leaves and not others and (pipfile := by_file["Pipfile"]) is not None:
        others = [(posixpath.join(folder, "Pipfile"), group) for group in pipfile.groups]
    replaced = {(group.kind, group.name) for _, group in others}
    kept = [(path, group) for path, group in own if not group.open or (group.kind, group.name) not in replaced]
    return [*kept, *others]
