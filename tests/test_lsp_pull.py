"""The language server, as an editor sees it that asks for diagnostics (LSP 3.17, "Pull Diagnostics")."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsp_editor import LATEST, ORM, PATIENCE, UNRESOLVED, Editor, capabilities, connected, project
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    async with connected(tmp_path_factory.mktemp("nothing"), capabilities(pull=True), folders=()) as editor:
        yield editor


async def test_documents(server: Editor, tmp_path: Path) -> None:
    """Open documents are asked for, and answered with what is new; the editor is told when another one changed."""
    async with project(server, tmp_path, ORM) as editor:
        provider = editor.able.diagnostic_provider
        assert provider is not None
        assert provider.inter_file_dependencies
        assert provider.workspace_diagnostics
        editor.open("app/user.py")
        editor.open("app/order.py")
        first = await editor.pull("app/order.py")
        assert (first.kind, list(first.items)) == ("full", [])
        assert (await editor.pull("app/order.py", first.result_id)).kind == "unchanged"
        before = editor.client.diagnostic_refresh_count
        editor.type("app/user.py", "class User", "class Person")
        await editor.until(lambda: editor.client.diagnostic_refresh_count > before, "no refresh")
        second = await editor.pull("app/order.py", first.result_id)
        assert [item.code for item in second.items] == [UNRESOLVED]
        assert (await editor.pull("app/order.py", second.result_id)).kind == "unchanged"
        # Nobody is sent what he asks for.
        assert editor.published == []


async def test_an_answer_is_of_what_was_typed(server: Editor, tmp_path: Path) -> None:
    async with project(
        server, tmp_path, {"pyproject.toml": "[tool.infralint]\n", "Dockerfile": "FROM python:3\n"}
    ) as editor:
        editor.open("Dockerfile")
        for tag, other in ("latest", "3"), ("3", "latest"), ("latest", "3"):
            editor.type("Dockerfile", f":{other}", f":{tag}")
            answer = await editor.pull("Dockerfile")
            assert [item.code for item in answer.items] == ([LATEST] if tag == "latest" else [])


async def test_closed_files_are_sent(server: Editor, tmp_path: Path) -> None:
    """An editor that asks for open documents alone is sent all others, until it opens them."""
    async with project(server, tmp_path, {**ORM, "Dockerfile": "FROM python:latest\n"}) as editor:
        await editor.until_shown("Dockerfile", LATEST)
        editor.open("Dockerfile")
        await editor.until_shown("Dockerfile")
        assert [item.code for item in (await editor.pull("Dockerfile")).items] == [LATEST]
        editor.close("Dockerfile")
        await editor.until_shown("Dockerfile", LATEST)


async def test_the_whole_workspace(server: Editor, tmp_path: Path) -> None:
    """An editor that asks for all files is sent none, and its question waits until there is something to say."""
    async with project(server, tmp_path, {**ORM, "Dockerfile": "FROM python:latest\n"}) as editor:
        known = await workspace(editor, {})
        assert set(known) == {editor.uri("Dockerfile")}
        waiting = asyncio.ensure_future(workspace(editor, known))
        editor.open("app/user.py")
        await editor.settled("app/user.py")
        await asyncio.sleep(0.1)
        assert not waiting.done()
        editor.type("app/user.py", "class User", "class Person")
        now = await asyncio.wait_for(waiting, PATIENCE)
        assert set(now) == {editor.uri("Dockerfile"), editor.uri("app/order.py")}
        assert now[editor.uri("Dockerfile")] == known[editor.uri("Dockerfile")]
        assert all(params.diagnostics == () for params in editor.published[-1:])


async def workspace(editor: Editor, known: dict[str, str]) -> dict[str, str]:
    ids = [types.PreviousResultId(uri, value) for uri, value in known.items()]
    report = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(ids))
    for item in report.items:
        assert item.kind == ("unchanged" if known.get(item.uri) == item.result_id else "full")
    return {item.uri: item.result_id for item in report.items}


async def test_a_question_is_withdrawn(server: Editor, tmp_path: Path) -> None:
    async with project(server, tmp_path, {**ORM, "Dockerfile": "FROM python:latest\n"}) as editor:
        known = await workspace(editor, {})
        ids = [types.PreviousResultId(uri, value) for uri, value in known.items()]
        params = types.WorkspaceDiagnosticParams(ids)
        waiting = editor.client.protocol.send_request(types.WORKSPACE_DIAGNOSTIC, params, msg_id="question")
        await asyncio.sleep(0.1)
        editor.client.cancel_request(types.CancelParams(id="question"))
        with pytest.raises(JsonRpcException) as raised:
            await asyncio.wait_for(asyncio.wrap_future(waiting), PATIENCE)
        assert raised.value.code == types.LSPErrorCodes.RequestCancelled.value
        assert (await editor.pull("Dockerfile")).kind == "full"
