"""What may be declared where nobody evaluates it: in functions that nothing calls, on bases that cannot be told.

Asked only before something is said to be missing, so it may look at every statement of the modules with models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from infralint.facts import program as ir
from infralint.facts.files import FileFacts
from infralint.project.interpret import ClassValue
from infralint.project.models.harmless import may_map, unknown_in
from infralint.project.program_walk import children

# Packages that make mapped classes at run time on the bases that they are given.
_CLASS_MAKERS = frozenset(
    {
        "sqlalchemy_bulk_lazy_loader",
        "sqlalchemy_continuum",
        "sqlalchemy_history",
        "sqlalchemy_i18n",
        "sqlalchemy_versioning",
    }
)


@dataclass(slots=True)
class _Statements:
    """What stands in a module, evaluated or not: calls that make tables or classes, class statements."""

    # (first argument, start) of `Table(...)`; None = no literal.
    tables: list[tuple[str | None, int]] = field(default_factory=list)
    # (first argument, start) of `type(name, bases, namespace)`.
    types: list[tuple[str | None, int]] = field(default_factory=list)
    # (name, literal `__tablename__` or "" without one or None where it is no literal, start) of class statements.
    classes: list[tuple[str, str | None, int]] = field(default_factory=list)
    reflects: bool = False
    # What statements that could not be read seem to bind; "*" for anything.
    unread: set[str] = field(default_factory=set)


class Possible:
    """Says why a class or table that no evaluated statement declares may exist nevertheless; "" = nothing says so.

    `is_evaluated`: whether the class statement or call at (path, start) was evaluated. `doubtful`: classes of the tree
    that are mapped if a base of theirs is that cannot be told, by name. `is_plain`: whether the class of a module
    (by path and name) is certainly not mapped.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: Iterable[str],
        is_evaluated: Callable[[tuple[str, int]], bool],
        doubtful: Mapping[str, ClassValue],
        is_plain: Callable[[str, str], bool],
    ) -> None:
        self.files = files
        self.paths = tuple(paths)
        self.is_evaluated = is_evaluated
        self.doubtful = doubtful
        self.is_plain = is_plain
        self._known = frozenset(self.paths)

    def class_named(self, name: str) -> str:
        """Why a mapped class of that name may exist."""
        if name in self.doubtful:
            return f"`{name}` in {self.doubtful[name].path} has a base that cannot be told"
        for path, statements in self._statements.items():
            if name in statements.unread or ("*" in statements.unread and self._may_define(path, name)):
                return f"{path} was not read whole"
            for called, _, start in statements.classes:
                if called == name and not self.is_evaluated((path, start)):
                    return f"{path} makes the class at run time"
            for made, start in statements.types:
                if made in (name, None) and not self.is_evaluated((path, start)):
                    return f"{path} makes classes at run time"
        for path in self._scanned.get(name, ()):
            if not self.is_plain(path, name):
                return f"`{name}` in {path} has a base that cannot be told"
        return self._unread or self.class_maker

    def _may_define(self, path: str, name: str) -> bool:
        """Whether the scan for class statements, which reads every line, saw one of that name in a module."""
        module = self.files[path].python
        return module is None or any(stub.name in (name, "") for stub in module.stubs)

    @cached_property
    def _scanned(self) -> dict[str, list[str]]:
        """Modules without a word of SQLAlchemy by the names of their classes."""
        found: dict[str, list[str]] = {}
        for path, facts in self.files.items():
            module = facts.python
            for stub in module.stubs if module is not None and path not in self._known else ():
                found.setdefault(stub.name, []).append(path)
        return found

    def table_named(self, name: str) -> str:
        """Why a table of that name may exist."""
        for path, statements in self._statements.items():
            if statements.reflects:
                return f"{path} reflects tables from the database"
            if statements.unread:
                return f"{path} was not read whole"
            for made, start in statements.tables:
                if made in (name, None) and not self.is_evaluated((path, start)):
                    return f"{path} may make the table"
            for called, table, start in statements.classes:
                fits = table in (name, None) or (table == "" and _is_namesake(called, name))
                if fits and not self.is_evaluated((path, start)):
                    return f"{path} may make the table"
            if any(not self.is_evaluated((path, start)) for _, start in statements.types):
                return f"{path} makes classes at run time"
        return self._doubtful_table(name) or self._unread or self.class_maker

    def _doubtful_table(self, name: str) -> str:
        for called, cls in self.doubtful.items():
            bound = cls.lookup("__tablename__")
            written = bound.value if bound is not None else None
            if written == name or (not isinstance(written, str) and (bound is not None or _is_namesake(called, name))):
                return f"`{called}` in {cls.path} has a base that cannot be told"
        for called, paths in self._scanned.items():
            if _is_namesake(called, name) and not all(self.is_plain(path, called) for path in paths):
                return f"`{called}` in {paths[0]} has a base that cannot be told"
        return ""

    @cached_property
    def class_maker(self) -> str:
        """A package in use that makes mapped classes at run time."""
        for path in self.paths:
            module = self.files[path].python
            for statement in module.imports if module else ():
                head = statement.module.partition(".")[0]
                if head in _CLASS_MAKERS and not statement.level:
                    return f"{head} makes classes at run time"
        return ""

    @cached_property
    def _unread(self) -> str:
        """A Python file of which not even the class statements could be seen."""
        for path, facts in self.files.items():
            if facts.problem is not None and facts.python is None and path.endswith(".py"):
                return f"{path} could not be read"
        return ""

    @cached_property
    def _statements(self) -> dict[str, _Statements]:
        found = {}
        for path in self.paths:
            data = self.files[path].program
            if data:
                found[path] = _Statements()
                for statement in ir.decode_program(data).body:
                    _note(statement, found[path])
        return found


