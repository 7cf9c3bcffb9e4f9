"""The benchmark itself: what it measures is what it says, and no tree is left changed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import run
from generate import write_tree
from measuring import tables
from measuring.edits import BODY, COMMENT, DOCKERFILE, FUNCTION, IMPORT, KINDS, MODEL, SQL, Edits, files_of
from measuring.processes import can_sample, measure
from measuring.scenarios import COLD, WARM, Timing, on_a_share
from measuring.startup import parse
from measuring.tables import Results, insert, percentile
from measuring.tools import Tool, tool_named
from service.tree import make_tree

import infralint

FIXTURE = Path(__file__).parents[1] / "fixtures" / "job-queue-renamed-column" / "project"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of the smallest size, on disk."""
    root = tmp_path_factory.mktemp("benchmarks") / "tree"
    write_tree(make_tree(100, seed=1), root, root.with_suffix(".json"))
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_time_of_children_counts(tmp_path: Path) -> None:
    """Two processes that burn half a second of processor time each, one below the other."""
    burn = "import time\nwhile time.process_time() < 0.4: pass\n"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n{burn}"
    done = measure([sys.executable, "-c", code], tmp_path)
    assert done.cpu >= 0.8
    assert (done.code, done.memory) == (0, None)
    assert done.seconds > 0.4


@pytest.mark.skipif(not can_sample(), reason="the memory of all processes together is told by /proc alone")
def test_the_memory_of_children_counts(tmp_path: Path) -> None:
    hold = "import time\nheld = bytes(bytearray(b'x')) * 60_000_000\ntime.sleep(0.5)\n"
    code = f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {hold!r}])\n{hold}child.wait()\n"
    done = measure([sys.executable, "-c", code], tmp_path, memory=True)
    assert done.memory is not None
    assert 120_000_000 < done.memory < 250_000_000


def test_how_a_command_ends_and_what_it_prints(tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['SAID']); print('e', file=sys.stderr); sys.exit(3)"
    done = measure([sys.executable, "-c", code], tmp_path, environment={"SAID": "o"})
    assert (done.code, done.output.strip(), done.errors.strip()) == (3, "o", "e")


@pytest.mark.parametrize("kind", KINDS)
def test_edits_change_one_file_of_their_kind_and_are_put_back(made: Path, kind: str) -> None:
    before = contents(made)
    edits = Edits(made, files_of(made))
    changed = {edits.apply(kind) for _ in range(4)}
    assert None not in changed
    assert {path for path, data in contents(made).items() if data != before[path]} == changed
    expected = {MODEL: "/models/", SQL: "/queries/", DOCKERFILE: "Dockerfile"}.get(kind, ".py")
    assert all(expected in str(path) for path in changed)
    assert set(edits.restore()) == changed
    assert contents(made) == before


@pytest.mark.parametrize(
    ("kind", "more"),
    [(COMMENT, []), (BODY, []), (FUNCTION, []), (IMPORT, []), (DOCKERFILE, []), (MODEL, ["migration-model-drift"])],
)
def test_what_an_edit_means(kind: str, more: list[str]) -> None:
    """Edits leave valid code; a new column in a model is one that no migration has, and the others mean nothing."""
    tree = make_tree(100, seed=1)
    edits = Edits(Path(), sorted(tree.files))
    text = None
    for path in sorted(tree.files):
        if edits.fits(kind, path):
            text = edits.edited(kind, tree.files[path], 1)
            if text is not None:
                break
    assert text is not None
    found = infralint.lint({**tree.files, path: text}).findings
    rules = sorted(finding.rule for finding in found)
    assert rules == sorted([*(mistake.rule for mistake in tree.planted), *more])


def tool(code: str) -> Tool:
    """A linter in one line of Python."""
    return Tool("python3", ("-c", code), None, lambda output: int(output), "nothing")


def test_a_share_is_scaled_by_lines(made: Path, tmp_path: Path) -> None:
    """The tool finds as many mistakes as there are files; its start is not scaled."""
    count = "import pathlib; print(len(list(pathlib.Path('.').rglob('*.py'))))"
    timing = on_a_share(tool(count), made, tmp_path / "share", files_of(made), 0.2)
    assert timing.findings == 20 + 1
    assert 3 < timing.scale < 8
    assert timing.start[0] > 0
    exact = Timing([3.0, 2.0, 4.0], [1.5], scale=10.0, start=(0.5, 0.5))
    assert (exact.least, exact.median, exact.processors) == (15.5, 25.5, 10.5)


