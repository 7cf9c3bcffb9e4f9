"""Secrets of Secret Manager that deployments take into their variables, and in which version.

A variable gets its value when an instance starts; a secret that is mounted as a file is read again at each access
(Cloud Run documentation, "Configure secrets for services", 2025), so files are left out here.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from infralint.facts.deployments import Variable, Workload
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Text
from infralint.project.deployments.gcloud import gcloud_deployments
from infralint.project.gcloud import GcloudCommand
from infralint.project.places import is_test
from infralint.source import Span

LATEST = "latest"
# What is deployed there takes its secrets from Secret Manager.
_KINDS = frozenset({"cloud-run-service", "cloud-run-job", "cloud-run-worker-pool", "function"})
_LONG = re.compile(
    r"(?:projects/(?P<project>[^/]+)/)?(?:secrets/)?(?P<secret>[^/:]+)(?:(?::|/versions/)(?P<version>.+))?"
)
# Terraform: a secret by its label, and other expressions, which can be any.
_RESOURCE = re.compile(
    r"(?:data\.)?google_secret_manager_(?:regional_)?secret\.([\w-]+)(?:\[[^\]]*\])?\.(?:secret_id|id|name)"
)
_EXPRESSION = re.compile(r"(?:var|local|each|count|module|data|self|google_\w+|[a-z]\w*\()[.(]?.*[.(\[]")
_WORD = re.compile(r"[a-z]+|\d+")
# Words by which names and folders tell environments apart.
_ENVIRONMENT = re.compile(
    "dev|develop|development|stage|staging|stg|prod|production|prd|live|test|testing|qa|uat|sandbox|preview|preprod"
    "|nonprod|canary|demo|local|int|integration|blue|green|old|new|legacy"
)


@dataclass(frozen=True)
class SecretMount:
    """A variable of a deployment that is fed from a secret.

    `span`: the version where it stands, of a flag the whole `NAME=secret:version`. `kind`, `service`, `container`,
    `where`: what is deployed, and words for it. `secret` and `version` are "" where they are not known. `identity`: two
    mounts with the same are of one secret. `project` and `region`: as far as they are said, with HOLE for what is not
    known. `certain`: it is so in every run.
    """

    path: str
    span: Span
    kind: str
    service: str
    where: str
    variable: str
    secret: str
    identity: str
    version: str
    project: str = ""
    region: str = ""
    container: str = ""
    certain: bool = True

    @cached_property
    def environment(self) -> frozenset[str]:
        """The words that say for which environment this is."""
        said = f"{self.path} {self.service} {self.secret}".lower()
        return frozenset(word for word in _WORD.findall(said) if _ENVIRONMENT.fullmatch(word))

    @property
    def is_latest(self) -> bool:
        return self.version == LATEST


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two mounts that contradict each other: `first` is the one to look at, `second` the other."""

    first: SecretMount
    second: SecretMount


