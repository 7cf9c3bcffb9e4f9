"""An editor that speaks the Language Server Protocol (3.17) over the pipes of a process, and nothing more."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_CAPABILITIES = {
    "textDocument": {"synchronization": {"didSave": True}, "diagnostic": {"dynamicRegistration": False}},
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}, "workspaceFolders": True},
}


class LanguageClient:
    """A started server with one folder open. A context: leaving it ends the server."""

    def __init__(self, command: Sequence[str], root: Path) -> None:
        self.root = root.resolve()
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._number = 0
        self._versions: dict[str, int] = {}
        folder = {"uri": self.root.as_uri(), "name": root.name}
        self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self.root.as_uri(),
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
            },
        )
        self.notify("initialized", {})

    def __enter__(self) -> LanguageClient:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, EOFError):
            self.request("shutdown", None)
            self.notify("exit", None)
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def request(self, method: str, params: Any) -> Any:
        """Ask, and wait for the answer. Raises EOFError when the server ends, RuntimeError when it refuses."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message.get("result")
            if "id" in message and "method" in message:
                # The server asks us: whatever it is, there is nothing to say.
                self._send({"id": message["id"], "result": None})

    def notify(self, method: str, params: Any) -> None:
        """Tell."""
        self._send({"method": method, "params": params})

    def open(self, path: str) -> None:
        """Open a document as it is on disk."""
        text = (self.root / path).read_bytes().decode("utf-8")
        language = "python" if path.endswith(".py") else "plaintext"
        self._versions[path] = 1
        document = {"uri": self._uri(path), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def has_open(self, path: str) -> bool:
        """Whether a document is open."""
        return path in self._versions

    def save(self, path: str, text: str) -> None:
        """Put a text into an open document and save it: the change, the file and the message about it."""
        self._versions[path] += 1
        document = {"uri": self._uri(path), "version": self._versions[path]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        (self.root / path).write_bytes(text.encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": self._uri(path)}})

    def close(self, path: str) -> None:
        """Close a document."""
        del self._versions[path]
        self.notify("textDocument/didClose", {"textDocument": {"uri": self._uri(path)}})

    def diagnostics(self, path: str) -> list[Any]:
        """The diagnostics of a document, once the server has looked at all that it was told."""
        report = self.request("textDocument/diagnostic", {"textDocument": {"uri": self._uri(path)}})
        return list(report.get("items", []))

    def _uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline()) != b"\r\n":
            if not line:
                raise EOFError("the server has ended")
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(stream.read(length))
        return message
