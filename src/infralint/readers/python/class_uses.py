"""What a module asks of classes that it imports or defines, where it speaks to a database session.

A class is told by its name: the last part begins with a capital letter. A name that the function binds to anything
but an import is left out, and so is what stands where its failure is expected.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from infralint.facts.class_uses import ClassUse, ClassUses, ImportedHead
from infralint.readers.python.bound_names import COMPREHENSIONS, bound_in, import_statements_in
from infralint.readers.python.marked import MarkedLines, walk_marked
from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import dotted
from infralint.readers.python.unbound import Symbols
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

# What a use begins with: a word with a capital letter, of which an attribute is asked or which is called. And the names
# of the calls that matter.
_MARKS = (
    re.compile(r"[A-Z\u0080-\U0010ffff](?<!\w.)\w*[\s)\\]*(?:#[^\r\n]*[\r\n][\s)\\]*)*[.(]"),
    re.compile(r"attr\b"),
    re.compile(r"object\b"),
    re.compile(r"filter_by\b"),
)

Head = ImportedHead | None
# What a scope binds a name to: an import, or anything else.
_Scope = dict[str, ImportedHead | str]
# A use as it stands there: the node, the dotted name of the class, what is asked of it.
_Candidate = tuple[ast.expr, str, ClassUse]


def class_uses_of(tree: ast.Module, source: SourceText, symbols: Symbols) -> tuple[ClassUses, ...]:
    """The uses of classes in a module, by class and place."""
    nodes, parents = walk_marked(tree, MarkedLines(source, *_MARKS))
    named = frozenset(_named(nodes))
    places = _Places(parents, symbols)
    found: dict[tuple[str, Head], list[ClassUse]] = {}
    for node, owner, use in _candidates(nodes, source):
        if use.name in named or use.name.startswith(("__", "_sa_")):
            continue
        head = places.head(node, owner.partition(".")[0])
        if not isinstance(head, str):
            found.setdefault((owner, head), []).append(use)
    uses = [ClassUses(owner, head, tuple(sorted(each, key=_span))) for (owner, head), each in found.items()]
    return tuple(sorted(uses, key=lambda each: each.uses[0].span))


def _span(use: ClassUse) -> Span:
    return use.span


def _named(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Names of attributes that the module gives as text to `hasattr`, `setattr` and the like."""
    for node in nodes:
        if isinstance(node, ast.Call) and len(node.args) > 1 and dotted(node.func).rpartition(".")[2] in _BY_NAME:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value


def _candidates(nodes: Sequence[ast.AST], source: SourceText) -> Iterator[_Candidate]:
    """What is asked of names that look like a class's, wherever it stands."""
    for node in nodes:
        if isinstance(node, ast.Attribute):
            value = node.value
            last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            owner = dotted(value) if last[:1].isupper() else ""
            if owner:
                end = source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0)
                kind = "attribute" if isinstance(node.ctx, ast.Load) else "set"
                yield node, owner, ClassUse(kind, node.attr, Span(end - len(node.attr), end))
        elif isinstance(node, ast.Call) and node.keywords:
            yield from _keywords(node, source)


def _keywords(node: ast.Call, source: SourceText) -> Iterator[_Candidate]:
    owner, kind = dotted(node.func), "keyword"
    if isinstance(node.func, ast.Attribute) and node.func.attr == "filter_by":
        owner, kind = _entity(node.func.value), "filter"
    if not _looks_like_class(owner):
        return
    for keyword in node.keywords:
        if keyword.arg:
            start = source.byte_offset_to_char(keyword.lineno, keyword.col_offset)
            yield node, owner, ClassUse(kind, keyword.arg, Span(start, start + len(keyword.arg)))


def _looks_like_class(owner: str) -> bool:
    return owner.rpartition(".")[2][:1].isupper()


class _Places:
    """Where the nodes of a module stand: in which scopes, and whether their failure is expected there."""

    def __init__(self, parents: Mapping[ast.AST, ast.AST], symbols: Symbols) -> None:
        self._parents = parents
        self._symbols = symbols
        self._scopes: dict[ast.AST, _Scope] = {}
        self._around: dict[ast.AST, tuple[ast.AST, ...] | None] = {}
        self._inner: dict[str, bool] = {}

    def head(self, node: ast.AST, name: str) -> Head | str:
        """The import in a function that a name means at a node; None for a name of the module; a text for anything
        else, and where a mistake is expected or is none (an annotation)."""
        if isinstance(node, ast.Call) and _is_expecting(node):
            return ""
        scopes = self._scopes_around(node)
        if scopes is None:
            return ""
        inner = self._inner.get(name)
        if inner is None:
            inner = self._inner[name] = self._symbols.may_bind_inside(name)
        for each in scopes:
            if inner or isinstance(each, COMPREHENSIONS):
                scope = self._scope(each)
                if name in scope:
                    return scope[name]
        return None

    def _scopes_around(self, node: ast.AST) -> tuple[ast.AST, ...] | None:
        """The scopes that a node is in, the nearest first; None where nothing that stands there is a use."""
        path = []
        child = node
        while child not in self._around:
            parent = self._parents.get(child)
            if parent is None:
                self._around[child] = ()
                break
            path.append((child, parent))
            child = parent
        known = self._around[child]
        for child, parent in reversed(path):
            if known is not None and _is_no_use(parent, child):
                known = None
            elif known is not None and _is_inside(parent, child):
                known = (parent, *known)
            self._around[child] = known
        return known

    def _scope(self, node: ast.AST) -> _Scope:
        known = self._scopes.get(node)
        if known is None:
            known = self._scopes[node] = _bound_in(node)
        return known


def _is_inside(scope: ast.AST, child: ast.AST) -> bool:
    """Whether a node directly below a scope's is in the scope: not a default, a decorator or a base."""
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return child in scope.body
    return isinstance(scope, COMPREHENSIONS) or (isinstance(scope, ast.Lambda) and child is scope.body)


def _is_no_use(parent: ast.AST, child: ast.AST) -> bool:
    """Whether what stands there is an annotation, or is expected to fail."""
    kind = type(parent)
    if kind is ast.Call:
        return _is_expecting(parent)
    if kind is ast.arg:
        return True
    if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return child is parent.returns
    if isinstance(parent, (ast.With, ast.AsyncWith)):
        return any(map(_is_raises, parent.items)) and child in parent.body
    return isinstance(parent, ast.Try) and any(map(_catches, parent.handlers)) and child in parent.body


def _is_raises(item: ast.withitem) -> bool:
    call = item.context_expr
    return _is_expecting(call)


def _is_expecting(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _EXPECTING


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


def _bound_in(scope: ast.AST) -> _Scope:
    """The names that a scope's own statements bind."""
    if isinstance(scope, COMPREHENSIONS):
        targets = (each for generator in scope.generators for each in walk(generator.target))
        return {each.id: "" for each in targets if isinstance(each, ast.Name)}
    assert isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda))
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
