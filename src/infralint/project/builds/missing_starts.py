"""What containers start and their images do not hold."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.builds import Start
from infralint.facts.commands import Word
from infralint.facts.deployments import Workload
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.likeness import nearest
from infralint.project.builds.asked import Asked, asked_of
from infralint.project.builds.effects import Running, layers_of
from infralint.project.builds.filesystem import FileSystem, joined, relative
from infralint.project.builds.local_installs import installs_own_code
from infralint.project.builds.values import BuiltImage, StartedCommand
from infralint.project.builds.view import Builds
from infralint.project.lookup import Absent, Known
from infralint.project.places import is_example, is_test
from infralint.source import Span

_RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pixi"})


@dataclass(frozen=True, slots=True)
class MissingStart:
    """Something that a command starts and that its image does not have.

    `path` and `span`: where it is named; `asked`: what it is; `image`: the first of the images. `elsewhere`: where the
    image has a file of this name; `tree`: where the tree has it; `like`: the name that may be meant.
    """

    path: str
    span: Span
    asked: Asked
    image: BuiltImage
    elsewhere: str | None = None
    tree: str | None = None
    like: str | None = None


class StartJudge:
    """Looks for what images start. `files` are those of the tree."""

    def __init__(self, builds: Builds, files: Mapping[str, FileFacts]) -> None:
        self.builds = builds
        self.files = files
        self._packages = _top_names(files)

    def missing(self) -> Iterator[MissingStart]:
        """What is missing in every image of its Dockerfile and stage that starts it."""
        groups: dict[tuple[str, str], list[BuiltImage]] = {}
        for image in self.builds.all:
            path = image.build.dockerfile
            if not (is_test(path) or is_example(path)):
                groups.setdefault((path, image.stage), []).append(image)
        for _, images in sorted(groups.items(), key=lambda group: group[0]):
            yield from self._of_group(images)

    def _of_group(self, images: list[BuiltImage]) -> Iterator[MissingStart]:
        found: list[dict[tuple[str, Span], MissingStart]] = []
        for image in images:
            judged = self._of_image(image)
            if judged is not None:
                found.append({(each.path, each.span): each for each in judged})
        for place, each in sorted(found[0].items() if found else ()):
            if all(place in others for others in found[1:]):
                yield each

    def _of_image(self, image: BuiltImage) -> list[MissingStart] | None:
        """What an image misses; None where something else than its own command is started, or that is not known."""
        workload = self._workload(image)
        if image.command is None or image.command.open:
            return []
        if workload is not None and (workload.entrypoint is not None or workload.arguments is not None):
            return None
        hidden = _mounts(workload)
        return list(self.of_commands(image, image.command.started, hidden))

    def _workload(self, image: BuiltImage) -> Workload | None:
        """The compose service that a build belongs to."""
        build = image.build
        deployments = self.files[build.path].deployments if build.path in self.files else None
        if build.kind != "compose" or deployments is None:
            return None
        named = (each for each in deployments.workloads if each.name.value == build.service)
        return next(named, None)

    def of_commands(
        self, image: BuiltImage, commands: tuple[StartedCommand, ...], hidden: tuple[str, ...]
    ) -> Iterator[MissingStart]:
        """What commands ask for, one after another, and the image does not have. `hidden`: what mounts lay over."""
        files = image.files
        python_path = image.python_path
        for started in commands:
            command = started.command
            if command.words and command.words[0].value in ("export", "source", "."):
                # An environment of its own, or a PYTHONPATH.
                python_path = None
            if not command.conditional:
                for asked in asked_of(started, python_path):
                    missing = self._judged(asked, started, image, files, hidden)
                    if missing is not None:
                        yield missing
            if not started.script:
                for layer in layers_of(Running(command, started.workdir, files, started.path, command.span)):
                    files = files.after(layer)

    def _judged(
        self, asked: Asked, started: StartedCommand, image: BuiltImage, files: FileSystem, hidden: tuple[str, ...]
    ) -> MissingStart | None:
        if HOLE in asked.name or any(relative(place, top) is not None for place in asked.places for top in hidden):
            return None
        if not all(isinstance(files.find(place), Absent) for place in asked.places):
            return None
        like = None
        if asked.kind == "module":
            words = started.command.words
            if words[0].value in _RUNNERS or installs_own_code(image, self.files):
                return None
            head = asked.name.partition(".")[0]
            if not _is_in_image(head, asked, files) and head not in self._packages:
                like = _misspelt(asked, files)
                if like is None:
                    return None
        span = self._span(started.path, asked.word)
        return MissingStart(
            started.path, span, asked, image, _elsewhere(asked, files), self._in_tree(asked, image), like
        )

    def _span(self, path: str, word: Word) -> Span:
        """The word's place, with its quotes where it is an item of a Dockerfile's list."""
        dockerfile = self.files[path].dockerfile if path in self.files else None
        for stage in dockerfile.stages if dockerfile is not None else ():
            for instruction in stage.instructions:
                if isinstance(instruction, Start) and any(text.span == word.span for text in instruction.words or ()):
                    return Span(word.span.start - 1, word.span.end + 1)
        return word.span

    def _in_tree(self, asked: Asked, image: BuiltImage) -> str | None:
        """The file of the tree that is asked for, where its path ends as the name does."""
        name = asked.name.replace(".", "/") + ".py" if asked.kind == "module" else asked.name
        ending = posixpath.normpath(name).lstrip("./")
        found = [path for path in self.files if f"/{path}".endswith(f"/{ending}")]
        context = image.build.context
        return found[0] if len(found) == 1 and (not context or found[0].startswith(f"{context}/")) else None


def _mounts(workload: Workload | None) -> tuple[str, ...]:
    if workload is None:
        return ()
    return tuple(joined("/", target.value.rstrip("/") or "/") for _, target in workload.mounts)


def _is_in_image(head: str, asked: Asked, files: FileSystem) -> bool:
    """Whether the first part of a dotted name is a package of the image's own, of which a module is missing."""
    if "." not in asked.name:
        return False
    return any(isinstance(files.find(joined(folder, head)), Known) for folder in asked.search)


def _misspelt(asked: Asked, files: FileSystem) -> str | None:
    """A module of the folder that the name is like."""
    known = {name.removesuffix(".py") for folder in asked.search for name in files.children(folder)}
    return nearest(asked.name, known)


def _elsewhere(asked: Asked, files: FileSystem) -> str | None:
    """The one path of the image that ends as the name does."""
    name = asked.name.replace(".", "/") + ".py" if asked.kind == "module" else asked.name
    ending = posixpath.normpath(name).lstrip("./").rpartition("/")[2]
    found = [path for path in files.files() if path.endswith(f"/{ending}")]
    return found[0] if len(found) == 1 else None


def _top_names(files: Mapping[str, FileFacts]) -> frozenset[str]:
    """Names that modules and packages of the tree have somewhere."""
    found = set()
    for path, facts in files.items():
        if facts.python is not None:
            *folders, name = path.split("/")
            found.update(folders)
            found.add(name.rpartition(".")[0])
    return frozenset(found)
