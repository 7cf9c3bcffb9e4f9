"""Names that a module uses and nowhere binds, among those that an import of the standard library brings.

The interpreter's own symbol table finds them at the cost of a parse, which is paid anyway; only a module that has
one is looked at closer.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infralint.facts.python import UnboundName
from infralint.facts.standard_names import MODULES, OBJECTS
from infralint.readers.python.bound_names import COMPREHENSIONS, Scope, bound_in
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

_IMPORTABLE = MODULES | OBJECTS.keys()
# What makes names that no statement shows, or takes a missing one for granted.
_MAKERS = ("globals(", "exec(", "execfile(", "__builtins__", "builtins.", "import *", "locals()[", "get_ipython")
# What binds names at a module's top that its symbol table does not show.
_DYNAMIC_WORDS = ("exec(", "globals(", "locals(", "vars(", "sys.modules[", "import_module", "__import__")
_DYNAMIC = re.compile(
    r"\bexec\(|\bglobals\(|\blocals\(\)|\bvars\(\)|\bsys\.modules\[|(?:\bimport_module|__import__)\(\s*__name__"
)
# What `symbols_of` wants to know of a text.
# Without one of these, no scope makes a name global.
_MAKING_GLOBAL = frozenset({"global", ":="})
WORDS = _MAKING_GLOBAL | {*_MAKERS, *_DYNAMIC_WORDS}
_STAR = re.compile(r"import[ \t]*\(?[ \t]*\*")
_SILENCED = re.compile(r"#.*(?:\bnoqa\b(?!:)|\bnoqa:.*\bF821\b|undefined-variable|type:\s*ignore\[.*name-defined)")
# CPython's symtable.h; the public module offers them to its own classes only.
_USE, _DEF_ANNOT, _DEF_BOUND, _DEF_GLOBAL, _SCOPE_OFF, _SCOPE_MASK = (
    int(getattr(symtable, name)) for name in ("USE", "DEF_ANNOT", "DEF_BOUND", "DEF_GLOBAL", "SCOPE_OFF", "SCOPE_MASK")
)
# A walrus in a comprehension makes its name global (Python 3.13 gives it no other mark).
_BINDS = _DEF_ANNOT | _DEF_BOUND | _DEF_GLOBAL
# DEF_COMP_ITER: since Python 3.12 the names of a comprehension stand among those of the scope around it (PEP 709).
_OF_COMPREHENSION = 512
_IMPLICIT: int = getattr(symtable, "GLOBAL_IMPLICIT")  # noqa: B009  # typeshed does not know it
_EXPLICIT: int = getattr(symtable, "GLOBAL_EXPLICIT")  # noqa: B009
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Symbols:
    """What the interpreter's symbol table says of a module: the names that it binds at its top, and those of the
    standard library that it uses as globals and binds nowhere. Among the bound ones stands `*` for what a star import
    brings, and `?` where others may be made that nobody sees."""

    bound: frozenset[str] = frozenset()
    unbound: frozenset[str] = frozenset()
    # The symbols of all scopes with their flags, the module's first; none where they are not known.
    scopes: tuple[dict[str, int], ...] = ()
    # The interpreter's own entry of the module in that table; None where there is none.
    top: Any = None

    @property
    def names(self) -> str:
        """The bound names in order, as a module's facts have them."""
        return " ".join(sorted(self.bound))

    def may_bind_inside(self, name: str) -> bool:
        """Whether a function or class may bind a name; what a comprehension binds is not told."""
        if not self.scopes or name.startswith("__"):
            # In a class, such a name has another one.
            return True
        return any(scope.get(name, 0) & _BINDS for scope in self.scopes[1:])


# Those of a module that the interpreter does not read.
UNKNOWN = Symbols(frozenset("?"))


