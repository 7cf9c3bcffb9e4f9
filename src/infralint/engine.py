"""The five steps: discover, read, link, judge, report."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from infralint import collector, services_document
from infralint.cache import Cache
from infralint.discover_tree import Tree
from infralint.document_parts import Locate
from infralint.facts.files import FileFacts
from infralint.findings import Diagnostic
from infralint.manifest import Recorder
from infralint.project.project import Project
from infralint.reading import Reading, unreadable
from infralint.rendering import Renderer, Sources
from infralint.report import Progress, Report
from infralint.reporting import Judgement, Read, report_of
from infralint.rules import Rule, all_rules
from infralint.schema_document import ALL_SOURCES, SOURCES, SchemaDocument, document_of
from infralint.selection import is_selected
from infralint.services_document import ServicesDocument
from infralint.settings import Dialect, Settings
from infralint.settings_load import load_settings
from infralint.workspace import Workspace, in_memory, of_tree, on_disk

_log = logging.getLogger("infralint")


def lint(files: Mapping[str, str | bytes], settings: Settings | None = None) -> Report:
    """Lint a project that exists only in memory: a mapping of path (relative, `/`) to text or bytes.

    Raises ValueError for a path that is absolute or leads out of the project.
    """
    settings = settings or Settings()
    workspace = in_memory(files, settings)
    with Reading(workspace, dialect_of(settings), jobs=1) as reading:
        return _run(workspace, settings, reading, None).report


def lint_folder(
    root: Path,
    settings: Settings,
    *,
    overlay: Mapping[str, str | bytes] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
    recorder: Recorder | None = None,
) -> Run:
    """Lint the project in a folder. The arguments are those of `lint_project`, which also says what is raised;
    `recorder` notes what is seen of the disk."""
    workspace = on_disk(root, settings, overlay, recorder)
    fixed = recorder.files if recorder is not None else frozenset()
    store = Cache(root) if cache else None
    with Reading(workspace, dialect_of(settings), cache=store, executor=executor, jobs=jobs) as reading:
        return replace(_run(workspace, settings, reading, progress), fixed=fixed)


def lint_tree(
    tree: Tree,
    settings: Settings,
    *,
    cache: Path | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Lint the files of a tree that is no folder: of a commit, of git's index. `cache`: the folder of the project in
    which facts of files are kept."""
    workspace = of_tree(tree, settings)
    store = Cache(cache) if cache is not None else None
    with Reading(workspace, dialect_of(settings), cache=store, jobs=jobs) as reading:
        return _run(workspace, settings, reading, progress).report


def schema_of(
    project: str | Path | Mapping[str, str | bytes],
    settings: Settings | None = None,
    *,
    source: str = "all",
    overlay: Mapping[str, str | bytes] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> SchemaDocument:
    """What infralint believes the database holds: the document that docs/schema.md describes.

    `project`: a folder, or files in memory as `lint` takes them. `source`: "models", "migrations", "sql" or "all".
    The other arguments are those of `lint_project`, which also says what is raised; of a project in memory
    the overlay, the cache and the settings file are not used. Raises ValueError for another source.
    """
    if source not in (ALL_SOURCES, *SOURCES):
        raise ValueError(f"no source of schemas: {source!r}")
    linked, locate = linked_project(project, settings, overlay, executor, jobs, cache, progress)
    catalogs = [catalog for catalog in linked.catalogs if source in (ALL_SOURCES, catalog.source)]
    return document_of(catalogs, locate)


def services_of(
    project: str | Path | Mapping[str, str | bytes],
    settings: Settings | None = None,
    *,
    show_values: bool = False,
    overlay: Mapping[str, str | bytes] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> ServicesDocument:
    """What infralint believes is deployed: the document that docs/services.md describes.

    `show_values`: values that look like secrets as they stand in the files, instead of hidden. The other arguments are
    those of `schema_of`.
    """
    linked, locate = linked_project(project, settings, overlay, executor, jobs, cache, progress)
    return services_document.document_of(
        linked.deployments.all, linked.builds.all, linked.installs.of, locate, values=show_values
    )


def linked_project(
    project: str | Path | Mapping[str, str | bytes],
    settings: Settings | None,
    overlay: Mapping[str, str | bytes] | None,
    executor: Executor | None,
    jobs: int | None,
    cache: bool,
    progress: Progress | None,
) -> tuple[Project, Locate]:
    """A project, linked, and what tells the lines and columns of its places."""
    if isinstance(project, Mapping):
        settings = settings or Settings()
        workspace, store = in_memory(project, settings), None
    else:
        root = Path(project)
        settings = settings or load_settings(root)
        workspace, store = on_disk(root, settings, overlay), Cache(root) if cache else None
    reading = Reading(workspace, dialect_of(settings), cache=store, executor=executor, jobs=jobs)
    with reading:
        linked = link(workspace, settings, reading, progress)
    return linked, Renderer(Sources(workspace), settings).locate


def selected_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that the settings switch on."""
    return tuple(rule for rule in all_rules() if is_selected(rule, settings))


def dialect_of(settings: Settings) -> str:
    """The dialect by which SQL is read."""
    dialect = Dialect.POSTGRES if settings.dialect is Dialect.AUTO else settings.dialect
    return str(dialect.value)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that ended: its report, and what this came from."""

    report: Report
    judged: Judgement
    workspace: Workspace
    reading: Reading
    # The files whose content decided which files there are.
    fixed: frozenset[str] = frozenset()


def _run(workspace: Workspace, settings: Settings, reading: Reading, progress: Progress | None) -> Run:
    judged = judge(link(workspace, settings, reading, progress), selected_rules(settings))
    report = report_of(judged, settings, Sources(workspace), what_was_read(workspace, reading))
    return Run(report, judged, workspace, reading)


def what_was_read(workspace: Workspace, reading: Reading) -> Read:
    """What the report says of reading."""
    return Read(len(workspace.files), frozenset(reading.re_read), reading.digests)


def link(workspace: Workspace, settings: Settings, reading: Reading, progress: Progress | None = None) -> Project:
    """Read all files, and make the project that links them when it is asked."""
    facts = reading.read(workspace.files, progress=progress)
    facts.update((folder, unreadable(reason)) for folder, reason in workspace.unreadable.items())
    kinds = {file.path: file for file in workspace.files}

    def lower(path: str) -> FileFacts | None:
        """The statements of a module to which the interpreter has come."""
        return reading.read([kinds[path]], program=True)[path] if path in kinds else None

    return Project(facts, workspace.paths, settings, lower, workspace.is_left_out, workspace.read, workspace.links)


def judge(project: Project, rules: tuple[Rule, ...], pulse: Callable[[], None] | None = None) -> Judgement:
    """What the rules yield. `pulse` is called before each; what it raises ends the judgement."""
    found: list[tuple[Rule, Diagnostic]] = []
    failed = []
    with collector.seldom(len(project.files)):
        for rule in rules:
            if pulse is not None:
                pulse()
            check = rule.load()
            try:
                found += [(rule, diagnostic) for diagnostic in project.answer(rule.id, check)] if check else []
            except Exception:
                # One rule's fault must not cost the findings of all others.
                _log.exception("the rule %s broke down; please report this", rule.id)
                failed.append(rule.id)
    return Judgement(dict(project.files), rules, tuple(found), tuple(failed))
