"""What a container starts: the programs, the modules that they load first, and where these look for modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.alembic import AlembicSection
from infralint.facts.commands import Word
from infralint.facts.entry_points import ConsoleScript
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.builds import BuiltImage
from infralint.project.builds.values import StartedCommand
from infralint.project.entry_points import ConsoleScripts, Ran, modules_of, program_at
from infralint.project.installs.context import known_tree
from infralint.project.installs.folders import joined
from infralint.project.installs.image_modules import ImageModule, ImageModules
from infralint.project.lookup import Known
from infralint.project.migrations.locations import is_revision_name
from infralint.source import Span

# Programs whose name is not that of their module.
_MODULES = {
    "waitress-serve": "waitress",
    "huey_consumer": "huey",
    "huey_consumer.py": "huey",
    "ddtrace-run": "ddtrace",
    "newrelic-admin": "newrelic",
    "opentelemetry-instrument": "opentelemetry.instrumentation",
    "watchfiles": "watchfiles",
}
# Programs that are modules of their own name, from the distributions that the table knows.
_PROGRAMS = frozenset(
    {"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "dramatiq", "arq", "taskiq", "celery", "flask",
     "litestar", "sanic", "alembic", "streamlit", "chainlit", "rq", *_MODULES}
)  # fmt: skip
# They are started with the folder of their script, or with nothing of their own, before PYTHONPATH.
_FOLDER_OPTIONS = {
    "uvicorn": ("--app-dir",),
    "gunicorn": ("--chdir",),
    "celery": ("--workdir",),
    "dramatiq": ("--path", "-p"),
}
# Commands of Alembic that load every revision.
_LOADS_REVISIONS = frozenset({"upgrade", "downgrade", "check", "current", "revision", "stamp", "heads", "history"})
_WORKER_CLASS = ("-k", "--worker-class")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*")


@dataclass(frozen=True, slots=True)
class Need:
    """A module that a command itself asks for: the program's own, or one that an option names."""

    module: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class ImageStart:
    """A program that a container starts. `path` and `span`: its name in the command; `written` as it stands there.

    `modules`: what of the image it loads first. `search`: where it looks for modules, before the installed ones.
    `program`: the module among them that is `__main__`, None for none.
    """

    path: str
    span: Span
    written: str
    modules: tuple[ImageModule, ...]
    needs: tuple[Need, ...]
    search: tuple[str, ...]
    program: ImageModule | None = None