def results() -> Results:
    """Made-up times."""
    times = {
        ("infralint", COLD): Timing([6.0, 5.0], [9.0], memory=300_000_000, findings=14),
        ("ruff", COLD): Timing([2.0, 2.5], [3.0], findings=1),
        ("flake8", COLD): Timing([12.0], [20.0], findings=0, scale=20.0),
        ("infralint", WARM): Timing([0.4], [0.4], findings=14),
        ("ruff", WARM): Timing([0.2], [0.2], findings=1),
    }
    found = Results(["heading"], ["infralint", "ruff", "flake8"], times, 0.05, growth=20_000 / 6_000)
    found.grown = {("infralint", COLD): Timing([20.0], [30.0])}
    found.saves = {"library": {"load": 1.0, "saves": [{"kind": "comment", "seconds": s / 1000} for s in range(1, 61)]}}
    return found


def test_goals_are_judged() -> None:
    rows = [line.split(" | ") for line in tables.goals(results()).splitlines()[4:]]
    assert [(row[0].removeprefix("| "), row[2], row[3].removesuffix(" |")) for row in rows] == [
        ("cold, times ruff", "2.5", "reached"),
        ("cold, flake8 takes times as long", "48.0", "reached"),
        ("warm, times ruff", "2.0", "**missed** by 1.3 times"),
        ("cold: 3.33 times the files", "4.00", "**missed** by 1.1 times"),
        ("peak memory of all processes", "300 MB", "reached"),
        ("editor save, library, p95", "57 ms", "reached"),
    ]


def test_tables_go_between_the_marks() -> None:
    document = f"before\n{tables.BEGIN}\nof yesterday\n{tables.END}\nafter\n"
    text = insert(document, tables.markdown(results()))
    assert text.startswith("before\n")
    assert text.endswith(f"{tables.END}\nafter\n")
    assert "yesterday" not in text
    assert "| cold | flake8 | 240 s ¹ |" in text
    assert "| library | comment | 60 | 30 ms | 57 ms | 60 ms |" in text
    assert insert(text, "new") == insert(document, "new")
    with pytest.raises(ValueError, match="no lines"):
        insert("nothing", "new")


def test_the_document_has_the_marks() -> None:
    document = (Path(__file__).parents[1] / "docs" / "benchmarks.md").read_text("utf-8")
    assert insert(document, "new").partition(tables.BEGIN)[2].startswith("\n\nnew\n")


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3), (0.95, 5), (1.0, 5), (0.2, 1)])
def test_percentiles(share: float, expected: int) -> None:
    assert percentile([5, 1, 3, 2, 4], share) == expected


def test_imports_are_read() -> None:
    text = "import time: self [us] | cumulative | imported package\nimport time:      1500 |       1500 |   libcst._nodes\n"
    text += "import time:       500 |       2000 | libcst\nimport time:       250 |        250 | infralint.engine\n"
    found = parse(text)
    assert (found.modules, found.own, found.milliseconds, found.heavy) == (3, 1, 2.25, ("libcst",))
    assert not found.is_within
    with pytest.raises(ValueError, match="imported nothing"):
        parse("")


def test_an_unknown_tool(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.arguments_of(["--tools", "ruff,pylint"])
    assert "no such tool: pylint" in capsys.readouterr().err
    with pytest.raises(ValueError, match="flake9"):
        tool_named("flake9")


def test_a_whole_run_on_a_given_tree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything at once, on a copy: the tree that was given is as before."""
    root = shutil.copytree(FIXTURE, tmp_path / "given")
    output = tmp_path / "benchmarks.md"
    output.write_text(f"{tables.BEGIN}\n{tables.END}\n", "utf-8")
    before = contents(root)
    words = ["--tree", str(root), "--tools", "infralint,ruff", "--rounds", "1", "--saves", "6", "--output", str(output)]
    assert run.main(words) == 0, capsys.readouterr().err
    assert contents(root) == before
    text = output.read_text("utf-8")
    assert "a copy of `given`" in text
    for row in (
        "| cold | infralint |",
        "| warm, nothing changed | ruff |",
        "| library | all |",
        "| language server | all |",
    ):
        assert row in text
    assert "of those that it must do without: none" in text
