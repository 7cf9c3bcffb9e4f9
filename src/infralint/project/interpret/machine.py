"""The interpreter's state, and what all of its parts share: names, conditions that cannot be told, limits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.catalog import Origin
from infralint.project.interpret.hooks import Event, Hooks
from infralint.project.interpret.internal import Lazy
from infralint.project.interpret.regions import Change, Names, Region, put
from infralint.project.interpret.runs import ByModule, Runs
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, Bound, External, Made, Unknown, Value
from infralint.project.interpret.values import (
    ClassValue,
    DictValue,
    InstanceValue,
    ListValue,
    ModuleValue,
    SetValue,
    TupleValue,
    key_of,
    same,
)
from infralint.project.modules import ModuleGraph

# How a block ends: any of these ways, where it cannot be told which.
FALL, RETURN, BREAK, CONTINUE, RAISE = 1, 2, 4, 8, 16
LEAVE = RETURN | BREAK | CONTINUE

# Statements of functions and loops in one run, and in all of them.
MAX_STEPS = 200_000
MAX_ALL_STEPS = 4_000_000
# Calls and modules within each other: each takes about a dozen of Python's own frames, of which there are 1,000.
MAX_DEPTH = 34
MAX_ITEMS = 100_000
# What a call or a round costs besides its statements, in statements.
_LEAST = 3
# What a statement under a condition that cannot be told counts, in statements.
_UNCERTAIN = 8
MAX_CHARACTERS = 400_000
# More candidates say nothing.
_MAX_CANDIDATES = 8


class Record:
    """What one module's own run made: classes and external calls in order."""

    __slots__ = ("calls", "classes")

    def __init__(self) -> None:
        self.classes: list[ClassValue] = []
        self.calls: list[Made] = []


# The statements of modules by path, each with the bytes that they were decoded from.
Decoded = dict[str, tuple[bytes, ir.Program]]


