"""infralint: reads a Python service and everything that deploys it together, and reports contradictions."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infralint.engine import Report, lint, lint_project
    from infralint.findings import Applicability, Edit, Finding, Fix, Related, Severity
    from infralint.settings import Dialect, Settings
    from infralint.settings_load import SettingsError, find_root, load_settings

__version__ = "0.1.0"

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
]

# Names are imported when first asked for: `infralint --version` need not wait for the engine.
_HOMES = {
    "engine": ("Report", "lint", "lint_project"),
    "findings": ("Applicability", "Edit", "Finding", "Fix", "Related", "Severity"),
    "settings": ("Dialect", "Settings"),
    "settings_load": ("SettingsError", "find_root", "load_settings"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"infralint.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
