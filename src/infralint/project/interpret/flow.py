"""Compound statements: conditions, loops, `with`, `try` and `match`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.project.interpret.assigning import assign
from infralint.project.interpret.functions import run_function
from infralint.project.interpret.internal import Lazy
from infralint.project.interpret.items import items_of
from infralint.project.interpret.machine import (
    BREAK,
    CONTINUE,
    FALL,
    LEAVE,
    RAISE,
    RETURN,
    STATEMENTS,
    Machine,
)
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.operators import equal
from infralint.project.interpret.pure import truth
from infralint.project.interpret.regions import TRIED, Change, Region
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, AttributeOf, Bound, External, Made, Unknown, Value
from infralint.project.interpret.values import (
    BoundMethod,
    ClassValue,
    EnumMember,
    FunctionValue,
    InstanceValue,
    ItemOf,
    ListValue,
    TupleValue,
)

_CONDITION = "a condition that cannot be told"
_LOOP = "a loop whose rounds cannot be told"
_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_TYPE_CHECKING = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
_MAX_ROUNDS = 20_000


def if_(machine: Machine, node: ir.If, env: Env) -> int:
    """`if`: the one way where the condition is known, both where it is not."""
    test = machine.eval(node.test, env)
    if isinstance(test, External) and test.name in _TYPE_CHECKING:
        _for_typing(machine, node.body, env)
        return machine.run(node.otherwise, env)
    known = truth(test)
    if known is None:
        # What raises is no way on: whoever comes behind the statement took the other.
        raises = [_raises(body) for body in (node.body, node.otherwise)]
        if raises == [True, False] or raises == [False, True]:
            known = raises[1]
    if known is not None:
        return machine.run(node.body if known else node.otherwise, env)
    ways = [lambda: machine.run(node.body, env), lambda: machine.run(node.otherwise, env)]
    return machine.fork(ways, node.test, _CONDITION, env)


def _raises(body: Sequence[ir.Statement]) -> bool:
    return bool(body) and isinstance(body[-1], ir.Raise) and not any(map(_may_leave, body[:-1]))


def _may_leave(node: ir.Statement) -> bool:
    return not isinstance(node, (ir.Evaluate, ir.Assign, ir.Annotate, ir.ImportFrom, ir.ImportModule))


def _for_typing(machine: Machine, body: Sequence[ir.Statement], env: Env) -> None:
    """Run what is only there for type checkers: it binds names for annotations."""
    inner = env.inner(env.scope)
    inner.typing = True
    events, machine.events = machine.events, None
    machine.run(body, inner)
    machine.events = events


# Loops.


def for_(machine: Machine, node: ir.For, env: Env) -> int:
    """`for`: round by round over items that are known."""
    items, open = items_of(machine, machine.eval(node.iterable, env), node.iterable, env)
    if items is None or open is not None or any(item.star for item in items):
        return _uncertain_rounds(machine, node, open, items or [], env)
    leaves = 0
    for item in items:
        if not machine.step(node.body):
            return leaves | _uncertain_rounds(machine, node, None, [], env)
        assign(machine, node.target, item, env)
        outcome = machine.run(node.body, env)
        leaves |= outcome & RETURN
        if outcome & BREAK and outcome & (FALL | CONTINUE):
            # It cannot be told whether there is another round.
            return leaves | _rest(machine, node, env)
        if not outcome & (FALL | CONTINUE):
            return leaves | (FALL if outcome & BREAK else outcome)
        if outcome & RETURN:
            return leaves | _rest(machine, node, env)
    return leaves | machine.run(node.otherwise, env)


def _rest(machine: Machine, node: ir.For, env: Env) -> int:
    """Further rounds, after one that may have left the loop."""
    return _uncertain_rounds(machine, node, None, [], env)


def _uncertain_rounds(machine: Machine, node: ir.For, open: Unknown | None, items: Sequence[Argument], env: Env) -> int:
    """A loop whose items are not all known: a round that may be, and whose item cannot be told."""
    reason = open.reason if open is not None else "an item that cannot be told"
    candidates = tuple(item.value for item in items[:8] if not item.star)

    def way() -> int:
        value = machine.unknown(reason, node.iterable, env, candidates)
        assign(machine, node.target, Argument(value, node.iterable, env.frame), env)
        outcome = machine.run(node.body, env)
        return FALL | (outcome & RETURN) if outcome & (FALL | LEAVE) else outcome

    outcome = machine.fork([way, lambda: FALL], node.iterable, _LOOP, env)
    return outcome if not node.otherwise else outcome | machine.run(node.otherwise, env)


def while_(machine: Machine, node: ir.While, env: Env) -> int:
    """`while`: round by round as long as the condition is known."""
    leaves = 0
    for _ in range(_MAX_ROUNDS):
        known = truth(machine.eval(node.test, env))
        if known is False:
            return leaves | machine.run(node.otherwise, env)
        if known is None or not machine.step(node.body):
            break
        outcome = machine.run(node.body, env)
        leaves |= outcome & RETURN
        if not outcome & (FALL | CONTINUE):
            return leaves | (FALL if outcome & BREAK else outcome)
        if outcome & (BREAK | RETURN):
            break

    def way() -> int:
        outcome = machine.run(node.body, env)
        return FALL | (outcome & RETURN) if outcome & (FALL | LEAVE) else outcome

    return leaves | machine.fork([way, lambda: FALL], node.test, _LOOP, env)


# With.


def with_(machine: Machine, node: ir.With, env: Env) -> int:
    """`with`: the term of a context manager is also what it gives to `as`."""
    return _with(machine, node.items, node.body, env)


def _with(machine: Machine, items: Sequence[ir.WithItem], body: Sequence[ir.Statement], env: Env) -> int:
    if not items:
        return machine.run(body, env)
    item, rest = items[0], items[1:]
    manager = _generator(machine, item.context, env)
    if manager is not None:
        return _in_generator(machine, manager, item, lambda: _with(machine, rest, body, env), env)
    value = machine.eval(item.context, env)
    if isinstance(value, InstanceValue) and value.cls.lookup("__enter__") is not None:
        value = _entered(machine, value, item.context, env)
    if item.target is not None:
        assign(machine, item.target, Argument(value, item.context, env.frame), env)
    outcome = _with(machine, rest, body, env)
    if _suppresses(value) and outcome & RAISE:
        return outcome & ~RAISE | FALL
    return outcome


def _suppresses(value: Value) -> bool:
    return isinstance(value, Made) and value.name == "contextlib.suppress"


def _entered(machine: Machine, value: InstanceValue, node: ir.Node, env: Env) -> Value:
    from infralint.project.interpret.attributes import attribute_of
    from infralint.project.interpret.calls import call_value

    return call_value(machine, attribute_of(machine, value, "__enter__", node, env), [], {}, node, env)


class _Manager:
    """A function with `contextlib.contextmanager`, and what it is called with."""

    def __init__(self, function: FunctionValue, args: list[Argument], kwargs: dict[str, Argument]) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs


def _generator(machine: Machine, node: ir.Expression, env: Env) -> _Manager | None:
    """The context manager of the tree that an expression calls; None where it is anything else."""
    if not isinstance(node, ir.Call) or not isinstance(node.function, (ir.Name, ir.Attribute)):
        return None
    if any(isinstance(each, ir.Starred) for each in node.arguments) or not all(each.name for each in node.keywords):
        return None
    callee = machine.eval(node.function, env)
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if not isinstance(function, FunctionValue) or not isinstance(function.definition, ir.Function):
        return None
    names = [getattr(each.value, "name", "") for each in function.decorators]
    if len(names) != 1 or names[0] not in _MANAGERS or not function.definition.generator:
        return None
    args = [Argument(machine.eval(each, env), each, env.frame) for each in node.arguments]
    if isinstance(callee, BoundMethod):
        args.insert(0, Argument(callee.receiver, node, env.frame))
    kwargs = {each.name: Argument(machine.eval(each.value, env), each.value, env.frame) for each in node.keywords}
    return _Manager(function, args, kwargs)


def _in_generator(machine: Machine, manager: _Manager, item: ir.WithItem, body: Callable[[], int], env: Env) -> int:
    """Run a generator function, and the body of the `with` where it yields."""
    outcomes: list[int] = []

    def on_yield(given: Argument) -> Value:
        if item.target is not None:
            assign(machine, item.target, Argument(given.value, item.context, env.frame), env)
        outcomes.append(body())
        return None

    run_function(machine, manager.function, manager.args, manager.kwargs, item.context, env, on_yield)
    if len(outcomes) == 1:
        return outcomes[0]
    if not outcomes:
        return machine.fork([body, lambda: FALL], item.context, "a context manager that is not followed", env)
    return FALL


# Try.


def try_(machine: Machine, node: ir.Try, env: Env) -> int:
    """`try`: the body, and handlers that may run instead of its rest.

    A body whose handlers all raise goes on only if it ran to its end. Names that the body imports are those that it
    imports: that a library is missing is nobody's normal case.
    """
    ways = [handler for handler in node.handlers if not _raises(handler.body)]
    if not ways:
        outcome = machine.run(node.body, env)
        if outcome & FALL:
            outcome = outcome & ~FALL | machine.run(node.otherwise, env)
    elif all(map(_catches_imports, node.handlers)) and all(map(_imports, node.body)):
        outcome = machine.run(node.body, env)
        outcome |= machine.run(node.otherwise, env)
    else:
        outcome = _guarded(machine, node, ways, env)
    last = machine.run(node.last, env)
    return outcome if last & FALL else last


def _imports(node: ir.Statement) -> bool:
    return isinstance(node, (ir.ImportFrom, ir.ImportModule))


def _catches_imports(handler: ir.Handler) -> bool:
    kinds = handler.exception.items if isinstance(handler.exception, ir.Display) else (handler.exception,)
    return all(isinstance(kind, ir.Name) and kind.id in ("ImportError", "ModuleNotFoundError") for kind in kinds)


def _guarded(machine: Machine, node: ir.Try, handlers: Sequence[ir.Handler], env: Env) -> int:
    place = Origin(env.frame.path, node.span)
    region = machine.region = Region(machine.region, place, TRIED)
    try:
        outcome = machine.run(node.body, env)
        if outcome & FALL:
            outcome = outcome & ~FALL | machine.run(node.otherwise, env)
    finally:
        machine.region = region.parent
        changes = region.undo()
    ended = [(outcome, changes)]
    for handler in handlers:
        inner = machine.region = Region(machine.region, place, "a handler that may run")
        try:
            _blur(machine, changes, env)
            if handler.name:
                caught = machine.unknown("an exception", handler, env)
                bind_name(machine, handler.name, Bound(caught, handler, env.frame), env)
            ended.append((machine.run(handler.body, env), []))
        finally:
            machine.region = inner.parent
            ended[-1] = (ended[-1][0], inner.undo())
    return machine.join(_with_imports(ended, changes), place, env)


def _with_imports(ended: list[tuple[int, list[Change]]], changes: list[Change]) -> list[tuple[int, list[Change]]]:
    """The same ends, with names that the body imports as it imports them whatever a handler binds to them."""
    imported = {
        (id(change.names), change.name): change
        for change in changes
        if change.after is not None and (type(change.after.value) is Lazy or _is_import(change.after.node))
    }
    found = [ended[0]]
    for outcome, others in ended[1:]:
        kept = [change for change in others if (id(change.names), change.name) not in imported]
        found.append((outcome, [*kept, *imported.values()]))
    return found


def _is_import(node: ir.Node) -> bool:
    return isinstance(node, (ir.ImportModule, ir.ImportedName))


def _blur(machine: Machine, changes: Sequence[Change], env: Env) -> None:
    """In a handler, the body's assignments may or may not have been made."""
    for change in changes:
        if change.after is not None:
            place = Origin(env.frame.path, change.after.node.span)
            machine.merge(change, place, env)


