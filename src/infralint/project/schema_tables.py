"""Tables as the schema has them: all declarations of one name together."""

from __future__ import annotations

from dataclasses import dataclass, field

from infralint.project.catalog import Column, DomainType, EnumType, Label, Origin
from infralint.project.catalog import Table as Declared
from infralint.project.places import is_example, is_test
from infralint.project.replay.operations import CreateFromQuery
from infralint.project.replay.state import NOT_CREATED
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Declaration:
    """A table as one source has it. `source`: "sql", "migrations" or "models".

    `weak`: its columns are known, and nothing else is said of them (a CREATE TABLE IF NOT EXISTS that may have done
    nothing, a temporary table). `query`: what it is made of, where it is made of a query. `former`: names that its
    columns had -> names that they have. `enums` and `domains`: those that its columns have as types, by name.
    `history`: the folder of the history that it is the end of, "" for none.
    """

    source: str
    table: Declared
    weak: bool = False
    query: CreateFromQuery | None = None
    former: dict[str, str] = field(default_factory=dict)
    enums: dict[str, tuple[EnumType, ...]] = field(default_factory=dict)
    domains: dict[str, tuple[DomainType, ...]] = field(default_factory=dict)
    history: str = ""

    @property
    def is_stub(self) -> bool:
        """Whether the source changes the table and does not create it: its columns are no more than some."""
        return any(unknown.reason == NOT_CREATED for unknown in self.table.open)

    @property
    def why_open(self) -> str:
        """Why more columns may exist, leaving aside that the table is made elsewhere; "" = no more do."""
        return next((unknown.reason for unknown in self.table.open if unknown.reason != NOT_CREATED), "")


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column, and where it is declared. `declared`: the column as each source has it, with that source's table."""

    name: str
    path: str
    span: Span
    declared: tuple[tuple[Declaration, Column], ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that a column takes besides NULL. `name`: of the enum type, "" for a CHECK; `origin`: its place."""

    values: tuple[Label, ...]
    origin: Origin
    name: str = ""


@dataclass(slots=True)
class Table:
    """A table by its name. `places`: where it is created; `schemas`: those that it is declared in, "" the usual one.

    `open`: why more columns may exist; `then`: it stands for a state of before the last one.
    """

    name: str
    declarations: list[Declaration] = field(default_factory=list)
    then: bool = False
    open: str = ""

    @property
    def places(self) -> list[tuple[str, Span]]:
        """Where the table is created, those of models last."""
        found = [each for each in self.declarations if not each.is_stub]
        found.sort(key=lambda each: (each.source == "models", each.table.origin))
        return list(dict.fromkeys((each.table.origin.path, each.table.origin.span) for each in found))

    @property
    def schemas(self) -> set[str]:
        return {each.table.schema.lower() for each in self.declarations}

    @property
    def only_in_tests(self) -> bool:
        return all(is_test(path) or is_example(path) for path, _ in self.places)

    def known(self, key: str) -> KnownColumn | None:
        """The column of a name in small letters, by all declarations that have it."""
        found = [
            (declaration, column) for declaration in self.declarations for column in _columns(declaration.table, key)
        ]
        if not found:
            return None
        first = found[0][1]
        return KnownColumn(first.name, first.origin.path, first.origin.span, tuple(found))

    def names(self) -> tuple[str, ...]:
        """Names of all columns, each once, in the order of their declarations."""
        found: dict[str, str] = {}
        for declaration in self.declarations:
            for name in declaration.table.columns:
                found.setdefault(name.lower(), name)
        return tuple(found.values())


def _columns(table: Declared, key: str) -> list[Column]:
    """Columns of a name: the one of exactly that name is found at once, and is nearly always the one."""
    exact = table.columns.get(key)
    if exact is not None:
        return [exact]
    return [column for name, column in table.columns.items() if name.lower() == key]


def allowed_values(column: KnownColumn) -> Allowed | None:
    """The values that all sources of the database let a column have; None where one of them sets no limit.

    Where migrations or SQL declare the table, the database is theirs, and models say nothing of it.
    """
    found = [(each, made) for each, made in column.declared if not each.weak]
    stored = [(each, made) for each, made in found if each.source != "models"] or found
    limits = [_limit(declaration, made) for declaration, made in stored]
    if not limits or any(limit is None for limit in limits):
        return None
    known = [limit for limit in limits if limit is not None]
    values: dict[tuple[str, str], Label] = {}
    for value in (each for limit in known for each in limit.values):
        values.setdefault((value.kind, value.text), value)
    return Allowed(tuple(values.values()), known[0].origin, known[0].name)


def _limit(declaration: Declaration, column: Column) -> Allowed | None:
    table = declaration.table
    if column.open or table.constraints_open or declaration.is_stub:
        return None
    checks = [
        each for each in table.constraints if each.kind == "check" and each.allowed and each.columns == (column.name,)
    ]
    if checks:
        # All of one file hold together; copies of the table in other files are other tables.
        by_path = [
            [each for each in checks if each.origin.path == path] for path in sorted({c.origin.path for c in checks})
        ]
        values = [
            value
            for same in by_path
            for value in same[0].allowed
            if all(value.text in _texts(each.allowed) for each in same)
        ]
        return Allowed(tuple(dict.fromkeys(values)), checks[0].origin)
    return _enum(declaration, column)


def _texts(labels: tuple[Label, ...]) -> set[str]:
    return {label.text for label in labels}


def _enum(declaration: Declaration, column: Column) -> Allowed | None:
    kind = column.type
    if kind is None or kind.item is not None:
        return None
    enums = declaration.enums.get(kind.name, ())
    if len(enums) != 1:
        return None
    places = {label.text: label for label in enums[0].places}
    values = tuple(places.get(label, Label(label, enums[0].origin)) for label in enums[0].labels)
    return Allowed(values, enums[0].origin, kind.name)


def is_required(table: Table, column: KnownColumn) -> bool:
    """Whether an INSERT must give the column: NOT NULL, and nothing fills it, by all that is known of the database."""
    found = [(each, made) for each, made in column.declared if not each.weak]
    stored = [(each, made) for each, made in found if each.source != "models"]
    if any(made.nullable for _, made in found) or len(stored or found) < _declaring(table, bool(stored)):
        return False
    return bool(found) and all(_must_be_given(each, made) for each, made in stored or found)


def _declaring(table: Table, stored: bool) -> int:
    """How many sources create the table: those of the database, or models alone."""
    whole = (each for each in table.declarations if not each.weak and not each.is_stub)
    return sum((each.source != "models") == stored for each in whole)


def _must_be_given(declaration: Declaration, column: Column) -> bool:
    if column.open or declaration.is_stub or column.nullable is not False:
        return False
    return not (column.server_default or column.generated or column.fills or _domain_gives(declaration, column))


def _domain_gives(declaration: Declaration, column: Column) -> bool:
    if column.type is None:
        return False
    return any(domain.server_default for domain in declaration.domains.get(column.type.name, ()))
