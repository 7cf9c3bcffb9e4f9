"""image-missing-entrypoint: CMD or ENTRYPOINT starts something that the image does not contain."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.builds.missing_starts import MissingStart
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Report every script, module and settings file that is started with and is in no image of its Dockerfile."""
    for missing in project.missing_starts:
        yield Diagnostic(missing.path, missing.span, _message(missing), tuple(_related(missing)), help=_help(missing))


def _message(missing: MissingStart) -> str:
    asked = missing.asked
    verb = "read" if asked.kind == "settings" else "started"
    if asked.kind == "module":
        return f"the module `{asked.name}` is started in `{asked.workdir}`, and the image does not have it"
    if asked.name.startswith("/"):
        return f"`{asked.name}` is {verb}, and the image has no such file"
    return f"`{asked.name}` is {verb} in `{asked.workdir}`, and the image has no `{asked.places[0]}`"


def _related(missing: MissingStart) -> Iterator[Place]:
    build = missing.image.build
    if missing.path != build.dockerfile:
        stage = missing.image.command
        span = (stage.entrypoint or stage.cmd) if stage is not None else None
        if span is not None:
            yield Place(build.dockerfile, span, "the image that starts it")
    if build.kind != "convention":
        yield Place(build.path, build.span, "the image is built here")


def _help(missing: MissingStart) -> str | None:
    if missing.elsewhere is not None:
        return f"the image has `{missing.elsewhere}`"
    if missing.like is not None:
        return f"did you mean `{missing.like}`?"
    return f"copy `{missing.tree}` into the image" if missing.tree is not None else None
