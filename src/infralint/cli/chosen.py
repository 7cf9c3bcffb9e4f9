"""The rules that a command line chooses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from infralint.settings import Settings


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line says of rules: `select` replaces the settings' own, the others add to them."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def over(self, settings: Settings) -> Settings:
        """The settings with this selection over them."""
        return replace(
            settings,
            select=self.select or settings.select,
            extend_select=(() if self.select else settings.extend_select) + self.extend_select,
            ignore=self._still_ignored(settings.ignore) + self.ignore,
        )

    def _still_ignored(self, ignored: tuple[str, ...]) -> tuple[str, ...]:
        """What the settings ignore, less the rules that are asked for by name on the command line."""
        asked = _ids({*self.select, *self.extend_select} - {"ALL"})
        return tuple(sorted(_ids(ignored) - asked)) if asked else ignored


def _ids(names: Iterable[str]) -> set[str]:
    """The rules that selectors stand for."""
    from infralint.rules import all_rules

    chosen = set(names)
    return {rule.id for rule in all_rules() if chosen & {rule.id, rule.family, "ALL"}}
