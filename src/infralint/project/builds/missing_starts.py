"""What containers start and their images do not hold."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.builds import Start, Volume
from infralint.facts.commands import Word
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.likeness import nearest
from infralint.project.builds.asked import Asked, asked_of
from infralint.project.builds.effects import Running, layers_of
from infralint.project.builds.filesystem import FileSystem, joined, relative
from infralint.project.builds.local_installs import installs_own_code
from infralint.project.builds.services import Service, service_of
from infralint.project.builds.values import BuiltImage, StartedCommand
from infralint.project.builds.view import Builds
from infralint.project.lookup import Absent, Known
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
    """Looks for what images start. `files` are those of the tree, `deploying` those that deploy something;
    `search_path_is_set`: one of these sets PYTHONPATH."""

    def __init__(
        self, builds: Builds, files: Mapping[str, FileFacts], deploying: Iterable[str], *, search_path_is_set: bool
    ) -> None:
        self.builds = builds
        self.files = files
        self._deploying = deploying
        self._search_path_is_set = search_path_is_set

    @cached_property
    def _packages(self) -> frozenset[str]:
        return _top_names(self.files)

    def missing_in(self, path: str) -> Iterator[MissingStart]:
        """What is missing in every image of a stage of a Dockerfile that starts it."""
        groups: dict[str, list[BuiltImage]] = {}
        for image in self.builds.of_dockerfile(path):
            groups.setdefault(image.stage, []).append(image)
        for _, images in sorted(groups.items(), key=lambda group: group[0]):
            yield from self._of_group(images)

    def _of_group(self, images: list[BuiltImage]) -> Iterator[MissingStart]:
        found: list[dict[tuple[str, Span], MissingStart]] = []
        for image in images:
            service = service_of(image, self.files, self._deploying)
            if service.starts_something_else:
                yield from self._of_service(image, service)
            elif image.command is not None and not image.command.open:
                judged = self.of_commands(image, image.command.started, service.hidden)
                found.append({(each.path, each.span): each for each in judged})
            elif image.command is not None:
                found.append({})
        for place, each in sorted(found[0].items() if found else ()):
            if all(place in others for others in found[1:]):
                yield each

    def _of_service(self, image: BuiltImage, service: Service) -> Iterator[MissingStart]:
        """What the command misses that a compose service gives to its image."""
        if service.override is None:
            return
        command = self.builds.evaluation(image.build).started_by(image.build.path, service.override)
        if command is not None and not command.open:
            for each in self.of_commands(image, command.started, service.hidden):
                if each.path == image.build.path:
                    yield each

    def of_commands(
        self, image: BuiltImage, commands: tuple[StartedCommand, ...], hidden: tuple[str, ...]
    ) -> Iterator[MissingStart]:
        """What commands ask for, one after another, and the image does not have. `hidden`: what mounts lay over."""
        files = image.files
        python_path = None if self._search_path_is_set else image.python_path
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
        hidden += self._volumes(image)
        if HOLE in asked.name or any(relative(place, top) is not None for place in asked.places for top in hidden):
            return None
        if not all(isinstance(files.find(place), Absent) for place in asked.places):
            return None
        like = None
        if asked.kind == "module":
            inside = asked.name.replace(".", "/")
            if any(isinstance(files.find(joined(folder, inside)), Known) for folder in asked.search):
                # A folder without an __init__ is a module as well.
                return None
            words = started.command.words
            if words[0].value in _RUNNERS or installs_own_code(image, self.files):
                return None
            head = asked.name.partition(".")[0]
            if not _is_in_image(head, asked, files) and head not in self._packages:
                like = _misspelt(asked, files)
                if like is None:
                    return None
        tree = self._in_tree(asked, image)
        if asked.kind != "module" and tree is None and not _holds_neighbours(asked, files):
            # Nothing says that the project has it at all: whoever uses the image may lay it there.
            return None
        span = self._span(started.path, asked.word)
        return MissingStart(started.path, span, asked, image, _elsewhere(asked, files), tree, like)

    def _volumes(self, image: BuiltImage) -> tuple[str, ...]:
        """The folders that the Dockerfile declares as volumes."""
        dockerfile = self.builds.dockerfile(image.build.dockerfile)
        return tuple(
            joined(image.workdir or "/", folder.value)
            for stage in dockerfile.stages
            for instruction in stage.instructions
            if isinstance(instruction, Volume)
            for folder in instruction.folders
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
        """The file of the tree that is asked for: at its path in the context, or the only one whose path ends so."""
        context = f"{image.build.context}/" if image.build.context else ""
        inside = _file_name(asked) if not asked.name.startswith("/") else relative(asked.name, asked.workdir)
        if inside is not None and f"{context}{inside}" in self.files:
            return f"{context}{inside}"
        ending = inside or asked.name.lstrip("/")
        while "/" in ending or inside is not None:
            found = [path for path in self.files if f"/{path}".endswith(f"/{ending}") and path.startswith(context)]
            if found:
                return found[0] if len(found) == 1 else None
            if inside is not None:
                return None
            ending = ending.partition("/")[2]
        return None


def _file_name(asked: Asked) -> str:
    """The path of what is asked for, seen from where it is asked."""
    return f"{asked.name.replace('.', '/')}.py" if asked.kind == "module" else posixpath.normpath(asked.name)


def _holds_neighbours(asked: Asked, files: FileSystem) -> bool:
    """Whether the image has files of the tree in the folder that should hold what is asked for."""
    if asked.kind == "settings":
        return False
    return any(files.children(place.rpartition("/")[0] or "/") for place in asked.places)


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
    """The one path of the image with the name of what is asked for."""
    name = _file_name(asked).rpartition("/")[2]
    found = [path for path in files.files() if path.endswith(f"/{name}")]
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
