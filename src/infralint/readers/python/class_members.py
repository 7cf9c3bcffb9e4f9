"""The attributes of a class that its own statement makes: those of the class, and those of its instances."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from infralint.readers.python.nodes import children, walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Calls in a class's body by which names come in that no statement shows.
_MAKERS = frozenset({"exec", "locals", "vars", "setattr"})
# Statements that hold others, but for definitions.
_COMPOUND = frozenset({"AsyncFor", "AsyncWith", "For", "If", "Match", "Try", "TryStar", "While", "With"})
_ASSIGNING = (ast.AnnAssign, ast.Assign, ast.AsyncFor, ast.AugAssign, ast.Delete, ast.For)


@dataclass(slots=True)
class Members:
    """`own`: names that the body binds, wherever in it, slots among them; `instance`: what methods assign to their
    first parameter, and what the body annotates. `is_open`: the body makes names that it does not show."""

    own: dict[str, None] = field(default_factory=dict)
    instance: dict[str, None] = field(default_factory=dict)
    is_open: bool = False


def members_of(node: ast.ClassDef, *, may_make_names: bool = True) -> Members:
    """The members of a class statement, in the order of their first statement. `may_make_names`: the module's text
    may hold one of MAKERS."""
    found = Members()
    for statement in _all_statements(node.body):
        if isinstance(statement, _FUNCTIONS):
            found.own[statement.name] = None
            (found.own if _is_of_class(statement) else found.instance).update(dict.fromkeys(_assigned_in(statement)))
        elif isinstance(statement, ast.ClassDef):
            found.own[statement.name] = None
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            found.own |= dict.fromkeys(_bound(statement))
            found.is_open |= may_make_names and _makes_names(statement)
            found.own |= dict.fromkeys(_slots(statement))
            found.instance |= dict.fromkeys(_annotated(statement))
    return found


def may_make_names(text: str) -> bool:
    """Whether a class in a text may make names that no statement shows."""
    # A name in letters of other kinds is the same name (PEP 3131).
    return not text.isascii() or any(word in text for word in _MAKERS)


def _all_statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a block and of the blocks in it; a definition is given without what stands in it."""
    found: list[ast.stmt] = []
    for statement in body:
        found.append(statement)
        for block in _blocks(statement) if type(statement).__name__ in _COMPOUND else ():
            found += _all_statements(block)
    return found


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    yield from (getattr(statement, name, []) for name in ("body", "orelse", "finalbody"))
    yield from (part.body for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement itself binds that is no definition; those of comprehensions among them, which do no
    harm."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.AnnAssign):
        if statement.value is not None and isinstance(statement.target, ast.Name):
            yield statement.target.id
    else:
        for node in _heads(statement):
            yield from (
                each.id for each in walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            )
        for case in getattr(statement, "cases", ()):
            yield from (name for each in walk(case.pattern) if (name := _captured(each)))


def _heads(statement: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement that are no statements."""
    for child in children(statement):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield child


def _captured(pattern: ast.AST) -> str | None:
    return getattr(pattern, "name", None) or getattr(pattern, "rest", None)


def _slots(statement: ast.stmt) -> Iterator[str]:
    """A slot is a descriptor of the class (Data model, "__slots__")."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if any(isinstance(target, ast.Name) and target.id == "__slots__" for target in targets):
        yield from (
            each.value
            for each in walk(statement.value)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )


def _annotated(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def _makes_names(statement: ast.stmt) -> bool:
    calls = (each for head in _heads(statement) for each in walk(head) if isinstance(each, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id in _MAKERS for call in calls)


def _assigned_in(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The attributes that a method assigns to its first parameter, whatever that is."""
    parameters = [*method.args.posonlyargs, *method.args.args]
    if not parameters:
        return
    first = parameters[0].arg
    for statement in _all_statements(method.body):
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            targets = [item.optional_vars for item in statement.items]
        elif isinstance(statement, _ASSIGNING):
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        else:
            continue
        for target in targets:
            yield from _attributes_of(first, target)


def _is_of_class(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method's first parameter may be the class itself."""
    named = {each.id for each in method.decorator_list if isinstance(each, ast.Name)}
    parameters = [*method.args.posonlyargs, *method.args.args]
    of_class = method.name in ("__new__", "__init_subclass__", "__class_getitem__") or "classmethod" in named
    return of_class or any(each.arg in ("cls", "klass", "mcs") for each in parameters[:1])


def _attributes_of(name: str, target: ast.expr | None) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _attributes_of(name, element)
    elif isinstance(target, ast.Starred):
        yield from _attributes_of(name, target.value)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == name:
        yield target.attr
