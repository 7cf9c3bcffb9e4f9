"""The rules: one module a rule, found by listing the package.

A rule module `rules/<family>/<name>.py` defines `check(project) -> Iterator[Diagnostic]`. Its id is
`<family>-<name>` with dashes; severity, default and fix come from its page of the same name. Rules never
parse, never touch a file, and ask the Project alone.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.findings import Severity

if TYPE_CHECKING:
    from infralint.findings import Diagnostic
    from infralint.pages import Page
    from infralint.project.project import Project

# What a rule module defines. Who only names rules waits for neither the Project nor the pages.
Check = Callable[["Project"], Iterator["Diagnostic"]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, where it is, and what its page says of it."""

    id: str
    family: str
    name: str

    @property
    def page(self) -> Page:
        """What the rule's page says."""
        from infralint.pages import load_page

        return load_page(self.family, self.name)

    @property
    def severity(self) -> Severity:
        return self.page.severity

    @property
    def default(self) -> bool:
        """Whether the rule runs when nobody selects or ignores it."""
        return self.page.default

    def load(self) -> Check | None:
        """The rule's function; None for a rule that the engine itself judges (suppressions)."""
        module = import_module(f"infralint.rules.{self.family}.{self.name.replace('-', '_')}")
        check: Check | None = getattr(module, "check", None)
        return check


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    found = []
    for family in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if not family.ispkg:
            continue
        folder = Path(__file__).parent / family.name
        for module in pkgutil.iter_modules([str(folder)]):
            if not module.name.startswith("_"):
                name = module.name.replace("_", "-")
                found.append(Rule(f"{family.name}-{name}", family.name, name))
    return tuple(sorted(found, key=lambda rule: rule.id))


@lru_cache(maxsize=1)
def rules_by_id() -> dict[str, Rule]:
    return {rule.id: rule for rule in all_rules()}


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    return tuple(sorted({rule.family for rule in all_rules()}))
