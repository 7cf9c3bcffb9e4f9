"""What a Python module imports, binds and defines: its outline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeVar

import msgspec

from infralint.facts.pytest import Fixture
from infralint.source import Span

T = TypeVar("T")

# As literals, since the words of thousands of decoded facts are then the same objects.
Scope = Literal["module", "class", "function"]
Runs = Literal["always", "main", "sometimes"]
BindingKind = Literal["class", "function", "alias", "call", "other"]


class ImportedName(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`name` or `name as alias` of a from-import; a star import has the name `*`."""

    name: str
    alias: str
    span: Span

    @property
    def bound(self) -> str:
        return self.alias or self.name


class Import(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An import statement, or one module of `import a, b`.

    `names` is None for `import module [as alias]`. `level` counts the dots of a relative import.
    `span` goes from the first dot to the end of the module part.
    `scope`: "module", "class" or "function"; `guarded`: inside try/except ImportError (or a bare
    except), a `contextlib.suppress`, or a condition on `__name__` or `__package__`; `typing_only`: under
    `if TYPE_CHECKING`. `runs`, where the scope is "module": "always" when the module is loaded, "main" where it is the
    program (`if __name__ == "__main__"`), "sometimes" under another condition.
    """

    module: str
    level: int
    names: tuple[ImportedName, ...] | None
    alias: str
    span: Span
    statement: Span
    scope: Scope = "module"
    guarded: bool = False
    typing_only: bool = False
    # The module part touches the word `from` before it (`from.x import y`), or `import` behind it (`from .import y`).
    glued_before: bool = False
    glued_behind: bool = False
    runs: Runs = "always"

    @property
    def bound(self) -> Iterator[str]:
        """The names that the statement binds; those of a star import cannot be told."""
        if self.names is None:
            yield self.alias or self.module.partition(".")[0]
            return
        yield from (each.bound for each in self.names if each.name != "*")


class Binding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a name of the module's own scope stands for.

    `kind`: "class", "function", "alias" (of the dotted name `value`), "call" (of the dotted name `value`)
    or "other". Imports are not repeated here. A name bound twice stands here twice, in order.
    """

    name: str
    kind: BindingKind
    value: str
    span: Span


class ClassDef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A class statement. Bases and decorators are dotted names as written; "" where they are no such name.

    A subscripted base (`Generic[T]`) is given without its subscript; a called base or decorator
    (`declarative_base()`) ends with "()". `keywords` holds (name, value as written).
    `qualname` is Python's own: `Outer.Inner`, `function.<locals>.Name`.
    """

    name: str
    qualname: str
    span: Span
    bases: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()
    decorators: tuple[str, ...] = ()
    # Attributes that the body assigns from a call: (attribute, dotted name of the called).
    calls: tuple[tuple[str, str], ...] = ()
    # Names that the body binds, slots among them; `instance`: what its methods assign to their first parameter, and
    # what it annotates.
    attributes: tuple[str, ...] = ()
    instance: tuple[str, ...] = ()
    # The body may bind more than can be seen.
    is_open: bool = False


class ClassStub(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A class statement as the byte scan sees it: its name and the last names of its bases.

    A class made by `type("Name", (Base,), ...)` is one too; its name is "" where it is no literal.
    """

    name: str
    bases: tuple[str, ...]


class NameUse(msgspec.Struct, frozen=True, array_like=True):
    """A name that does not exist, with all the places where it is used.

    `meant` is the name that it is a slip of. `module`: "" for a plain name that nothing binds; else the
    module that is said to have it, as an attribute or by an import.
    """

    name: str
    meant: str
    spans: tuple[Span, ...]
    module: str = ""


class UnboundName(msgspec.Struct, frozen=True, array_like=True):
    """A name that an import of the standard library brings, and that the module uses without one.

    `uses`: every place with the attribute that is asked of the name there, "" for none.
    """

    name: str
    uses: tuple[tuple[Span, str], ...]


class MockAttribute(msgspec.Struct, frozen=True, array_like=True):
    """An attribute of a mock that is a slip of `meant`. `made`: where the mock is made.

    `asserted`: the word `assert` before a call that, once repaired, returns None; it must go with the slip.
    """

    name: str
    meant: str
    span: Span
    made: Span
    asserted: Span | None = None


class LoadsSeen(msgspec.Struct, frozen=True, array_like=True):
    """Which modules a text may load. `names`: what its import statements and calls may name, relative ones with their
    dots. `strings`: dotted names in quotes. `loader`: what loads modules whose names cannot be told, "" for nothing.
    `changes_path`: it speaks of `sys.path`, or of another way to tell where modules are looked for.
    """

    names: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    loader: str = ""
    changes_path: bool = False


class PatchTarget(msgspec.Struct, frozen=True, array_like=True):
    """What a test replaces: its dotted name, and the literal that says so.

    `is_local`: the dotted name begins with a name of this module, not of a top-level package; a relative import's
    begins with dots. `makes_builtins`: a module that lacks the name of a built-in is given one.
    """

    target: str
    span: Span
    is_local: bool = False
    makes_builtins: bool = True


class ImportCall(msgspec.Struct, frozen=True, array_like=True):
    """A call that imports the module of a constant name, which begins with dots where it is relative to `package`:
    "." for the module's own, "" for one that cannot be told.

    `guarded`: its failure is expected.
    """

    module: str
    package: str
    span: Span
    guarded: bool = False


class SearchPath(msgspec.Struct, frozen=True, array_like=True):
    """A folder that a module adds to `sys.path`: `up` folders above the module's own, then `inner`.

    `first`: before all others. `certain`: whenever the module is imported, by a statement at its top that ends at
    the offset `end`.
    """

    up: int
    inner: str
    first: bool
    certain: bool
    end: int


class PythonModule(msgspec.Struct, frozen=True, dict=True):
    """A module's outline; its indexes are made when first asked for.

    `outlined` is False where it could not be parsed: then only `stubs`, `sets` and `loads` are there.

    `names`: all that its top binds, separated by spaces, `*` among them for a star import and `?` where there may be
    more that nobody sees.
    """

    outlined: bool = False
    imports: tuple[Import, ...] = ()
    bindings: tuple[Binding, ...] = ()
    classes: tuple[ClassDef, ...] = ()
    stubs: tuple[ClassStub, ...] = ()
    names: str = "?"
    # Something binds names that cannot be seen: a star import, `globals()[...] =`, `__getattr__`.
    has_getattr: bool = False
    is_revision: bool = False
    runs_as_script: bool = False
    undefined: tuple[NameUse, ...] = ()
    unbound: tuple[UnboundName, ...] = ()
    mock_attributes: tuple[MockAttribute, ...] = ()
    patches: tuple[PatchTarget, ...] = ()
    fixtures: tuple[Fixture, ...] = ()
    import_calls: tuple[ImportCall, ...] = ()
    search_paths: tuple[SearchPath, ...] = ()
    # Attributes that the module sets on other things than `self`; `?thing` where their names cannot be told.
    sets: tuple[str, ...] = ()
    # What the text may load, seen without parsing it: see readers/python/imports_seen.py. At most too much.
    loads: LoadsSeen | None = None

    @cached_property
    def bound(self) -> frozenset[str]:
        """`names`, taken apart."""
        return frozenset(self.names.split())

    @cached_property
    def bindings_of(self) -> Mapping[str, Sequence[Binding]]:
        """The bindings of each name, in order."""
        return _grouped((each.name, each) for each in self.bindings)

    @cached_property
    def imports_of(self) -> Mapping[str, Sequence[Import]]:
        """The import statements of the module's own scope that bind each name, in order; star imports bind none."""
        return _grouped(
            (name, each) for each in self.imports if each.scope == "module" for name in dict.fromkeys(each.bound)
        )

    @cached_property
    def classes_of(self) -> Mapping[str, Sequence[ClassDef]]:
        """The class statements of each qualified name, in order."""
        return _grouped((each.qualname, each) for each in self.classes)


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return found
