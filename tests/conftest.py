"""Options of all tests: how rule examples and fixtures become tests."""

from __future__ import annotations

import shutil
import signal

import chromium
import pytest
from hypothesis import settings
from postgres import postgres

__all__ = ["plain_environment", "postgres"]

# What runs in a shell's background ignores interrupts, and so would the processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The page of `--format html` is tried in a browser where there is one.
collect_ignore = [] if chromium.found() else ["test_html_browser.py"]
# The language server is tried in Neovim where there is one.
collect_ignore += [] if shutil.which("nvim") else ["test_lsp_neovim.py"]

# The same examples in every run: a submission fails for its own change, not for a new example. Search for new ones
# with `--hypothesis-profile=default`.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and widths of the terminal that runs the tests must not show in what is compared."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