# Match.


def match(machine: Machine, node: ir.Match, env: Env) -> int:
    """`match`: the first case that fits, or all that may."""
    subject = Argument(machine.eval(node.subject, env), node.subject, env.frame)
    return _cases(machine, node.cases, subject, env)


def _cases(machine: Machine, cases: Sequence[ir.Case], subject: Argument, env: Env) -> int:
    if not cases:
        return FALL
    case, rest = cases[0], cases[1:]
    fits = _fits(machine, case.pattern, subject, env)
    if fits is False:
        return _cases(machine, rest, subject, env)

    def way() -> int:
        _capture(machine, case.pattern, subject, env)
        return machine.run(case.body, env)

    if fits and case.guard is not None:
        _capture(machine, case.pattern, subject, env)
        fits = truth(machine.eval(case.guard, env))
        if fits is False:
            return _cases(machine, rest, subject, env)
    if fits:
        return way()
    return machine.fork([way, lambda: _cases(machine, rest, subject, env)], case.pattern, _CONDITION, env)


def _fits(machine: Machine, pattern: ir.Pattern, subject: Argument, env: Env) -> bool | None:
    if pattern.kind in ("value", "singleton") and pattern.value is not None:
        wanted = machine.eval(pattern.value, env)
        if pattern.kind == "singleton" and not isinstance(subject.value, (Unknown, Made, AttributeOf, ItemOf)):
            return subject.value is wanted
        return equal(subject.value, wanted)
    if pattern.kind == "capture":
        return _fits(machine, pattern.patterns[0], subject, env) if pattern.patterns else True
    if pattern.kind == "or":
        answers = [_fits(machine, each, subject, env) for each in pattern.patterns]
        return True if True in answers else None if None in answers else False
    if pattern.kind == "sequence":
        return _fits_sequence(machine, pattern, subject, env)
    return None


