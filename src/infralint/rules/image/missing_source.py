"""image-missing-source: COPY or ADD of a path that the build context or the stage does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.builds.missing_sources import MissingSource
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Report every source that is missing in all builds of its Dockerfile."""
    for missing in project.missing_sources:
        source = missing.source
        yield Diagnostic(
            source.path,
            source.span,
            _message(missing),
            tuple(_related(missing)),
            help=f"did you mean `{missing.like}`?" if missing.like else None,
        )


def _message(missing: MissingSource) -> str:
    source = missing.source
    if source.context is None:
        return f"the stage `{source.stage}` has no `{source.value}`"
    if missing.pattern is not None:
        return f"`{source.value}` is left out of the build context by {missing.pattern[0]}"
    return f"there is no `{source.value}` in {_place(source.context.folder)}, the build context"


def _place(folder: str) -> str:
    return f"`{folder}/`" if folder else "the root of the project"


def _related(missing: MissingSource) -> Iterator[Place]:
    if missing.pattern is not None:
        yield Place(*missing.pattern, "this pattern leaves it out")
    if missing.build is not None and missing.source.context is not None:
        yield Place(*missing.build, "built with this context")
