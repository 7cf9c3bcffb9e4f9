"""The installs of one image: its own commands, its scripts', and those of the stages that it copies from."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.text import Text
from infralint.project.builds import BuiltImage, CopyStep, RunStep
from infralint.project.installs.bases import Base, has_no_modules
from infralint.project.installs.context import Made, Place, known_tree
from infralint.project.installs.folders import joined, overlaps
from infralint.project.installs.harmless import (
    fetches_known_installer,
    fills_site_packages,
    inner_script,
    is_harmless,
    reads_script,
    script_of,
    sourced,
)
from infralint.project.installs.reading import installs_of, ran_by
from infralint.project.installs.requests import InstallRequest
from infralint.project.installs.resolve import Resolver
from infralint.project.installs.values import PlacedInstall

# Where interpreters look: the prefixes of Debian's and of the official image's Python, and users' own.
_SYSTEM_PLACES = ("/usr/local/lib", "/usr/lib/python3", "/usr/lib/python3.11", "/root/.local", "/home", "/opt")
_MAX_SCRIPTS = 6
_BUILDERS = frozenset({"build", "bdist_wheel"})


@dataclass(slots=True)
class Contents:
    """What a stage holds: installs with the folders that each may have written to, and reasons for more."""

    installs: list[tuple[PlacedInstall, tuple[str, ...]]] = field(default_factory=list)
    # Reasons, each with the folders that are touched; () = any.
    open: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    made: Made = field(default_factory=Made)


class StageReader:
    """Reads the steps of one image. `contents_of` gives those of another one."""

    def __init__(
        self,
        image: BuiltImage,
        base: Base,
        files: Mapping[str, FileFacts],
        resolver: Resolver,
        contents_of: Callable[[BuiltImage], Contents],
    ) -> None:
        self.image = image
        self.base = base
        self.files = files
        self.resolver = resolver
        self.contents_of = contents_of
        self.found = Contents()
        # RUN instructions by their span: whether one fetches an installer that is known.
        self._known_fetches: set[tuple[int, int]] = set()

    def read(self) -> Contents:
        """All that the image's steps bring."""
        if self.base.open:
            self.found.open.append((self.base.open, ()))
        # What is known of an image from outside is told by `base_of`.
        self.found.open += [(each.reason, ()) for each in self.image.open if not each.of_base]
        for step in self.image.steps:
            if isinstance(step, RunStep):
                self._take(Place.of_step(step), _MAX_SCRIPTS)
            else:
                self._copy(step)
        return self.found

    def start(self, commands: Iterable[tuple[str, Command]]) -> None:
        """Read what the container runs first: only its installs count, all else is the service itself."""
        for source, command in commands:
            place = Place(
                command, source, command.span, source, self.image.workdir, self.image.environment, self.image.files
            )
            for request in installs_of(command) or ():
                self._install(request, place)

    # Commands.

    def _take(self, place: Place, depth: int) -> None:
        command = place.command
        requests = installs_of(command)
        if requests:
            for request in requests:
                self._install(request, place)
        elif requests is None and ran_by(command) is None and not self._is_idle(command):
            self._unknown(place, depth)
        elif fetches_known_installer(command):
            self._known_fetches.add((place.span.start, place.span.end))
        self._builds(place)
        inner = ran_by(command)
        if inner is not None and depth:
            self._ran(inner, place, depth)

    def _is_idle(self, command: Command) -> bool:
        return is_harmless(command) and not fills_site_packages(command)

    def _ran(self, inner: Command, place: Place, depth: int) -> None:
        """What a runner runs, as far as `installs_of` has not told it with the runner."""
        found = installs_of(inner)
        if found is None and not is_harmless(inner):
            self._unknown(replace(place, command=inner), depth - 1)
        elif found and installs_of(place.command) is None:
            self._take(replace(place, command=inner), depth - 1)

    def _unknown(self, place: Place, depth: int) -> None:
        """A program that is no installer and not known: a script of the tree is read, anything else may install."""
        command = place.command
        if sourced(command) is not None and not list(self._scripts(place)):
            # The settings of an environment, of a tool's: what is not of the tree sets variables.
            return
        if inner_script(command):
            # The commands of `sh -c script` are read beside it.
            return
        if reads_script(command):
            if (place.span.start, place.span.end) not in self._known_fetches:
                self._open("a script from elsewhere is run")
            return
        for tree in self._scripts(place):
            facts = self.files.get(tree)
            if facts is None or facts.problem is not None or not depth:
                break
            self._script(tree, facts, place, depth - 1)
            return
        self._open(f"`{_shown(command)}` may install more")

    def _scripts(self, place: Place) -> Iterator[str]:
        """The file of the tree that a command runs as a script, if it does."""
        command = place.command
        module = _python_module(command)
        if module is not None:
            yield from self._module(module, place)
            return
        written = sourced(command) or script_of(command) or _python_script(command)
        if written is None and command.words and command.words[0].text.is_static:
            written = command.words[0].value
        for path in _paths(written, place) if written else ():
            tree = known_tree(place.find(path))
            if tree is not None:
                yield tree
                return

    def _module(self, dotted: str, place: Place) -> Iterator[str]:
        """The file of `python -m name`, where it is one of the tree's: any of that name does."""
        ending = f"/{dotted.replace('.', '/')}"
        for path in (f"{ending}/__main__.py", f"{ending}.py", f"{ending}/__init__.py"):
            found = [each for each in self.files if f"/{each}".endswith(path)]
            if found:
                yield found[0]
                return

    def _script(self, tree: str, facts: FileFacts, place: Place, depth: int) -> None:
        """The commands of a script; `cd` moves those behind it. A Python program only counts by its installs."""
        if facts.python is not None:
            for command in facts.commands:
                for request in installs_of(command) or ():
                    self._install(request, replace(place, command=command, source=tree))
            return
        here = replace(place, source=tree)
        for command in facts.commands:
            here = replace(here, command=command, workdir=_moved(command, here.workdir))
            self._take(here, depth)

    def _install(self, request: InstallRequest, place: Place) -> None:
        brings = self.resolver.resolve(request, place, self.found.made)
        if request.makes == "wheels":
            self.found.made.wheels.append(brings)
        elif request.makes == "requirements":
            path = place.at(request.output.value) if request.output is not None else None
            self.found.made.requirements[path or ""] = brings
        elif brings.provided or brings.open or brings.projects or brings.asked:
            folder = place.at(request.place.value) if request.place is not None and request.place.is_static else None
            placed = PlacedInstall(request, place.path, place.span, brings, folder)
            self.found.installs.append((placed, self._places(request, place)))

    def _places(self, request: InstallRequest, place: Place) -> tuple[str, ...]:
        """The folders that an install may write to: the one it names, else the environments that it may have found."""
        if request.place is not None:
            path = place.at(request.place.value) if request.place.is_static else "/"
            return (path or "/",)
        named = [place.variable(name) for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "CONDA_PREFIX")]
        project = [place.at(".venv"), place.at("__pypackages__"), place.at("venv")]
        found = [joined(place.workdir, each) for each in named if each] + project
        return (*_SYSTEM_PLACES, *(each for each in found if each), *self._environments())

    def _environments(self) -> Iterator[str]:
        """Virtual environments that the stage makes."""
        for step in self.image.runs:
            words = [word.value for word in step.command.words]
            if any(word.rpartition("/")[2] in ("venv", "virtualenv") for word in words):
                paths = (joined(step.workdir, word) for word in words[1:] if not word.startswith("-"))
                yield from (path for path in paths if path)

    def _builds(self, place: Place) -> None:
        """Builds of the project leave wheels: `python -m build`, `uv build`, `poetry build`, `setup.py bdist_wheel`."""
        words = [word.value for word in place.command.words]
        if not words or not any(word in _BUILDERS for word in words[1:4]):
            return
        program = words[0].rpartition("/")[2]
        if (
            program in ("uv", "poetry", "pdm", "hatch", "flit")
            or program.startswith("python")
            or "setup.py" in words[0]
        ):
            folder = next((word for word in words[3:] if not word.startswith("-")), ".")
            text = replace_text(place.command.words[0].text, folder)
            request = InstallRequest("pip", place.command.span, (text,), makes="wheels")
            self.found.made.wheels.append(self.resolver.resolve(request, place, self.found.made))

    def _open(self, reason: str) -> None:
        self.found.open.append((reason, ()))

    # Copies.

    def _copy(self, step: CopyStep) -> None:
        if step.external is not None:
            image = step.external.static
            if not has_no_modules(image) and any(map(_may_hold_modules, step.sources)):
                self._open(f"files of the image `{image or '…'}` may hold more")
            return
        if step.origin is None:
            return
        other = self.contents_of(step.origin)
        paths = [joined("/", source.value) if source.is_static else "/" for source in step.sources]
        taken = [path for path in paths if path is not None]
        self.found.installs += [each for each in other.installs if _touches(each[1], taken)]
        self.found.open += [each for each in other.open if _touches(each[1] or _SYSTEM_PLACES, taken)]
        self.found.made.add(other.made)