def _fits_sequence(machine: Machine, pattern: ir.Pattern, subject: Argument, env: Env) -> bool | None:
    value = subject.value
    if not isinstance(value, (ListValue, TupleValue)):
        is_other = value is None or isinstance(value, (str, bytes, int, float, ClassValue, EnumMember))
        return False if is_other else None
    if value.open is not None or any(each.kind == "star" for each in pattern.patterns):
        return None
    if len(value.items) != len(pattern.patterns):
        return False
    answers = [_fits(machine, *pair, env) for pair in zip(pattern.patterns, value.items, strict=True)]
    return False if False in answers else None if None in answers else True


def _capture(machine: Machine, pattern: ir.Pattern, subject: Argument, env: Env) -> None:
    """Bind what a pattern binds; the parts of what is not known cannot be told."""
    if pattern.kind == "capture" and pattern.name:
        bind_name(machine, pattern.name, Bound(subject.value, pattern, env.frame), env)
    items: Sequence[Argument] = ()
    if pattern.kind == "sequence" and isinstance(subject.value, (ListValue, TupleValue)):
        items = subject.value.items
    exact = len(items) == len(pattern.patterns) and not any(each.kind == "star" for each in pattern.patterns)
    for index, each in enumerate(pattern.patterns):
        whole = pattern.kind == "capture" or (pattern.kind == "or" and len(pattern.patterns) == 1)
        unknown = Argument(machine.unknown("a part that cannot be told", each, env), each, env.frame)
        _capture(machine, each, subject if whole else items[index] if exact else unknown, env)
    names = pattern.names if pattern.kind == "other" else (pattern.name,) if pattern.kind == "star" else ()
    for name in filter(None, names):
        value = machine.unknown("a part that cannot be told", pattern, env)
        bind_name(machine, name, Bound(value, pattern, env.frame), env)


STATEMENTS[ir.If] = if_
STATEMENTS[ir.For] = for_
STATEMENTS[ir.While] = while_
STATEMENTS[ir.With] = with_
STATEMENTS[ir.Try] = try_
STATEMENTS[ir.Match] = match
