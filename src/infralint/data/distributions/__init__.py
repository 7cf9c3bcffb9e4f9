"""Which distribution of PyPI provides a module, and what it brings along; loaded when a project first asks.

README.md in this folder tells what the two files hold, where the facts come from and which gaps are known. All names of
distributions are normalised (PEP 503).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

import msgspec

_EXTRAS = re.compile(r"\[(.*)\]$")
_API_VERSION = re.compile(r"_v\d+\w*$")


@dataclass(frozen=True, slots=True)
class Brought:
    """A distribution that another one requires. `certain`: in every environment that the question left possible.

    `version`: the one that a lock names, "" where none does.
    """

    name: str
    extras: tuple[str, ...]
    certain: bool
    version: str = ""


class _Entry(msgspec.Struct):
    v: str = ""
    requires: tuple[str, ...] = ()
    conditional: dict[str, str] = {}
    linux: tuple[str, ...] = ()
    extras: dict[str, tuple[str, ...]] = {}
    earlier: tuple[str, ...] = ()
    # What only other versions required: the last version without it, the last with it, the first without it again.
    before: dict[str, tuple[str, str, str]] = {}
    src: str = ""


class _Requires(msgspec.Struct):
    format: int
    date: str
    distributions: dict[str, _Entry]


class _Modules(msgspec.Struct):
    format: int
    date: str
    modules: dict[str, tuple[str, ...]]
    namespaces: frozenset[str]


# Tells of three versions, the last one without a requirement, the last one with it, and the first one without it again
# ("" = none was seen), and of the newest version, whether the version that is installed may have it.
Applies = Callable[[str, str, str, str], bool]
# Tells of a marker (PEP 508) whether it holds: True, False, None = in some of the environments that are possible.
Holds = Callable[[str], "bool | None"]


class DistributionTable:
    """Modules and requirements of well-known distributions. What is not in it is unknown, never absent."""

    def __init__(self, modules: _Modules, requires: _Requires) -> None:
        self._modules = modules
        self._requires = requires.distributions

    @property
    def date(self) -> str:
        """The day that the facts are of, as `2026-11-22`."""
        return self._modules.date

    def providers(self, module: str) -> tuple[str, ...]:
        """The distributions any of which provides a module, the best known first; () = not in the table.

        By the longest part of the dotted name that is there. A namespace, which several share, has no provider.
        """
        name = module
        while name:
            if name in self._modules.modules:
                return self._modules.modules[name]
            if name in self._modules.namespaces:
                return ()
            name = name.rpartition(".")[0]
        return ()

    def knows_modules(self, distribution: str) -> bool:
        """Whether the table tells of modules that the distribution provides."""
        return distribution in self._with_modules

    @cached_property
    def _with_modules(self) -> frozenset[str]:
        return frozenset(name for names in self._modules.modules.values() for name in names)

    def brings(
        self,
        distribution: str,
        extras: Iterable[str] = (),
        holds: Holds = lambda marker: None,
        applies: Applies = lambda since, last, until, newest: True,
    ) -> tuple[Brought, ...] | None:
        """What a distribution requires, by any of its versions; None = the table does not know.

        `holds` judges the markers, `applies` the versions; what other versions than the newest require is not certain.
        """
        entry = self._requires.get(distribution)
        return None if entry is None else tuple(_brought(entry, tuple(extras), holds, applies))

    def knows_extra(self, distribution: str, extra: str) -> bool:
        """Whether the table tells what an extra brings. Those for development are not in it."""
        entry = self._requires.get(distribution)
        return entry is not None and extra in entry.extras


def _brought(entry: _Entry, extras: tuple[str, ...], holds: Holds, applies: Applies) -> Iterator[Brought]:
    for written in entry.requires:
        yield _named(written, True)
    for written, marker in entry.conditional.items():
        answer = None if marker == "complex" else holds(marker)
        if answer is not False:
            yield _named(written, answer is True)
    for written in entry.earlier:
        yield _named(written, False)
    for written, versions in entry.before.items():
        if applies(*versions, entry.v):
            yield _named(written, False)
    for extra in extras:
        for written in entry.extras.get(extra, ()):
            # What is needed on some platforms only is listed without its marker.
            yield _named(written, False)


def _named(written: str, certain: bool) -> Brought:
    match = _EXTRAS.search(written)
    if match is None:
        return Brought(written, (), certain)
    return Brought(written[: match.start()], tuple(part.strip() for part in match[1].split(",")), certain)


def names_like(module: str) -> tuple[str, ...]:
    """The distributions that a module may come from by its name alone: a guess for what no table knows.

    `foo_bar` may be `foo-bar`; inside a namespace the parts are joined, without the version of an API:
    `google.cloud.workflows_v1` may be `google-cloud-workflows`.
    """
    parts = module.split(".")
    joined = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    names = (re.sub(r"[-_.]+", "-", _API_VERSION.sub("", name)).strip("-").lower() for name in joined)
    return tuple(dict.fromkeys(name for name in names if name))


@lru_cache(maxsize=1)
def distribution_table() -> DistributionTable:
    """The table that this version of infralint ships; read once in a process."""
    return DistributionTable(
        msgspec.json.decode(_read("modules.json.gz"), type=_Modules),
        msgspec.json.decode(_read("requires.json.gz"), type=_Requires),
    )


def _read(name: str) -> bytes:
    return gzip.decompress((files(__package__) / name).read_bytes())