def symbols_of(text: str, words: frozenset[str]) -> Symbols:
    """The symbols of a module. `words`: those of WORDS that stand in it.

    Raises what the parser raises: SyntaxError, ValueError, RecursionError, MemoryError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(text, "", "exec")
    # The entry that the public class wraps: a dictionary of flags, where the class makes an object for each name.
    entry: Any = getattr(top, "_table")  # noqa: B009
    bound = {name for name, flags in entry.symbols.items() if flags & _BINDS and not flags & _OF_COMPREHENSION}
    entries = [entry]
    for each in entries:
        entries += each.children
    if not words.isdisjoint(_MAKING_GLOBAL):
        bound |= {name for each in entries for name in _made_global(each.symbols)}
    importable = _IMPORTABLE.intersection(set().union(*[each.symbols for each in entries])) - bound
    unbound = {name for name in importable if any(_is_used_global(name, each.symbols) for each in entries)}
    if unbound and not words.isdisjoint(_MAKERS):
        unbound = set()
    if _STAR.search(text):
        bound.add("*")
    if "__getattr__" in bound or (not words.isdisjoint(_DYNAMIC_WORDS) and _DYNAMIC.search(text)):
        bound.add("?")
    return Symbols(frozenset(bound), frozenset(unbound), tuple(each.symbols for each in entries), entry)


def _made_global(symbols: dict[str, int]) -> Iterator[str]:
    """The names of a scope that it says are global, and binds."""
    for name, flags in symbols.items():
        if _scope_of(flags) == _EXPLICIT and flags & _DEF_BOUND:
            yield name


def _is_used_global(name: str, symbols: dict[str, int]) -> bool:
    """Whether a scope uses a name without a word on where it comes from."""
    flags = symbols.get(name, 0)
    return bool(flags & _USE) and _scope_of(flags) == _IMPLICIT


def _scope_of(flags: int) -> int:
    return flags >> _SCOPE_OFF & _SCOPE_MASK


def uses_of(tree: ast.Module, source: SourceText, names: frozenset[str]) -> tuple[UnboundName, ...]:
    """The places where these names are evaluated: not in annotations, and not where a NameError is expected."""
    finder = _Finder(names)
    try:
        finder.block(tree.body, ())
    except RecursionError:
        return ()
    found = ((name, _spans(finder.found[name], source)) for name in sorted(finder.found))
    return tuple(UnboundName(name, uses) for name, uses in found if uses)


def _spans(uses: list[_Use], source: SourceText) -> tuple[tuple[Span, str], ...]:
    """The places of a name with the attribute that is asked of it there; none where a comment says that it is known."""
    found = []
    for use in uses:
        start = source.byte_offset_to_char(use.name.lineno, use.name.col_offset)
        span = Span(start, start + len(use.name.id))
        if _SILENCED.search(source.line(use.name.lineno)):
            return ()
        # Before Python 3.12 the places inside of an f-string over several lines are not the file's.
        if source.text[span.start : span.end] == use.name.id:
            found.append((span, use.attribute))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Use:
    name: ast.Name
    attribute: str


# The names that enclosing scopes bind, outermost first, and whether the scope is a class, whose names only its own
# statements see.
_Bound = tuple[tuple[frozenset[str], bool], ...]


class _Finder:
    """Walks a module with the scopes of its functions, classes and comprehensions."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.found: dict[str, list[_Use]] = {}

    def block(self, statements: Sequence[ast.AST], bound: _Bound) -> None:
        for statement in statements:
            self.visit(statement, bound)

    def visit(self, node: ast.AST, bound: _Bound, attribute: str = "") -> None:
        if isinstance(node, ast.Name):
            missing = node.id in self.names and not any(node.id in own for own, _ in bound)
            if missing and isinstance(node.ctx, ast.Load):
                self.found.setdefault(node.id, []).append(_Use(node, attribute))
        elif isinstance(node, ast.Attribute):
            self.visit(node.value, bound, node.attr)
        elif isinstance(node, _SCOPES):
            self._scope(node, bound)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, bound)
        elif isinstance(node, ast.AnnAssign):
            self.block([each for each in (node.target, node.value) if each is not None], bound)
        else:
            self.block([child for child in children(node) if not _is_guarded(node, child)], bound)

    def _scope(self, node: Scope, bound: _Bound) -> None:
        """A function or class: what stands in its head is evaluated outside, and annotations may never be."""
        own = frozenset(bound_in(node))
        if isinstance(node, ast.ClassDef):
            self.block([*node.decorator_list, *node.bases, *node.keywords], bound)
            self.block(node.body, (*bound, (own, True)))
            return
        self.block([*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)], bound)
        inner = _inside(bound, own)
        if isinstance(node, ast.Lambda):
            self.visit(node.body, inner)
        else:
            self.block(node.decorator_list, bound)
            self.block(node.body, inner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, bound: _Bound) -> None:
        """Only the first iterable is evaluated outside."""
        targets = (generator.target for generator in node.generators)
        own = frozenset(name.id for target in targets for name in walk(target) if isinstance(name, ast.Name))
        inner = _inside(bound, own)
        first = node.generators[0]
        self.visit(first.iter, bound)
        self.block(first.ifs, inner)
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.block([*values, *node.generators[1:]], inner)


def _inside(bound: _Bound, own: frozenset[str]) -> _Bound:
    """What a function or comprehension sees: not the names of the class around it (Python, "Naming and binding")."""
    return (*((names, False) for names, of_class in bound if not of_class), (own, False))


def _is_guarded(parent: ast.AST, child: ast.AST) -> bool:
    """Whether a statement runs only for type checkers, or its NameError is caught."""
    if isinstance(parent, ast.If) and dotted(parent.test).rpartition(".")[2] == "TYPE_CHECKING":
        return child in parent.body
    if isinstance(parent, ast.Try):
        return child in parent.body and any(_catches_name_error(handler) for handler in parent.handlers)
    return False


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(
        isinstance(node, ast.Name) and node.id in ("NameError", "Exception", "BaseException")
        for node in walk(handler.type)
    )
