"""Which class the annotation of a relationship names: `Mapped[list["Post"]]`.

Source: SQLAlchemy 2.0 and 2.1, `orm/relationships.py` (declarative_scan) and `util/typing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.project.interpret import AnnotationValue, ClassValue, External, ForwardValue, Frame, Interpreter, Unknown
from infralint.project.interpret.scopes import Scope
from infralint.project.models.registry_names import is_name

_MAPPINGS = frozenset({"Dict", "dict", "Mapping", "MutableMapping", "KeyFuncDict", "MappedCollection", "OrderedDict"})
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class NamedClass:
    """What an annotation names. `cls`: the class that the name is bound to, None where the module binds none. `late`:
    SQLAlchemy sees the name alone, and looks that up. `problem`: why it cannot be told, "" where it can."""

    origin: Origin
    name: str = ""
    cls: ClassValue | None = None
    late: bool = False
    problem: str = ""


def named_in(interpreter: Interpreter, annotation: AnnotationValue) -> NamedClass:
    """The class that an annotation holds."""
    whole = annotation.annotation
    quoted = whole if annotation.text[:1] in "\"'" else None
    written = _Written(whole.expression, annotation.scope, annotation.frame, quoted)
    late = quoted is not None or _keeps_annotations(interpreter, annotation.frame.path)
    return _named_in(interpreter, written, late, 0)


def _keeps_annotations(interpreter: Interpreter, path: str) -> bool:
    """Whether a module keeps its annotations as strings."""
    bound = interpreter.module(path).names.get("annotations")
    return bound is not None and bound.value == External("__future__.annotations")


def _named_in(interpreter: Interpreter, written: _Written, late: bool, depth: int) -> NamedClass:
    node = written.node
    if depth > _MAX_DEPTH:
        return NamedClass(written.origin, problem="the annotation is nested too deeply")
    if isinstance(node, ir.Forward):
        if node.expression is None:
            return NamedClass(written.origin, problem="the annotation cannot be read")
        return _named_in(interpreter, written.at(node.expression, node), True, depth + 1)
    if isinstance(node, (ir.Name, ir.Attribute)):
        return _leaf(interpreter, written, node, late)
    for inner in _members(node):
        return _named_in(interpreter, written.at(inner), late, depth + 1)
    return NamedClass(written.origin, problem="the annotation cannot be read")


def _leaf(interpreter: Interpreter, written: _Written, node: ir.Name | ir.Attribute, late: bool) -> NamedClass:
    name = dotted_name(node)
    if not name:
        return NamedClass(written.origin, problem="the annotation cannot be read")
    bound = _is_bound(written.scope, name.partition(".")[0])
    value = interpreter.forward(ForwardValue(name, node, written.scope, node, written.frame))
    if bound is False or (bound is None and isinstance(value, Unknown)):
        return NamedClass(written.origin, name)
    if not isinstance(value, ClassValue):
        return NamedClass(written.origin, problem=f"`{name}` cannot be told")
    return NamedClass(written.origin, value.name if late else name, value, late)


@dataclass(frozen=True, slots=True)
class _Written:
    """A part of an annotation, where it stands. `quoted`: the string that it is in."""

    node: ir.Node
    scope: Scope
    frame: Frame
    quoted: ir.Node | None = None

    @property
    def origin(self) -> Origin:
        """The place of the name, or of the string around it."""
        return Origin(self.frame.path, (self.quoted or self.node).span)

    def at(self, node: ir.Node, quoted: ir.Node | None = None) -> _Written:
        """An inner part."""
        return _Written(node, self.scope, self.frame, quoted or self.quoted)


def _is_bound(scope: Scope, name: str) -> bool | None:
    """Whether the running module binds a name; False where only type checkers see it, None where nothing is seen."""
    each: Scope | None = scope
    while each is not None:
        if name in each.names:
            return True
        if name in each.typing:
            return False
        each = each.parent
    return None


def dotted_name(node: ir.Node) -> str:
    """The dotted name that an expression is; "" for all others."""
    if isinstance(node, ir.Name):
        return node.id
    if isinstance(node, ir.Attribute):
        head = dotted_name(node.value)
        return f"{head}.{node.name}" if head else ""
    if isinstance(node, ir.Constant) and isinstance(node.value, str) and is_name(node.value):
        return node.value
    return ""


def _members(node: ir.Node) -> Iterator[ir.Node]:
    """What an annotation is made of, the class that it holds first."""
    if isinstance(node, ir.Binary) and node.operator == "|":
        yield from (operand for operand in (node.left, node.right) if not _is_none(operand))
    elif isinstance(node, ir.Subscript):
        name = dotted_name(node.value).rpartition(".")[2]
        indexes = node.index.items if isinstance(node.index, ir.Display) else (node.index,)
        members = [each for each in indexes if not _is_none(each)]
        yield from reversed(members) if name in _MAPPINGS else members


def _is_none(node: ir.Node) -> bool:
    return (isinstance(node, ir.Constant) and node.value is None) or isinstance(node, ir.Ellipsis_)
