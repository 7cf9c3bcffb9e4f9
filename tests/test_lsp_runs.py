"""One project of the server: what is done when, beside linting."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infralint.live import LiveProject
from infralint.lsp import runs
from infralint.lsp.client import Client
from infralint.lsp.runs import Host, ProjectRuns


def test_a_project_gets_ready_for_saves_right_after_its_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later it waits until somebody has saved nothing for a while, which here never comes."""
    monkeypatch.setattr(runs, "_IDLE", 3600.0)
    (tmp_path / "pyproject.toml").write_text("[tool.infralint]\n")
    (tmp_path / "app.py").write_text("x = 1\n")
    tidied: list[bool] = []
    is_tidy = threading.Event()

    def tidy(project: LiveProject) -> None:
        tidied.append(project._state is not None)
        is_tidy.set()

    monkeypatch.setattr(LiveProject, "tidy", tidy)

    async def use() -> None:
        with ThreadPoolExecutor(2) as pool:
            host = Host(
                pool, Client(), lambda root: {}, lambda project: None, lambda root: (lambda *_: None, lambda: None)
            )
            project = ProjectRuns(tmp_path, host)
            project.request(None)
            await project.settled()
            assert await asyncio.get_running_loop().run_in_executor(pool, is_tidy.wait, 60)
            project.request({"app.py"})
            await project.settled()
            await asyncio.sleep(0)
            project.close()

    asyncio.run(use())
    assert tidied == [True]
