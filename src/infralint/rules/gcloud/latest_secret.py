"""gcloud-latest-secret: a variable that takes whatever version of a secret is the newest, or two that disagree."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.text import HOLE
from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.secret_mounts import Conflict, SecretMount, SecretMounts

_MOST_RELATED = 4


def check(project: Project) -> Iterator[Diagnostic]:
    """Mounts of `latest`, two versions of one secret, and two secrets in one variable."""
    mounts = project.secret_mounts
    for mount in mounts.all:
        if mount.is_latest:
            yield _latest(mount, mounts)
    for conflict in mounts.versions:
        yield _versions(conflict)
    for conflict in mounts.sources:
        yield _sources(conflict)


def _latest(mount: SecretMount, mounts: SecretMounts) -> Diagnostic:
    secret = f"the secret `{mount.secret}`" if mount.secret else "a secret"
    variable = f"`{mount.variable.replace(HOLE, '…')}`" if mount.variable.strip(HOLE) else "a variable"
    message = f"{variable} of {mount.where} takes whatever version of {secret} is `latest` when an instance starts"
    others = mounts.others(mount)[:_MOST_RELATED]
    related = tuple(Place(other.path, other.span, f"{other.where} takes {_version(other)}") for other in others)
    advice = "write the number of a version: a new one then comes with a deployment, to all instances at once"
    return Diagnostic(mount.path, mount.span, message, related, advice)


def _version(mount: SecretMount) -> str:
    return "the `latest`, too" if mount.is_latest else f"version {mount.version} of it"


def _versions(conflict: Conflict) -> Diagnostic:
    first, second = conflict.first, conflict.second
    message = (
        f"version {first.version} of the secret `{first.secret}` goes to {first.where}, and another to {second.where}"
    )
    related = (Place(second.path, second.span, f"version {second.version} here"),)
    return Diagnostic(first.path, first.span, message, related, "deploy both with the same version")


def _sources(conflict: Conflict) -> Diagnostic:
    first, second = conflict.first, conflict.second
    message = (
        f"`{first.variable}` of {first.where} comes from the secret `{first.secret}`, and elsewhere from another one"
    )
    related = (Place(second.path, second.span, f"from `{second.secret}` here"),)
    return Diagnostic(first.path, first.span, message, related, "take it from one of them")
