"""The graph of revisions, as `alembic/script/revision.py` (1.20) builds it: ids, heads, bases, order, faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.project.catalog import Origin


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision file. `origin`: the value of `revision`; `down_origin`: that of `down_revision`.

    `open`: why its place in the graph cannot be told.
    """

    id: str
    path: str
    origin: Origin
    down_origin: Origin
    down: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    depends_origin: Origin | None = None
    open: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why Alembic refuses, or does not run, a part of a graph.

    `kind`: "unknown" (`name` is the id that `down_revision` names), "unknown-dependency" (in `depends_on`),
    "duplicate" (the id is that of `others[0]`), "duplicate-label", "cycle" (`others` are on it), "heads" (`others` are
    the other heads).
    """

    kind: str
    revision: Revision
    name: str = ""
    others: tuple[Revision, ...] = ()


class RevisionGraph:
    """The revisions of one environment, given in the order in which Alembic loads them: folder, then file name."""

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self.members = tuple(revisions)
        # Of two revisions with one id, Alembic keeps the one that it loads last.
        self.by_id: dict[str, Revision] = {each.id: each for each in self.members}

    @cached_property
    def labels(self) -> Mapping[str, Revision]:
        """Branch labels, each with the revision that has it."""
        found: dict[str, Revision] = {}
        for revision in self.members:
            for label in revision.labels:
                found.setdefault(label, revision)
        return found

    @cached_property
    def open(self) -> str:
        """Why the graph cannot be told."""
        return next((revision.open for revision in self.members if revision.open), "")

    def dependencies(self, revision: Revision) -> tuple[str, ...]:
        """The ids that `depends_on` means: a branch label stands for the revision that has it."""
        found = (self.by_id.get(name) or self.labels.get(name) for name in revision.depends_on)
        return tuple(each.id for each in found if each is not None)

    @cached_property
    def _below(self) -> Mapping[str, tuple[str, ...]]:
        """For each id those that must run right before it, `down_revision` first. A dependency that an ancestor
        already has is left out (RevisionMap._normalize_depends_on): it may stand before the branch point."""
        return {id_: tuple(dict.fromkeys((*self._down(id_), *self._own_needs(id_)))) for id_ in self.by_id}

    def _down(self, id_: str) -> tuple[str, ...]:
        return tuple(each for each in self.by_id[id_].down if each in self.by_id)

    def _own_needs(self, id_: str) -> tuple[str, ...]:
        needs = self.dependencies(self.by_id[id_])
        seen: set[str] = set()
        stack = list(self._down(id_)) if needs else []
        while stack:
            ancestor = stack.pop()
            if ancestor not in seen:
                seen.add(ancestor)
                stack.extend(self._down(ancestor))
        inherited = {need for ancestor in seen for need in self.dependencies(self.by_id[ancestor])}
        return tuple(need for need in needs if need not in inherited)

    @cached_property
    def heads(self) -> tuple[Revision, ...]:
        """Revisions that no `down_revision` names: what `alembic upgrade head` must find one of."""
        named = {id_ for revision in self.by_id.values() for id_ in revision.down}
        return tuple(revision for id_, revision in self.by_id.items() if id_ not in named)

    @cached_property
    def bases(self) -> tuple[Revision, ...]:
        """Revisions without a `down_revision`."""
        return tuple(revision for revision in self.by_id.values() if not revision.down)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong, in the order of the files; the number of heads last."""
        if self.open:
            return ()
        found = [fault for revision in self.members for fault in self._faults_of(revision)]
        if not found and (cycle := self._cycle) and self._has_unreachable():
            found.append(Fault("cycle", cycle[0], others=cycle[1:]))
        if not found and len(self.heads) > 1:
            last, others = self.heads[-1], self.heads[:-1]
            found.append(Fault("heads", last, others=others))
        return tuple(found)

    def _faults_of(self, revision: Revision) -> Iterable[Fault]:
        kept = self.by_id[revision.id]
        if kept is not revision:
            yield Fault("duplicate", kept, revision.id, (revision,))
        for name in revision.down:
            if name not in self.by_id:
                yield Fault("unknown", revision, name)
        for name in revision.depends_on:
            if name not in self.by_id and name not in self.labels:
                yield Fault("unknown-dependency", revision, name)
        for label in revision.labels:
            other = self.labels[label] if self.labels[label] is not revision else self.by_id.get(label)
            if other is not None and other is not revision:
                yield Fault("duplicate-label", revision, label, (other,))

    def _has_unreachable(self) -> bool:
        """Whether a head and a base, once by `down_revision` and once with `depends_on`, do not enclose all revisions:
        RevisionMap._detect_cycles. A circle that they do enclose is not noticed, and runs."""
        for below in ({id_: self._down(id_) for id_ in self.by_id}, self._below):
            named = {each for names in below.values() for each in names}
            above: dict[str, list[str]] = {id_: [] for id_ in below}
            for id_, names in below.items():
                for name in names:
                    above[name].append(id_)
            from_heads = _reached([id_ for id_ in below if id_ not in named], below)
            from_bases = _reached([id_ for id_, names in below.items() if not names], above)
            if len(from_heads & from_bases) < len(below):
                return True
        return False

    @cached_property
    def _cycle(self) -> tuple[Revision, ...]:
        """Revisions that run only after themselves; none in a sound graph."""
        left = dict(self._below)
        done: set[str] = set()
        while ready := [id_ for id_, below in left.items() if done.issuperset(below)]:
            done.update(ready)
            for id_ in ready:
                del left[id_]
        return tuple(self.by_id[id_] for id_ in _on_cycle(left)) if left else ()

    @cached_property
    def order(self) -> tuple[Revision, ...]:
        """All revisions in the order in which `alembic upgrade heads` runs them; none in a graph with faults other
        than its number of heads."""
        if self.open or self._cycle or any(fault.kind != "heads" for fault in self.faults):
            return ()
        return tuple(self.by_id[id_] for id_ in reversed(self._topological()))

    def _topological(self) -> list[str]:
        """Ids, each before those that it needs: RevisionMap._topological_sort, which walks one branch down as far as
        no other head still needs it."""
        place = {id_: at for at, id_ in enumerate(self.by_id)}
        ancestors = self._ancestors
        named = {each for one in self.by_id.values() for each in (*one.down, *self.dependencies(one))}
        heads = sorted(set(self.by_id) - named, key=place.__getitem__)
        todo, output, at = set(self.by_id), [], 0
        while heads:
            candidate = heads[at]
            other = next((i for i, head in enumerate(heads) if i != at and candidate in ancestors(head)), None)
            if other is not None:
                at = other
                continue
            if candidate in todo:
                output.append(candidate)
                todo.remove(candidate)
            further = [id_ for id_ in self._below[candidate] if id_ in todo and id_ not in heads]
            if further:
                heads[at] = further[0]
                heads.extend(further[1:])
            else:
                del heads[at]
                at = max(at - 1, 0)
        return output

    @cached_property
    def _ancestors(self) -> Callable[[str], frozenset[str]]:
        """The ids that must run before one, itself included."""
        known: dict[str, frozenset[str]] = {}

        def ancestors(id_: str) -> frozenset[str]:
            stack = [id_]
            while stack:
                top = stack[-1]
                missing = [each for each in self._below[top] if each not in known]
                if missing:
                    stack.extend(missing)
                    continue
                stack.pop()
                known[top] = frozenset({top}).union(*(known[each] for each in self._below[top]))
            return known[id_]

        return ancestors


def _reached(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """All that edges lead to, the start included."""
    found: set[str] = set()
    stack = list(start)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(edges[name])
    return found


def _on_cycle(left: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The ids of one cycle among those that never become ready, each before the one that it needs."""
    path: list[str] = []
    at = next(iter(left))
    while at not in path:
        path.append(at)
        at = next(each for each in left[at] if each in left)
    cycle = path[path.index(at) :]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]
