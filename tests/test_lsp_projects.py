"""Folders, projects, settings files and position encodings of the language server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from folder_edits import write
from lsp_editor import (
    LATEST,
    ORM,
    STRANGE,
    UNRESOLVED,
    Editor,
    capabilities,
    change_folders,
    connected,
    project,
    strange_edits,
)
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

RELATIVE = "import-relative"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    able = capabilities(position_encodings=["utf-32", "utf-8"])
    async with connected(tmp_path_factory.mktemp("nothing"), able, folders=()) as editor:
        yield editor


def bad_dockerfile(folder: str, settings: str = "") -> dict[str, str]:
    return {f"{folder}/infralint.toml": settings, f"{folder}/Dockerfile": "FROM python:latest\n"}


async def test_several_folders(server: Editor, tmp_path: Path) -> None:
    """Opened and closed while the editor runs; each with settings of its own."""
    files = {**bad_dockerfile("one"), **bad_dockerfile("two", f'ignore = ["{LATEST}"]\n'), **bad_dockerfile("three")}
    write(tmp_path, files)
    server.root = tmp_path
    one, two, three = (types.WorkspaceFolder((tmp_path / name).as_uri(), name) for name in ("one", "two", "three"))
    change_folders(server, [one, two], [])
    await server.until_shown("one/Dockerfile", LATEST)
    change_folders(server, [three], [one])
    await server.until_shown("three/Dockerfile", LATEST)
    await server.until_shown("one/Dockerfile")
    assert server.rules("two/Dockerfile") == []
    change_folders(server, [], [two, three])
    await server.until_shown("three/Dockerfile")
    server.forget()


async def test_a_folder_inside_of_a_project(server: Editor, tmp_path: Path) -> None:
    """The project is linted as a whole, and what is in the folder is shown; elsewhere, what somebody looks at."""
    write(tmp_path, {**ORM, "app/user.py": "", "deploy/Dockerfile": "FROM python:latest\n"})
    async with project(server, tmp_path / "app", {}) as editor:
        await editor.until(lambda: UNRESOLVED in editor.rules("order.py"))
        assert editor.rules("../deploy/Dockerfile") == []
        editor.root = tmp_path
        editor.open("deploy/Dockerfile")
        await editor.until_shown("deploy/Dockerfile", LATEST)
        editor.close("deploy/Dockerfile")
        await editor.until_shown("deploy/Dockerfile")


async def test_a_project_inside_of_a_folder(server: Editor, tmp_path: Path) -> None:
    """A file that is opened is judged by the settings nearest to it, as `infralint check` does with its path."""
    files = {"pyproject.toml": "[tool.infralint]\n", **bad_dockerfile("inner", f'ignore = ["{LATEST}"]\n')}
    async with project(server, tmp_path, files) as editor:
        await editor.until_shown("inner/Dockerfile", LATEST)
        editor.open("inner/Dockerfile")
        await editor.until_shown("inner/Dockerfile")
        editor.close("inner/Dockerfile")


async def test_what_is_shown_stands_until_more_is_known(server: Editor, tmp_path: Path) -> None:
    """A project inside of a folder takes its files over without a moment in which nothing is wrong with them."""
    files = {"infralint.toml": "", **bad_dockerfile("inner"), "inner/b/Dockerfile": "FROM redis:latest\n"}
    async with project(server, tmp_path, files) as editor:
        await editor.until_shown("inner/Dockerfile", LATEST)
        await editor.until_shown("inner/b/Dockerfile", LATEST)
        editor.open("inner/Dockerfile")
        await editor.settled("inner/Dockerfile")
        assert [len(params.diagnostics) for params in editor.published] == [1, 1]
        editor.type("inner/Dockerfile", ":latest", ":3")
        await editor.until_shown("inner/Dockerfile")
        editor.disk("inner/infralint.toml", f'ignore = ["{LATEST}"]\n')
        await editor.until_shown("inner/b/Dockerfile")


async def test_a_file_outside(server: Editor, tmp_path: Path) -> None:
    """It belongs to the project around it, if something marks one; what is installed belongs to nobody."""
    files = {**bad_dockerfile("marked"), "bare/Dockerfile": "FROM python:latest\n"}
    installed = "marked/lib/site-packages/tool/Dockerfile"
    write(tmp_path, {**files, installed: "FROM python:latest\n"})
    async with project(server, tmp_path / "folder", {"infralint.toml": ""}) as editor:
        editor.root = tmp_path
        for path in ("bare/Dockerfile", installed, "marked/Dockerfile"):
            editor.open(path)
        await editor.until_shown("marked/Dockerfile", LATEST)
        await editor.settled("marked/Dockerfile")
        assert {params.uri for params in editor.published} == {editor.uri("marked/Dockerfile")}
        editor.close("marked/Dockerfile")
        await editor.until_shown("marked/Dockerfile")


async def test_settings_change(server: Editor, tmp_path: Path) -> None:
    """A mistake in them is shown where it stands, and those from before stand."""
    files = {"infralint.toml": f'ignore = ["{LATEST}"]\n', "Dockerfile": "FROM python:latest\n"}
    async with project(server, tmp_path, files) as editor:
        await editor.settled("Dockerfile")
        assert editor.published == []
        editor.disk("infralint.toml", "ignore = []\n")
        await editor.until_shown("Dockerfile", LATEST)
        editor.disk("infralint.toml", 'select = ["ALL"]\nignore = [3]\n')
        await editor.until_shown("infralint.toml", "settings")
        found = editor.shown("infralint.toml")[0]
        assert found.range == types.Range(types.Position(1, 0), types.Position(1, 12))
        assert found.message.startswith("ignore: ")
        assert editor.rules("Dockerfile") == [LATEST]
        editor.disk("infralint.toml", f'ignore = ["{LATEST}"]\n')
        await editor.until_shown("infralint.toml")
        await editor.until_shown("Dockerfile")


async def test_settings_with_a_mistake_at_the_start(server: Editor, tmp_path: Path) -> None:
    """Nothing is linted by settings that nobody chose."""
    files = {"infralint.toml": "nothing = 1\n", "Dockerfile": "FROM python:latest\n"}
    async with project(server, tmp_path, files) as editor:
        await editor.until_shown("infralint.toml", "settings")
        assert editor.rules("Dockerfile") == []
        editor.open("infralint.toml")
        editor.type("infralint.toml", "nothing = 1\n", "")
        editor.save("infralint.toml")
        await editor.until_shown("infralint.toml")
        await editor.until_shown("Dockerfile", LATEST)


async def test_positions(server: Editor, tmp_path: Path) -> None:
    assert server.units == "utf-32"
    async with project(server, tmp_path, STRANGE) as editor:
        await strange_edits(editor)


def event(editor: Editor, path: str, kind: types.FileChangeType) -> None:
    """Tell of something that happened to a file or a folder."""
    change = types.FileEvent(editor.uri(path), kind)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))


async def test_a_folder_that_goes_and_comes_back(server: Editor, tmp_path: Path) -> None:
    """What was found in it goes with it, without a word in the log; one that is not there yet is waited for."""
    folder = tmp_path / "later"
    write(tmp_path, {"Dockerfile": "FROM python:latest\n"})
    async with project(server, tmp_path, {}) as editor:
        await editor.until_shown("Dockerfile", LATEST)
        change_folders(editor, [types.WorkspaceFolder(folder.as_uri(), "later")], [])
        await editor.settled("later/Dockerfile")
        write(folder, {"infralint.toml": "", "Dockerfile": "FROM redis:latest\n"})
        event(editor, "later/Dockerfile", types.FileChangeType.Created)
        await editor.until_shown("later/Dockerfile", LATEST)
        shutil.rmtree(folder)
        event(editor, "later", types.FileChangeType.Deleted)
        await editor.until_shown("later/Dockerfile")
        write(folder, {"infralint.toml": "", "Dockerfile": "FROM redis:latest\n"})
        event(editor, "later", types.FileChangeType.Created)
        await editor.until_shown("later/Dockerfile", LATEST)
        assert editor.rules("Dockerfile") == [LATEST]
        change_folders(editor, [], [types.WorkspaceFolder(folder.as_uri(), "later")])


async def test_a_project_inside_of_a_folder_goes(server: Editor, tmp_path: Path) -> None:
    """Its files are judged by the settings around it when its own are gone, and are forgotten when it is renamed."""
    inner = bad_dockerfile("inner", f'ignore = ["{LATEST}"]\n')
    async with project(server, tmp_path, {"infralint.toml": "", **inner}) as editor:
        await editor.until_shown("inner/Dockerfile", LATEST)
        editor.open("inner/Dockerfile")
        await editor.until_shown("inner/Dockerfile")
        editor.close("inner/Dockerfile")
        await editor.settled("inner/Dockerfile")
        editor.disk("inner/infralint.toml", None)
        await editor.until_shown("inner/Dockerfile", LATEST)
        editor.disk("inner/infralint.toml", "")
        editor.open("inner/Dockerfile")
        await editor.settled("inner/Dockerfile")
        editor.close("inner/Dockerfile")
        (tmp_path / "inner").rename(tmp_path / "other")
        event(editor, "inner", types.FileChangeType.Deleted)
        event(editor, "other", types.FileChangeType.Created)
        await editor.until_shown("other/Dockerfile", LATEST)
        await editor.until_shown("inner/Dockerfile")


async def test_an_editor_that_has_no_settings_to_tell(tmp_path: Path) -> None:
    """Eglot answers every question for settings with none; those that it began with stand."""
    write(tmp_path, {"infralint.toml": "", "Dockerfile": "FROM python:latest\n"})
    options = {"settings": {"run": "onSave"}}
    async with connected(tmp_path, capabilities(everything=True), options=options, configuration={}) as editor:
        editor.open("Dockerfile")
        await editor.until_shown("Dockerfile", LATEST)
        editor.configure({})
        editor.type("Dockerfile", "latest", "3.13")
        await editor.settled("Dockerfile")
        await asyncio.sleep(0.3)
        assert editor.rules("Dockerfile") == [LATEST]
        editor.save("Dockerfile")
        await editor.until_shown("Dockerfile")
