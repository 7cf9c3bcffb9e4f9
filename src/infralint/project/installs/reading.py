"""Installs in commands: which words ask for one, and which commands install nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.project.installs.pip import pip_requests, uv_pip_requests
from infralint.project.installs.projects import project_requests
from infralint.project.installs.requests import InstallRequest
from infralint.project.installs.system import conda_requests, system_requests

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_PIP = re.compile(r"pip[\d.]*")
_PYTHON_VALUES = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_PROJECT_TOOLS = frozenset({"uv", "poetry", "pdm", "pipenv"})
# Their `run` starts another program in the environment of the project.
_RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "conda", "mamba", "micromamba", "rye", "hatch"})
_RUNNER_VALUES = frozenset(
    {"-n", "--name", "-p", "--prefix", "--project", "--directory", "-C", "--env-file", "--with", "--group",
     "--extra", "--package", "--python"}
)  # fmt: skip
# They run the words behind a user's name.
_AS_USER = frozenset({"gosu", "su-exec", "s6-setuidgid", "setuidgid"})
# Modules of `python -m` that install nothing, however they are called.
_IDLE_MODULES = frozenset(
    {"venv", "virtualenv", "compileall", "py_compile", "build", "unittest", "pytest", "nltk.downloader", "ensurepip",
     "site", "json.tool", "http.server", "zipfile", "tarfile", "grpc_tools.protoc", "manage", "flask", "django",
     "alembic", "playwright", "gunicorn", "uvicorn", "celery", "hypercorn", "mypy", "ruff", "black", "isort",
     "pip_audit", "babel", "pybabel"}
)  # fmt: skip
# What a script in `python -c` must hold to install something.
_INSTALLS = re.compile(
    r"\b(?:pip|ensurepip|subprocess|os\.system|popen|exec|easy_install|uv|urlopen|urlretrieve|runpy)\b"
)
_SETUP = re.compile(r"(?:.*/)?setup\.py")
_SETUP_IDLE = frozenset(
    {"sdist", "bdist_wheel", "bdist", "build", "build_ext", "clean", "check", "compile_catalog", "--version",
     "--name", "egg_info", "build_py", "test", "upload"}
)  # fmt: skip
_MAX_WRAPPED = 4


def installs_of(command: Command) -> tuple[InstallRequest, ...] | None:
    """What a command installs: () = nothing at all; None = it is not known what the program does.

    Of `uv run program` and its kin that is what uv installs, and the program if it is an installer; see `ran_by`.
    """
    return _installs(command, command.words, _MAX_WRAPPED)


def ran_by(command: Command) -> Command | None:
    """The command that `uv run`, `poetry run`, `gosu user` and their kin run; None for every other command."""
    words = command.words
    if len(words) > 2 and words[0].value.rpartition("/")[2] in _AS_USER:
        return msgspec.structs.replace(command, words=words[2:])
    if not words or not words[0].text.is_static or _program(words[0]) not in _RUNNERS:
        return None
    inner = _run(words)
    return None if inner is None else msgspec.structs.replace(command, words=words[inner:])


def _installs(command: Command, words: Sequence[Word], depth: int) -> tuple[InstallRequest, ...] | None:
    if not words or words[0].splits or not words[0].text.is_static:
        return None
    program = _program(words[0])
    place = _place_of(words[0])
    if _PYTHON.fullmatch(program):
        return _by_python(command, words[1:], place, depth)
    if _PIP.fullmatch(program):
        return pip_requests(command, words[1:], place)
    if program == "uv" and (at := _uv_pip(words)) is not None:
        return uv_pip_requests(command, words[at + 1 :], place)
    if program in _RUNNERS and (inner := _run(words)) is not None and depth:
        return _by_runner(program, command, words, inner, depth)
    if program in _PROJECT_TOOLS:
        return project_requests(program, command, words[1:])
    if program in ("pipx", "uvx"):
        return (InstallRequest("pip", command.span, isolated=True),)
    if program == "easy_install":
        return pip_requests(command, [replace_word(words[0], "install"), *words[1:]], place)
    for read in (system_requests, conda_requests):
        found = read(program, command, words[1:])
        if found is not None:
            return found
    if _SETUP.fullmatch(words[0].value):
        return _setup(command, words[0], words[1:])
    return None


def replace_word(word: Word, value: str) -> Word:
    """A word that says something else, at the same place."""
    piece = word.text.pieces[0]
    return Word(Text((type(piece)(value, word.span),), word.span))


def _program(word: Word) -> str:
    return word.value.rpartition("/")[2].removesuffix(".exe")


def _place_of(word: Word) -> Text | None:
    """The environment of a program that is called by its path: `/opt/venv/bin/pip` has `/opt/venv`."""
    folder, slash, _ = word.value.rpartition("/bin/")
    return sliced(word.text, 0, len(folder)) if slash and folder else None


def _uv_pip(words: Sequence[Word]) -> int | None:
    """Where `pip` stands in `uv --quiet pip install`."""
    for at, word in enumerate(words[1:], start=1):
        if word.value == "pip":
            return at
        if not word.value.startswith("-") or not word.text.is_static:
            return None
    return None


def _run(words: Sequence[Word]) -> int | None:
    """Where the program stands that a runner runs: the word behind `run` and its options."""
    at = 1
    while at < len(words) and words[at].value.startswith("-"):
        at += 2 if words[at].value in _RUNNER_VALUES else 1
    if at >= len(words) or words[at].value != "run":
        return None
    at += 1
    while at < len(words) and words[at].value.startswith("-") and words[at].value != "--":
        if words[at].value in ("-m", "--module"):
            # `uv run -m name` starts a module.
            return None
        at += 2 if words[at].value in _RUNNER_VALUES else 1
    if at < len(words) and words[at].value == "--":
        at += 1
    return at if at < len(words) else None


def _by_runner(
    program: str, command: Command, words: Sequence[Word], inner: int, depth: int
) -> tuple[InstallRequest, ...] | None:
    own = project_requests(program, command, words[1:]) if program in _PROJECT_TOOLS else ()
    ran = _installs(command, words[inner:], depth - 1)
    return None if own is None else (*own, *(ran or ()))


def _by_python(
    command: Command, words: Sequence[Word], place: Text | None, depth: int
) -> tuple[InstallRequest, ...] | None:
    at = 0
    while at < len(words):
        value = words[at].value
        if not words[at].text.is_static and value != "-c":
            return None
        if value == "-c":
            return _by_code(words[at + 1 :])
        if value.startswith("-") and not value.startswith("--") and value.endswith("m") and len(value) > 1:
            return _by_module(command, words[at + 1 :], place, depth)
        if not value.startswith("-"):
            return _setup(command, words[at], words[at + 1 :]) if _SETUP.fullmatch(value) else None
        if value == "-":
            return None
        at += 2 if value in _PYTHON_VALUES else 1
    # Options alone (`python --version`), or a script on standard input.
    return () if words and command.stdin is None else None


def _by_code(words: Sequence[Word]) -> tuple[InstallRequest, ...] | None:
    return () if words and words[0].text.is_static and not _INSTALLS.search(words[0].value) else None


def _by_module(
    command: Command, words: Sequence[Word], place: Text | None, depth: int
) -> tuple[InstallRequest, ...] | None:
    if not words or not words[0].text.is_static:
        return None
    name = words[0].value
    if name in _IDLE_MODULES:
        return ()
    if name == "spacy" and len(words) > 2 and words[1].value == "download":
        # The model is a distribution of its own.
        return (InstallRequest("pip", command.span, tuple(word.text for word in words[2:3]), dependencies=False),)
    found = _installs(command, words, depth - 1) if depth else None
    if found is None:
        return None
    return tuple(each if each.place is not None else replace(each, place=place) for each in found)


def _setup(command: Command, script: Word, words: Sequence[Word]) -> tuple[InstallRequest, ...] | None:
    """`python setup.py install`, `develop`: the project of the folder."""
    verbs = {word.value for word in words if not word.value.startswith("--") or word.value == "--version"}
    if verbs & {"install", "develop", "easy_install"}:
        folder = script.value.rpartition("/")[0] or "."
        return (InstallRequest("setup", command.span, (replace_word(script, folder).text,)),)
    return () if verbs and verbs <= _SETUP_IDLE else None
