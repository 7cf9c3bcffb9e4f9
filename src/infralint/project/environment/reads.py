"""Which variables each module reads: its own reads, and those that it has done by the project's own functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.environment import (
    EnvironmentCall,
    EnvironmentFacts,
    EnvironmentRead,
    EnvironmentReader,
    EnvironmentWrapper,
)
from infralint.facts.environment_libraries import method_of
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Text
from infralint.project.interpret import Interpreter
from infralint.project.lookup import Known
from infralint.project.modules import ModuleGraph, Symbol
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Read:
    """A variable that the module of `path` reads.

    `span`: what stands for its name there. `required`: the process fails where it is not set. `default`: what is
    taken in its place, None for nothing; HOLE in it for what is not known. `conditional`: some runs do not come here.
    `function`: as in facts.environment, "" at import. `names`: all variables any of which serves, its own first.
    `any_case`: the case of its letters does not matter. `nested`: a variable that begins so serves as well. `asked`:
    it is only asked whether it is set, or an option of the command line serves as well. `owner`: the settings class
    that has it as a field, by module and qualified name. `loaders`: modules whose import does the read, where it is
    not that of `path` alone.
    """

    path: str
    span: Span
    name: str
    required: bool
    default: str | None
    conditional: bool
    function: str
    names: tuple[str, ...]
    any_case: bool = False
    nested: str = ""
    asked: bool = False
    owner: tuple[str, str] | None = None
    loaders: tuple[str, ...] = ()

    @property
    def within(self) -> tuple[str, str]:
        """The function that reads it, or the class whose instances do, by module and qualified name."""
        return self.owner or (self.path, self.function)


class Reads:
    """The reads of all modules."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, interpreter: Interpreter) -> None:
        self.modules = modules
        self.interpreter = interpreter
        self._facts = {path: facts.environment for path, facts in files.items() if facts.environment is not None}

    @property
    def paths(self) -> Iterable[str]:
        """The files that have anything to do with an environment."""
        return self._facts

    def facts(self, path: str) -> EnvironmentFacts:
        """What a module does to its environment."""
        return self._facts.get(path, _NOTHING)

    @cached_property
    def by_module(self) -> dict[str, tuple[Read, ...]]:
        """The reads of each module, by path."""
        found = {path: (*self._own(path, facts), *self._called(path, facts)) for path, facts in self._facts.items()}
        return {path: reads for path, reads in found.items() if reads}

    def _own(self, path: str, facts: EnvironmentFacts) -> Iterator[Read]:
        for read in facts.reads:
            name = self._constant(path, read) if read.reference else read.name.static
            if name:
                yield _plain(path, name, read)

    def _constant(self, path: str, read: EnvironmentRead) -> str | None:
        """The name that a constant of another module holds."""
        head = read.reference.lstrip(".")
        for dotted in (head, head.rpartition(".")[2]):
            value = self.interpreter.name(path, dotted) if dotted else None
            if isinstance(value, str):
                return value
        return None

    # Calls of the project's own functions

    @cached_property
    def _wrappers(self) -> dict[tuple[str, str], EnvironmentWrapper]:
        """Wrappers by module and qualified name."""
        return {(path, each.function): each for path, facts in self._facts.items() for each in facts.wrappers}

    @cached_property
    def _readers(self) -> dict[tuple[str, str], EnvironmentReader]:
        return {(path, each.name): each for path, facts in self._facts.items() for each in facts.readers}

    @cached_property
    def _last_names(self) -> frozenset[str]:
        """The words without which no call is one of a wrapper or a reader."""
        functions = (name.rpartition(".")[2] for _, name in self._wrappers)
        return frozenset({*functions, *(name for _, name in self._readers)})

    def _target(self, path: str, callee: str) -> Symbol | None:
        """What a call calls, where it may be a wrapper or a reader."""
        words = callee.split(".")
        if not self._last_names.intersection(words):
            return None
        found = self.modules.resolve(path, callee)
        return found.value if isinstance(found, Known) and isinstance(found.value, Symbol) else None

    def _called(self, path: str, facts: EnvironmentFacts) -> Iterator[Read]:
        for call in facts.calls:
            read = self._by_wrapper(path, call) or self._by_reader(path, call)
            if read is not None:
                yield read

    def _by_wrapper(self, path: str, call: EnvironmentCall) -> Read | None:
        wrapper = self._wrapper_of(path, call.callee)
        if wrapper is None:
            return None
        given = _argument(call, wrapper.position, wrapper.parameter)
        if given is None or given[0].static is None:
            return None
        default = _argument(call, wrapper.default_position, wrapper.default_parameter)
        text = default[0] if default is not None else wrapper.default
        name = wrapper.name.value.replace(HOLE, given[0].static)
        return _of_call(path, call, name, given[1], text, required=wrapper.required)

    def _wrapper_of(self, path: str, callee: str) -> EnvironmentWrapper | None:
        head, _, method = callee.rpartition(".")
        if head in ("self", "cls"):
            found = [each for each in self.facts(path).wrappers if each.function.rpartition(".")[2] == method]
            return found[0] if len(found) == 1 else None
        symbol = self._target(path, callee)
        if symbol is None:
            return None
        qualname = f"{symbol.name}.{symbol.rest}" if symbol.rest else symbol.name
        return self._wrappers.get((symbol.path, qualname)) or self._of_instance(symbol)

    def _of_instance(self, symbol: Symbol) -> EnvironmentWrapper | None:
        """`config.get("A")` with `config = Config()`."""
        outline = self.modules.outline(symbol.path)
        bound = outline.bindings_of.get(symbol.name, ()) if outline else ()
        if not symbol.rest or len(bound) != 1 or bound[0].kind != "call" or not bound[0].value:
            return None
        cls = self.modules.resolve(symbol.path, bound[0].value)
        if not isinstance(cls, Known) or not isinstance(cls.value, Symbol):
            return None
        return self._wrappers.get((cls.value.path, f"{cls.value.name}.{symbol.rest}"))

    def _by_reader(self, path: str, call: EnvironmentCall) -> Read | None:
        symbol = self._target(path, call.callee)
        reader = self._readers.get((symbol.path, symbol.name)) if symbol is not None else None
        if symbol is None or reader is None or reader.prefix is None:
            return None
        method = method_of(reader.kind, symbol.rest)
        given = _argument(call, 0, "name") if method is not None else None
        if method is None or given is None or given[0].static is None:
            return None
        default = _argument(call, method.default_at, "default")
        has_own = given[0].static in reader.defaults
        text = default[0] if default is not None else given[0] if has_own else None
        name = reader.prefix + given[0].static
        return _of_call(path, call, name, given[1], text, required=default is None and not has_own)


_NOTHING = EnvironmentFacts()


def _plain(path: str, name: str, read: EnvironmentRead) -> Read:
    return Read(
        path,
        read.span,
        name,
        read.required,
        None if read.default is None else read.default.value,
        read.conditional,
        read.function,
        (name, *(each for each in read.beside if each != name)),
        asked=read.form in ("in", "option"),
    )


def _of_call(path: str, call: EnvironmentCall, name: str, span: Span, default: Text | None, *, required: bool) -> Read:
    """The read that a call does. A default None is written `None`, which is a text without pieces."""
    nothing = default is None or not default.pieces
    return Read(
        path,
        span,
        name,
        required and nothing and not call.guarded and not call.open,
        None if nothing or default is None else default.value,
        call.conditional,
        call.function,
        (name, *(each for each in call.beside if each != name)),
    )


def _argument(call: EnvironmentCall, position: int, name: str) -> tuple[Text, Span] | None:
    """An argument of a call by its position or its name."""
    for at, (keyword, text) in enumerate(call.keywords):
        if name and keyword == name:
            return text, call.spans[len(call.arguments) + at]
    if 0 <= position < len(call.arguments):
        return call.arguments[position], call.spans[position]
    return None
