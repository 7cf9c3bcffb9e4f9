"""Where a variable is read: whether every run comes there, and what happens when it is not set."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import last_name

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})
_EXPECTING = frozenset({"assertRaises", "assertRaisesRegex", "raises", "suppress"})
# What a missing key raises, and what takes more than that.
_KEY_ERRORS = frozenset({"KeyError", "LookupError", "Exception", "BaseException"})
# What None gives to who asks it for an attribute, an item, a number.
_NONE_ERRORS = frozenset({"TypeError", "AttributeError", "ValueError", "Exception", "BaseException"})
_BUILTIN_ERRORS = frozenset(
    name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, BaseException)
)
# Calls that fail when they are given None.
_NEEDING_TEXT = frozenset(
    {"int", "float", "Path", "PurePath", "json.loads", "len", "os.path.join", "open", "ast.literal_eval"}
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What stands around a read: see EnvironmentRead."""

    guarded: bool
    conditional: bool
    function: str


def situation_of(syntax: Syntax, node: ast.AST, function: str, *, by_key: bool) -> Situation:
    """The situation of a node in the function of this qualified name ("" = the module). `by_key`: its failure is a
    KeyError."""
    guarded = conditional = main = False
    child: ast.AST = node
    for parent in syntax.ancestors(node):
        if isinstance(parent, FUNCTIONS):
            if child in _body(parent):
                function = function if not isinstance(parent, ast.Lambda) else f"{function}.<lambda>".lstrip(".")
                break
            # Defaults, decorators and annotations are evaluated where the function is defined.
        elif isinstance(parent, ast.If) and is_main_check(parent.test) and child in parent.body:
            main = True
        elif _is_optional(parent, child):
            conditional = True
        if _expects(parent, child, by_key=by_key):
            guarded = True
        child = parent
    conditional = conditional or _may_be_left_before(syntax, node)
    return Situation(guarded, conditional, "__main__" if main and not function else function)


def _body(function: ast.AST) -> Sequence[ast.AST]:
    body = getattr(function, "body")  # noqa: B009
    return body if isinstance(body, list) else [body]


def is_main_check(test: ast.expr) -> bool:
    """`__name__ == "__main__"`."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def _is_optional(parent: ast.AST, child: ast.AST) -> bool:
    """Whether a part of a statement or expression is passed by in some runs."""
    if isinstance(parent, ast.If):
        return child is not parent.test
    if isinstance(parent, ast.IfExp):
        return child is not parent.test
    if isinstance(parent, ast.BoolOp):
        return child is not parent.values[0]
    if isinstance(parent, (ast.For, ast.AsyncFor)):
        return child is not parent.iter and not (child in parent.body and _is_filled(parent.iter))
    if isinstance(parent, ast.While):
        return child is not parent.test
    if isinstance(parent, _COMPREHENSIONS):
        first = parent.generators[0]
        return child is not first and not (len(parent.generators) == 1 and not first.ifs and _is_filled(first.iter))
    if isinstance(parent, ast.comprehension):
        return child is not parent.iter and not _is_filled(parent.iter)
    return isinstance(parent, (ast.ExceptHandler, ast.match_case))


def _is_filled(iterable: ast.expr) -> bool:
    return isinstance(iterable, (ast.List, ast.Tuple, ast.Set)) and bool(iterable.elts)


def _expects(parent: ast.AST, child: ast.AST, *, by_key: bool) -> bool:
    """Whether a failure of the child is expected by the statement around it, which goes on without it."""
    if isinstance(parent, (ast.With, ast.AsyncWith)) and child in parent.body:
        calls = [item.context_expr for item in parent.items if isinstance(item.context_expr, ast.Call)]
        return any(last_name(call.func) in _EXPECTING for call in calls)
    if type(parent).__name__ not in ("Try", "TryStar") or child not in getattr(parent, "body"):  # noqa: B009
        return False
    handlers: list[ast.ExceptHandler] = getattr(parent, "handlers")  # noqa: B009
    return any(_catches(handler, by_key=by_key) and not leaves_by_failure(handler.body) for handler in handlers)


def _catches(handler: ast.ExceptHandler, *, by_key: bool) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [dotted(kind).rpartition(".")[2] for kind in kinds]
    caught = _KEY_ERRORS if by_key else _NONE_ERRORS
    return any(name in caught or name not in _BUILTIN_ERRORS for name in names)


def leaves_by_failure(body: Sequence[ast.stmt]) -> bool:
    """Whether a block ends the process or raises."""
    last = body[-1] if body else None
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.If) and last.orelse:
        return leaves_by_failure(last.body) and leaves_by_failure(last.orelse)
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and dotted(last.value.func) in _EXITS


def _may_be_left_before(syntax: Syntax, node: ast.AST) -> bool:
    """Whether a statement before this one may leave the function or the loop."""
    child: ast.AST = node
    for parent in syntax.ancestors(node):
        if isinstance(parent, ast.Lambda):
            return False
        for block in _blocks(parent):
            if child in block and any(_effects(syntax, each)[1] for each in block[: block.index(child)]):
                return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = parent
    return False


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _leaves(statement: ast.AST) -> bool:
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Return, ast.Break, ast.Continue)):
            return True
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
            stack += children(node)
    return False


# What becomes of a value that may be None.


def fails_without(syntax: Syntax, node: ast.expr) -> bool:
    """Whether the process fails where this read gives None: what asks more of it than None has, or a check that
    raises."""
    parent = syntax.parent(node)
    if isinstance(parent, ast.NamedExpr):
        node, parent = parent, syntax.parent(parent)
    if isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node:
        return True
    if isinstance(parent, ast.Call) and node in parent.args:
        name = syntax.resolve(parent.func)
        return name in _NEEDING_TEXT or name.rpartition(".")[2] in ("Path", "PurePath")
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add):
        other = parent.right if parent.left is node else parent.left
        return isinstance(other, (ast.Constant, ast.JoinedStr))
    return _fails_when_false(syntax, node) or _is_checked_later(syntax, node)


def is_demanded(syntax: Syntax, node: ast.expr) -> bool:
    """Whether a question (`"A" in os.environ`) ends the process where its answer is no."""
    return _fails_when_false(syntax, node)


def _fails_when_false(syntax: Syntax, node: ast.expr) -> bool:
    """Whether a check that raises stands right around the expression."""
    for statement in syntax.ancestors(node):
        if isinstance(statement, ast.If):
            return leaves_by_failure(statement.body) and _needs(statement.test, node)
        if isinstance(statement, ast.Assert):
            return _holds_only_with(statement.test, node)
        if isinstance(statement, (ast.stmt, *FUNCTIONS)):
            return False
    return False


def _needs(test: ast.expr, node: ast.expr) -> bool:
    """Whether a condition is true wherever `node` is false, missing or None."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _holds_only_with(test.operand, node)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_needs(value, node) for value in test.values)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], (ast.Is, ast.Eq)) and _is_same(test.left, node):
            return isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        return isinstance(test.ops[0], ast.NotIn) and test is node
    return False


