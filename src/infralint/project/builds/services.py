"""What a compose service does with the image that it builds: mounts over its files, another command.

Compose specification, "command", "entrypoint", "volumes", "develop" (Compose 2.30).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infralint.facts.builds import Start
from infralint.facts.commands import Command, Word
from infralint.facts.deployments import Workload
from infralint.facts.files import FileFacts
from infralint.facts.text import Text
from infralint.project.builds.filesystem import joined
from infralint.project.builds.state import Override
from infralint.project.builds.values import BuiltImage
from infralint.source import Span

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its files tell it. `hidden`: image paths that something is laid over. `override`: its own command,
    None where it has none or several files give one."""

    hidden: tuple[str, ...] = ()
    starts_something_else: bool = False
    override: Override | None = None


def service_of(image: BuiltImage, files: Mapping[str, FileFacts], deploying: Iterable[str]) -> Service:
    """The compose service that a build belongs to, with what the files beside its own add, of those that deploy."""
    build = image.build
    if build.kind != "compose":
        return Service()
    folder = build.path.rpartition("/")[0]
    found = [
        (path, workload)
        for path in deploying
        if path.rpartition("/")[0] == folder and (facts := files[path]).deployments is not None
        for workload in facts.deployments.workloads
        if workload.kind == "compose" and workload.name.value == build.service
    ]
    own = [workload for path, workload in found if path == build.path]
    hidden = tuple(
        joined("/", target.value.rstrip("/") or "/") for _, workload in found for _, target in workload.mounts
    )
    if not any(_starts(workload) for workload in own):
        return Service(hidden, any(workload.extends is not None for workload in own))
    alone = len(found) == 1 and found[0][1].extends is None
    return Service(hidden, True, _override(found[0][1], files[build.path]) if alone else None)


def sets_search_path(files: Mapping[str, FileFacts], deploying: Iterable[str]) -> bool:
    """Whether a deployment sets PYTHONPATH: then the images' own says little."""
    facts = [each for path in deploying if (each := files[path].deployments) is not None]
    variables = [variable for each in facts for workload in each.workloads for variable in workload.variables]
    variables += [variable for each in facts for given in each.sets for variable in given.variables]
    return any(variable.name.value == "PYTHONPATH" for variable in variables)


def _starts(workload: Workload) -> bool:
    given = (workload.entrypoint, workload.arguments, workload.working_directory)
    return any(each is not None for each in given)


def _override(workload: Workload, facts: FileFacts) -> Override:
    return Override(
        None if workload.entrypoint is None else _start(workload.entrypoint, facts, entrypoint=True),
        None if workload.arguments is None else _start(workload.arguments, facts, entrypoint=False),
        workload.working_directory,
    )


def _start(texts: tuple[Text, ...], facts: FileFacts, *, entrypoint: bool) -> Start:
    """The words as an exec form; those of `sh -c` with the commands that the reader found in the script."""
    words = tuple(Word(text) for text in texts)
    if not words:
        return Start((), (), Span(0, 0), entrypoint)
    span = Span(min(text.span.start for text in texts), max(text.span.end for text in texts))
    commands: tuple[Command, ...] = (Command(words, span),)
    if texts[0].value.rpartition("/")[2] in _SHELLS and any(re.fullmatch(r"-\w*c", text.value) for text in texts):
        script = texts[-1].span
        commands = tuple(
            each for each in facts.commands if script.start <= each.span.start and each.span.end <= script.end
        )
        return Start(tuple(texts), commands, span, entrypoint, readable=bool(commands))
    return Start(tuple(texts), commands, span, entrypoint)
