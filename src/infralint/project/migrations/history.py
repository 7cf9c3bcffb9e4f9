"""The revisions of an environment run one after the other: what each does, and the schema at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from infralint.project.catalog import Catalog, Origin, Table, Unknown
from infralint.project.interpret import Event, External, FunctionValue, Interpreter, Made
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.migrations.answers import POSTGRESQL, Answers
from infralint.project.migrations.environments import Environment
from infralint.project.migrations.execute import Reader, ReadSql, may_reach_database
from infralint.project.migrations.graph import Revision
from infralint.project.migrations.items import Items
from infralint.project.migrations.sql_files import SqlFiles
from infralint.project.migrations.type_changes import TypeChange
from infralint.project.replay.apply import apply
from infralint.project.replay.operations import AddColumn, AlterColumn, OpenTables, Operation, TableRef
from infralint.project.replay.state import UNCERTAIN, State
from infralint.project.replay.tables import find_column
from infralint.source import Span

# Tables of Alembic's own, which no model declares.
VERSION_TABLE = "alembic_version"
_NOWHERE = Origin("", Span(0, 0))
# With the table's name in it: statements that leave no row.
_EMPTIED = (
    r'\b(?:TRUNCATE\s+(?:TABLE\s+)?[^;]*?\b|DELETE\s+FROM\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?){}\b"?'
    r"\s*(?:;|$|,|CASCADE|RESTART)"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A new column beside what it found. `table`: as it was right before; None where it was not there.

    `made_here`: the table was made by the same revision.
    """

    operation: AddColumn
    table: Table | None
    made_here: bool


