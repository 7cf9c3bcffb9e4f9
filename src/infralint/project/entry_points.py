"""Where processes start: the modules that commands run, and those that console scripts name.

Commands stand in Dockerfiles (CMD, ENTRYPOINT), compose files, manifests, Procfiles, shell scripts and Makefiles. What
each program takes is from its own manual: CPython 3.14, Uvicorn 0.38, Gunicorn 23, Hypercorn 0.17, Granian 2,
Celery 5, Flask 3, FastAPI CLI 0.0, Dramatiq 2, arq 0.26, Streamlit 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.commands import Command, Word
from infralint.facts.entry_points import ConsoleScript
from infralint.project.commands import CommandUse
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_example, is_test
from infralint.source import Span

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
# Options of the interpreter that take a value.
_PYTHON_VALUES = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_APPLICATION = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(?:\(.*\))?")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
# Programs that are told a module with an application in it, as `module:name` or as a module alone.
_SERVERS = frozenset(
    {"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve", "uwsgi", "dramatiq", "arq", "taskiq",
     "huey_consumer", "huey_consumer.py", "celery", "flask", "faust", "rq", "litestar", "sanic", "quart"}
)  # fmt: skip
# Options that name the application; other programs name it as a plain argument.
_APPLICATION_OPTIONS = frozenset({"-A", "--app", "-m", "--module", "-w", "--wsgi"})
# Options of gunicorn that name its own settings: a file, or `python:` and a module.
_SETTINGS_OPTIONS = frozenset({"-c", "--config"})
_PLAIN_MODULES = frozenset({"dramatiq", "arq", "gunicorn"})
_FILE_RUNNERS = {"fastapi": ("run", "dev"), "streamlit": ("run",), "chainlit": ("run",)}
# What `fastapi run` takes where no file is named (FastAPI CLI 0.0, discover.py).
_DEFAULT_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
# Programs that run the command behind them, and how many words of their own come before it at most.
_WRAPPERS = frozenset(
    {"exec", "dumb-init", "tini", "gosu", "su-exec", "env", "nohup", "time", "timeout", "ddtrace-run", "xvfb-run",
     "opentelemetry-instrument", "newrelic-admin", "setsid", "nice", "sudo", "watchmedo", "watchfiles", "doppler",
     "chamber", "dotenv", "s6-setuidgid", "stdbuf", "catchsegv", "honcho"}
)  # fmt: skip
_RUNNERS = {"uv": "run", "poetry": "run", "pdm": "run", "pipenv": "run", "hatch": "run", "rye": "run", "pixi": "run"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
# Console scripts by the files that declare them, in order.
ConsoleScripts = Sequence[tuple[str, tuple[ConsoleScript, ...]]]


@dataclass(frozen=True, slots=True)
class Start:
    """A start of a process: `module` is the path of the module that it runs, `path` and `span` the place of its name
    in the command or in the settings, `written` the name as it stands there. `serves`: it is an application that a
    server is told. `conditional`: only some runs of the command come there."""

    module: str
    path: str
    span: Span
    written: str
    serves: bool = False
    conditional: bool = False


class EntryPoints:
    """The starts of a project's processes, by place; those of tests and examples are left out."""

    def __init__(self, modules: ModuleGraph, starts: Callable[[], tuple[Start, ...]]) -> None:
        self.modules = modules
        self._starts = starts

    @property
    def all(self) -> tuple[Start, ...]:
        """Every start."""
        return self._starts()

    @cached_property
    def _paths(self) -> list[str]:
        return sorted(self.modules.modules)

    def told_by(self, commands: Iterable[CommandUse], scripts: ConsoleScripts) -> tuple[Start, ...]:
        """The starts that these commands and console scripts tell."""
        found = {start for use in commands if _counts(use.path) for start in self._of_command(use.path, use.command)}
        found |= {start for path, each in scripts if _counts(path) for start in self._scripts(path, each)}
        return tuple(sorted(found, key=lambda start: (start.path, start.span, start.module)))

    def _scripts(self, path: str, scripts: Iterable[ConsoleScript]) -> Iterator[Start]:
        for script in scripts:
            if module := self._module(script.module, path):
                yield Start(module, path, script.span, script.written)

    def _of_command(self, path: str, command: Command) -> Iterator[Start]:
        for ran in modules_of(command.words):
            module = self.find(ran.module, path)
            if module is not None:
                yield Start(module, path, ran.word.span, ran.word.value, ran.serves)

    def find(self, written: str, near: str) -> str | None:
        """The module that a command names (see Ran), seen from the folder of a file."""
        if not written:
            folder = near.rpartition("/")[0]
            beside = [f"{folder}/{name}" if folder else name for name in _DEFAULT_FILES]
            return next((path for path in beside if path in self.modules.modules), None)
        return self._file(written, near) if written.endswith(".py") else self._module(written, near)

    def _module(self, dotted: str, near: str) -> str | None:
        """The module of a dotted name, seen from the folder of a file; a package is run by its `__main__`."""
        found = self.modules.find_module(f"{dotted}.__main__", near)
        return found or self.modules.find_module(dotted, near)

    def _file(self, written: str, near: str) -> str | None:
        """The script of a path: beside the file that names it or above, else the only one of the tree."""
        name = written.removeprefix("./").lstrip("/")
        folder = near.rpartition("/")[0]
        while True:
            candidate = f"{folder}/{name}" if folder else name
            if candidate in self.modules.modules:
                return candidate
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        parts = name.split("/")
        for at in range(len(parts)):
            # An absolute path begins with the image's own folders.
            ending = "/".join(parts[at:])
            found = [path for path in self._paths if path == ending or path.endswith(f"/{ending}")]
            if len(found) == 1:
                return found[0]
            if found:
                return None
        return None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command runs: `module` is a dotted name, or the path of a script, "" for what FastAPI CLI finds by
    itself; `word` names it."""

    word: Word
    module: str
    serves: bool = False


def _counts(path: str) -> bool:
    return not (is_test(path) or is_example(path))


def modules_of(words: Sequence[Word]) -> Iterator[Ran]:
    """The modules that a command runs."""
    at = program_at(words)
    if at is None:
        return
    program = _name(words[at])
    rest = words[at + 1 :]
    if _PYTHON.fullmatch(program):
        yield from _run_by_python(rest)
    elif program in _SERVERS:
        yield from _served(program, rest)
    elif program in _FILE_RUNNERS:
        yield from _run_file(program, rest)
    elif program.endswith(".py"):
        yield Ran(words[at], words[at].value)


def program_at(words: Sequence[Word], more: frozenset[str] = frozenset()) -> int | None:
    """Where the program stands that does the work, behind assignments and wrappers; None where it is not there.

    `more`: names of other programs that do.
    """
    at = 0
    while at < len(words):
        name = _name(words[at])
        if _is_program(name) or name in more:
            return at
        if name in _RUNNERS and at + 1 < len(words) and words[at + 1].value == _RUNNERS[name]:
            at = _next_program(words, at + 2, more)
        elif name in _WRAPPERS:
            at = _next_program(words, at + 1, more)
        elif _ASSIGNMENT.fullmatch(words[at].value):
            at += 1
        else:
            return None
    return None


def _next_program(words: Sequence[Word], at: int, more: frozenset[str]) -> int:
    """The next word that is a program or a wrapper: what stands between are a wrapper's own arguments."""
    for place in range(at, len(words)):
        name = _name(words[place])
        if _is_program(name) or name in more or name in _WRAPPERS or name in _RUNNERS:
            return place
    return len(words)


