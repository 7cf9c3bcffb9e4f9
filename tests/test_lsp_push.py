"""The language server, as an editor sees it that is sent diagnostics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsp_editor import LATEST, ORM, STRANGE, UNRESOLVED, Editor, capabilities, connected, project, strange_edits
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    async with connected(tmp_path_factory.mktemp("nothing"), capabilities(), folders=()) as editor:
        yield editor


async def test_open_edit_save_close(server: Editor, tmp_path: Path) -> None:
    """What is typed in one file is found in another one that is not open, cleared there, and forgotten on closing."""
    async with project(server, tmp_path, ORM) as editor:
        assert editor.client.progress_reports == {}
        editor.open("app/user.py")
        editor.type("app/user.py", "class User", "class Person")
        await editor.until_shown("app/order.py", UNRESOLVED)
        found = editor.shown("app/order.py")[0]
        assert editor.said(ORM["app/order.py"], found.range) == '"User"'
        assert (
            found.message
            == "no class `User` is mapped on `Base`\nhelp: map a class `User` on this base, or remove the relationship"
        )
        assert (found.severity, found.source) == (types.DiagnosticSeverity.Error, "infralint")
        related = found.related_information or ()
        assert [place.location.uri for place in related] == [editor.uri("app/base.py")]
        assert editor.said(ORM["app/base.py"], related[0].location.range) == "declarative_base()"
        # Not saved: the disk still has `User`, which counts again when the buffer is gone.
        editor.close("app/user.py")
        await editor.until_shown("app/order.py")
        editor.open("app/user.py")
        editor.type("app/user.py", "class User", "class Person")
        editor.save("app/user.py")
        await editor.until_shown("app/order.py", UNRESOLVED)
        editor.close("app/user.py")
        editor.open("app/order.py")
        editor.type("app/order.py", '"User"', '"Person"')
        await editor.until_shown("app/order.py")
        # What did not change was not sent again.
        assert {params.uri for params in editor.published} == {editor.uri("app/order.py")}
        assert editor.client.messages == []
        assert [message.message for message in editor.client.log_messages] == []


async def test_found_at_the_start(server: Editor, tmp_path: Path) -> None:
    async with project(server, tmp_path, {**ORM, "Dockerfile": "FROM python:latest\n", "app/user.py": ""}) as editor:
        await editor.until_shown("Dockerfile", LATEST)
        await editor.until(lambda: UNRESOLVED in editor.rules("app/order.py"))
        reports = [report for said in editor.client.progress_reports.values() for report in said]
        assert [report.kind for report in reports][:1] + [report.kind for report in reports][-1:] == ["begin", "end"]


async def test_typing_goes_on(server: Editor, tmp_path: Path) -> None:
    """Only the last of many edits is looked at to the end, and what is shown in the end is of that."""
    async with project(
        server, tmp_path, {"pyproject.toml": "[tool.infralint]\n", "Dockerfile": "FROM python:3\n"}
    ) as editor:
        editor.open("Dockerfile")
        for tag in "latest", "3", "latest", "3", "latest":
            before = "3" if tag == "latest" else "latest"
            editor.type("Dockerfile", f":{before}", f":{tag}")
            await asyncio.sleep(0.02)
        await editor.until_shown("Dockerfile", LATEST)
        assert len(editor.published) == 1


async def test_on_save_alone(server: Editor, tmp_path: Path) -> None:
    files = {"pyproject.toml": "[tool.infralint]\n", "Dockerfile": "FROM python:3\n"}
    async with project(server, tmp_path, files) as editor:
        editor.configure({"infralint": {"run": "onSave"}})
        editor.open("Dockerfile")
        await editor.settled("Dockerfile")
        editor.type("Dockerfile", ":3", ":latest")
        await asyncio.sleep(0.4)
        await editor.settled("Dockerfile")
        assert editor.published == []
        editor.save("Dockerfile")
        await editor.until_shown("Dockerfile", LATEST)
        editor.configure({"infralint": {"enable": False}})
        await editor.until_shown("Dockerfile")
        editor.configure({"infralint": {}})
        await editor.until_shown("Dockerfile", LATEST)


async def test_a_setting_that_there_is_not(server: Editor, tmp_path: Path) -> None:
    async with project(server, tmp_path, {}) as editor:
        editor.configure({"infralint": {"run": "always", "colour": "red"}})
        await editor.until(lambda: len(editor.client.log_messages) == 2)
        assert [message.message for message in editor.client.log_messages] == [
            "settings of the editor: there is no setting `colour`",
            "settings of the editor: `run` is 'always', and may be 'onType' or 'onSave'",
        ]
        editor.configure(None)


async def test_what_the_disk_becomes(server: Editor, tmp_path: Path) -> None:
    """Files that other programs make, change and delete."""
    async with project(server, tmp_path, ORM) as editor:
        editor.disk("Dockerfile", "FROM python:latest\n")
        await editor.until_shown("Dockerfile", LATEST)
        editor.disk("Dockerfile", "FROM python:3.12\n")
        await editor.until_shown("Dockerfile")
        editor.disk("app/user.py", None)
        await editor.until(lambda: UNRESOLVED in editor.rules("app/order.py"))
        editor.disk("app/user.py", ORM["app/user.py"])
        await editor.until_shown("app/order.py")


async def test_last_good_facts_stand(server: Editor, tmp_path: Path) -> None:
    """While a buffer does not parse, the classes that it had are not said to be missing."""
    async with project(server, tmp_path, ORM) as editor:
        editor.open("app/user.py")
        editor.type("app/user.py", "class User(Base):", "class User(Base")
        await editor.until_shown("app/user.py", "file-unparsable")
        assert editor.rules("app/order.py") == []
        editor.type("app/user.py", "class User(Base", "class User(Base):")
        await editor.until_shown("app/user.py")
        assert {params.uri for params in editor.published} == {editor.uri("app/user.py")}


async def test_positions(server: Editor, tmp_path: Path) -> None:
    assert server.units == "utf-16"
    async with project(server, tmp_path, STRANGE) as editor:
        await strange_edits(editor)
