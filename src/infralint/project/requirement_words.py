"""What the commands of one file say of requirement files, wherever they are run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.text import Text
from infralint.project.installs import installs_of
from infralint.source import Span

# Programs that bring files which are not in the tree: what a script says behind them may be true elsewhere.
_FETCHERS = frozenset(
    {"git", "gh", "hg", "curl", "wget", "tar", "unzip", "gsutil", "aws", "scp", "rsync", "cookiecutter"}
)
_FETCHES = frozenset(
    {"clone", "checkout", "submodule", "cp", "sync", "x", "-x", "-xf", "xzf", "-xzf", "xf", "-O", "-o"}
)


@dataclass(frozen=True, slots=True)
class RequirementWords:
    """What a file's commands say. `asked`: the files that they install from, with their kinds; `mentioned`: names of
    files that they speak of otherwise, and may write; `fetches`: they bring files that are not in the tree; `clones`:
    with `git clone`."""

    asked: tuple[tuple[Text, str], ...]
    mentioned: frozenset[str]
    fetches: bool
    clones: bool


def requirement_words(facts: FileFacts) -> RequirementWords:
    """What the commands of a file say."""
    asked: list[tuple[Text, str]] = []
    mentioned: set[str] = set()
    for command in facts.commands:
        files = list(asked_files(command))
        asked += files
        mentioned.update(_mentioned(command, {text.span for text, _ in files}))
    values = [[word.value for word in command.words] for command in facts.commands]
    clones = any(words[:1] == ["git"] and "clone" in words for words in values)
    return RequirementWords(tuple(asked), frozenset(mentioned), any(map(_brings_files, values)), clones)


def asked_files(command: Command) -> Iterator[tuple[Text, str]]:
    """The files that a command installs from, with their kinds."""
    if "-" not in "".join(word.value[:1] for word in command.words):
        return
    for request in installs_of(command) or ():
        yield from ((text, "requirements") for text in request.files)
        yield from ((text, "constraints") for text in request.constraints)


def _mentioned(command: Command, read: set[Span]) -> Iterator[str]:
    """Names of files in a command, those aside that it installs from."""
    texts = [*(word.text for word in command.words if word.span not in read), *command.outputs]
    return (posixpath.basename(part) for text in texts for part in re.split(r"[=:,\s]", text.value))


def _brings_files(words: list[str]) -> bool:
    program = words[0].rpartition("/")[2] if words else ""
    return program in _FETCHERS and (program in ("curl", "wget", "unzip", "cookiecutter") or bool(_FETCHES & {*words}))
