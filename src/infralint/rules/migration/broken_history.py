"""migration-broken-history: a graph of revisions that Alembic refuses, or cannot upgrade to one head."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.migrations.environments import Environment
from infralint.project.migrations.graph import Fault, Revision
from infralint.project.places import is_example, is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Faults of every environment whose revision files are known."""
    for environment in project.migrations.environments:
        if environment.certain and not is_test(environment.folder + "/") and not is_example(environment.folder + "/"):
            for fault in environment.graph.faults:
                if fault.kind != "heads" or not environment.has_branches_on_purpose:
                    yield _diagnostic(environment, fault)
            for origin in environment.strangers:
                name = origin.path.rpartition("/")[2]
                message = f"`{name}` is no revision, and Alembic loads every file of this folder as one"
                yield Diagnostic(origin.path, origin.span, message, help="move it to another folder")


def _diagnostic(environment: Environment, fault: Fault) -> Diagnostic:
    revision = fault.revision
    message, related, help_text = _TEXTS[fault.kind](environment, fault)
    places = tuple(Place(other.origin.path, other.origin.span, text) for other, text in related)
    origin = revision.depends_origin if fault.kind == "unknown-dependency" else revision.down_origin
    assert origin is not None
    return Diagnostic(origin.path, origin.span, message, places, help_text)


_Texts = tuple[str, list[tuple[Revision, str]], str | None]


def _unknown(environment: Environment, fault: Fault) -> _Texts:
    guess = nearest(fault.name, environment.graph.by_id)
    where = environment.name or "this environment"
    return f"no revision `{fault.name}` in `{where}`", [], f"did you mean `{guess}`?" if guess else None


def _duplicate(_: Environment, fault: Fault) -> _Texts:
    other = fault.others[0]
    message = f"two revisions have the id `{fault.name}`, and Alembic runs only this one"
    return message, [(other, "this one never runs")], "give one of them an id of its own"


def _duplicate_label(_: Environment, fault: Fault) -> _Texts:
    other = fault.others[0]
    return f"the branch label `{fault.name}` is taken", [(other, f"`{other.id}` has it")], None


def _cycle(_: Environment, fault: Fault) -> _Texts:
    if not fault.others:
        return f"the revision `{fault.revision.id}` comes after itself", [], None
    related = [(other, f"`{other.id}` comes after `{after.id}`") for other, after in _pairs(fault)]
    return "these revisions come after each other in a circle", related, None


def _pairs(fault: Fault) -> Iterator[tuple[Revision, Revision]]:
    members = (*fault.others, fault.revision)
    yield from pairwise(members)


def _heads(_: Environment, fault: Fault) -> _Texts:
    count = len(fault.others) + 1
    related = [(other, f"`{other.id}` is a head too") for other in fault.others]
    return (
        f"the history has {count} heads, and `alembic upgrade head` takes one",
        related,
        "merge them by `alembic merge heads`, or set `down_revision` to the other head",
    )


_TEXTS = {
    "unknown": _unknown,
    "unknown-dependency": _unknown,
    "duplicate": _duplicate,
    "duplicate-label": _duplicate_label,
    "cycle": _cycle,
    "heads": _heads,
}
