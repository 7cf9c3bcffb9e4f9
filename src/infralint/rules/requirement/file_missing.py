"""requirement-file-missing: a requirement file that is named and is not there."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.project.requirement_files import MissingFile

_KINDS = {"requirements": "requirement file", "constraints": "constraint file"}


def check(project: Project) -> Iterator[Diagnostic]:
    """Every `-r` and `-c`, of files and commands, that leads nowhere."""
    for missing in project.requirement_files.missing():
        help = f"did you mean `{missing.like}`?" if missing.like else None
        yield Diagnostic(missing.path, missing.span, _message(missing), help=help)


def _message(missing: MissingFile) -> str:
    kind = _KINDS[missing.kind]
    if missing.by == "image":
        return f"the {kind} `{missing.target}` is not in the image when this runs"
    if missing.by == "command":
        return f"no folder of the project holds the {kind} `{missing.written}`"
    return f"there is no {kind} `{missing.target}`"