def _is_program(name: str) -> bool:
    return bool(_PYTHON.fullmatch(name)) or name in _SERVERS or name in _FILE_RUNNERS or name.endswith(".py")


def _name(word: Word) -> str:
    return "" if word.splits or not word.text.is_static else word.value.rpartition("/")[2]


def _run_by_python(words: Sequence[Word]) -> Iterator[Ran]:
    at = 0
    while at < len(words):
        value = words[at].value
        if not words[at].text.is_static or value in ("-c", "-"):
            return
        if value == "-m" or (value.startswith("-") and not value.startswith("--") and value.endswith("m")):
            yield from _as_module(words[at + 1 :])
            return
        if not value.startswith("-"):
            yield Ran(words[at], value if value.endswith(".py") else f"{value.rstrip('/')}/__main__.py")
            return
        at += 2 if value in _PYTHON_VALUES else 1


def _as_module(words: Sequence[Word]) -> Iterator[Ran]:
    """`python -m name`: a program that is told an application, or a module of the tree."""
    if not words or not words[0].text.is_static:
        return
    name = words[0].value
    if name in _SERVERS:
        yield from _served(name, words[1:])
    elif name in _FILE_RUNNERS:
        yield from _run_file(name, words[1:])
    elif _DOTTED.fullmatch(name):
        yield Ran(words[0], name)


def _served(program: str, words: Sequence[Word]) -> Iterator[Ran]:
    """The applications that a server is told: `module:name` wherever it stands, a module behind an option, or, of
    programs that take modules, every plain word that could be one."""
    for at, word in enumerate(words):
        if not word.text.is_static:
            continue
        name, equals, value = word.value.partition("=")
        before = words[at - 1].value if at else ""
        if before in _SETTINGS_OPTIONS or (equals and name in _SETTINGS_OPTIONS):
            continue
        if match := _APPLICATION.fullmatch(value if equals and name.startswith("-") else word.value):
            yield Ran(word, match[1], True)
        elif equals and name in _APPLICATION_OPTIONS and _DOTTED.fullmatch(value):
            yield Ran(word, value, True)
        elif before in _APPLICATION_OPTIONS and _is_module(word.value):
            yield Ran(word, word.value, True)
        elif (
            program in _PLAIN_MODULES
            and not before.startswith("-")
            and "." in word.value
            and _DOTTED.fullmatch(word.value)
        ):
            # arq is told a class in a module.
            yield Ran(word, word.value.rpartition(".")[0] if program == "arq" else word.value, True)


def _is_module(value: str) -> bool:
    return bool(_DOTTED.fullmatch(value)) or value.endswith(".py")


def _run_file(program: str, words: Sequence[Word]) -> Iterator[Ran]:
    """`fastapi run app/main.py`, `streamlit run app.py`."""
    verbs = [at for at, word in enumerate(words) if word.value in _FILE_RUNNERS[program]]
    for word in words[verbs[0] + 1 :] if verbs else ():
        if word.text.is_static and word.value.endswith(".py"):
            yield Ran(word, word.value, True)
            return
    if verbs and program == "fastapi" and all(word.text.is_static and not word.splits for word in words):
        yield Ran(words[verbs[0]], "", True)
