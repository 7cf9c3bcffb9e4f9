"""Options of all tests: how rule examples and fixtures become tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and widths of the terminal that runs the tests must not show in what is compared."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