class SecretMounts:
    """All mounts of a project, in order of path and place. Deployments of tests are not among them."""

    def __init__(self, files: Mapping[str, FileFacts], commands: Iterable[GcloudCommand]) -> None:
        self.files = files
        self.commands = commands

    @cached_property
    def all(self) -> tuple[SecretMount, ...]:
        """Every mount, each place once."""
        found = {(mount.path, mount.span): mount for mount in (*self._in_files(), *self._in_commands())}
        return tuple(found[place] for place in sorted(found))

    def others(self, mount: SecretMount) -> list[SecretMount]:
        """Mounts of the same secret by other deployments of the same environment, one of each."""
        found: dict[tuple[str, str], SecretMount] = {}
        for other in self._of_secret.get(mount.identity, []):
            projects = {each.project for each in (mount, other) if each.project and HOLE not in each.project}
            if other.service != mount.service and other.environment == mount.environment and len(projects) < 2:
                found.setdefault((other.kind, other.service), other)
        return list(found.values())

    @cached_property
    def _of_secret(self) -> dict[str, list[SecretMount]]:
        found: dict[str, list[SecretMount]] = defaultdict(list)
        for mount in self.all:
            if mount.secret:
                found[mount.identity].append(mount)
        return found

    @cached_property
    def versions(self) -> tuple[Conflict, ...]:
        """Two deployments with different numbered versions of one secret; the older version first."""
        found = []
        for mounts in self._of_secret.values():
            numbered = [mount for mount in mounts if mount.version.isdecimal() and mount.service]
            for one, other in combinations(numbered, 2):
                if one.service == other.service or int(one.version) == int(other.version):
                    continue
                if _is_same_place(one, other):
                    first, second = sorted((one, other), key=lambda mount: int(mount.version))
                    found.append(Conflict(first, second))
        return tuple(_once(found))

    @cached_property
    def sources(self) -> tuple[Conflict, ...]:
        """One variable of one deployment that two places feed from different secrets."""
        by_variable: dict[tuple[str, ...], list[SecretMount]] = defaultdict(list)
        for mount in self.all:
            if mount.certain and mount.service and mount.secret and HOLE not in mount.variable:
                by_variable[mount.kind, mount.service, mount.container, mount.variable].append(mount)
        pairs = (pair for mounts in by_variable.values() for pair in combinations(mounts, 2))
        found = [
            Conflict(one, other)
            for one, other in pairs
            if one.identity != other.identity and _is_same_place(one, other)
        ]
        return tuple(_once(found))

    def _in_files(self) -> Iterator[SecretMount]:
        for path, facts in self.files.items():
            workloads = facts.deployments.workloads if facts.deployments is not None and not is_test(path) else ()
            for workload in workloads:
                if workload.kind in _KINDS:
                    yield from _mounts(path, workload, workload.namespace)

    def _in_commands(self) -> Iterator[SecretMount]:
        for command in self.commands:
            if is_test(command.use.path):
                continue
            project, region = _said(command.value("--project")), _said(command.value("--region"))
            certain = command.use.command.run and not command.use.command.conditional
            for deployment in gcloud_deployments([command]):
                layer = deployment.layer
                yield from _mounts(layer.path, layer.workload, project, region, certain=certain)


def _said(text: Text | None) -> str:
    return text.value if text is not None else ""


def _mounts(
    path: str, workload: Workload, project: str, region: str = "", *, certain: bool = True
) -> Iterator[SecretMount]:
    for variable in workload.variables:
        if variable.source != "secret" or variable.key_span is None:
            continue
        owner, secret, version = _reference(variable)
        # A resource of Terraform has its name in its own folder alone.
        scope = f"{posixpath.dirname(path)}:" if _RESOURCE.match(variable.reference) else ""
        yield SecretMount(
            path,
            variable.key_span,
            workload.kind,
            workload.name.static or "",
            workload.resource if workload.name.static else f"a {workload.resource.partition(' `')[0]}",
            variable.name.value,
            secret,
            f"{scope}{secret}" if secret else "",
            version,
            owner or project,
            region,
            workload.container,
            certain and not variable.optional,
        )


def _reference(variable: Variable) -> tuple[str, str, str]:
    """The project, the name and the version of a secret: short, as a resource's whole name, or one of Terraform's."""
    resource = _RESOURCE.fullmatch(variable.reference)
    if resource is not None:
        return "", resource[1], variable.key
    written = f"{variable.reference}:{variable.key}" if variable.key else variable.reference
    match = _LONG.fullmatch(written)
    if match is None or _EXPRESSION.match(variable.reference):
        return "", "", variable.key
    version = match["version"] or (LATEST if "/" in written else "")
    return match["project"] or "", match["secret"] if HOLE not in match["secret"] else "", version


def _is_same_place(one: SecretMount, other: SecretMount) -> bool:
    """Whether two deployments are surely of one project and one environment.

    Commands of one file that say nothing of the project, or the same, are; a command that adapts itself
    to the environment has it in a variable, and then only the same words mean the same.
    """
    if one.environment != other.environment or one.region != other.region or one.project != other.project:
        return False
    if one.path == other.path:
        return True
    return bool(one.project) and HOLE not in one.project + one.region


def _once(conflicts: list[Conflict]) -> Iterator[Conflict]:
    """The first conflict of every place."""
    seen = set()
    for conflict in conflicts:
        place = conflict.first.path, conflict.first.span
        if place not in seen:
            seen.add(place)
            yield conflict
