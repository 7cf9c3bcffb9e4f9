"""What a file asks of its process's environment: variables that it reads, sets, or takes from a file."""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class EnvironmentRead(msgspec.Struct, frozen=True, array_like=True):
    """A read of one variable.

    `name`: its name as far as the file tells it; where nothing of it is known, `reference` may be the dotted name of an
    imported constant that holds it. `span`: what stands for the name where it is read. `form`: "item"
    (`os.environ["A"]`), "get", "setdefault", "pop", "in" (asks whether it is set), "library" (environs, decouple, ...),
    "option" (an option of the command line may be given in its place), "shell". `required`: the process fails where it
    is not set, and the failure is not expected there. `default`: what is taken in its place, a hole where it is no
    text; None = nothing. `guarded`: a failure is expected here. `conditional`: some runs do not come here. `function`:
    qualified name of the function that reads it, "" at import, "__main__" only when the module is run. `beside`: other
    variables that serve as well (`getenv("A") or getenv("B")`).
    """

    name: Text
    span: Span
    form: str
    required: bool = False
    default: Text | None = None
    guarded: bool = False
    conditional: bool = False
    function: str = ""
    reference: str = ""
    beside: tuple[str, ...] = ()


class EnvironmentWrite(msgspec.Struct, frozen=True, array_like=True):
    """A variable that the process sets in its own environment; a hole in `name` stands for any. `function`: as of a
    read. `weak`: only where it is not set yet (`setdefault`, `${A:=b}`)."""

    name: Text
    function: str = ""
    weak: bool = False


class EnvironmentWrapper(msgspec.Struct, frozen=True, array_like=True):
    """A function of the project that reads the variable which its callers name.

    `function`: qualified name; `position` (without `self`) and `parameter` of the argument that is the name; `name`:
    the name with a hole for that argument (`"APP_" + name`). `required`: it fails where the variable is not set and
    no default is given. `default_position`, `default_parameter`: where callers give a default; -1 and "" for nowhere.
    """

    function: str
    position: int
    parameter: str
    name: Text
    required: bool = False
    default_position: int = -1
    default_parameter: str = ""
    default: Text | None = None


class EnvironmentCall(msgspec.Struct, frozen=True, array_like=True):
    """A call that is given a text in capitals, and may so be a read of a variable: of a wrapper or of a reader that
    stands in another module.

    `callee`: dotted name as written; "self.x" for a method. `arguments`: texts by position, `keywords`: by name; a hole
    where one is no text. `spans`: places of the arguments, then of the keywords' values. `open`: it is given `*args` or
    `**kwargs`. The others as of a read.
    """

    callee: str
    arguments: tuple[Text, ...]
    keywords: tuple[tuple[str, Text], ...]
    spans: tuple[Span, ...]
    open: bool = False
    guarded: bool = False
    conditional: bool = False
    function: str = ""
    beside: tuple[str, ...] = ()


class EnvironmentReader(msgspec.Struct, frozen=True, array_like=True):
    """An object at the top of a module by which variables are read: `env = Env()`, `config = Config(".env")`.

    `kind`: "environs", "django-environ", "starlette", "decouple". `prefix`: what it puts before each name; None =
    not known. `defaults`: names that have a default wherever they are read.
    """

    name: str
    kind: str
    prefix: str | None = ""
    defaults: tuple[str, ...] = ()


class DotenvLoad(msgspec.Struct, frozen=True, array_like=True):
    """A call that takes variables from a file, if it is there. `path`: the file as written, None where none is
    named (the library looks for `.env`). `overrides`: it beats what is set."""

    path: Text | None
    span: Span
    function: str = ""
    overrides: bool = False


class EnvironmentFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that one file has to do with its environment.

    `whole`: places where all variables are handed on, listed or copied, so that any of them may be read. `open`: why
    variables may be set that cannot be seen here ("os.environ.clear"). `mentions`: of a text which is no Python,
    names that it takes the values of (`$A`, `${A}`, `$(A)`); of a module that has any of these, its strings that are
    written like names.
    """

    reads: tuple[EnvironmentRead, ...] = ()
    writes: tuple[EnvironmentWrite, ...] = ()
    wrappers: tuple[EnvironmentWrapper, ...] = ()
    calls: tuple[EnvironmentCall, ...] = ()
    readers: tuple[EnvironmentReader, ...] = ()
    loads: tuple[DotenvLoad, ...] = ()
    whole: tuple[Span, ...] = ()
    open: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
