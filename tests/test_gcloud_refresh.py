"""`infralint gcloud refresh`: a table of a small SDK, and what a project that uses it is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import infralint
from infralint.cli import main
from infralint.data.gcloud import COMMANDS, HISTORY, GcloudTable, gcloud_table, table_of
from infralint.data.gcloud.refresh import completion_tree
from infralint.settings import Settings

HEAD = '# -*- coding: utf-8 -*- #\n"""Cloud SDK static completion CLI tree."""\n# pylint: disable=line-too-long\n'


def leaf(**flags: Any) -> dict[str, Any]:
    return {"commands": {}, "flags": {f"--{name.replace('_', '-')}": kind for name, kind in flags.items()}}


def group(commands: dict[str, Any], **flags: Any) -> dict[str, Any]:
    return {**leaf(**flags), "commands": commands}


def tree() -> dict[str, Any]:
    """An SDK with Cloud Run: `run deploy` has a flag of the future and none of `--image`'s neighbours."""
    jobs = group({"deploy": leaf(image="dynamic", task_timeout="value"), "list": leaf()})
    run = group({"deploy": leaf(image="dynamic", timeout="value", allow_unauthenticated="bool", turbo="bool"),
                 "jobs": jobs, "fly": leaf(wings=["two", 4])}, region="value")  # fmt: skip
    beta = group({"run": group({"fly": leaf()})})
    everywhere = {"project": "dynamic", "quiet": "bool", "sparkle": "bool", "help": "bool"}
    alpha = group({"run": group({"fly": leaf()})})
    return group({"run": run, "alpha": alpha, "beta": beta, "version": leaf()}, **everywhere)


def sdk(folder: Path, release: str, root: dict[str, Any]) -> Path:
    """A folder laid out as an SDK is."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "gcloud").write_text("#!/bin/sh\nexit 1\n")
    (folder / "bin" / "gcloud").chmod(0o755)
    (folder / "data" / "cli").mkdir(parents=True)
    text = f"{HEAD}STATIC_COMPLETION_CLI_TREE = {json.dumps(root, indent=2)}\n"
    (folder / "data" / "cli" / "gcloud_completions.py").write_text(text)
    (folder / "VERSION").write_text(f"{release}\n")
    return folder


def refresh(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["gcloud", "refresh", *map(str, arguments)], standalone_mode=False)


def table_in(folder: Path) -> GcloudTable:
    return table_of((folder / COMMANDS).read_bytes(), (folder / HISTORY).read_bytes())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with the tables of a newer and of an older SDK."""
    folder = tmp_path_factory.mktemp("tables")
    for release in ("900.1.0", "300.0.0"):
        result = refresh(folder / release, "--sdk", sdk(folder / f"sdk-{release}", release, tree()))
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"SDK {release}: ")
    return {release: folder / release for release in ("900.1.0", "300.0.0")}


@pytest.fixture(scope="module")
def newer(folders: dict[str, Path]) -> GcloudTable:
    return table_in(folders["900.1.0"])


@pytest.fixture(scope="module")
def older(folders: dict[str, Path]) -> GcloudTable:
    return table_in(folders["300.0.0"])


def test_commands_and_flags_are_those_of_the_tree(newer: GcloudTable) -> None:
    assert newer.sdk == "900.1.0"
    assert newer.has_group("run jobs", "")
    assert newer.has_command("run fly", "")
    assert newer.has_command("run fly", "beta")
    assert not newer.has_command("run jobs deploy", "alpha")
    assert not newer.has_command("run services list", "")
    flags = newer.flags("run deploy", "")
    assert {"--image", "--turbo", "--region", "--project", "--sparkle", "-q", "--help"} <= flags.keys()
    assert "--memory" not in flags
    assert "--turbo" not in newer.flags("run jobs deploy", "")


