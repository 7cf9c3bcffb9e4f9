"""requirement-missing: an image starts a module that imports what nothing in the image provides."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.installs.fixes import additions, fixes_of
from infralint.project.installs.missing import Lacking, MissingModule
from infralint.project.project import Project
from infralint.source import Span


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding for each image, with every module and the imports that lead to it."""
    for lacking in project.missing_requirements:
        path, span = _place(lacking)
        yield Diagnostic(
            path,
            span,
            _message(lacking),
            (*(_related(each) for each in lacking.modules), *_starts(lacking, path)),
            _help(project, lacking),
            tuple(fixes_of(project.files, lacking)),
        )


def _place(lacking: Lacking) -> tuple[str, Span]:
    install = lacking.install
    if install is not None:
        return install.path, install.span
    start = lacking.modules[0].start
    return start.path, start.span


def _message(lacking: Lacking) -> str:
    names = _listed([f"`{each.module}`" for each in lacking.modules])
    starts = _listed(list(dict.fromkeys(f"`{each.start.written}`" for each in lacking.modules)))
    return f"nothing that the image installs provides {names}: {starts} cannot start"


def _starts(lacking: Lacking, path: str) -> Iterator[Place]:
    """What is started, where another file than that of the finding says so."""
    starts = [each.start for each in lacking.modules if each.chain and each.start.path != path]
    for where, span, written in dict.fromkeys((start.path, start.span, start.written) for start in starts):
        yield Place(where, span, f"the start `{written}` stands here")


def _related(missing: MissingModule) -> Place:
    if not missing.chain:
        return Place(missing.path, missing.span, f"`{missing.module}` is started here")
    way = " -> ".join([f"`{missing.start.written}`", *(f"`{path}`" for path in missing.chain[:-1])])
    return Place(missing.path, missing.span, f"`{missing.module}` is imported here: {way} -> this file")


def _help(project: Project, lacking: Lacking) -> str:
    names = _listed([f"`{each.written}`" for each in additions(project.files, lacking)])
    install = lacking.install
    files = [text.value for text in install.request.files if text.is_static] if install is not None else []
    return f"add {names} to `{files[-1]}`" if files else f"install {names} in the image"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