class StartReader:
    """Reads the starts of one image."""

    def __init__(
        self,
        image: BuiltImage,
        files: Mapping[str, FileFacts],
        modules: ImageModules,
        scripts: ConsoleScripts,
        filled: frozenset[str] = frozenset(),
    ) -> None:
        """`scripts`: all console scripts by the files that declare them. `filled`: folders into which distributions
        are installed."""
        self.image = image
        self._scripts = scripts
        self.filled = filled
        self.files = files
        self.modules = modules

    def starts(self, started: Iterable[StartedCommand]) -> Iterator[ImageStart]:
        """The starts that certainly happen, in order."""
        python_path = self.image.python_path
        if python_path is None or not all(map(self._is_known, python_path)):
            # A folder that is not there is mounted, and brings what nobody sees.
            return
        for each in started:
            if each.workdir is not None and not each.command.conditional:
                yield from self._start(each.path, each.command.words, each.workdir, python_path)

    def _is_known(self, folder: str) -> bool:
        return folder in self.filled or isinstance(self.image.files.find(folder), Known)

    def _start(
        self, path: str, words: Sequence[Word], workdir: str, python_path: tuple[str, ...]
    ) -> Iterator[ImageStart]:
        at = program_at(words, _PROGRAMS | self._console_scripts.keys())
        if at is None:
            return
        words = words[at:]
        program = words[0].value.rpartition("/")[2]
        if _INTERPRETER.fullmatch(program):
            words, program = _behind_interpreter(words)
        if program in self._console_scripts:
            yield self._console_script(path, words[0], python_path)
            return
        if program == "alembic":
            yield from self._alembic(path, words, workdir, python_path)
            return
        needs = tuple(_needs(path, words, program))
        search = (_folder(program, words, workdir), *python_path)
        ran = list(modules_of(words))
        found = [module for each in ran for module in self._modules(each, workdir, search)]
        if any(module is None for module in found):
            return
        if ran and ran[0].module.endswith(".py") and not ran[0].serves:
            script = joined(workdir, ran[0].module) or workdir
            search = (script.rpartition("/")[0] or "/", *python_path)
        first = ran[0].word if ran else words[0]
        modules = tuple(each for each in found if each is not None)
        main = modules[-1] if modules and not ran[0].serves else None
        yield ImageStart(path, first.span, first.value, modules, needs, search, main)

    @cached_property
    def _console_scripts(self) -> dict[str, ConsoleScript]:
        """The programs that the install of the tree's own projects makes."""
        return {
            script.name: script
            for path, scripts in self._scripts
            if path.rpartition("/")[0] in self.modules.projects
            for script in scripts
        }

    def _console_script(self, path: str, word: Word, python_path: tuple[str, ...]) -> ImageStart:
        """A program of the tree's own: it is started in the folder of programs, not in that of the modules."""
        script = self._console_scripts[word.value.rpartition("/")[2]]
        return ImageStart(path, word.span, word.value, self.modules.loaded(script.module, python_path), (), python_path)

    def _modules(self, ran: Ran, workdir: str, search: tuple[str, ...]) -> Iterator[ImageModule | None]:
        """The modules that a name or path stands for; None where it cannot be told."""
        if ran.module.endswith(".py"):
            path = joined(workdir, ran.module)
            tree = known_tree(self.modules.tree(path)) if path else None
            yield ImageModule(path or "", tree) if tree is not None else None
            return
        found = self.modules.loaded(f"{ran.module}.__main__", search) if not ran.serves else ()
        yield from found or self.modules.loaded(ran.module, search)

    # Alembic.

    def _alembic(
        self, path: str, words: Sequence[Word], workdir: str, python_path: tuple[str, ...]
    ) -> Iterator[ImageStart]:
        """`alembic upgrade head`: env.py, then every revision (Alembic manual, "Tutorial"; alembic/script/base.py)."""
        needs = (Need("alembic", path, words[0].span),)
        settings = joined(workdir, _option(words, ("-c", "--config")) or "alembic.ini") or ""
        section = self._section(settings, _option(words, ("-n", "--name")) or "alembic")
        script = self._script_folder(section, settings, workdir) if section is not None else None
        if section is None or script is None:
            yield ImageStart(path, words[0].span, words[0].value, (), needs, python_path)
            return
        search = (*_prepended(section, settings, workdir), *python_path)
        environment = known_tree(self.modules.tree(f"{script}/env.py"))
        modules = [ImageModule(f"{script}/env.py", environment)] if environment else []
        if any(word.value in _LOADS_REVISIONS for word in words[1:]):
            modules += self._revisions(script)
        yield ImageStart(path, words[0].span, words[0].value, tuple(modules), needs, search)

    def _section(self, settings: str, name: str) -> AlembicSection | None:
        """The settings in the image; where the build forgot them, the only ones of the tree with that file's name."""
        tree = known_tree(self.modules.tree(settings))
        if tree is not None:
            return _section(self.files.get(tree), name)
        file = settings.rpartition("/")[2]
        found = [path for path in self.files if path.rpartition("/")[2] == file]
        return _section(self.files[found[0]], name) if len(found) == 1 else None

    def _script_folder(self, section: AlembicSection, settings: str, workdir: str) -> str | None:
        written = section.get("script_location")
        if not written or ":" in written:
            return None
        return joined(workdir, written.replace("%(here)s", settings.rpartition("/")[0] or "/"))

    def _revisions(self, script: str) -> list[ImageModule]:
        folder = f"{script}/versions/"
        return [
            ImageModule(path, tree)
            for path, tree in sorted(self.image.files.files().items())
            if path.startswith(folder) and "/" not in path[len(folder) :] and is_revision_name(path)
        ]


def _behind_interpreter(words: Sequence[Word]) -> tuple[Sequence[Word], str]:
    """`python -m alembic` is alembic; what else an interpreter runs stays as it is."""
    for at, word in enumerate(words[1:-1], start=1):
        if word.value == "-m":
            name = words[at + 1].value
            return (words[at + 1 :], name) if name in _PROGRAMS else (words, "python")
        if not word.value.startswith("-"):
            break
    return words, "python"


def _needs(path: str, words: Sequence[Word], program: str) -> Iterator[Need]:
    if program in _PROGRAMS:
        yield Need(_MODULES.get(program, program), path, words[0].span)
    for at, word in enumerate(words):
        name, equals, value = word.value.partition("=")
        if program == "gunicorn" and name in _WORKER_CLASS:
            chosen = value if equals else (words[at + 1].value if at + 1 < len(words) else "")
            if _DOTTED.fullmatch(chosen):
                yield Need(chosen, path, word.span if equals else words[at + 1].span)


def _folder(program: str, words: Sequence[Word], workdir: str) -> str:
    """Where a server looks first: the folder that it is told to work in, else the one it is started in."""
    written = _option(words, _FOLDER_OPTIONS.get(program, ()))
    return joined(workdir, written) or workdir if written else workdir


def _option(words: Sequence[Word], names: tuple[str, ...]) -> str | None:
    for at, word in enumerate(words):
        name, equals, value = word.value.partition("=")
        if name in names and HOLE not in word.value:
            if equals:
                return value
            if at + 1 < len(words) and words[at + 1].text.is_static:
                return words[at + 1].value
    return None


def _section(facts: FileFacts | None, name: str) -> AlembicSection | None:
    sections = facts.alembic if facts is not None else ()
    return next((each for each in sections if each.name in (name, "tool.alembic")), None)


def _prepended(section: AlembicSection, settings: str, workdir: str) -> Iterator[str]:
    """`prepend_sys_path`: folders from where Alembic is started, split as `path_separator` says."""
    written = section.get("prepend_sys_path") or ""
    for part in re.split(r"[\s,:;]+", written.replace("%(here)s", settings.rpartition("/")[0] or "/")):
        path = joined(workdir, part) if part else None
        if path is not None:
            yield path
