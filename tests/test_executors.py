"""Reading by executors of others: the report is that of one process, whoever reads and whatever happens to him."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

import infralint
from infralint import Report

FIXTURE = Path(__file__).parents[1] / "fixtures" / "job-queue-renamed-column" / "project"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The replica of an incident, among so many other modules that the work comes in several chunks."""
    root = tmp_path_factory.mktemp("executors") / "project"
    shutil.copytree(FIXTURE, root)
    (root / "padding").mkdir()
    for number in range(120):
        (root / "padding" / f"m{number:03}.py").write_text(f"A = {number}\n" + f"# {'x' * 78}\n" * 120, "utf-8")
    return root


@pytest.fixture(scope="module")
def expected(project: Path) -> Report:
    """What one process says."""
    report = infralint.lint_project(project, jobs=1, cache=False)
    assert report.findings
    return report


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Dask tells at length of workers that tests have killed."""
    logger = logging.getLogger("distributed")
    before, logger.level = logger.level, logging.CRITICAL
    yield
    logger.setLevel(before)


class Watched(Executor):
    """Another executor, with a look at what it is given. `then` is called after each submission with their number."""

    def __init__(self, executor: Executor, then: Callable[[int], object] = lambda _: None) -> None:
        self.executor = executor
        self.then = then
        self.submitted = 0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future = self.executor.submit(function, *arguments, **named)
        self.submitted += 1
        self.then(self.submitted)
        return future


@contextlib.contextmanager
def dask(*, processes: bool) -> Iterator[Client]:
    """A client of two workers on this machine, without a web page about them."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=processes, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_dask_in_this_process(project: Path, expected: Report) -> None:
    with dask(processes=False) as client:
        executor = Watched(client.get_executor())
        assert infralint.lint_project(project, executor=executor, cache=False) == expected
        assert executor.submitted >= 2
        # It belongs to the caller, who may go on with it.
        assert executor.executor.submit(int).result() == 0
        executor.executor.shutdown()
        assert infralint.lint_project(project, executor=executor, cache=False) == expected


def test_dask_in_processes_that_are_killed_in_the_end(project: Path, expected: Report) -> None:
    with dask(processes=True) as client:
        executor = Watched(client.get_executor())
        assert infralint.lint_project(project, executor=executor, cache=False) == expected
        assert executor.submitted >= 2
        workers = client.run(os.getpid).values()

        def kill(submitted: int) -> None:
            if submitted == 1:
                for worker in workers:
                    os.kill(worker, signal.SIGTERM)

        killing = Watched(client.get_executor(), kill)
        assert infralint.lint_project(project, executor=killing, cache=False) == expected


def test_processes_that_start_anew(project: Path, expected: Report, tmp_path: Path) -> None:
    """Everything is pickled on its way, and what the workers read fills the cache like our own reading."""
    root = shutil.copytree(project, tmp_path / "project")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        executor = Watched(workers)
        assert infralint.lint_project(root, executor=executor) == expected
        assert executor.submitted >= 2
        warm = infralint.lint_project(root, executor=executor)
    assert (warm.findings, warm.re_read) == (expected.findings, ())


def test_the_example_of_the_docs(project: Path, expected: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """The program under "With Dask" in docs/api.md, run on this project."""
    text = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
    program = text.partition("## Another engine's executor")[2].partition("```python\n")[2].partition("```")[0]
    assert 'lint_project(".", executor=' in program
    exec(compile(program.replace('"."', repr(str(project))), "api.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == f"{len(expected.findings)} findings in {expected.files} files\n"
