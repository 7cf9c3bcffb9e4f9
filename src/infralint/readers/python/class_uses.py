"""What a module asks of classes that it imports or defines, where it speaks to a database session.

A class is told by its name: the last part begins with a capital letter. A name that the function binds to anything
but an import is left out, and so is what stands where its failure is expected.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from infralint.facts.class_uses import ClassUse, ClassUses, ImportedHead
from infralint.readers.python.bound_names import COMPREHENSIONS, Scope, bound_in, import_statements_in
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

# Methods of a query that leave the entity that `filter_by` means: all but joins and sources (SQLAlchemy 2.0,
# `Query.filter_by`: "the primary entity of the query, or the last entity that was the target of a join()").
_SAME_ENTITY = frozenset(
    {
        "distinct", "enable_eagerloads", "execution_options", "filter", "filter_by", "group_by", "having", "limit",
        "offset", "options", "order_by", "populate_existing", "where", "with_for_update", "with_hint", "yield_per",
    }
)  # fmt: skip
_EXPECTING = frozenset({"assertRaises", "assertRaisesRegex", "raises", "suppress"})
_EXPECTED = frozenset({"ArgumentError", "AttributeError", "InvalidRequestError", "TypeError"})
_BY_NAME = frozenset({"delattr", "getattr", "hasattr", "setattr", "object"})

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_GUARDS = frozenset({ast.With, ast.AsyncWith, ast.Try})
# Most nodes are of these kinds, and hold nothing.
_LEAVES = frozenset({ast.Constant, ast.Name})

Head = ImportedHead | None
# What a function binds a name to: an import, or anything else.
_Scope = dict[str, ImportedHead | str]


def class_uses_of(tree: ast.Module, source: SourceText) -> tuple[ClassUses, ...]:
    """The uses of classes in a module, by class and place."""
    collector = _Collector(source, _named(tree))
    try:
        collector.block(tree.body)
    except RecursionError:
        return ()
    found = sorted(collector.found.items(), key=lambda item: item[1][0].span)
    return tuple(ClassUses(owner, head, tuple(uses)) for (owner, head), uses in found)


def _named(tree: ast.Module) -> frozenset[str]:
    """Names of attributes that the module gives as text to `hasattr`, `setattr` and the like."""
    found = set()
    for node in walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1 and dotted(node.func).rpartition(".")[2] in _BY_NAME:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                found.add(name.value)
    return frozenset(found)


class _Collector:
    def __init__(self, source: SourceText, named: frozenset[str]) -> None:
        self.source = source
        self.named = named
        self.scopes: list[_Scope] = []
        self.found: dict[tuple[str, Head], list[ClassUse]] = {}

    def block(self, nodes: Sequence[ast.AST]) -> None:
        """Statements or expressions in order."""
        for node in nodes:
            self.visit(node)

    def visit(self, node: ast.AST) -> None:
        """A node and what is in it."""
        kind = type(node)
        if kind in _LEAVES:
            return
        if isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, COMPREHENSIONS):
            targets = (each for generator in node.generators for each in walk(generator.target))
            self.scopes.append({each.id: "" for each in targets if isinstance(each, ast.Name)})
            self.block(children(node))
            self.scopes.pop()
        elif not isinstance(node, ast.Call) or not _is_expecting(node):
            if isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Call):
                self._call(node)
            self.block(_inner(node) if kind in _GUARDS else children(node))

    def _class(self, node: ast.ClassDef) -> None:
        self.block([*node.decorator_list, *node.bases, *node.keywords])
        self.scopes.append(_bound_in(node))
        self.block(node.body)
        self.scopes.pop()

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        if not isinstance(node, ast.Lambda):
            self.block(node.decorator_list)
        self.block([each for each in [*node.args.defaults, *node.args.kw_defaults] if each is not None])
        self.scopes.append(_bound_in(node))
        self.block([node.body] if isinstance(node, ast.Lambda) else node.body)
        self.scopes.pop()

    def _attribute(self, node: ast.Attribute) -> None:
        end = self.source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0)
        kind = "attribute" if isinstance(node.ctx, ast.Load) else "set"
        self._use(dotted(node.value), kind, node.attr, Span(end - len(node.attr), end))

    def _call(self, node: ast.Call) -> None:
        owner, kind = dotted(node.func), "keyword"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "filter_by":
            owner, kind = _entity(node.func.value), "filter"
        for keyword in node.keywords:
            if keyword.arg:
                start = self.source.byte_offset_to_char(keyword.lineno, keyword.col_offset)
                self._use(owner, kind, keyword.arg, Span(start, start + len(keyword.arg)))

    def _use(self, owner: str, kind: str, name: str, span: Span) -> None:
        if not owner.rpartition(".")[2][:1].isupper() or name in self.named or name.startswith(("__", "_sa_")):
            return
        head = self._head(owner.partition(".")[0])
        if not isinstance(head, str):
            self.found.setdefault((owner, head), []).append(ClassUse(kind, name, span))

    def _head(self, name: str) -> Head | str:
        """The import in a function that a name means; None for a name of the module; a text for anything else."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None


def _inner(node: ast.AST) -> list[ast.AST]:
    """What is below a node, without the statements whose failure is expected."""
    below = children(node)
    if isinstance(node, (ast.With, ast.AsyncWith)) and any(map(_is_raises, node.items)):
        return [child for child in below if child not in node.body]
    if isinstance(node, ast.Try) and any(map(_catches, node.handlers)):
        return [child for child in below if child not in node.body]
    return below


def _is_raises(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and _is_expecting(call)


def _is_expecting(node: ast.Call) -> bool:
    return dotted(node.func).rpartition(".")[2] in _EXPECTING


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind).rpartition(".")[2] in _EXPECTED for kind in kinds)


def _entity(node: ast.expr) -> str:
    """The class that `filter_by` asks, given what it is called on; "" where it cannot be told."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SAME_ENTITY:
        node = node.func.value
    if isinstance(node, ast.Attribute) and node.attr == "query":
        return dotted(node.value)
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return ""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
    return dotted(node.args[0]) if name in ("query", "select") else ""


def _bound_in(scope: Scope) -> _Scope:
    """The names that a function's or class's own statements bind."""
    times = Counter(bound_in(scope))
    found: _Scope = dict.fromkeys(times, "")
    imported: dict[str, list[ImportedHead]] = {}
    for node in import_statements_in(scope):
        for name, head in _imports_of(node):
            imported.setdefault(name, []).append(head)
    # A name that is bound in two ways may mean either.
    found.update(
        (name, heads[0]) for name, heads in imported.items() if {*heads} == {heads[0]} and times[name] == len(heads)
    )
    return found


def _imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, ImportedHead]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, ImportedHead(node.module or "", node.level, alias.name)
        else:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, ImportedHead(alias.name if alias.asname else name, 0, None)
