"""Deployments by gcloud: Cloud Run services, jobs and worker pools, and functions, with the variables of their flags.

gcloud reference, "gcloud run deploy", "gcloud run jobs deploy" (SDK 578): `--set-env-vars` and `--env-vars-file` remove
the literals that are there, `--set-secrets` the secrets; `--update-...` adds to them; without a flag all stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infralint.facts.deployments import Import, Unseen, Variable, Workload
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.deployments.layers import Layer, folder_of
from infralint.project.deployments.options import halves, is_unknown, split_list
from infralint.project.gcloud import FlagUse, GcloudCommand
from infralint.source import Span

_COMMAND = re.compile(
    r"run (?:(?P<service>deploy|services update)|jobs (?P<job>deploy|create|update)"
    r"|worker-pools (?P<pool>deploy|update))|functions (?P<function>deploy)"
)
_KINDS = {
    "service": ("cloud-run-service", "Cloud Run service"),
    "job": ("cloud-run-job", "Cloud Run job"),
    "pool": ("cloud-run-worker-pool", "Cloud Run worker pool"),
    "function": ("function", "function"),
}
_SETTING = ("--set-env-vars", "--update-env-vars")
_MOUNTING = ("--set-secrets", "--update-secrets")
_REPLACING_LITERALS = frozenset({"--set-env-vars", "--env-vars-file", "--clear-env-vars"})
_REPLACING_SECRETS = frozenset({"--set-secrets", "--clear-secrets"})


@dataclass(frozen=True, slots=True)
class GcloudDeployment:
    """A command that deploys. `updates`: it changes one that is there."""

    layer: Layer
    updates: bool
    name: str


def gcloud_deployments(commands: Iterable[GcloudCommand]) -> Iterator[GcloudDeployment]:
    """The deployments that command lines make or change."""
    for command in commands:
        match = _COMMAND.fullmatch(command.path)
        if match is not None:
            yield from _Reader(command, match).deployments()


@dataclass(slots=True)
class _Reader:
    command: GcloudCommand
    match: re.Match[str]
    unseen: list[Unseen] = field(default_factory=list)

    def deployments(self) -> Iterator[GcloudDeployment]:
        kind, words = _KINDS[next(name for name, verb in self.match.groupdict().items() if verb)]
        verb = self.match[0].rpartition(" ")[2]
        flags = self.command.flags
        groups = _containers(flags)
        for at, (container, own) in enumerate(groups):
            self.unseen = []
            name = self._name()
            shown = name.value.replace(HOLE, "…")
            workload = Workload(
                kind=kind,
                resource=f"{words} `{shown}`" if at == 0 else f"container `{container}` of {words} `{shown}`",
                name=name,
                span=name.span if name.value else self.command.words[-1].span,
                container=container,
                image=_value(own, "--image"),
                entrypoint=self._list(own, "--command"),
                arguments=self._list(own, "--args"),
                variables=tuple(self._variables(own)),
                imports=tuple(self._files(own)),
                removed=tuple(self._removed(own)),
                replaces=verb == "create",
                service_account=_value(flags, "--service-account"),
                unseen=(*self.unseen, *self._kept(verb, own)),
            )
            path = self.command.use.path
            yield GcloudDeployment(Layer(path, folder_of(path), workload), verb == "update", name.value)

    def _name(self) -> Text:
        words = self.command.positionals
        if not words:
            return Text((), self.command.words[-1].span)
        return sliced(words[0].text, 0, len(words[0].value))

    def _list(self, flags: list[FlagUse], name: str) -> tuple[Text, ...] | None:
        flag = _last(flags, name)
        if flag is None:
            return None
        return tuple(split_list(flag.value)) if flag.value is not None else ()

    def _variables(self, flags: list[FlagUse]) -> Iterator[Variable]:
        for flag in flags:
            if flag.name in _SETTING:
                yield from self._assigned(flag)
            elif flag.name in _MOUNTING:
                yield from self._mounted(flag)

    def _items(self, flag: FlagUse) -> Iterator[tuple[Text, Text | None]]:
        if flag.value is None or is_unknown(flag.value):
            self.unseen.append(Unseen("unread", f"the value of `{flag.name}` is not known", flag.span))
            return
        for item in split_list(flag.value):
            name, value = halves(item)
            if value is None and HOLE in name.value:
                self.unseen.append(Unseen("unread", f"a part of `{flag.name}` is not known", item.span))
            elif value is not None:
                yield name, value

    def _assigned(self, flag: FlagUse) -> Iterator[Variable]:
        for name, value in self._items(flag):
            yield Variable(name, value, "literal", name.span, optional=flag.optional)

    def _mounted(self, flag: FlagUse) -> Iterator[Variable]:
        """`NAME=secret:version`; a name that begins with `/` is a file."""
        for name, value in self._items(flag):
            if name.value.startswith("/") or value is None:
                continue
            secret, _, version = value.value.rpartition(":")
            if not secret:
                secret, version = value.value, ""
            written = Span(name.span.start, value.span.end) if name.span.end < value.span.end else name.span
            yield Variable(name, None, "secret", name.span, secret, version, flag.optional, key_span=written)

    def _files(self, flags: list[FlagUse]) -> Iterator[Import]:
        for flag in flags:
            if flag.name == "--env-vars-file" and flag.value is not None:
                path = sliced(flag.value, 0, len(flag.value.value))
                yield Import("env-file", path, path.span, raw=True)

    def _removed(self, flags: list[FlagUse]) -> Iterator[str]:
        for flag in flags:
            if flag.name in ("--remove-env-vars", "--remove-secrets") and flag.value is not None:
                yield from (item.value for item in split_list(flag.value))

    def _kept(self, verb: str, flags: list[FlagUse]) -> Iterator[Unseen]:
        """What earlier deployments set and this one leaves, and flags that are not seen."""
        span = self.command.use.command.span
        if not self.command.complete or any(flag.name == "--flags-file" for flag in self.command.flags):
            yield Unseen("unread", "the command may have flags that are not seen", span)
        if verb == "create":
            return
        names = {flag.name for flag in flags}
        words = f"`{self.command.name}`"
        if not names & _REPLACING_LITERALS:
            yield Unseen("kept", f"{words} keeps the variables that are set already", span)
        elif not names & _REPLACING_SECRETS:
            yield Unseen("kept-secret", f"{words} keeps the secrets that are mounted already", span)


def _containers(flags: tuple[FlagUse, ...]) -> list[tuple[str, list[FlagUse]]]:
    """Flags by container: those behind each `--container NAME` are its own; else there is one."""
    groups: list[tuple[str, list[FlagUse]]] = [("", [])]
    for flag in flags:
        if flag.name == "--container":
            name = flag.value.value if flag.value is not None else ""
            groups.append((name, []))
        else:
            groups[-1][1].append(flag)
    return groups if len(groups) == 1 else groups[1:]


def _last(flags: Iterable[FlagUse], name: str) -> FlagUse | None:
    return next((flag for flag in reversed(list(flags)) if flag.name == name), None)


def _value(flags: Iterable[FlagUse], name: str) -> Text | None:
    flag = _last(flags, name)
    if flag is None or flag.value is None:
        return None
    return sliced(flag.value, 0, len(flag.value.value))
