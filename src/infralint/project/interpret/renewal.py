"""Other statements of some modules: these are run again, with all that looked at them; the rest is kept as it is."""

from __future__ import annotations

from collections.abc import Collection

from infralint.project.interpret.internal import PENDING
from infralint.project.interpret.loader import ran
from infralint.project.interpret.machine import MAX_ALL_STEPS, Machine
from infralint.project.interpret.runs import CONSUMER
from infralint.project.interpret.scopes import Scope
from infralint.project.interpret.values import ModuleValue


def renew(machine: Machine, changed: Collection[str]) -> bool:
    """Run these modules again. False where the rest may not be what it would be after a run from nothing: then the
    machine is of no use any more."""
    runs = machine.runs
    again = runs.after(changed)
    first = min((runs.began[path] for path in again if path in runs.began), default=runs.latest + 1)
    if not _is_contained(machine, again, first):
        return False
    known = [machine.modules[path] for path in sorted(again) if path in machine.modules]
    old = [module for module in known if module.state != "new"]
    _forget(machine, again)
    # Up to the first of them a run from nothing does what was done; who of them comes when after that is not known.
    runs.place = first
    try:
        for module in old:
            ran(machine, module)
    finally:
        runs.place = 0
    return _is_contained(machine, again, first)


def _is_contained(machine: Machine, again: frozenset[str], first: int) -> bool:
    """Whether what these runs did and found has nothing to do with who comes when from this place on."""
    runs, before = machine.runs, machine.runs.before(again)
    if machine.all_steps <= 0 or runs.unsteady & before:
        return False
    # What consumers have changed they would change once more.
    if any(run == CONSUMER or (run in again and maker not in again) for run, maker in runs.altered):
        return False
    return not runs.is_altered(before, first)


def _forget(machine: Machine, again: frozenset[str]) -> None:
    runs = machine.runs
    for path in again:
        for table in (machine.records, machine.strings, machine.programs, runs.of, runs.spent):
            table.pop(path, None)
        for key in runs.assigned.pop(path, ()):
            machine.assigned.pop(key, None)
        if path in machine.modules:
            _empty(machine.modules[path])
        runs.again[path] = runs.again.get(path, 0) + 1
    runs.altered = {(run, maker): place for (run, maker), place in runs.altered.items() if run not in again}
    for kept in runs.kept_by.drop(again):
        runs.kept.pop(kept, None)
    for lazy in machine.looked_up.drop(again):
        lazy.found, lazy.through = PENDING, frozenset()
    machine.forget_costs()
    machine.all_steps = MAX_ALL_STEPS - sum(runs.spent.values())


def _empty(module: ModuleValue) -> None:
    """Make a module one that was not run; who holds it keeps it."""
    module.scope = Scope("module")
    module.names = module.scope.names
    module.state, module.problem = "new", None
