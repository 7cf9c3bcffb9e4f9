"""What a project is made of: its tables, its deployments, and the files that each of them uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infralint import engine, schema_document, services_document
from infralint.cache import Cache
from infralint.discover_tree import Tree
from infralint.document_parts import Locate
from infralint.project.deployments.model import Deployment
from infralint.project.project import Project
from infralint.reading import Reading
from infralint.rendering import Renderer, Sources
from infralint.report import Progress
from infralint.schema_document import SchemaDocument
from infralint.services_document import ServiceObject, ServicesDocument
from infralint.settings import Settings
from infralint.workspace import of_tree


@dataclass(frozen=True, slots=True)
class Overview:
    """The documents of `infralint schema` and `infralint services`, of one reading of the project.

    `owners`: the services (places in `services["services"]`) that a file belongs to, by its path. A file that does
    nothing but deploy several of them is not among these.
    """

    schema: SchemaDocument
    services: ServicesDocument
    owners: Mapping[str, tuple[int, ...]]


def overview_of(
    project: str | Path | Mapping[str, str | bytes],
    settings: Settings | None = None,
    *,
    overlay: Mapping[str, str | bytes] | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Overview:
    """Read a project and link it. The arguments are those of `engine.schema_of`, which also says what is raised."""
    return _overview(*engine.linked_project(project, settings, overlay, None, jobs, cache, progress))


def overview_of_tree(
    tree: Tree,
    settings: Settings,
    *,
    cache: Path | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Overview:
    """Read a tree that is no folder, and link it. The arguments are those of `engine.lint_tree`."""
    workspace = of_tree(tree, settings)
    store = Cache(cache) if cache is not None else None
    with Reading(workspace, engine.dialect_of(settings), cache=store, jobs=jobs) as reading:
        linked = engine.link(workspace, settings, reading, progress)
        return _overview(linked, Renderer(Sources(workspace), settings).locate)


def _overview(linked: Project, locate: Locate) -> Overview:
    schema = schema_document.document_of(linked.catalogs, locate)
    deployments = list(linked.deployments.all)
    services = services_document.document_of(deployments, linked.builds.all, linked.installs.of, locate)
    return Overview(schema, services, _owners(linked, deployments, services["services"]))


def _owners(
    linked: Project, deployments: Sequence[Deployment], services: Sequence[ServiceObject]
) -> dict[str, tuple[int, ...]]:
    deploying: dict[str, dict[int, None]] = {}
    using: dict[str, dict[int, None]] = {}
    for at, (deployment, service) in enumerate(zip(deployments, services, strict=True)):
        for path in _deploying(service):
            deploying.setdefault(path, {})[at] = None
        for path in (*_used(service), *_loaded(linked, deployment)):
            using.setdefault(path, {})[at] = None
    # A file that deploys several services is no one's: its lines may be.
    using = {**{path: owners for path, owners in deploying.items() if len(owners) == 1}, **using}
    return {path: tuple(using[path]) for path in sorted(using)}


def _deploying(service: ServiceObject) -> Iterator[str]:
    """The files that say how a service is deployed."""
    yield from service["sources"]
    yield service["span"]["path"]
    for part in (service["image"], service["command"]):
        if part is not None:
            yield part["span"]["path"]


def _used(service: ServiceObject) -> Iterator[str]:
    """The files that a service is made of: its build, its env files, and what asks for its distributions."""
    if service["build"] is not None:
        yield service["build"]["dockerfile"]
    for variable in service["environment"]:
        if variable["source"] == "env-file":
            yield variable["span"]["path"]
    for distribution in service["installed"]["distributions"] if service["installed"] else ():
        if distribution["span"] is not None:
            yield distribution["span"]["path"]


def _loaded(linked: Project, deployment: Deployment) -> Iterator[str]:
    """The modules that a service starts, and those that they may import.

    A closure holds every module that a name may mean. A package beside what starts hides those of its name elsewhere.
    """
    modules = linked.modules
    starts = {start.module for start in deployment.starts}
    roots = {modules.package_root(start) for start in starts}
    for path in linked.imports.closure(sorted(starts)).paths:
        root = modules.package_root(path)
        name = path[len(root) :].lstrip("/").partition("/")[0]
        if root in roots or not any(modules.is_package(f"{other}/{name}".lstrip("/")) for other in roots):
            yield path
