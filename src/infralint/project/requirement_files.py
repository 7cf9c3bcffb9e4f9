"""Requirement files that are named and are not there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Include
from infralint.facts.text import Text
from infralint.likeness import nearest
from infralint.project.builds import Builds, RunStep
from infralint.project.installs import Installs, PlacedInstall
from infralint.project.installs.context import Place
from infralint.project.lookup import Absent
from infralint.project.requirement_words import RequirementWords, asked_files
from infralint.project.requirements import Missing
from infralint.project.requirements.view import Requirements
from infralint.source import Span

# A name that is filled in later, or stands for several: templates, globs, addresses.
_NO_PATH = re.compile(r"^-|[{}<>*?$%~\\]|^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A requirement file that is named and is not there.

    `target`: where it is looked for. `kind`: "requirements" or "constraints". `by`: "include", "build-system"
    (pyproject.toml, setup.cfg), "command", or "image" for what an image lacks. `like`: a file of the tree that may be
    meant, as it would be written; for an image, the file that it lacks. `includes`: for an image, the place of the name
    in another file that the image has.
    """

    path: str
    span: Span
    written: str
    target: str
    kind: str
    by: str
    like: str | None = None
    includes: tuple[str, Span] | None = None


class RequirementFiles:
    """The files that other files name as requirement files."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: frozenset[str],
        requirements: Requirements,
        builds: Builds,
        installs: Installs,
        having: Callable[[str], Iterable[str]],
        words: Callable[[str], RequirementWords],
    ) -> None:
        """`having` gives the files that have a subject, `words` what the commands of one of them say."""
        self._files = files
        self._paths = paths
        self._requirements = requirements
        self._builds = builds
        self._installs = installs
        self._having = having
        self._words = words

    def missing(self) -> tuple[MissingFile, ...]:
        """All names of files that do not exist, each once, by place."""
        found: dict[tuple[str, Span], MissingFile] = {}
        for each in (*self._included(), *self._in_commands(), *self._in_images(), *self._included_in_images()):
            found.setdefault((each.path, each.span), each)
        return tuple(found[key] for key in sorted(found))

    # In requirement files and in the files of build systems.

    def _included(self) -> Iterator[MissingFile]:
        for path in self._having("requirements"):
            asked = self._files[path].requirements
            if asked is None:
                continue
            for group in asked.groups:
                for include in group.includes:
                    if include.kind in ("requirements", "constraints"):
                        yield from self._unless_there(path, include, asked.tool)

    def _unless_there(self, path: str, include: Include, tool: str) -> Iterator[MissingFile]:
        written = include.target.static
        if not written or _NO_PATH.search(written):
            return
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
        if self._is_absent(target):
            by = "include" if tool == "pip" else "build-system"
            like = self._like(posixpath.dirname(path), written)
            yield MissingFile(path, include.span, written, target, include.kind, by, like)

    def _is_absent(self, target: str) -> bool:
        """Whether a path of the tree is certainly not there, and nothing in the project makes it."""
        is_made = posixpath.basename(target) in self._made_names
        return not is_made and isinstance(self._requirements.find(target), Absent)

    def _like(self, folder: str, written: str) -> str | None:
        """A requirement file whose path from a folder is like what is written; else the only one of its name."""
        spelled = {posixpath.relpath(path, folder or "."): path for path in self._known}
        near = nearest(posixpath.normpath(written), spelled)
        same = [each for each in spelled if posixpath.basename(each) == posixpath.basename(written)]
        return near or (same[0] if len(same) == 1 else None)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        """The requirement files of the tree."""
        asked = ((path, self._requirements.facts(path)) for path in self._having("requirements"))
        return tuple(path for path, facts in asked if facts is not None and facts.tool == "pip")

    # In commands of scripts, workflows, Makefiles.

    def _in_commands(self) -> Iterator[MissingFile]:
        for path in self._having("commands"):
            if not (self._is_dockerfile(path) or self._fetches(path)):
                for text, kind in self._words(path).asked:
                    yield from self._unless_anywhere(path, text, kind)

    def _is_dockerfile(self, path: str) -> bool:
        facts = self._files.get(path)
        return facts is None or facts.dockerfile is not None

    def _fetches(self, path: str) -> bool:
        """Whether a file runs among sources that are not in the tree: it brings them, or a Dockerfile above it does."""
        return path in self._fetching or any(posixpath.dirname(each) in _above(path) for each in self._fetching_images)

    @cached_property
    def _fetching(self) -> frozenset[str]:
        return frozenset(path for path in self._having("commands") if self._words(path).fetches)

    @cached_property
    def _fetching_images(self) -> tuple[str, ...]:
        return tuple(path for path in self._fetching if self._is_dockerfile(path) and self._words(path).clones)

    def _unless_anywhere(self, path: str, text: Text, kind: str) -> Iterator[MissingFile]:
        """A command runs in a folder that is not known, so a file of that name anywhere may be meant."""
        written = text.static
        if not written or written.startswith("/") or _NO_PATH.search(written):
            return
        tail = posixpath.normpath(written)
        while tail.startswith("../"):
            tail = tail[3:]
        # A path may begin with the folder that the project itself is checked out in.
        same = self._builds.tree.named(posixpath.basename(tail))
        if any(each == tail or each.endswith(f"/{tail}") or tail.endswith(f"/{each}") for each in same):
            return
        folder = posixpath.dirname(path)
        beside = posixpath.normpath(posixpath.join(folder, written))
        if self._is_absent(tail) and (beside.startswith("..") or self._is_absent(beside)):
            yield MissingFile(path, text.span, written, tail, kind, "command", self._like("", written))

    @cached_property
    def _made_names(self) -> frozenset[str]:
        """Names of files that commands mention otherwise than to install from them: they may write them."""
        return frozenset(name for path in self._having("commands") for name in self._words(path).mentioned)

    # In images.

    def _in_images(self) -> Iterator[MissingFile]:
        by_place: dict[tuple[str, Span], list[MissingFile | None]] = {}
        for image in self._builds.all:
            for step in image.runs:
                for text, kind in asked_files(step.command):
                    key = (step.path, text.span)
                    by_place.setdefault(key, []).append(self._absent_in(step, text, kind))
        for answers in by_place.values():
            # A mistake is certain where it is one in every image of the Dockerfile.
            if answers[0] is not None and all(answers):
                yield answers[0]

    def _included_in_images(self) -> Iterator[MissingFile]:
        """Files that are in the image and include others that are not."""
        by_place: dict[tuple[str, Span], list[tuple[PlacedInstall, frozenset[Missing]]]] = {}
        for image in self._builds.all:
            for install in self._installs.of(image).installs:
                named = [text for text in install.request.files if _is_inside(install.span, text.span)]
                if len(named) == 1:
                    key = (install.path, named[0].span)
                    by_place.setdefault(key, []).append((install, frozenset(install.brings.missing)))
        for (path, span), answers in by_place.items():
            certain = frozenset.intersection(*(missing for _, missing in answers))
            for missing in sorted(certain, key=lambda each: (each.path, each.span))[:1]:
                kind = "constraints" if missing.constraint else "requirements"
                beside = posixpath.normpath(posixpath.join(posixpath.dirname(missing.path), missing.written))
                lacks = beside if beside in self._paths else None
                place = (missing.path, missing.span)
                yield MissingFile(path, span, missing.written, missing.target, kind, "image", lacks, place)

    def _absent_in(self, step: RunStep, text: Text, kind: str) -> MissingFile | None:
        written = text.static
        if not written or _NO_PATH.search(written) or not _is_inside(step.span, text.span):
            return None
        place = Place.of_step(step)
        path = place.at(written)
        if path is None or not isinstance(place.find(path), Absent):
            return None
        return MissingFile(step.path, text.span, written, path, kind, "image", self._named_like(path))

    def _named_like(self, path: str) -> str | None:
        """The one requirement file of the tree whose path ends as that of a file in the image, or is called like it."""
        for tail in (path.lstrip("/"), posixpath.basename(path)):
            found = [each for each in self._known if each == tail or each.endswith(f"/{tail}")]
            if len(found) == 1:
                return found[0]
        return None


def _above(path: str) -> frozenset[str]:
    """The folders that a file stands in, the root as ""."""
    parts = path.split("/")[:-1]
    return frozenset("/".join(parts[:length]) for length in range(len(parts) + 1))


def _is_inside(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
