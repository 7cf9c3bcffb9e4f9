"""The documentation of the command line and of the API says what they are."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import click
import pytest

import infralint
from infralint.cli import main

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def options_of(name: str) -> list[str]:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return [option for param in command.params for option in param.opts if option.startswith("--")]


def test_every_command_and_option_is_described() -> None:
    text = page("command-line.md")
    names = main.list_commands(click.Context(main))
    assert {name for name in names if f"`infralint {name}" not in text} == set()
    assert {name for name in options_of("check") if f"`{name}" not in text} - {"--output-format"} == set()
    for name in ("schema", "services"):
        described = page(f"{name}.md")
        assert {option for option in options_of(name) if f"`{option}" not in described} - {"--output-format"} == set()


def test_a_command_is_imported_when_it_is_asked_for() -> None:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
    assert main.get_command(context, "running") is None


def test_every_public_name_is_described() -> None:
    text = page("api.md")
    assert {name for name in infralint.__all__ if f"`{name}" not in text} - {"__version__"} == set()


@pytest.mark.parametrize(
    "value",
    [
        infralint.Report,
        infralint.Finding,
        infralint.Related,
        infralint.Fix,
        infralint.Edit,
        infralint.Settings,
    ],
)
def test_every_field_is_described(value: type) -> None:
    row = next(line for line in page("api.md").splitlines() if line.startswith(f"| `{value.__name__}`"))
    assert {field.name for field in dataclasses.fields(value) if f"`{field.name}`" not in row} == set()


@pytest.mark.parametrize("name", ["lint", "lint_project", "schema", "services", "load_settings", "find_root"])
def test_signatures_are_the_real_ones(name: str) -> None:
    heading = re.search(rf"^### `{name}\((.*)\) -> (\w+)`$", page("api.md"), re.MULTILINE)
    assert heading is not None
    parameters = inspect.signature(getattr(infralint, name)).parameters.values()
    assert re.findall(r"(\w+)(?:=\w+)?(?:, |$)", heading[1]) == [parameter.name for parameter in parameters]
    defaults = dict(re.findall(r"(\w+)=(\w+)", heading[1]))
    given = {p.name: str(p.default) for p in parameters if p.default is not inspect.Parameter.empty}
    assert defaults == given


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "services" / "api").mkdir(parents=True)
    (tmp_path / "infralint.toml").write_text("selct = 1\n")
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", page("api.md"), re.DOTALL)
    assert len(examples) == 4
    scope: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "api.md", "exec"), scope)
    printed = capsys.readouterr().out
    assert "Dockerfile:1:6: image-latest-tag: " in printed
    assert "infralint.toml 1 selct unknown key" in printed
    report = scope["report"]
    assert isinstance(report, infralint.Report)
    assert [finding.severity for finding in report.findings] == [infralint.Severity.ERROR]
