"""Problems of one kind, in all files."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project


def problems(project: Project, kind: str, message: str, help: str) -> Iterator[Diagnostic]:
    """One diagnostic for every file with such a problem; `{reason}` in the message is the problem's."""
    for path, facts in project.files.items():
        if facts.problem is not None and facts.problem.kind == kind:
            # The first line of a parser's words, without a full stop: the message is one sentence.
            reason = " ".join(facts.problem.reason.split()).rstrip(".") or "no reason given"
            yield Diagnostic(path, facts.problem.span, message.format(reason=reason), help=help)
