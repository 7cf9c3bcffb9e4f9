"""infralint: reads a Python service and everything that deploys it together, and reports contradictions."""

from infralint.engine import Report, lint, lint_project
from infralint.findings import Applicability, Edit, Finding, Fix, Related, Severity
from infralint.settings import Dialect, Settings

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
    "Severity",
    "__version__",
    "lint",
    "lint_project",
]