class Machine:
    """State of the interpreter. The parts that evaluate get it as their first argument.

    `region`: the innermost condition that cannot be told. `events`: where a traced run reports to.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        graph: ModuleGraph,
        demand: Callable[[str], FileFacts | None] | None,
        hooks: Hooks,
        decoded: Decoded | None = None,
    ) -> None:
        self.files = files
        self.graph = graph
        self.demand = demand
        # What modules were run from, encoded.
        self.programs: dict[str, bytes] = {}
        # The same, taken apart, by path and with what it was made of.
        self.decoded: Decoded = {} if decoded is None else decoded
        self.base_hooks = hooks
        self.modules: dict[str, ModuleValue] = {}
        self.records: dict[str, Record] = {}
        self.strings: dict[str, dict[tuple[int, int], ir.Expression]] = {}
        # Attributes assigned to terms, by what `key_of` says of the term; bound through `bind` as names are.
        self.assigned: dict[Hashable, Names] = {}
        self.externals: dict[str, External] = {}
        self.region: Region | None = None
        self.events: list[Event] | None = None
        self.record = Record()
        self.runs = Runs()
        # Imported names whose values are known, by what these come from.
        self.looked_up: ByModule[Lazy] = ByModule()
        self.steps = MAX_STEPS
        self.all_steps = MAX_ALL_STEPS
        self.depth = 0
        self._costs: dict[int, int] = {}
        self.use(hooks)

    def use(self, hooks: Hooks) -> None:
        """Ask these hooks from now on; methods that a consumer did not define are not asked."""
        self.hooks = hooks
        self.asks_calls = type(hooks).call is not Hooks.call
        self.asks_attributes = type(hooks).attribute is not Hooks.attribute

    # Evaluation.

    def eval(self, node: Any, env: Env) -> Value:
        """The value of an expression."""
        return EXPRESSIONS[type(node)](self, node, env)

    def run(self, body: Sequence[ir.Statement], env: Env) -> int:
        """Run statements; says in which ways the block may end (FALL: at its end).

        What stands behind a statement that may have left the block runs under that condition.
        """
        leaves = 0
        opened: Region | None = None
        try:
            for statement in body:
                outcome = STATEMENTS[type(statement)](self, statement, env)
                if outcome == FALL:
                    continue
                if not outcome & FALL:
                    return leaves | outcome
                leaves |= outcome & LEAVE
                if outcome & LEAVE and opened is None:
                    origin = Origin(env.frame.path, statement.span)
                    opened = self.region = Region(self.region, origin, "it may not come to here")
            return leaves | FALL
        finally:
            if opened is not None:
                self._close(opened, leaves, env)

    def _close(self, region: Region, leaves: int, env: Env) -> None:
        """End a stretch behind a possible way out: what it does is not certain for those who go on after it.

        Nobody in a function goes on after its `return`.
        """
        self.region = region.parent
        for change in region.undo():
            if change.names is env.scope.names and not leaves & (BREAK | CONTINUE):
                self.bind(change.names, change.name, change.after)
            else:
                self.merge(change, region.cause, env)

    # Names.

    def bind(self, names: Names, name: str, bound: Bound | None) -> None:
        """Bind a name in a scope, a class or the like (None: unbind it)."""
        if self.region is not None:
            self.region.note(names, name)
        put(names, name, bound)

    def merge(self, change: Change, cause: Origin, env: Env) -> None:
        """Bind a name to what it may be: as it was before, or as it is after."""
        found = [bound for bound in (change.before, change.after) if bound is not None]
        self.bind(change.names, change.name, self._either(found, len(found) == 2, env))

    def _either(self, found: Sequence[Bound], complete: bool, env: Env) -> Bound:
        """One binding for several that a name may have; not `complete`: it may also be unbound."""
        last = found[-1]
        if complete and all(same(last.value, each.value) for each in found):
            return last
        value = self.either([each.value for each in found], last.node, env)
        if not isinstance(value, Unknown):
            value = Unknown("bound under a condition that cannot be told", last.node, last.frame, (value,))
        return Bound(value, last.node, last.frame, last.name_node, last.annotation)

    def either(self, values: Sequence[Value], node: ir.Node, env: Env) -> Value:
        """One value for several that it may be."""
        candidates: list[Value] = []
        for value in values:
            for each in value.candidates or (value,) if isinstance(value, Unknown) else (value,):
                if not any(same(each, known) for known in candidates):
                    candidates.append(each)
        if len(candidates) == 1 and not any(isinstance(value, Unknown) for value in values):
            return candidates[0]
        known = tuple(each for each in candidates if not isinstance(each, Unknown))[:_MAX_CANDIDATES]
        return Unknown("depends on what cannot be told", node, env.frame, known)

    # Conditions that cannot be told.

    def fork(self, ways: Sequence[Callable[[], int]], cause: ir.Node, reason: str, env: Env) -> int:
        """Run each of several ways as if it were the one, then keep what is the same after all of them."""
        place = Origin(env.frame.path, cause.span)
        ended: list[tuple[int, list[Change]]] = []
        for way in ways:
            region = self.region = Region(self.region, place, reason)
            try:
                outcome = way()
            finally:
                self.region = region.parent
                changes = region.undo()
            ended.append((outcome, changes))
        return self.join(ended, place, env)

    def join(self, ended: list[tuple[int, list[Change]]], place: Origin, env: Env) -> int:
        falling = [changes for outcome, changes in ended if outcome & (FALL | BREAK | CONTINUE)]
        for outcome, changes in ended:
            if not outcome & (FALL | BREAK | CONTINUE) and outcome & RETURN:
                for change in changes:
                    if change.names is not env.scope.names:
                        self.merge(change, place, env)
        self._keep_common(falling, env)
        outcomes = 0
        for outcome, _ in ended:
            outcomes |= outcome
        return outcomes & ~RAISE if outcomes & ~RAISE else outcomes

    def _keep_common(self, ways: list[list[Change]], env: Env) -> None:
        by_name: dict[tuple[int, str], list[Change]] = {}
        for changes in ways:
            for change in changes:
                by_name.setdefault((id(change.names), change.name), []).append(change)
        for changes in by_name.values():
            first = changes[0]
            now = first.names.get(first.name)
            outcomes = [change.after for change in changes] + [now] * (len(ways) - len(changes))
            found = [bound for bound in outcomes if bound is not None]
            if found:
                self.bind(first.names, first.name, self._either(found, len(found) == len(outcomes), env))
            else:
                self.bind(first.names, first.name, None)

    def touch(self, value: Value, node: ir.Node, env: Env) -> None:
        """Note that a collection, class or instance is about to change: under a condition, it is open afterwards."""
        if not isinstance(value, _MUTABLE):
            return
        self.runs.alter(value.born)
        if self.region is None or value.region is self.region:
            return
        if value.open is None:
            value.open = Unknown(self.region.reason, node, env.frame)

    # Values.

    def unknown(self, reason: str, node: ir.Node, env: Env, candidates: tuple[Value, ...] = ()) -> Unknown:
        """An Unknown at a node."""
        return Unknown(reason, node, env.frame, candidates)

    def external(self, name: str) -> External:
        """The one External of a name."""
        found = self.externals.get(name)
        if found is None:
            found = self.externals[name] = External(name)
        return found

    def new_list(self, items: list[Argument], open: Unknown | None = None) -> ListValue:
        """A new list."""
        value = ListValue(items, open)
        value.region, value.born = self.region, self.runs.running
        return value

    def new_tuple(self, items: list[Argument], open: Unknown | None = None) -> TupleValue:
        """A new tuple."""
        return TupleValue(items, open)

    def new_set(self, items: Sequence[Argument], open: Unknown | None = None) -> SetValue:
        """A new set of the items, each once."""
        value = SetValue(list({key_of(item.value): item for item in reversed(items)}.values())[::-1], open)
        value.region, value.born = self.region, self.runs.running
        return value

    def new_dict(self, pairs: Sequence[tuple[Argument, Argument]] = (), open: Unknown | None = None) -> DictValue:
        """A new dict."""
        value = DictValue({}, open)
        for key, item in pairs:
            value.entries[key_of(key.value)] = (key, item)
        value.region, value.born = self.region, self.runs.running
        return value

    # Limits and reports.

    def step(self, body: Sequence[ir.Statement] = ()) -> bool:
        """Count a call or a round of a loop with the statements that it runs; False when there have been too many."""
        cost = self._costs.get(id(body)) if body else _LEAST
        if cost is None:
            # Bodies live as long as the modules do that hold them.
            cost = self._costs[id(body)] = _LEAST + _count(body)
        if self.region is not None:
            # Little is learned there, and both ways of every condition are run.
            cost *= _UNCERTAIN
        self.steps -= cost
        self.all_steps -= cost
        return self.steps > 0 and self.all_steps > 0

    def forget_costs(self) -> None:
        """Count statements anew: modules have gone whose bodies were counted."""
        self._costs.clear()

    def report(self, kind: str, call: Made | None, node: ir.Node, env: Env, reason: str = "") -> None:
        """Tell a traced run of something that happens."""
        if self.events is None:
            return
        place = Origin(env.frame.path, node.span)
        region = self.region
        if region is None:
            self.events.append(Event(kind, call, place, reason=reason))
        else:
            self.events.append(Event(kind, call, place, False, region.cause, reason or region.reason, region.is_try))


def _count(body: Sequence[ir.Statement]) -> int:
    """The statements of a block and of the blocks in it."""
    found = 0
    pending: list[Sequence[object]] = [body]
    while pending:
        for node in pending.pop():
            found += isinstance(node, ir.Node)
            if isinstance(node, (ir.If, ir.For, ir.While, ir.Try, ir.With, ir.Handler, ir.Case)):
                pending.append(node.body)
            if isinstance(node, (ir.If, ir.For, ir.While, ir.Try)):
                pending.append(node.otherwise)
            if isinstance(node, ir.Try):
                pending += [node.handlers, node.last]
            if isinstance(node, ir.Match):
                pending.append(node.cases)
    return found


_MUTABLE = (ListValue, SetValue, DictValue, ClassValue, InstanceValue)

# Filled by expressions.py and statements.py, which need the machine's type.
EXPRESSIONS: dict[type, Callable[[Machine, Any, Env], Value]] = {}
STATEMENTS: dict[type, Callable[[Machine, Any, Env], int]] = {}