def test_kinds_are_those_of_the_own_table_where_they_agree(newer: GcloudTable) -> None:
    own = gcloud_table().flags("run deploy", "")
    flags = newer.flags("run deploy", "")
    assert {name: flags[name].kind for name in ("--image", "--timeout", "--allow-unauthenticated")} == {
        name: own[name].kind for name in ("--image", "--timeout", "--allow-unauthenticated")
    }
    # Of a new switch it is not known whether it has a `--no-` form.
    assert flags["--turbo"].kind == "B"
    assert newer.flags("run fly", "")["--wings"].choices == ("two", "4")


def test_what_the_tree_cannot_tell_is_taken_over(newer: GcloudTable) -> None:
    own = gcloud_table()
    hidden = {name for name, flag in own.flags("run deploy", "").items() if flag.hidden}
    assert hidden
    assert hidden <= newer.flags("run deploy", "").keys()
    assert newer.positionals("run deploy", "") == own.positionals("run deploy", "")
    assert newer.has_command("access-context-manager policies quotas list", "alpha")
    # The tree lists no track of previews at all.
    assert any(newer.has_command(path, "preview") for path in newer.command_paths)


def test_a_newer_sdk_tells_what_is_gone(newer: GcloudTable) -> None:
    own = gcloud_table().sdk
    removed = newer.removed_flag("run deploy", "--memory", "")
    assert removed is not None
    assert (removed.last, removed.gone) == (own, "900.1.0")
    command = newer.removed_command("run services list", "")
    assert command is not None
    assert (command.last, command.gone) == (own, "900.1.0")
    dropped = newer.removed_command("run deploy", "beta")
    assert dropped is not None
    assert dropped.last == own


def test_an_older_sdk_tells_what_came_later(older: GcloudTable) -> None:
    own = gcloud_table().sdk
    assert older.comes_later(older.added_flag("run services list", "--cluster", "")) == ""
    assert older.comes_later(older.added_flag("run deploy", "--gpu", "")) == "528.0.0"
    assert older.comes_later(older.added_flag("run jobs deploy", "--cpu", "")) == own
    assert older.comes_later(older.added_command("version", "")) == ""
    # What the history knows better stays.
    assert older.comes_later(older.added_command("run jobs create", "")) == "424.0.0"
    assert older.removed_flag("run deploy", "--memory", "") is None


def test_an_older_sdk_announces_only_what_was_announced(older: GcloudTable) -> None:
    path, flag = "anthos config controller create", "--man-block"
    assert gcloud_table().deprecated_flag(path, flag, "") is not None
    assert older.deprecated_flag(path, flag, "") is None


def test_the_same_sdk_has_no_differences(tmp_path: Path) -> None:
    refresh(tmp_path / "table", "--sdk", sdk(tmp_path / "sdk", gcloud_table().sdk, tree()))
    table = table_in(tmp_path / "table")
    assert table.removed_flag("run deploy", "--memory", "") is None
    assert table.added_flag("run deploy", "--memory", "") is None


def test_the_sdk_of_the_program_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: dict[str, Path]
) -> None:
    folder = sdk(tmp_path / "sdk", "900.1.0", tree())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcloud").symlink_to(folder / "bin" / "gcloud")
    monkeypatch.delenv("CLOUDSDK_ROOT_DIR", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "SDK 900.1.0" in refresh(tmp_path / "table").output
    for name in (COMMANDS, HISTORY):
        # A table is the same each time.
        assert (tmp_path / "table" / name).read_bytes() == (folders["900.1.0"] / name).read_bytes()


def test_the_sdk_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(tmp_path / "none"))
    assert str(tmp_path / "none" / "VERSION") in said(tmp_path / "table", capfd=capfd)


