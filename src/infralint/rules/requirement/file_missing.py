"""requirement-file-missing: a requirement file that is named and is not there."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.requirement_files import MissingFile

_KINDS = {"requirements": "requirement file", "constraints": "constraint file"}


def check(project: Project) -> Iterator[Diagnostic]:
    """Every `-r` and `-c`, of files and commands, that leads nowhere."""
    for missing in project.requirement_files.missing():
        related = (Place(*missing.includes, "it is included here"),) if missing.includes else ()
        yield Diagnostic(missing.path, missing.span, _message(missing), related, help=_help(missing))


def _help(missing: MissingFile) -> str | None:
    if missing.like is None:
        return None
    return f"copy `{missing.like}` first" if missing.by == "image" else f"did you mean `{missing.like}`?"


def _message(missing: MissingFile) -> str:
    kind = _KINDS[missing.kind]
    if missing.includes:
        return f"the {kind} `{missing.target}`, which this one includes, is not in the image when this runs"
    if missing.by == "image":
        return f"the {kind} `{missing.target}` is not in the image when this runs"
    if missing.by == "command":
        return f"no folder of the project holds the {kind} `{missing.written}`"
    return f"there is no {kind} `{missing.target}`"