def _holds_only_with(test: ast.expr, node: ast.expr) -> bool:
    """Whether a condition is false wherever `node` is false, missing or None."""
    if _is_same(test, node):
        return True
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_holds_only_with(value, node) for value in test.values)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and _is_same(test.left, node):
        none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        return none and isinstance(test.ops[0], (ast.IsNot, ast.NotEq))
    if isinstance(test, ast.Call) and dotted(test.func) == "all" and len(test.args) == 1:
        items = test.args[0]
        return isinstance(items, (ast.List, ast.Tuple)) and any(_is_same(item, node) for item in items.elts)
    return False


def _is_same(one: ast.expr, other: ast.expr) -> bool:
    """The same node, or the same plain name."""
    if one is other or (isinstance(one, ast.NamedExpr) and one.value is other):
        return True
    name = dotted(one)
    return bool(name) and name == dotted(other)


def _is_checked_later(syntax: Syntax, node: ast.expr) -> bool:
    """`X = os.getenv("A")`, and later in the same block a check of X that raises."""
    assigned = syntax.parent(node)
    if not isinstance(assigned, (ast.Assign, ast.AnnAssign)):
        return False
    targets = assigned.targets if isinstance(assigned, ast.Assign) else [assigned.target]
    if len(targets) != 1 or not dotted(targets[0]):
        return False
    around = syntax.parent(assigned)
    block = next((each for each in _blocks(around) if assigned in each), None) if around else None
    following = list(syntax.body) if block is None else block
    if assigned not in following:
        return False
    name = dotted(targets[0])
    for statement in following[following.index(assigned) + 1 :]:
        if isinstance(statement, ast.If) and leaves_by_failure(statement.body) and _needs(statement.test, targets[0]):
            return True
        if isinstance(statement, ast.Assert) and _holds_only_with(statement.test, targets[0]):
            return True
        bound, leaves = _effects(syntax, statement)
        if leaves or name in bound:
            return False
    return False


def _effects(syntax: Syntax, statement: ast.AST) -> tuple[frozenset[str], bool]:
    """The names and attributes that a statement binds, and whether it may leave the function or the loop."""
    known = syntax.effects.get(statement)
    if known is None:
        nodes = (each for each in walk(statement) if isinstance(each, (ast.Name, ast.Attribute)))
        bound = frozenset(dotted(each) for each in nodes if isinstance(each.ctx, ast.Store))
        known = syntax.effects[statement] = (bound, _leaves(statement))
    return known