def said(*arguments: str | Path, capfd: pytest.CaptureFixture[str]) -> str:
    """What is printed when the command fails with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main.main(["gcloud", "refresh", *map(str, arguments)])
    assert ended.value.code == 2
    return capfd.readouterr().err


def test_no_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CLOUDSDK_ROOT_DIR", raising=False)
    assert "there is no `gcloud` on the PATH" in said(tmp_path / "table", capfd=capfd)
    assert "VERSION" in said(tmp_path / "table", "--sdk", tmp_path, capfd=capfd)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("VERSION", "newest", "does not look like one of an SDK"),
        ("data/cli/gcloud_completions.py", "x = 1\n", "it has no STATIC_COMPLETION_CLI_TREE"),
        ("data/cli/gcloud_completions.py", "STATIC_COMPLETION_CLI_TREE = [1]", "is no tree of commands"),
        ("data/cli/gcloud_completions.py", "STATIC_COMPLETION_CLI_TREE = {", "is no tree of commands"),
        ("data/cli/gcloud_completions.py", "STATIC_COMPLETION_CLI_TREE = " + '{"commands":{"a":' * 5000, "no tree"),
    ],
)
def test_a_broken_sdk(tmp_path: Path, name: str, text: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    folder = sdk(tmp_path / "sdk", "900.1.0", tree())
    (folder / name).write_text(text)
    assert message in said(tmp_path / "table", "--sdk", folder, capfd=capfd)
    assert not (tmp_path / "table").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = sdk(tmp_path / "sdk", "900.1.0", tree())
    (tmp_path / "table" / COMMANDS).mkdir(parents=True)
    assert COMMANDS in said(tmp_path / "table", "--sdk", folder, capfd=capfd)


def test_the_assignment_is_found_behind_comments() -> None:
    node = completion_tree(f"{HEAD}STATIC_COMPLETION_CLI_TREE = {json.dumps(tree())}")
    assert list(node.commands) == ["run", "alpha", "beta", "version"]


def lint(table: Path, folder: Path, script: str) -> list[str]:
    """What is found in a project on disk whose settings name a table."""
    shutil.copytree(table, folder / "tools" / "gcloud")
    (folder / "infralint.toml").write_text('select = ["gcloud"]\ngcloud-table = "tools/gcloud"\n')
    (folder / "deploy.sh").write_text(script)
    report = infralint.lint_project(folder, cache=False)
    assert report.failed == ()
    return [f"{finding.message}; {finding.help}" for finding in report.findings]


SCRIPT = "gcloud run deploy api --turbo --gpu=1\ngcloud run services list\ngcloud run fly --wings=two\n"


def test_a_project_is_judged_by_the_table_it_names(folders: dict[str, Path], tmp_path: Path) -> None:
    assert lint(folders["900.1.0"], tmp_path / "newer", SCRIPT) == [
        "`gcloud run deploy` takes no flag `--gpu` since SDK 900.1.0; None",
        "there is no `gcloud run services list` since SDK 900.1.0; None",
    ]
    assert lint(folders["300.0.0"], tmp_path / "older", SCRIPT) == [
        "`gcloud run deploy` takes no flag `--gpu` in SDK 300.0.0, which the settings name; SDK 528.0.0 takes it",
        "`gcloud run` has no command `services` (SDK 300.0.0); None",
    ]


def test_a_table_in_memory(folders: dict[str, Path]) -> None:
    files: dict[str, str | bytes] = {"deploy.sh": SCRIPT}
    files |= {f"t/{name}": (folders["900.1.0"] / name).read_bytes() for name in (COMMANDS, HISTORY)}
    report = infralint.lint(files, Settings(select=("gcloud",), gcloud_table="t/"))
    assert len(report.findings) == 2


def test_a_table_that_is_none_is_an_error_of_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "infralint.toml"
    settings.write_text('gcloud-table = "tools"\n')
    with pytest.raises(infralint.SettingsError, match=r"infralint.toml:1: gcloud-table: .* cannot be read"):
        infralint.load_settings(tmp_path)
    (tmp_path / "tools").mkdir()
    for name in (COMMANDS, HISTORY):
        (tmp_path / "tools" / name).write_bytes(b"\x1f\x8bnot gzip")
    with pytest.raises(infralint.SettingsError, match="holds no table that this version reads"):
        infralint.load_settings(tmp_path)
    (tmp_path / "tools" / COMMANDS).write_bytes(b"[]")
    with pytest.raises(infralint.SettingsError, match="holds no table that this version reads"):
        infralint.load_settings(tmp_path)
