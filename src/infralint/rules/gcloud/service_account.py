"""gcloud-service-account: a deployment as an account that the deployer may not act as."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.acting import Denied
from infralint.project.project import Project

_MOST_RELATED = 3


def check(project: Project) -> Iterator[Diagnostic]:
    """Every deployment that is surely denied."""
    for denied in project.acting.denied:
        deployer, run_as = denied.deployer, denied.run_as
        yield Diagnostic(
            denied.command.use.path,
            denied.span,
            f"`{deployer.name}` deploys what runs as `{run_as.name}`, and no grant lets it act as that account",
            related=tuple(_related(denied)),
            help=f"grant `roles/iam.serviceAccountUser` on `{run_as.address}` to `{deployer.address}`",
        )


def _related(denied: Denied) -> Iterator[Place]:
    deployer, run_as = denied.deployer, denied.run_as
    yield Place(deployer.path, deployer.span, f"`{deployer.name}` deploys")
    if run_as.path != denied.command.use.path:
        yield Place(run_as.path, run_as.span, f"it runs as `{run_as.name}`")
    for grant in denied.granted[:_MOST_RELATED]:
        yield Place(grant.path, grant.span, f"`{deployer.name}` may act as another account")
