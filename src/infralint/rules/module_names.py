"""What findings about a missing name point at in the module that lacks it."""

from __future__ import annotations

from infralint.facts.python import Binding
from infralint.likeness import nearest
from infralint.project.project import Project
from infralint.source import Span


def nearest_binding(project: Project, path: str, name: str) -> Binding | None:
    """What the module binds under a name like the one that is asked for."""
    module = project.modules.outline(path)
    bound = {binding.name: binding for binding in (module.bindings if module else ())}
    return bound.get(nearest(name, sorted(bound)) or "")


def first_place(project: Project, path: str) -> Span | None:
    """Something to point at in a module: the first thing that it imports or binds; None for an empty one."""
    module = project.modules.outline(path)
    spans = [*(each.span for each in module.imports), *(each.span for each in module.bindings)] if module else []
    return min(spans, default=None)
