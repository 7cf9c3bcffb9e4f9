"""How the language server begins, what it survives, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from folder_edits import write
from lsp_editor import COMMAND, LATEST, ORM, PATIENCE, capabilities, connected, started
from lsprotocol import types

DOCKER = {"pyproject.toml": "[tool.infralint]\n", "Dockerfile": "FROM python:latest\n"}


def message(**content: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def hello(root: Path, process: int | None = None, able: Mapping[str, Any] | None = None) -> bytes:
    params = {"processId": process, "rootUri": root.as_uri(), "capabilities": able or {}}
    return message(id=1, method="initialize", params=params) + message(method="initialized", params={})


EXIT = message(method="exit")
SHUTDOWN = message(id=2, method="shutdown")


@pytest.mark.parametrize(
    ("goodbye", "code"),
    [(SHUTDOWN + EXIT, 0), (EXIT, 1), (b"", 1)],
    ids=["in order", "without shutdown", "editor gone"],
)
def test_exit_codes(tmp_path: Path, goodbye: bytes, code: int) -> None:
    """LSP 3.17, "Exit Notification"; the end of stdin is what a dead editor leaves."""
    write(tmp_path, DOCKER)
    server = subprocess.run(
        [*COMMAND, "--stdio"], input=hello(tmp_path) + goodbye, cwd=tmp_path, capture_output=True, timeout=PATIENCE
    )
    assert (server.returncode, server.stderr) == (code, b"")
    assert server.stdout.startswith(b"Content-Length: ")
    assert b'"name": "infralint"' in server.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot be asked whether a process is there")
def test_the_editor_dies_and_leaves_its_pipes(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=pipe) as editor,
        subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, cwd=tmp_path) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(hello(tmp_path, editor.pid))
        server.stdin.flush()
        assert server.stdout.read(16) == b"Content-Length: "
        editor.kill()
        editor.wait()
        try:
            assert server.wait(PATIENCE) == 1
        finally:
            server.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt(tmp_path: Path) -> None:
    """Somebody tried `infralint server` in a terminal."""
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, cwd=tmp_path) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdin.write(hello(tmp_path))
        server.stdin.flush()
        assert server.stdout.read(16) == b"Content-Length: "
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 130
        assert server.stderr.read() == b""


def heard(server: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next message of the server."""
    assert server.stdout is not None
    length = 0
    while (line := server.stdout.readline()).strip():
        name, _, value = line.decode().partition(":")
        length = int(value) if name.lower() == "content-length" else length
    content = json.loads(server.stdout.read(length))
    assert isinstance(content, dict)
    return content


def test_an_editor_that_fails_to_tell_its_settings(tmp_path: Path) -> None:
    """What it begins with is enough."""
    write(tmp_path, DOCKER)
    pipe = subprocess.PIPE
    able = {"workspace": {"configuration": True}}
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, cwd=tmp_path) as server:
        assert server.stdin is not None
        server.stdin.write(hello(tmp_path, able=able))
        server.stdin.flush()
        end = threading.Timer(PATIENCE, server.kill)
        end.start()
        try:
            while (said := heard(server)).get("method") != "textDocument/publishDiagnostics":
                if said.get("method") == "workspace/configuration":
                    error = {"code": -32603, "message": "no settings"}
                    server.stdin.write(message(id=said["id"], error=error))
                    server.stdin.flush()
            server.communicate(SHUTDOWN + EXIT, timeout=PATIENCE)
        finally:
            end.cancel()
            server.kill()
    assert [each["code"] for each in said["params"]["diagnostics"]] == [LATEST]


BUSY = """
import multiprocessing, pathlib, sys, threading, time
from infralint.cli import main
from infralint.live import LiveProject


def lint(self, *args, **options):
    worker = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(3600,))
    worker.start()
    pathlib.Path("worker.part").write_text(str(worker.pid))
    pathlib.Path("worker.part").rename("worker")
    threading.Event().wait()


LiveProject.lint = lint
main(["server"])
"""


@pytest.mark.parametrize("goodbye", [SHUTDOWN + EXIT, b""], ids=["in order", "editor gone"])
def test_it_ends_in_the_middle_of_a_run(tmp_path: Path, goodbye: bytes) -> None:
    """A step that cannot be interrupted holds nobody up, and no worker process is left."""
    write(tmp_path, DOCKER)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=pipe, stdout=pipe, stderr=pipe, cwd=tmp_path) as server:
        assert server.stdin is not None
        server.stdin.write(hello(tmp_path))
        server.stdin.flush()
        try:
            wait_for(tmp_path / "worker")
            worker = int((tmp_path / "worker").read_text())
            _, errors = server.communicate(goodbye, timeout=PATIENCE)
        finally:
            server.kill()
    assert (server.returncode, errors) == (0 if goodbye else 1, b"")
    if sys.platform != "win32":
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def wait_for(file: Path) -> None:
    """Wait until a file is there."""
    end = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def answers(stdout: bytes) -> dict[Any, dict[str, Any]]:
    """What the server said, by the id of the question; under None what it logged."""
    found: dict[Any, dict[str, Any]] = {}
    while stdout:
        head, _, rest = stdout.partition(b"\r\n\r\n")
        length = int(head.split(b"\r\n")[0].removeprefix(b"Content-Length: "))
        said = json.loads(rest[:length])
        stdout = rest[length:]
        if said.get("method") in (None, "window/logMessage", "window/showMessage"):
            found[said.get("id", said.get("method"))] = said
    return found


