"""infralint: reads a Python service and everything that deploys it together, and reports contradictions."""

from __future__ import annotations

# What `typing` says of type checkers; to import it is a third of what an interpreter takes to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from infralint.engine import lint
    from infralint.engine import schema_of as schema
    from infralint.engine import services_of as services
    from infralint.findings import Applicability, Edit, Finding, Fix, Related, Severity
    from infralint.report import Report
    from infralint.runs import lint_project
    from infralint.settings import Dialect, Settings
    from infralint.settings_load import SettingsError, find_root, load_settings

__version__ = "0.2.0"

__all__ = [
    "Applicability",
    "Dialect",
    "Edit",
    "Finding",
    "Fix",
    "Related",
    "Report",
    "Settings",
    "SettingsError",
    "Severity",
    "__version__",
    "find_root",
    "lint",
    "lint_project",
    "load_settings",
    "schema",
    "services",
]

# Names are imported when first asked for: `infralint --version` need not wait for the engine. Public names by home,
# with the home's own name for each.
_HOMES = {
    "engine": {
        "lint": "lint",
        "schema": "schema_of",
        "services": "services_of",
    },
    "findings": {name: name for name in ("Applicability", "Edit", "Finding", "Fix", "Related", "Severity")},
    "report": {"Report": "Report"},
    "runs": {"lint_project": "lint_project"},
    "settings": {name: name for name in ("Dialect", "Settings")},
    "settings_load": {name: name for name in ("SettingsError", "find_root", "load_settings")},
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"infralint.{home}"), names[name])
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