@dataclass(slots=True)
class Step:
    """One revision's upgrade. `problem`: why it could not be read."""

    revision: Revision
    operations: list[Operation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    type_changes: list[TypeChange] = field(default_factory=list)
    problem: str = ""
    statements: list[str] = field(default_factory=list)

    def empties(self, table: str) -> bool:
        """Whether the revision deletes all rows of a table: TRUNCATE, or DELETE without a condition."""
        pattern = re.compile(_EMPTIED.format(re.escape(table)), re.IGNORECASE)
        return any(pattern.search(statement) for statement in self.statements)


@dataclass(slots=True)
class History:
    """An environment's revisions in their order, and the schema that they lead to. `catalog.open` says why the end
    state is not known: an unsound graph, revisions that alter tables which nobody made."""

    environment: Environment
    steps: tuple[Step, ...]
    catalog: Catalog
    dialect: str = POSTGRESQL
    replayer: Replayer | None = None

    def empty_downgrade(self, revision: Revision) -> Origin | None:
        """The name of a revision's `downgrade` if it does nothing at all; None for all others."""
        return self.replayer.empty_downgrade(revision) if self.replayer is not None else None

    def downgrade(self, revision: Revision) -> list[Operation]:
        """What a revision's `downgrade` does to the schema; none where it cannot be read."""
        return self.replayer.downgrade(revision) if self.replayer is not None else []


class Replayer:
    """Runs environments. `read_sql` gives the operations of a text."""

    def __init__(
        self, interpreter: Interpreter, environment: Environment, read_sql: ReadSql, sql_files: SqlFiles
    ) -> None:
        self.interpreter = interpreter
        self.environment = environment
        self.dialect = environment.dialect
        self.reader = Reader(Items(interpreter, self.dialect), self._read, sql_files)
        self.is_postgresql = self.dialect == POSTGRESQL and environment.is_sure
        self.read_sql = read_sql
        self.statements: list[str] = []
        self.state = State("migrations")

    def _read(self, text: str, origin: Origin, certain: bool) -> list[Operation]:
        self.statements.append(text)
        return self.read_sql(text, origin, certain)

    def run(self) -> History:
        """All revisions, from the bases to the heads."""
        environment = self.environment
        steps = tuple(self._step(revision) for revision in environment.graph.order)
        catalog = self.state.catalog(environment.name)
        catalog.tables.pop(("", VERSION_TABLE), None)
        if not steps and environment.graph.members:
            first = environment.graph.members[0]
            reason = environment.graph.open or "the revisions are not in one order"
            catalog.open.append(Unknown(reason, first.down_origin))
        return History(environment, steps, catalog, self.dialect, self)

    def empty_downgrade(self, revision: Revision) -> Origin | None:
        """The name of a `downgrade` that calls nothing, raises nothing and was read whole."""
        bound = self.interpreter.module(revision.path).names.get("downgrade")
        if bound is None or not isinstance(self.interpreter.value(bound), FunctionValue):
            return None
        step = Step(revision)
        events = self.events(revision, "downgrade", step)
        return None if events or step.problem else bound.name_origin

    def downgrade(self, revision: Revision) -> list[Operation]:
        """What a revision's `downgrade` does to the schema."""
        return [
            operation
            for event in self.events(revision, "downgrade", Step(revision))
            if event.call is not None
            for operation in self.reader.operations(event.call, self._is_certain(event))
        ]

    def _step(self, revision: Revision) -> Step:
        self.state.begin()
        before = set(self.state.tables)
        self.statements = []
        step = Step(revision, statements=self.statements)
        for event in self.events(revision, "upgrade", step):
            if event.kind == "raise":
                if event.certain:
                    self._apply(step, _unreadable(event.place, "the revision raises an exception"), before)
            elif event.kind == "unread":
                if event.call is None or may_reach_database(event.call):
                    self._apply(step, _unreadable(event.place, event.reason), before)
            elif event.call is not None:
                for operation in self.reader.operations(event.call, self._is_certain(event)):
                    self._apply(step, operation, before)
        if step.problem:
            self._apply(step, _unreadable(revision.origin, step.problem), before)
        return step

    def _is_certain(self, event: Event) -> bool:
        """Whether a call is made for sure. On PostgreSQL a statement that fails ends the transaction, whatever handler
        stands around it: where the upgrade succeeds, a `try` was run to its end."""
        return event.certain or (event.tried and self.dialect == POSTGRESQL)

    def events(self, revision: Revision, name: str, step: Step) -> list[Event]:
        """What `upgrade` or `downgrade` of a revision does; none where there is no such function."""
        module = self.interpreter.module(revision.path)
        bound = module.names.get(name)
        function = self.interpreter.value(bound) if bound is not None else None
        if not isinstance(function, FunctionValue):
            step.problem = module.problem or f"{revision.path} has no function `{name}` that can be read"
            return []
        scratch = Scratch(self.state, lambda made: self.reader.operations(made, True))
        answers = Answers(self.dialect, scratch.look_up, scratch.names, scratch.note)
        # Runners of a project's own pass `op`.
        names = [each.name for each in function.definition.parameters]
        given = {"op": External("alembic.op")} if "op" in names else {}
        return self.interpreter.trace(function, hooks=answers, kwargs=given)

    def _apply(self, step: Step, operation: Operation, before: set[tuple[str, str]]) -> None:
        step.operations.append(operation)
        if isinstance(operation, AddColumn):
            key = self.state.find(operation.table)
            table = self.state.snapshot()[key] if key is not None and key in self.state.tables else None
            step.changes.append(Change(operation, table, key is not None and key not in before))
        elif isinstance(operation, AlterColumn) and operation.type is not None and self.is_postgresql:
            self._note_type(step, operation)
        apply(self.state, operation)

    def _note_type(self, step: Step, operation: AlterColumn) -> None:
        key = self.state.find(operation.table)
        table = self.state.table(key) if key is not None else None
        name = find_column(table, operation.column) if table is not None and not table.open else None
        if table is not None and name is not None:
            step.type_changes.append(TypeChange(operation, table.columns[name], self.state.catalog()))


def _unreadable(origin: Origin, reason: str) -> Operation:
    return OpenTables(origin=origin, reason=reason)


class Scratch:
    """The database as a revision finds it while it runs: the state of before, and its own operations so far."""

    def __init__(self, state: State, operations: Callable[[Made], list[Operation]]) -> None:
        self.base = state
        self.operations = operations
        self.noted: list[Made] = []
        self._state: State | None = None

    def note(self, made: Made) -> None:
        """A call that may change the schema."""
        self.noted.append(made)

    @property
    def state(self) -> State:
        if self._state is None:
            self._state = State("migrations")
            self._state.tables = self.base.snapshot()
            self._state.enums = dict(self.base.enums)
            self._state.open = list(self.base.open)
        for made in self.noted:
            for operation in self.operations(made):
                apply(self._state, operation)
        self.noted = []
        return self._state

    def look_up(self, name: str, schema: str) -> Lookup[Table]:
        """A table by name: known only if it was read whole, absent only if nothing may have made it."""
        state = self.state
        key = state.find(TableRef(name, _NOWHERE, schema))
        if key is None:
            return Open(state.open[0].reason) if state.open else Absent()
        table = state.table(key)
        return Open(table.open[0].reason) if table.open else Known(table)

    def names(self, schema: str) -> list[str] | None:
        """The names of all tables of a schema; None where they cannot be told."""
        state = self.state
        doubtful = (unknown.reason == UNCERTAIN for table in state.tables.values() for unknown in table.open)
        if state.open or any(doubtful):
            return None
        return [table.name for key, table in state.tables.items() if key[0] == schema and table.kind == "table"]
