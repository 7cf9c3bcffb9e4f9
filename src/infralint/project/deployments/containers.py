"""Containers that `docker run` starts, and what kubectl adds to manifests.

Docker CLI reference, "docker container run" (28); kubectl reference, "set env", "create configmap" and
"create secret" (1.31).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from infralint.facts.commands import Command, Word
from infralint.facts.deployments import Import, Unseen, Variable, VariableSet, Workload
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.commands import CommandUse
from infralint.project.deployments.layers import Layer, folder_of
from infralint.project.deployments.options import halves
from infralint.project.deployments.sets import PlacedSet
from infralint.project.docker_options import GLOBAL, RUN

_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_RUNNING = frozenset({"run", "create"})


def docker_containers(commands: Iterable[CommandUse]) -> Iterator[Layer]:
    """The containers that command lines start."""
    for use in commands:
        words = use.command.words
        if use.program in _ENGINES and len(words) > 1:
            at = 2 if words[1].value == "container" else 1
            if at < len(words) and words[at].value in _RUNNING:
                workload = _container(use, words[at + 1 :])
                if workload is not None:
                    yield Layer(use.path, folder_of(use.path), workload)


def _container(use: CommandUse, words: Sequence[Word]) -> Workload | None:
    """A `docker run`; None where its image cannot be told from its options."""
    variables: list[Variable] = []
    imports: list[Import] = []
    mounts: list[tuple[Text, Text]] = []
    unseen: list[Unseen] = []
    entrypoint: tuple[Text, ...] | None = None
    workdir: Text | None = None
    name: Text | None = None
    shares_network = False
    at = 0
    while at < len(words) and words[at].value.startswith("-"):
        option, value, at = _option(words, at)
        if value is None:
            if at < 0:
                return None
            continue
        if option in ("-e", "--env"):
            variables.append(_variable(value))
        elif option == "--env-file":
            imports.append(Import("env-file", value, value.span, raw=True))
        elif option == "--entrypoint":
            entrypoint = (value,) if value.value else ()
        elif option in ("-w", "--workdir"):
            workdir = value
        elif option == "--name":
            name = value
        elif option in ("--net", "--network"):
            shares_network = value.value.startswith(("host", "container:"))
        elif option in ("-v", "--volume") and ":" in value.value:
            first = value.value.index(":")
            rest = value.value.find(":", first + 1)
            end = rest if rest >= 0 else len(value.value)
            mounts.append((sliced(value, 0, first), sliced(value, first + 1, end)))
    if at >= len(words) or words[at].value == HOLE:
        return None
    if not use.command.complete or any(word.splits and HOLE in word.value for word in words[:at]):
        unseen.append(Unseen("unread", "the command may have options that are not seen", use.command.span))
    image = _whole(words[at])
    arguments = tuple(_whole(word) for word in words[at + 1 :])
    name = name if name is not None else image
    return Workload(
        kind="container",
        resource=f"container `{name.value.replace(HOLE, '…')}`",
        name=name,
        span=name.span,
        image=image,
        entrypoint=entrypoint,
        arguments=arguments or None,
        working_directory=workdir,
        variables=tuple(variables),
        imports=tuple(imports),
        mounts=tuple(mounts),
        shares_network=shares_network,
        unseen=tuple(unseen),
    )


def _option(words: Sequence[Word], at: int) -> tuple[str, Text | None, int]:
    """The option at a place, its value, and the place behind; the place is -1 where the option is not known."""
    word = words[at]
    name, equals, _ = word.value.partition("=")
    if equals and (name in RUN.values or name in RUN.switches):
        return name, sliced(word.text, len(name) + 1, len(word.value)), at + 1
    if word.value in RUN.switches or word.value in GLOBAL.switches:
        return word.value, None, at + 1
    if word.value in RUN.values:
        return (name, _whole(words[at + 1]), at + 2) if at + 1 < len(words) else (name, None, -1)
    if word.value.startswith("--"):
        return name, None, -1
    for place, letter in enumerate(word.value[1:], start=1):
        # Short options in one word: `-dit`, `-eA=b`, `-ite A=b`.
        if f"-{letter}" in RUN.values:
            rest = sliced(word.text, place + 1, len(word.value))
            if rest.value:
                return f"-{letter}", rest, at + 1
            return (f"-{letter}", _whole(words[at + 1]), at + 2) if at + 1 < len(words) else (name, None, -1)
        if f"-{letter}" not in RUN.switches:
            return name, None, -1
    return name, None, at + 1


def _variable(assigned: Text) -> Variable:
    name, value = halves(assigned)
    if value is None:
        return Variable(name, None, "host", name.span, host=(name.value,))
    return Variable(name, value, "literal", name.span)


def _whole(word: Word) -> Text:
    return sliced(word.text, 0, len(word.value))


def made_sets(commands: Iterable[CommandUse]) -> Iterator[PlacedSet]:
    """ConfigMaps and Secrets that `kubectl create` makes."""
    for use in commands:
        if use.program in ("kubectl", "oc"):
            found = _made_set(use.command)
            if found is not None:
                yield PlacedSet(use.path, found)


def _made_set(command: Command) -> VariableSet | None:
    values = [word.value for word in command.words]
    if "create" not in values:
        return None
    at = values.index("create") + 1
    kind = {"configmap": "config-map", "cm": "config-map", "secret": "secret"}.get(
        values[at] if at < len(values) else ""
    )
    at += 2 if kind == "secret" else 1
    if kind is None or at >= len(values) or values[at].startswith("-"):
        return None
    variables: list[Variable] = []
    closed = command.complete
    for word in command.words[at + 1 :]:
        option, equals, _ = word.value.partition("=")
        value = sliced(word.text, len(option) + 1, len(word.value))
        if option == "--from-literal" and equals:
            variables.append(_variable(value))
        elif option in ("--from-file", "--from-env-file", "--from-literal") or (word.splits and HOLE in word.value):
            closed = False
    name = _whole(command.words[at])
    return VariableSet(kind, name, name.span, tuple(variables), closed=closed)


def set_by_kubectl(commands: Iterable[CommandUse]) -> Iterator[tuple[str, str, Variable]]:
    """Variables that `kubectl set env kind/name A=b` adds: the file, the workload's name, the variable."""
    for use in commands:
        values = [word.value for word in use.command.words]
        if (
            use.program not in ("kubectl", "oc")
            or "set" not in values
            or values[values.index("set") + 1 :][:1] != ["env"]
        ):
            continue
        rest = use.command.words[values.index("set") + 2 :]
        targets = [word.value.partition("/")[2] for word in rest if re.fullmatch(r"[a-z.]+/[^=]+", word.value)]
        for word in rest:
            name, value = halves(_whole(word))
            if value is not None and not word.value.startswith("-"):
                yield from ((use.path, target, Variable(name, value, "literal", name.span)) for target in targets)
