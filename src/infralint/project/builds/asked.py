"""The files and modules of its image that a started command asks for.

The programs' own manuals: CPython 3.14 (using/cmdline), Uvicorn 0.38, Gunicorn 23, Hypercorn 0.17, Celery 5, Flask 3,
Dramatiq 2, Alembic 1.17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infralint.facts.commands import Word
from infralint.facts.text import HOLE
from infralint.project.builds.filesystem import joined
from infralint.project.builds.values import StartedCommand
from infralint.project.entry_points import Ran, modules_of

_PASSING = frozenset({"tini", "dumb-init", "catatonit", "exec", "env", "nice", "nohup", "setsid", "catchsegv"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
# Servers that put the folder they run in before all others, and the options that name another one.
_FOLDER_OPTIONS = {
    "celery": ("--workdir",),
    "daphne": (),
    "dramatiq": ("--path", "-p"),
    "fastapi": (),
    "granian": ("--working-dir",),
    "gunicorn": ("--chdir", "--pythonpath"),
    "hypercorn": (),
    "streamlit": (),
    "chainlit": (),
    "uvicorn": ("--app-dir",),
}
_SETTINGS = {"gunicorn": ("-c", "--config"), "alembic": ("-c", "--config"), "uvicorn": ("--log-config",)}
_MIGRATING = frozenset({"upgrade", "downgrade", "current", "check", "stamp"})
_ALEMBIC = ("alembic.ini", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that a command needs. It is missing where nothing is at any of `places`, absolute image paths.

    `kind`: "script" (a program or a module by its path), "module" (by its dotted name), "settings" (a file that the
    program reads first). `word` stands for it, `name` is what is asked for, `workdir` where the command runs. `search`:
    the folders in which a module is looked for.
    """

    kind: str
    word: Word
    name: str
    places: tuple[str, ...]
    workdir: str
    search: tuple[str, ...] = ()


def asked_of(started: StartedCommand, python_path: tuple[str, ...] | None) -> Iterator[Asked]:
    """What a command asks for; nothing where its folder is not known."""
    words, workdir = started.command.words, started.workdir
    if workdir is None or not started.command.complete:
        return
    at = _program(words)
    if at is None:
        return
    words = words[at:]
    if (script := _script(words, workdir)) is not None:
        yield script
    reader = _Reader(started, words, workdir, python_path)
    yield from reader.settings()
    for ran in modules_of(words):
        found = reader.ran(ran)
        if found is not None:
            yield found


def _program(words: Sequence[Word]) -> int | None:
    """The place of the program, behind those that only pass their arguments on."""
    at = 0
    while at < len(words):
        name = words[at].value.rpartition("/")[2]
        if not words[at].text.is_static:
            return None
        if name not in _PASSING:
            return at
        at += 1
        while at < len(words) and words[at].value.startswith("-"):
            at += 1
    return None


def _script(words: Sequence[Word], workdir: str) -> Asked | None:
    """The program itself where it is given by its path, or the script that a shell is given."""
    word = words[0]
    if word.value in _SHELLS or word.value.rpartition("/")[2] in _SHELLS:
        operands = [each for each in words[1:] if not each.value.startswith(("-", "+"))]
        if not operands or any(re.fullmatch(r"-\w*[cs]", each.value) for each in words[1:]):
            return None
        word = operands[0]
    elif "/" not in word.value:
        return None
    if not word.text.is_static or word.splits or "$" in word.value or word.value.startswith("~"):
        return None
    return Asked("script", word, word.value, (joined(workdir, word.value),), workdir)


@dataclass(frozen=True, slots=True)
class _Reader:
    started: StartedCommand
    words: Sequence[Word]
    workdir: str
    python_path: tuple[str, ...] | None

    @property
    def program(self) -> str:
        """The program, or the module that stands for it behind `python -m`."""
        name = self.words[0].value.rpartition("/")[2]
        if _PYTHON.fullmatch(name):
            values = [word.value for word in self.words]
            if "-m" in values[:-1]:
                return values[values.index("-m") + 1]
        return name

    def settings(self) -> Iterator[Asked]:
        """Files that a program reads before anything else."""
        program = self.program
        given = _options(self.words, _SETTINGS.get(program, ()))
        for value, word in given:
            if ":" not in value and "$" not in value and not value.startswith("~"):
                yield Asked("settings", word, value, (joined(self._settings_folder, value),), self.workdir)
        values = {word.value for word in self.words}
        if program == "alembic" and not given and values & _MIGRATING and HOLE not in "".join(values):
            word = next(word for word in self.words if word.value.rpartition("/")[2] == "alembic")
            places = tuple(joined(self.workdir, name) for name in _ALEMBIC)
            yield Asked("settings", word, _ALEMBIC[0], places, self.workdir)

    @property
    def _settings_folder(self) -> str:
        folders = [value for value, _ in _options(self.words, ("--chdir",))] if self.program == "gunicorn" else []
        return joined(self.workdir, folders[-1]) if folders else self.workdir

    def ran(self, ran: Ran) -> Asked | None:
        """A module or script that is started."""
        if not ran.module or not ran.word.text.is_static or "$" in ran.module:
            return None
        if ran.module.endswith(".py"):
            return self._file(ran)
        search = self._search(ran)
        if search is None:
            return None
        inside = ran.module.replace(".", "/")
        endings = (".py", "/__init__.py", "/__main__.py")
        places = tuple(joined(folder, f"{inside}{ending}") for folder in search for ending in endings)
        return Asked("module", ran.word, ran.module, places, self.workdir, search)

    def _file(self, ran: Ran) -> Asked | None:
        written = ran.word.value
        if ran.word is self.words[0] or written.startswith(("~", "-")):
            # A program by its path is asked for already; one without is looked for in PATH.
            return None
        folder = self.workdir if not ran.serves else (self._search(ran) or (self.workdir,))[0]
        places = [joined(folder, ran.module)]
        if not written.endswith(".py"):
            # A folder or an archive with a __main__, or a script without an ending.
            places.append(joined(folder, written))
        return Asked("script", ran.word, written, tuple(places), self.workdir)

    def _search(self, ran: Ran) -> tuple[str, ...] | None:
        """Where the program looks for the module; None where that is not known."""
        if self.python_path is None or any("PYTHONPATH" in word.value for word in self.started.command.assignments):
            return None
        if not ran.serves:
            return (self.workdir, *self.python_path)
        program = self.program
        at = self.words.index(ran.word)
        before = self.words[at - 1].value if at else ""
        if program not in _FOLDER_OPTIONS or before in ("-b", "--bind") or ran.word.value.startswith("unix:"):
            return None
        if program == "gunicorn" and _options(self.words, _SETTINGS["gunicorn"]):
            # Its settings may change the folder.
            return None
        given = [value for value, _ in _options(self.words, _FOLDER_OPTIONS[program])]
        folders = [joined(self.workdir, part) for value in given for part in value.split(",")]
        return (*(folders or [self.workdir]), *([self.workdir] if folders else []), *self.python_path)


def _options(words: Sequence[Word], names: tuple[str, ...]) -> list[tuple[str, Word]]:
    """The values of options, each with the word that holds it."""
    found = []
    for at, word in enumerate(words):
        name, equals, value = word.value.partition("=")
        if name not in names or not word.text.is_static:
            continue
        if equals:
            found.append((value, word))
        elif at + 1 < len(words) and words[at + 1].text.is_static:
            found.append((words[at + 1].value, words[at + 1]))
    return found
