"""Who provides a module: the settings, then the table of distributions, then likeness of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from infralint.data.distributions import DistributionTable, names_like
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.requirements.sets import Provided, RequirementSet

# A part of a name that is long enough to tell something, wherever in a word it stands: `libpass` provides `passlib`.
_PIECE = re.compile(r"(?=([a-z]{4}))")


class Providers:
    """Modules and the distributions that provide them. `added`: what the settings say, by module."""

    def __init__(self, table: DistributionTable, added: Mapping[str, tuple[str, ...]]) -> None:
        self._table = table
        self._added = added

    def candidates(self, module: str, names: Iterable[str] = ()) -> tuple[str, ...]:
        """The distributions any of which provides what an import names; () = not known."""
        found = (each for part in self._parts(module, tuple(names)) for each in self._of(part))
        return tuple(dict.fromkeys(found))

    def provider(self, module: str, installed: RequirementSet, names: Iterable[str] = ()) -> Lookup[Provided]:
        """The installed distribution that provides an import: of several parts, the answer for the worst."""
        answers = [self._answer(part, installed) for part in self._parts(module, tuple(names))]
        for kind in (Absent, Open):
            found = next((answer for answer in answers if isinstance(answer, kind)), None)
            if found is not None:
                return found
        return answers[0]

    def _parts(self, module: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The modules that an import needs: of a namespace, what is taken from it."""
        parts = tuple(f"{module}.{name}" for name in names if name != "*")
        return parts if parts and not self._of(module) else (module,)

    def _of(self, module: str) -> tuple[str, ...]:
        name = module
        while name:
            if name in self._added:
                return self._added[name]
            name = name.rpartition(".")[0]
        return self._table.providers(module)

    def _answer(self, module: str, installed: RequirementSet) -> Lookup[Provided]:
        candidates = self._of(module)
        for name in (*candidates, *names_like(module)):
            if name in installed.provided:
                return Known(installed.provided[name])
        if installed.open:
            return Open(installed.open[0])
        if not candidates:
            return Open(f"no table tells who provides `{module}`")
        stranger = next(self._strangers(module, installed), "")
        return Open(f"`{stranger}` may provide `{module}`") if stranger else Absent()

    def _strangers(self, module: str, installed: RequirementSet) -> Iterator[str]:
        """Installed distributions whose modules nobody knows and whose names have a piece of the module's."""
        pieces = set(_PIECE.findall(module.lower()))
        for name in installed.provided:
            if not self._table.knows_modules(name) and not pieces.isdisjoint(_PIECE.findall(name)):
                yield name
