"""The command line in this process: options, exit codes, and what each command prints."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infralint import runs
from infralint.cli import main
from infralint.cli.chosen import Selection
from infralint.cli.progress import ProgressBar
from infralint.findings import Finding, Related, Severity
from infralint.report import Report
from infralint.rules import all_rules, families
from infralint.settings import Settings

RULE = "image-latest-tag"


def finding(path: str, *, severity: Severity = Severity.ERROR, rule: str = RULE) -> Finding:
    return Finding(rule, severity, path, 1, 6, 1, 10, "wrong", (Related("b.sql", 1, 1, 1, 2, "here"),))


class Engine:
    """Stands in for `run_project`: remembers how it was called, and reports what it was told to."""

    def __init__(self) -> None:
        self.report = Report(
            (finding("Dockerfile"), finding("sub/a.py", severity=Severity.WARNING)), (), 5, rules=(RULE,)
        )
        self.calls: list[tuple[Path, Settings, dict[str, Any]]] = []
        self.error: BaseException | None = None

    def __call__(self, root: Path, settings: Settings, **how: Any) -> Report:
        self.calls.append((root, settings, how))
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(runs, "run_project", made)
    return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "infralint.toml").write_text("")
    (tmp_path / "Dockerfile").write_text("FROM python:latest\n")
    (tmp_path / "sub" / "a.py").write_text("x = 'é'\n", encoding="utf-8")
    (tmp_path / "b.sql").write_text("SELECT 1;\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(args), input=stdin)


def test_text_is_the_default(stub: Engine, project: Path) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert result.stdout == (
        "error[image-latest-tag]: wrong\n"
        " --> Dockerfile:1:6\n"
        "  |\n"
        "1 | FROM python:latest\n"
        "  |      ^^^^\n"
        "  |\n"
        " ::: b.sql:1:1\n"
        "  |\n"
        "1 | SELECT 1;\n"
        "  | - here\n"
        "  |\n"
        "\n"
        "warning[image-latest-tag]: wrong\n"
        " --> sub/a.py:1:6\n"
        "  |\n"
        "1 | x = 'é'\n"
        "  |      ^^\n"
        "  |\n"
        " ::: b.sql:1:1\n"
        "  |\n"
        "1 | SELECT 1;\n"
        "  | - here\n"
        "  |\n"
        "\n"
        "Found 1 error and 1 warning in 2 files (5 files read).\n"
    )


def test_clean(stub: Engine, project: Path) -> None:
    stub.report = Report((), (), 5, rules=(RULE,))
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No findings (5 files read).\n", "")


@pytest.mark.parametrize(
    ("args", "printed"),
    [
        ((), ["Dockerfile", "sub/a.py"]),
        ((".",), ["Dockerfile", "sub/a.py"]),
        (("sub",), ["sub/a.py"]),
        (("sub/",), ["sub/a.py"]),
        (("sub/a.py",), ["sub/a.py"]),
        (("Dockerfile", "sub"), ["Dockerfile", "sub/a.py"]),
        (("sub/../Dockerfile",), ["Dockerfile"]),
        (("sub/deep",), []),
        (("b.sql",), []),
    ],
)
def test_paths_limit_what_is_printed_not_what_is_read(
    stub: Engine, project: Path, args: tuple[str, ...], printed: list[str]
) -> None:
    result = run("check", "--format", "concise", *args)
    lines = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert [line.partition(":")[0] for line in lines] == printed
    assert result.exit_code == (1 if printed else 0)
    assert [call[0] for call in stub.calls] == [project]


def test_a_path_is_no_prefix_of_a_name(stub: Engine, project: Path) -> None:
    (project / "su").mkdir()
    assert run("check", "su").exit_code == 0


def test_the_project_is_found_from_inside(stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "sub" / "deep")
    whole = run("check", "--format", "concise").stdout
    assert whole.startswith("Dockerfile:1:6: error")
    assert "\nsub/a.py:1:6: warning" in whole
    assert run("check", "--format", "concise", "..").stdout.startswith("sub/a.py:1:6: warning")
    assert run("check", "--format", "concise", ".").stdout == ""
    assert [call[0] for call in stub.calls] == [project] * 3


def test_several_projects(stub: Engine, project: Path) -> None:
    for name in ("one", "two"):
        (project / "services" / name).mkdir(parents=True)
        (project / "services" / name / "infralint.toml").write_text("")
        (project / "services" / name / "Dockerfile").write_text(f"FROM {name}\n")
    stub.report = Report((finding("Dockerfile"),), (), 5, rules=(RULE,))
    result = run("check", "services/one", "services/two/Dockerfile")
    assert " --> one/Dockerfile:1:6\n" in result.stdout
    assert "1 | FROM two\n" in result.stdout
    assert " ::: two/b.sql:1:1: here\n" in result.stdout
    assert result.stdout.endswith("Found 2 errors in 2 files (10 files read).\n")
    assert [call[0] for call in stub.calls] == [project / "services" / "one", project / "services" / "two"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("check", "nope"), "Path 'nope' does not exist"),
        (("check", "--format", "xml"), "'xml' is not one of"),
        (("check", "--jobs", "0"), "0 is not in the range"),
        (
            ("check", "--select", "image-latst-tag"),
            "unknown rule or family `image-latst-tag`; did you mean `ima",
        ),
        (("check", "--ignore", "all"), "did you mean `ALL`?"),
        (("check", "--extend-select", ","), "names no rule"),
        (("check", "--config", "none.toml"), "'none.toml' does not exist"),
        (("check", "-"), "--stdin-filename"),
        (("check", "--stdin-filename", "a.py", "sub"), "give no PATHS"),
        (("check", "--statistics", "--format", "github"), "--statistics"),
        (("chek",), "No such command"),
        (("check", "--selct", "ALL"), "No such option"),
        (
            ("explain", "image-latest-tagg"),
            "unknown rule `image-latest-tagg`; did you mean `image-latest-tag`?",
        ),
        (("explain", "image"), "`image` is a family; its rules: image-latest-tag"),
        (("explain",), "Missing argument"),
        (("completion", "tcsh"), "'tcsh' is not one of"),
        ((), "Usage: infralint"),
    ],
)
def test_wrong_usage(stub: Engine, project: Path, args: tuple[str, ...], message: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert stub.calls == []


def test_wrong_settings(stub: Engine, project: Path) -> None:
    (project / "infralint.toml").write_text("selct = 1\ndialekt = 2\n")
    result = run("check")
    assert result.exit_code == 2
    assert result.stdout == ""
    starts = [line[: line.index(";")] for line in result.stderr.splitlines()]
    assert starts == ["infralint.toml:1: selct: unknown key", "infralint.toml:2: dialekt: unknown key"]


def settings_used(stub: Engine, *args: str) -> Settings:
    run("check", *args)
    return stub.calls[-1][1]


def test_options_reach_the_engine(stub: Engine, project: Path) -> None:
    (project / "infralint.toml").write_text(
        'select = ["orm"]\nextend-select = ["test"]\nignore = ["import"]\nexclude = ["x"]\n'
    )
    assert settings_used(stub) == Settings(("orm",), ("test",), ("import",), ("x",))
    imports = tuple(rule.id for rule in all_rules() if rule.family == "import")
    assert settings_used(stub, "--select", f"ALL,{RULE}", "--select", "orm") == Settings(
        ("ALL", RULE, "orm"), (), imports, ("x",)
    )
    assert settings_used(stub, "--extend-select", "image").extend_select == ("test", "image")
    assert settings_used(stub, "--ignore", "image, orm").ignore == ("import", "image", "orm")
    (project / "other.toml").write_text('dialect = "mysql"')
    assert settings_used(stub, "--config", "other.toml").dialect.value == "mysql"
    assert settings_used(stub, "--config", "other.toml").select is None


def test_what_is_selected_by_name_is_not_ignored_by_the_file() -> None:
    family = sorted(rule.id for rule in all_rules() if rule.family == "image")
    settings = Settings(ignore=("image", "import-relative"))
    assert RULE not in Selection(select=(RULE,)).over(settings).ignore
    assert "import-relative" in Selection(select=("image",)).over(settings).ignore
    assert not set(family) & set(Selection(extend_select=("image",)).over(settings).ignore)
    assert RULE in Selection(select=(RULE,), ignore=(RULE,)).over(settings).ignore
    assert Selection(select=("ALL",)).over(settings).ignore == ("image", "import-relative")


def test_jobs_and_cache(stub: Engine, project: Path) -> None:
    run("check")
    run("check", "--jobs", "3", "--no-cache")
    first, second = (call[2] for call in stub.calls)
    assert (first["jobs"], first["cache"]) == (None, True)
    assert (second["jobs"], second["cache"]) == (3, False)


def test_no_rule_selected_is_said(stub: Engine, project: Path) -> None:
    stub.report = Report((), (), 5)
    result = run("check", "--select", "image", "--ignore", ",".join(families()))
    assert (result.exit_code, result.stderr) == (0, "warning: no rule is selected\n")


def test_exit_zero(stub: Engine, project: Path) -> None:
    result = run("check", "--exit-zero")
    assert result.exit_code == 0
    assert "Found 1 error" in result.stdout


def test_json(stub: Engine, project: Path) -> None:
    silenced = Finding(RULE, Severity.ERROR, "sub/a.py", 1, 1, 1, 2, "m", suppressed="known")
    stub.report = Report(stub.report.findings, (silenced,), 5, rules=(RULE,))
    result = run("check", "--format", "json", "sub")
    document = json.loads(result.stdout)
    assert [item["path"] for item in document["findings"]] == ["sub/a.py"]
    assert [item["suppressed"] for item in document["suppressed"]] == ["known"]
    assert document["summary"]["files_read"] == 5
    assert str(project) not in result.stdout
    assert run("check", "--output-format", "json", "sub").stdout == result.stdout


def test_github_paths_begin_at_the_workspace(stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert "file=Dockerfile," in run("check", "--format", "github").stdout
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parent))
    assert f"file={project.name}/Dockerfile," in run("check", "--format", "github").stdout
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project / "sub"))
    assert "file=Dockerfile," in run("check", "--format", "github").stdout


def test_statistics(stub: Engine, project: Path) -> None:
    assert run("check", "--statistics").stdout == (
        "1  error    image-latest-tag\n"
        "1  warning  image-latest-tag\n"
        "Found 1 error and 1 warning in 2 files (5 files read).\n"
    )
    assert json.loads(run("check", "--statistics", "--format", "json").stdout)["summary"]["rules"] == {RULE: 2}


def test_stdin_beats_the_disk(stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "sub")
    result = run("check", "-", "--stdin-filename", "../Dockerfile", stdin=b"FROM stdin:latest\n")
    assert "1 | FROM stdin:latest" in result.stdout
    assert "sub/a.py" not in result.stdout
    root, _, how = stub.calls[0]
    assert root == project
    assert how["overlay"] == {"Dockerfile": b"FROM stdin:latest\n"}


def test_stdin_of_a_file_that_does_not_exist_yet(stub: Engine, project: Path) -> None:
    run("check", "--stdin-filename", "new/folder/x.py", stdin=b"\xff\x00")
    root, _, how = stub.calls[0]
    assert (root, how["overlay"]) == (project, {"new/folder/x.py": b"\xff\x00"})


def test_an_internal_error_is_one_line(stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.error = RuntimeError("two\nlines")
    result = run("check")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        "infralint: internal error: RuntimeError: two lines (INFRALINT_DEBUG=1 shows where; please report it)\n"
    )
    monkeypatch.setenv("INFRALINT_DEBUG", "1")
    assert "Traceback" in run("check").stderr


def test_a_rule_that_broke_down_means_exit_code_two(
    stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.report = Report(stub.report.findings, (), 5, failed=(RULE,), rules=(RULE,))
    result = run("check", "--exit-zero")
    assert result.exit_code == 2
    assert "Found 1 error" in result.stdout


def test_an_interrupt(stub: Engine, project: Path) -> None:
    stub.error = KeyboardInterrupt()
    result = run("check")
    assert result.exit_code == 130
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_colour_only_when_forced_without_a_terminal(
    stub: Engine, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in run("check").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror" in run("check").stdout
    assert "\x1b" not in run("check", "--format", "concise").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check").stdout


def test_rules_table() -> None:
    lines = run("rules").stdout.splitlines()
    assert lines[0].split() == ["rule", "severity", "default", "fix", "title"]
    assert [line.split()[0] for line in lines[1:]] == [rule.id for rule in all_rules()]
    row = next(line for line in lines if line.startswith(RULE))
    page = next(rule for rule in all_rules() if rule.id == RULE).page
    assert row.split()[1:4] == [page.severity.value, "on" if page.default else "off", page.fix]
    assert row.endswith(page.title)


def test_rules_json() -> None:
    document = json.loads(run("rules", "--format", "json").stdout)
    assert document["version"] == 1
    assert [rule["id"] for rule in document["rules"]] == [rule.id for rule in all_rules()]
    assert {tuple(rule) for rule in document["rules"]} == {
        ("id", "family", "title", "severity", "default", "fix", "since")
    }


@pytest.mark.parametrize("rule", [rule.id for rule in all_rules()])
def test_explain(rule: str) -> None:
    page = next(candidate for candidate in all_rules() if candidate.id == rule).page
    result = run("explain", rule)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == f"{rule}: {page.title}"
    assert lines[1].startswith(page.severity.value)
    assert "```" not in result.stdout
    assert "since = " not in result.stdout
    assert page.prose.splitlines()[0] in lines
    examples = {
        line.strip() for section in page.sections for text in section.files.values() for line in text.split("\n")
    }
    assert examples - {""} <= {line.strip() for line in lines}


def test_config_schema() -> None:
    assert json.loads(run("config", "schema").stdout)["title"] == "infralint"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_INFRALINT_COMPLETE={shell}_complete" in result.stdout


def completed(words: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What bash would be offered for the last word."""
    monkeypatch.setenv("_INFRALINT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    return [line.partition(",")[2] for line in run().stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("infralint expl", ["explain"]),
        ("infralint explain image-lat", [RULE]),
        ("infralint check --select image-lat", [RULE]),
        ("infralint check --ignore orm,image-lat", [f"orm,{RULE}"]),
        ("infralint check --select AL", ["ALL"]),
        ("infralint check --format gith", ["github"]),
        ("infralint check --exit", ["--exit-zero"]),
    ],
)
def test_completion(words: str, offered: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(words, monkeypatch) == offered


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def clock_of(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


def test_progress_waits_a_second_and_leaves_no_trace() -> None:
    stream = Terminal()
    with ProgressBar(stream, clock_of(0.0, 0.5, 1.2, 1.21, 1.4)) as progress:
        progress(1, 10)
        assert stream.getvalue() == ""
        progress(5, 10)
        assert stream.getvalue() == "\r\x1b[KReading [###############               ] 5/10"
        progress(6, 10)
        assert "6/10" not in stream.getvalue()
        progress(10, 10)
    assert stream.getvalue().endswith("10/10\r\x1b[K")


def test_progress_is_silent_without_a_terminal() -> None:
    stream = io.StringIO()
    with ProgressBar(stream, clock_of(0.0, 5.0)) as progress:
        progress(1, 2)
    assert stream.getvalue() == ""


def test_help_names_every_command() -> None:
    result = run("-h")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in ("check", "explain", "rules", "config", "completion"))
    assert run("check", "-h").stdout.startswith("Usage: infralint check [OPTIONS] [PATHS]...")
