"""A rule for Fixit 2 that reports what ruff's TID252 and infralint's import-relative report."""

from __future__ import annotations

import libcst
from fixit import LintRule


class NoRelativeImport(LintRule):
    """Relative imports are reported."""

    MESSAGE = "relative import"

    def visit_ImportFrom(self, node: libcst.ImportFrom) -> None:
        """Called for every `from ... import ...`."""
        if node.relative:
            self.report(node)