def _paths(written: str, place: Place) -> list[str]:
    """Where the image may have a script: at its path, or in the folders of programs."""
    if "/" in written or written.endswith((".sh", ".py")):
        path = place.at(written)
        return [path] if path is not None else []
    return [f"{folder}/{written}" for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin")]


def _touches(places: tuple[str, ...], taken: list[str]) -> bool:
    return any(overlaps(place, path) for place in places for path in map(_folder_of, taken))


def _folder_of(path: str) -> str:
    """The folder above a pattern: `/wheels/*` takes from `/wheels`."""
    while any(letter in path for letter in "*?["):
        path = path.rpartition("/")[0] or "/"
    return path


def _may_hold_modules(source: Text) -> bool:
    """Whether a path of another image may be an environment of Python; a program of `/bin` is none."""
    path = posixpath.normpath(source.value)
    return not any(part in ("bin", "sbin") for part in path.split("/")[:-1]) and path.strip("/").count("/") > 0


def _python_script(command: Command) -> str | None:
    if not command.words[0].value.rpartition("/")[2].startswith(("python", "pypy")):
        return None
    words = (word for word in command.words[1:] if not word.value.startswith("-"))
    word = next(words, None)
    return word.value if word is not None and word.value.endswith(".py") else None


def _python_module(command: Command) -> str | None:
    words = [word.value for word in command.words]
    if not words or not words[0].rpartition("/")[2].startswith(("python", "pypy")) or "-m" not in words[:-1]:
        return None
    return words[words.index("-m") + 1]


def _moved(command: Command, workdir: str | None) -> str | None:
    words = command.words
    if not words or words[0].value != "cd" or len(words) < 2:
        return workdir
    return joined(workdir, words[1].value) if words[1].text.is_static else None


def _shown(command: Command) -> str:
    words = [word.value for word in command.words[:3] if word.text.is_static]
    return " ".join(words) or "a program that is not known"


def replace_text(text: Text, value: str) -> Text:
    """A text that says something else, at the same place."""
    return Text((type(text.pieces[0])(value, text.span),), text.span)