def test_what_goes_wrong_ends_nothing(tmp_path: Path) -> None:
    """Requests that fail are answered with an error, messages that fail are logged, and all goes on."""
    write(tmp_path, DOCKER)
    explain = [("no-such-rule",), (7,), (), (LATEST,)]
    said = b"".join(
        [
            hello(tmp_path),
            message(id="shape", method="textDocument/hover", params={"textDocument": 3}),
            message(method="textDocument/didChange", params={"contentChanges": "x"}),
            message(method="nobody/knows", params={}),
            message(id="unknown", method="nobody/asks", params={}),
            b"Content-Length: 5\r\n\r\n{{{{{",
            message(id="command", method="workspace/executeCommand", params={"command": "infralint.nothing"}),
            *(
                message(
                    id=f"explain {rule}",
                    method="workspace/executeCommand",
                    params={"command": "infralint.explain", "arguments": rule},
                )
                for rule in explain
            ),
            SHUTDOWN,
            EXIT,
        ]
    )
    server = subprocess.run(COMMAND, input=said, cwd=tmp_path, capture_output=True, timeout=PATIENCE)
    found = answers(server.stdout)
    failed = {"shape", "unknown", "command", *(f"explain {rule}" for rule in explain[:3])}
    assert {question for question, answer in found.items() if "error" in answer} == failed
    assert found[f"explain {explain[3]}"]["result"].startswith("# ")
    assert "window/logMessage" in found
    assert found["window/showMessage"]["params"]["type"] == 3
    assert (server.returncode, server.stderr) == (0, b"")


@pytest.mark.asyncio
async def test_documents_that_are_no_files(tmp_path: Path) -> None:
    """They are left alone. This editor knows no workspace folders and names one root, and it asks for diagnostics, but
    cannot be told to ask again: it is sent them."""
    write(tmp_path, DOCKER)
    able = capabilities(pull=True)
    assert able.workspace is not None
    able.workspace.diagnostics = None
    async with started(tmp_path) as editor:
        client = editor.client
        params = types.InitializeParams(able, root_uri=tmp_path.as_uri())
        result = await asyncio.wait_for(client.initialize_session(params), PATIENCE)
        assert result.capabilities.diagnostic_provider is None
        never = types.VersionedTextDocumentIdentifier(2, editor.uri("never.py"))
        change = types.TextDocumentContentChangeWholeDocument("x = 1\n")
        client.text_document_did_change(types.DidChangeTextDocumentParams(never, [change]))
        for uri in "untitled:Untitled-1", "git:/a/b.py?x", "not a uri":
            client.text_document_did_open(
                types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, "x"))
            )
            name = types.TextDocumentIdentifier(uri)
            hover = types.HoverParams(name, types.Position(0, 0))
            assert await asyncio.wait_for(client.text_document_hover_async(hover), PATIENCE) is None
            client.text_document_did_close(types.DidCloseTextDocumentParams(name))
        await editor.until_shown("Dockerfile", LATEST)
        assert client.log_messages == []


@pytest.mark.asyncio
async def test_it_answers_while_it_reads(tmp_path: Path) -> None:
    """The first run takes a while here; the editor sees how far it is, and is answered meanwhile."""
    write(tmp_path, {**ORM, **DOCKER})
    for number in range(120):
        write(tmp_path, {f"app/m{number}.py": ORM["app/order.py"].replace("orders", f"orders{number}") * 5})
    async with connected(tmp_path, options={"settings": {"run": "onSave"}}) as editor:
        explain = types.ExecuteCommandParams("infralint.explain", arguments=[LATEST])
        text = await asyncio.wait_for(editor.client.workspace_execute_command_async(explain), PATIENCE)
        # The editor can show no document, so the page is a message.
        assert [shown.message for shown in editor.client.messages] == [text]
        start = types.Position(0, 0)
        hover = types.HoverParams(editor.item("Dockerfile"), start)
        assert await asyncio.wait_for(editor.client.text_document_hover_async(hover), PATIENCE) is None
        context = types.CodeActionContext([], trigger_kind=types.CodeActionTriggerKind.Automatic)
        action = types.CodeActionParams(editor.item("Dockerfile"), types.Range(start, start), context)
        assert not await asyncio.wait_for(editor.client.text_document_code_action_async(action), PATIENCE)
        assert editor.published == []
        await editor.until(lambda: editor.rules("Dockerfile") == [LATEST])
        ((*reports, last),) = editor.client.progress_reports.values()
        assert [report.kind for report in (reports[0], last)] == ["begin", "end"]
        shares = [report.percentage for report in reports]
        assert shares == sorted(shares)


def test_check_does_without_the_server(tmp_path: Path) -> None:
    """The command line never waits for what only an editor needs."""
    write(tmp_path, DOCKER)
    code = (
        "import sys\nfrom infralint.cli import main\n"
        "assert main(['check', '--exit-zero', '--no-cache'], standalone_mode=False) == 0\n"
        "print({'pygls', 'lsprotocol', 'cattrs', 'asyncio', 'infralint.lsp'} & set(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == "set()\n"
