"""Whether an image installs code of the tree itself as a distribution: then its modules need no copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from infralint.facts.commands import Word
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.builds.filesystem import joined
from infralint.project.builds.values import BuiltImage, CopyStep, RunStep
from infralint.project.lookup import Known

_PIP = re.compile(r"pip[\d.]*")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_PROJECT_TOOLS = {
    "uv": ("sync", "tool"),
    "poetry": ("install", "build"),
    "pdm": ("install", "sync", "build"),
    "pipenv": ("install", "sync"),
    "hatch": ("env", "build"),
    "flit": ("install", "build"),
    "rye": ("sync", "build"),
    "pixi": ("install",),
    "conda": ("env", "create", "update", "install"),
    "mamba": ("env", "create", "update", "install"),
    "micromamba": ("env", "create", "update", "install"),
}
_WITHOUT_PROJECT = ("--no-root", "--no-install-project", "--no-self", "--only-main-no-root")
_LOCAL = re.compile(r"\.{1,2}(?:$|[/\[])|/|.*\.(?:whl|tar\.gz|zip)$|file:|.*/")
_VALUES = frozenset(
    {"-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links",
     "--trusted-host", "--target", "-t", "--prefix", "--root", "--python", "-p", "--platform", "--timeout", "--retries",
     "--cache-dir", "--progress-bar", "--src", "--cert"}
)  # fmt: skip
_FILES = frozenset({"-r", "--requirement"})
_BINARIES = ("/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin")


def installs_own_code(image: BuiltImage, files: Mapping[str, FileFacts]) -> bool:
    """Whether a step of the image, or of a stage that it takes files from, may install a project of the tree."""
    return any(_may_install(step, files) for step in _steps(image, 0))


def _steps(image: BuiltImage, depth: int) -> Iterator[RunStep | CopyStep]:
    yield from image.steps
    for step in image.steps:
        if isinstance(step, CopyStep) and step.origin is not None and depth < 10:
            yield from _steps(step.origin, depth + 1)


def _may_install(step: RunStep | CopyStep, files: Mapping[str, FileFacts]) -> bool:
    if isinstance(step, CopyStep):
        # An image from outside may hold packages.
        return (
            step.external is not None
            and (step.destination or "/").rstrip("/") not in _BINARIES
            and not all(source.value.rpartition("/")[2] in ("uv", "uvx") for source in step.sources)
        )
    words = step.command.words
    if not words or not words[0].text.is_static:
        return True
    program = words[0].value.rpartition("/")[2]
    values = [word.value for word in words[1:]]
    if _PYTHON.fullmatch(program):
        if "-m" not in values[:-1]:
            return any(value.endswith("setup.py") for value in values)
        at = values.index("-m") + 1
        program, words = values[at], words[at + 1 :]
        values = values[at + 1 :]
    if program == "uv" and values[:1] == ["pip"]:
        program, words = "pip", words[1:]
    if _PIP.fullmatch(program):
        return "install" in values and any(_is_local(words, at, step, files) for at in range(1, len(words)))
    verbs = _PROJECT_TOOLS.get(program, ())
    return any(value in verbs for value in values) and not any(value in _WITHOUT_PROJECT for value in values)


def _is_local(words: tuple[Word, ...], at: int, step: RunStep, files: Mapping[str, FileFacts]) -> bool:
    """Whether one word of `pip install` names a project of the file system, or nothing that is known."""
    word, before = words[at], words[at - 1].value
    value = word.value
    if value in ("-e", "--editable") or value.startswith(("--editable=", "-e.")):
        return True
    if before in _FILES:
        return _asks_for_local(value, word, step, files)
    if value.startswith(("-r", "--requirement=")) and value not in _FILES:
        return _asks_for_local(value.partition("=")[2] or value[2:], word, step, files)
    if before in _VALUES or value.startswith("-"):
        return False
    return HOLE in value or word.splits or bool(_LOCAL.match(value))


def _asks_for_local(written: str, word: Word, step: RunStep, files: Mapping[str, FileFacts]) -> bool:
    """Whether a requirement file asks for a project of the file system, or cannot be read."""
    if not word.text.is_static or step.workdir is None:
        return True
    found = step.files.find(joined(step.workdir, written))
    tree = found.value.tree if isinstance(found, Known) else None
    facts = files.get(tree) if tree is not None else None
    if facts is None or facts.requirements is None:
        return True
    groups = facts.requirements.groups
    if any(each.path or each.editable or each.open for group in groups for each in group.requirements):
        return True
    included = [each for group in groups for each in group.includes if each.kind == "requirements"]
    return any(not each.target.is_static for each in included)
