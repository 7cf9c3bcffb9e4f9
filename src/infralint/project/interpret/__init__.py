"""The symbolic interpreter: evaluates a pure subset of Python over what the readers lowered, and imports nothing.

Models and migrations are small programs. `Interpreter` runs them as far as they can be followed: constants, helper
functions, loops over literals, class bodies, imports. What code outside of the tree would make stays a term, what
cannot be told is Unknown; the meaning of SQLAlchemy and Alembic is for those who read the terms.
"""

from infralint.project.interpret.hooks import UNANSWERED, Event, Hooks
from infralint.project.interpret.interpreter import Interpreter
from infralint.project.interpret.order import identity
from infralint.project.interpret.runs import OrderError
from infralint.project.interpret.terms import (
    AnnotationValue,
    Argument,
    AttributeOf,
    Bound,
    External,
    ForwardValue,
    Frame,
    Made,
    Operation,
    Unknown,
    Value,
)
from infralint.project.interpret.values import (
    NOTHING,
    BoundMethod,
    ClassValue,
    DictValue,
    EnumMember,
    FunctionValue,
    InstanceValue,
    ItemOf,
    ListValue,
    ModuleValue,
    PartialValue,
    SetValue,
    TupleValue,
    key_of,
    same,
)

__all__ = [
    "NOTHING",
    "UNANSWERED",
    "AnnotationValue",
    "Argument",
    "AttributeOf",
    "Bound",
    "BoundMethod",
    "ClassValue",
    "DictValue",
    "EnumMember",
    "Event",
    "External",
    "ForwardValue",
    "Frame",
    "FunctionValue",
    "Hooks",
    "InstanceValue",
    "Interpreter",
    "ItemOf",
    "ListValue",
    "Made",
    "ModuleValue",
    "Operation",
    "OrderError",
    "PartialValue",
    "SetValue",
    "TupleValue",
    "Unknown",
    "Value",
    "identity",
    "key_of",
    "same",
]
