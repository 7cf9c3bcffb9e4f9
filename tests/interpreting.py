"""Helpers for tests of the symbolic interpreter: projects of texts, and what Python itself makes of the same text."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Mapping

import msgspec

from infralint.facts.files import FileFacts
from infralint.kinds import Kind
from infralint.project.interpret import (
    DictValue,
    EnumMember,
    External,
    Interpreter,
    ListValue,
    Made,
    SetValue,
    TupleValue,
    Unknown,
    Value,
)
from infralint.project.project import Project
from infralint.readers.dispatch import read_file
from infralint.settings import Settings

# What Python's objects are compared by; all others only have to be of the same kind.
_PLAIN = (str, bytes, int, float, bool, type(None), list, tuple, dict, set, frozenset)


class NotKnown:
    """What a value is that the interpreter cannot tell."""

    def __repr__(self) -> str:
        return "?"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotKnown)

    def __hash__(self) -> int:
        return 0


UNTOLD = NotKnown()


def project_of(files: Mapping[str, str]) -> Project:
    """A project of Python files, whose modules are lowered on demand as the engine does it."""
    facts = {path: read_file(text.encode(), Kind.PYTHON, "postgres") for path, text in files.items()}

    def demand(path: str) -> FileFacts:
        read = read_file(files[path].encode(), Kind.PYTHON, "postgres", program=True)
        return msgspec.structs.replace(facts[path], program=read.program)

    return Project(facts, files, Settings(), demand)


def interpreter_of(text: str | Mapping[str, str]) -> Interpreter:
    """The interpreter over one module `m.py`, or over several files."""
    return project_of({"m.py": text} if isinstance(text, str) else text).interpreter


def plain(value: Value) -> object:
    """The Python object that a value is; UNTOLD (at any depth) for what cannot be told."""
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        if value.open is not None:
            return UNTOLD
        items = [plain(item) for item in value.values]
        return items if isinstance(value, ListValue) else tuple(items) if isinstance(value, TupleValue) else set(items)
    if isinstance(value, DictValue):
        if value.open is not None:
            return UNTOLD
        return {plain(key.value): plain(item.value) for key, item in value.pairs()}
    if isinstance(value, EnumMember):
        return ("member", value.name)
    if isinstance(value, Unknown):
        return UNTOLD
    if isinstance(value, (External, Made)):
        return UNTOLD
    return value


def real(value: object) -> object:
    """A Python object in the same shape."""
    if isinstance(value, enum.Enum):
        return ("member", value.name)
    if isinstance(value, (list, tuple)):
        items = [real(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, (set, frozenset)):
        return {real(item) for item in value}
    if isinstance(value, dict):
        return {real(key): real(item) for key, item in value.items()}
    return value


def is_plain(value: object) -> bool:
    """Whether an object of Python's is one that is compared by its value."""
    return isinstance(value, (*_PLAIN, enum.Enum))


def agrees(ours: object, theirs: object) -> bool:
    """Whether a value is Python's own wherever it is told."""
    if isinstance(ours, NotKnown):
        return True
    if isinstance(ours, (list, tuple)) and type(ours) is type(theirs):
        assert isinstance(theirs, (list, tuple))
        return len(ours) == len(theirs) and all(map(agrees, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(agrees(ours[key], theirs[key]) for key in ours)
    return type(ours) is type(theirs) and ours == theirs


def names_of(interpreter: Interpreter, path: str = "m.py") -> dict[str, object]:
    """The plain values of a module's names."""
    module = interpreter.module(path)
    return {name: plain(interpreter.value(bound)) for name, bound in module.names.items()}


def ran(text: str) -> dict[str, object]:
    """The names that Python itself binds in a text which we wrote."""
    module = types.ModuleType("m")
    # Dataclasses look their module up.
    sys.modules["m"] = module
    try:
        exec(compile(text, "m.py", "exec"), module.__dict__)
    finally:
        del sys.modules["m"]
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}