def may_be_mapped(cls: ClassValue) -> bool:
    """Whether a class that is on no registry may be on one that nobody sees: a base of it cannot be told."""
    if any(may_map(decorator.value) for decorator in cls.decorators):
        return True
    return any(
        unknown_in(value) is not None or (not isinstance(value, ClassValue) and may_map(value)) for value in cls.mro
    )


def _is_namesake(called: str, table: str) -> bool:
    """Whether a table may have its name from a class: in lower case, with or without underscores, in the plural."""
    folded = table.replace("_", "").lower()
    return folded in (called.lower(), f"{called.lower()}s", f"{called.lower()}es", f"{called.lower().rstrip('y')}ies")


def _note(node: ir.Node, found: _Statements) -> None:
    if isinstance(node, ir.Call):
        _note_call(node, found)
    elif isinstance(node, ir.Unreadable):
        found.unread |= set(node.names) or {"*"}
    elif isinstance(node, ir.Class):
        found.classes.append((node.name, _table_name(node), node.start))
    for child in children(node):
        _note(child, found)


def _note_call(node: ir.Call, found: _Statements) -> None:
    function = node.function
    called = (
        function.name if isinstance(function, ir.Attribute) else function.id if isinstance(function, ir.Name) else ""
    )
    if called == "reflect":
        found.reflects = True
    elif called == "Table" and not _has_own_metadata(node):
        found.tables.append((_literal(node.arguments[:1]), node.start))
    elif called == "type" and len(node.arguments) == 3:
        found.types.append((_literal(node.arguments[:1]), node.start))


def _has_own_metadata(node: ir.Call) -> bool:
    """Whether a `Table(...)` is given a MetaData that nobody else has: `Table(name, MetaData(), ...)`."""
    given = node.arguments[1] if len(node.arguments) > 1 else None
    function = given.function if isinstance(given, ir.Call) else None
    called = function.name if isinstance(function, ir.Attribute) else getattr(function, "id", "")
    return bool(called == "MetaData")


def _literal(arguments: tuple[ir.Expression, ...]) -> str | None:
    if arguments and isinstance(arguments[0], ir.Constant) and isinstance(arguments[0].value, str):
        return arguments[0].value
    return None


def _table_name(node: ir.Class) -> str | None:
    for statement in node.body:
        if isinstance(statement, ir.Assign) and any(_is_table_name(target) for target in statement.targets):
            return _literal((statement.value,))
        if isinstance(statement, ir.Annotate) and _is_table_name(statement.target):
            return _literal((statement.value,)) if statement.value is not None else ""
    return ""


def _is_table_name(target: ir.Expression) -> bool:
    return isinstance(target, ir.Name) and target.id == "__tablename__"
