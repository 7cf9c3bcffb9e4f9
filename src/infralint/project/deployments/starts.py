"""What a container starts: its words after image and deployment are joined, and the modules of the tree among them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import msgspec

from infralint.facts.builds import Start as ImageStart
from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.text import Text
from infralint.project.builds.state import Override
from infralint.project.builds.values import BuiltImage, ImageCommand, StartedCommand
from infralint.project.builds.view import Builds
from infralint.project.deployments.layers import Merged, PlacedWords, joined_path
from infralint.project.deployments.model import Setting
from infralint.project.entry_points import ConsoleScripts, EntryPoints, Ran, Start, modules_of, program_at
from infralint.project.lookup import Known
from infralint.project.migrations.environments import folders_of
from infralint.project.migrations.locations import script_folders
from infralint.source import Span

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
# Options by which servers are told where modules lie.
_FOLDER_OPTIONS = ("--app-dir", "--chdir", "--pythonpath", "--workdir")
_ALEMBIC = frozenset({"alembic"})
_MAX_SCRIPTS = 8


@dataclass(frozen=True, slots=True)
class Running:
    """What a container runs. `words`: None where not known; `path`: their file. `starts`: modules of the tree."""

    words: tuple[Word, ...] | None
    path: str
    starts: tuple[Start, ...]


class Starts:
    """Follows the commands of containers to modules."""

    def __init__(
        self, files: Mapping[str, FileFacts], builds: Builds, entry_points: EntryPoints, scripts: ConsoleScripts
    ) -> None:
        self.files = files
        self.builds = builds
        self.entry_points = entry_points
        self._scripts = scripts

    @cached_property
    def environments(self) -> dict[str, str]:
        """The env.py of each file with settings of Alembic."""
        found = script_folders(self.files, folders_of(self.files))
        return {each.settings: each.env for each in found if each.settings and each.env}

    @cached_property
    def scripts(self) -> dict[str, tuple[str, str]]:
        """Console scripts of one meaning by name: the file that declares each, and the module."""
        found: dict[str, set[tuple[str, str]]] = {}
        for path, scripts in self._scripts:
            for script in scripts:
                found.setdefault(script.name, set()).add((path, script.module))
        return {name: next(iter(places)) for name, places in found.items() if len(places) == 1}

    def of(self, container: Merged, built: BuiltImage | None, environment: Mapping[str, Setting]) -> Running:
        """What a container runs."""
        return _Container(self, container, built, environment).running()


@dataclass(slots=True)
class _Container:
    view: Starts
    container: Merged
    built: BuiltImage | None
    environment: Mapping[str, Setting]

    def running(self) -> Running:
        """The words and starts.

        An entry point of the deployment empties the image's CMD; arguments alone take its place (Docker, Kubernetes
        and Cloud Run alike).
        """
        image = self._of_image()
        if image is not None:
            words = image.command.words if image.command is not None else self._own_words()
            started = image.started
            given = self._given(image)
            if given and started and started[0].command.words == words:
                # The words of ENTRYPOINT and those of the deployment stand in two files.
                words = (*words, *given)
                whole = msgspec.structs.replace(started[0].command, words=words)
                started = (replace(started[0], command=whole), *started[1:])
            return Running(words or None, image.path, self._starts_of(started))
        words = self._own_words()
        path = (self.container.entrypoint or self.container.arguments or PlacedWords("", ())).path
        if self.built is not None or not words:
            return Running(words or None, path, ())
        # Of an image from elsewhere the entry point is not known; a program that is named is likely all of it.
        folder = self._working_directory()
        commands = [Command(words, _cover(words))]
        for placed in (self.container.entrypoint, self.container.arguments):
            commands += self._scripts_of(placed) if placed is not None else []
        return Running(words, path, self._starts_of([StartedCommand(path, each, folder) for each in commands]))

    def _given(self, image: ImageCommand) -> tuple[Word, ...]:
        """The arguments of the deployment, where they are not among the words yet."""
        arguments = self.container.arguments
        if self.container.entrypoint is not None or arguments is None or image.path == arguments.path:
            return ()
        return tuple(Word(text) for text in arguments.words)

    def _own_words(self) -> tuple[Word, ...]:
        placed = (self.container.entrypoint, self.container.arguments)
        return tuple(Word(text) for each in placed if each is not None for text in each.words)

    def _of_image(self) -> ImageCommand | None:
        """What starts in the image, with what the deployment puts in the place of its command."""
        if self.built is None:
            return None
        own, arguments = self.container.entrypoint, self.container.arguments
        folder = self.container.working_directory
        if own is None and arguments is None and folder is None:
            return self.built.command
        given = Override(
            self._start(own, entrypoint=True),
            self._start(arguments) if arguments is not None and arguments.words else None,
            folder.text if folder is not None else None,
        )
        path = (own or arguments or PlacedWords("", ())).path
        return self.view.builds.evaluation(self.built.build).started_by(path, given)

    def _start(self, placed: PlacedWords | None, *, entrypoint: bool = False) -> ImageStart | None:
        if placed is None:
            return None
        words = tuple(Word(text) for text in placed.words)
        span = _cover(words) if words else self.container.first.workload.span
        commands = self._scripts_of(placed) or ([Command(words, span)] if words else [])
        return ImageStart(placed.words, tuple(commands), span, entrypoint)

    def _scripts_of(self, placed: PlacedWords) -> list[Command]:
        """The commands of a shell's `-c` script, which the reader of the file has found in the same place."""
        if not placed.words or placed.words[0].value.rpartition("/")[2] not in _SHELLS:
            return []
        spans = [word.span for word in placed.words]
        facts = self.view.files.get(placed.path)
        found = facts.commands if facts is not None else ()
        return [command for command in found if any(_within(command.span, span) for span in spans)]

    def _starts_of(self, started: Iterable[StartedCommand]) -> tuple[Start, ...]:
        found: list[Start] = []
        seen: set[str] = set()
        queue = list(started)
        while queue:
            each = queue.pop(0)
            own = [
                *self._modules(each),
                *self._migrations(each),
                *self._console_script(each),
                *self._flask(each),
            ]
            found += [replace(start, conditional=True) if each.command.conditional else start for start in own]
            script = self._script(each) if not each.script else None
            if script is not None and script not in seen and len(seen) < _MAX_SCRIPTS:
                seen.add(script)
                queue += [StartedCommand(script, inner, each.workdir) for inner in self.view.files[script].commands]
        return tuple(dict.fromkeys(found))

    def _modules(self, started: StartedCommand) -> Iterator[Start]:
        for ran in modules_of(started.command.words):
            module = self._module(ran, started)
            if module is not None:
                yield Start(module, self._path_of(ran.word, started), ran.word.span, ran.word.value, ran.serves)

    def _path_of(self, word: Word, started: StartedCommand) -> str:
        """The file of a word: that of the deployment, where it is one of its arguments."""
        arguments = self.container.arguments
        given = arguments is not None and any(word.text is text for text in arguments.words)
        return arguments.path if given and arguments is not None else started.path

    def _console_script(self, started: StartedCommand) -> Iterator[Start]:
        """A program that the installation of a project of the tree makes."""
        words = started.command.words
        at = program_at(words, frozenset(self.view.scripts))
        if at is None or words[at].value.rpartition("/")[2] not in self.view.scripts:
            return
        near, module = self.view.scripts[words[at].value.rpartition("/")[2]]
        found = self.view.entry_points.find(module, near)
        if found is not None:
            yield Start(found, started.path, words[at].span, words[at].value)

    def _flask(self, started: StartedCommand) -> Iterator[Start]:
        """`flask run` without `--app` takes FLASK_APP (Flask 3, "Application Discovery")."""
        words = started.command.words
        at = program_at(words)
        if at is None or words[at].value.rpartition("/")[2] != "flask" or list(_values(words, ("-A", "--app"))):
            return
        setting = self.environment.get("FLASK_APP")
        written = setting.known_value if setting is not None else None
        name = written.partition(":")[0] if written else ""
        module = self._module(Ran(words[at], name, True), started) if name else None
        if module is not None and setting is not None:
            yield Start(module, setting.path, setting.span, "FLASK_APP", True)

    def _migrations(self, started: StartedCommand) -> Iterator[Start]:
        """`alembic upgrade head` runs the env.py that its settings name."""
        words = started.command.words
        at = program_at(words, _ALEMBIC)
        if at is None or words[at].value.rpartition("/")[2] not in _ALEMBIC:
            if not any(before.value == "-m" and word.value == "alembic" for before, word in pairwise(words)):
                return
            at = next(at for at, word in enumerate(words) if word.value == "alembic")
        scripts = self.view.environments
        written = next((text for text in _values(words, ("-c", "--config"))), "alembic.ini")
        candidates = [
            self._in_tree(written, started.workdir),
            *(joined_path(folder, written) for folder in self._folders()),
        ]
        settings = next((each for each in candidates if each is not None and each in scripts), "")
        found = scripts.get(settings) or (next(iter(scripts.values())) if len(scripts) == 1 else None)
        if found is not None:
            yield Start(found, started.path, words[at].span, words[at].value)

    def _script(self, started: StartedCommand) -> str | None:
        """The shell script of the tree that a command runs, where the image does not tell it."""
        for word in started.command.words[:3]:
            value = word.value
            if value.rpartition("/")[2] in _SHELLS or value in ("exec", "--") or value.startswith("-"):
                continue
            path = self._in_tree(value, started.workdir) or self._near(value)
            facts = self.view.files.get(path) if path is not None else None
            return path if facts is not None and facts.script is not None else None
        return None

    def _near(self, written: str) -> str | None:
        """A script by its name, where the image does not tell: beside the Dockerfile or the deployment's file."""
        if "/" not in written and not written.endswith(".sh"):
            return None
        name = written.removeprefix("./").lstrip("/")
        for folder in self._folders():
            path = joined_path(folder, name)
            if path is not None and path in self.view.files:
                return path
        ending = f"/{name.rpartition('/')[2]}"
        found = [path for path in self.view.files if f"/{path}".endswith(ending)] if name.endswith(".sh") else []
        return found[0] if len(found) == 1 else None

    def _folders(self) -> Iterator[str]:
        if self.built is not None:
            yield self.built.build.dockerfile.rpartition("/")[0]
            if self.built.build.context is not None:
                yield self.built.build.context
        yield self.container.first.folder

    def _module(self, ran: Ran, started: StartedCommand) -> str | None:
        """The module of the tree that a command runs, in the image first."""
        if ran.module:
            for candidate in self._candidates(ran, started.command):
                found = self._in_tree(candidate, started.workdir)
                if found is not None:
                    return found
        for folder in self._folders():
            found = self.view.entry_points.find(ran.module, f"{folder}/_" if folder else "_")
            if found is not None:
                return found
        return self.view.entry_points.find(ran.module, started.path)

    def _candidates(self, ran: Ran, command: Command) -> Iterator[str]:
        """Paths of the image, relative ones to its working folder, at which a module may be."""
        if ran.module.endswith(".py"):
            yield ran.module
            return
        name = ran.module.replace(".", "/")
        folders = ["", *_values(command.words, _FOLDER_OPTIONS), *(self._python_path())]
        for folder in folders:
            for ending in (f"{name}/__main__.py", f"{name}.py", f"{name}/__init__.py"):
                yield posixpath.join(folder, ending)

    def _python_path(self) -> tuple[str, ...]:
        return self.built.python_path or () if self.built is not None else ()

    def _in_tree(self, written: str, folder: str | None) -> str | None:
        """The file of the tree at a path of the image: mounted over it, or copied into it."""
        if not written.startswith("/") and folder is None:
            return None
        path = posixpath.normpath(posixpath.join(folder or "/", written))
        for base, source, target in self.container.mounts:
            top = target.value.rstrip("/")
            if path == top or path.startswith(f"{top}/"):
                found = joined_path(base, posixpath.join(source.value, path[len(top) :].lstrip("/")))
                if found is not None and found in self.view.files:
                    return found
        if self.built is None:
            return None
        image = self.built.files.find(path)
        tree = image.value.tree if isinstance(image, Known) and not image.value.is_folder else None
        return tree if tree in self.view.files else None

    def _working_directory(self) -> str | None:
        own = self.container.working_directory
        if own is not None:
            return own.text.static
        return self.built.workdir if self.built is not None else None


def _cover(words: Sequence[Word]) -> Span:
    own = words[-1].span
    return Span(min(words[0].span.start, own.start), own.end)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _values(words: Sequence[Word], names: tuple[str, ...]) -> Iterator[str]:
    """The values of options, where they are known."""
    for at, word in enumerate(words):
        name, equals, value = word.value.partition("=")
        if name in names:
            following: Text | None = words[at + 1].text if at + 1 < len(words) else None
            text = value if equals else (following.static if following is not None else None)
            if text:
                yield text
