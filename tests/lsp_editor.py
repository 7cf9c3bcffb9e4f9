"""An editor for the tests of the language server: pytest-lsp's client over stdio, with texts that edits are made in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from folder_edits import write
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, LanguageClient, register_lsp_features

PATIENCE = 20.0

ORM = {
    "pyproject.toml": "[tool.infralint]\n",
    "app/__init__.py": "",
    "app/base.py": "from sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n",
    "app/user.py": (
        "from sqlalchemy import Column, Integer\n\nfrom app.base import Base\n\n\n"
        'class User(Base):\n    __tablename__ = "users"\n    id = Column(Integer, primary_key=True)\n'
    ),
    "app/order.py": (
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import relationship\n\n"
        "from app.base import Base\n\n\n"
        'class Order(Base):\n    __tablename__ = "orders"\n    id = Column(Integer, primary_key=True)\n'
        '    user_id = Column(ForeignKey("users.id"))\n    user = relationship("User")\n'
    ),
}
UNRESOLVED = "orm-unresolved-relationship"
LATEST = "image-latest-tag"


def capabilities(*, pull: bool = False, everything: bool = False, **general: Any) -> types.ClientCapabilities:
    """What an editor can: little, or `everything`; `pull`: it asks for diagnostics."""
    about = types.PublishDiagnosticsClientCapabilities(related_information=True)
    text = types.TextDocumentClientCapabilities(publish_diagnostics=about)
    workspace = types.WorkspaceClientCapabilities(workspace_folders=True)
    window = types.WindowClientCapabilities(work_done_progress=True)
    if everything:
        about.tag_support = types.ClientDiagnosticsTagOptions(list(types.DiagnosticTag))
        about.code_description_support = about.data_support = about.version_support = True
        quick = types.ClientCodeActionKindOptions([types.CodeActionKind.QuickFix])
        text.code_action = types.CodeActionClientCapabilities(
            code_action_literal_support=types.ClientCodeActionLiteralOptions(quick), is_preferred_support=True
        )
        text.hover = types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown])
        text.document_link = types.DocumentLinkClientCapabilities(tooltip_support=True)
        workspace.workspace_edit = types.WorkspaceEditClientCapabilities(document_changes=True)
        workspace.did_change_watched_files = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        workspace.configuration = True
        window.show_document = types.ShowDocumentClientCapabilities(support=True)
    if pull:
        text.diagnostic = types.DiagnosticClientCapabilities()
        workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return types.ClientCapabilities(
        text_document=text, workspace=workspace, window=window, general=types.GeneralClientCapabilities(**general)
    )


class Editor:
    """One editor with one server. Texts are what is open; `published` holds all that the server sent, in order."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self.registered: list[types.Registration] = []
        self.able = types.ServerCapabilities()
        self.units = "utf-16"

    def forget(self) -> None:
        """Forget what was sent."""
        self.client.diagnostics.clear()
        self.client.progress_reports.clear()
        self.client.log_messages.clear()
        self.published.clear()
        self.texts.clear()

    def uri(self, path: str | Path) -> str:
        return (self.root / path).as_uri()

    def item(self, path: str | Path) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(path))

    def open(self, path: str | Path, text: str | None = None) -> None:
        file = self.root / path
        self.texts[file] = file.read_bytes().decode() if text is None else text
        self.versions[file] = 1
        document = types.TextDocumentItem(self.uri(path), "text", 1, self.texts[file])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def type(self, path: str | Path, old: str, new: str) -> None:
        """Replace the first `old` by `new`, as one change of a range."""
        file = self.root / path
        text = self.texts[file]
        start = text.index(old)
        place = types.Range(self.position(text, start), self.position(text, start + len(old)))
        self.texts[file] = text[:start] + new + text[start + len(old) :]
        self.versions[file] += 1
        name = types.VersionedTextDocumentIdentifier(self.versions[file], self.uri(path))
        change = types.TextDocumentContentChangePartial(place, new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(name, [change]))

    def save(self, path: str | Path) -> None:
        file = self.root / path
        file.write_bytes(self.texts[file].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.item(path)))

    def close(self, path: str | Path) -> None:
        del self.texts[self.root / path]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.item(path)))

    def disk(self, path: str, text: str | None) -> None:
        """Write or delete a file as another program does, and tell the server as an editor that watches does."""
        file = self.root / path
        kind = types.FileChangeType.Changed if file.exists() else types.FileChangeType.Created
        if text is None:
            file.unlink()
            kind = types.FileChangeType.Deleted
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        event = types.FileEvent(file.as_uri(), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def configure(self, settings: Any) -> None:
        """Send the editor's settings."""
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))

    def position(self, text: str, offset: int) -> types.Position:
        """The position of an offset, counted by encoding what stands before."""
        before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return types.Position(len(before) - 1, len(before[-1].encode(self._codec)) // self._unit)

    def offset(self, text: str, position: types.Position) -> int:
        """The offset of a position."""
        lines = text.splitlines(keepends=True) if not set(text) & set("\f\x85\u2028\u2029\v") else _lines(text)
        before = "".join(lines[: position.line])
        line = lines[position.line] if position.line < len(lines) else ""
        return len(before) + len(line.encode(self._codec)[: position.character * self._unit].decode(self._codec))

    def said(self, text: str, place: types.Range) -> str:
        """What stands in a range."""
        return text[self.offset(text, place.start) : self.offset(text, place.end)]

    @property
    def _codec(self) -> str:
        return {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.units]

    @property
    def _unit(self) -> int:
        return {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.units]

    def shown(self, path: str | Path) -> Sequence[types.Diagnostic]:
        """What was sent of a file last."""
        return self.client.diagnostics.get(self.uri(path), ())

    def rules(self, path: str | Path) -> list[str]:
        """The rules of what was sent of a file last."""
        return [str(diagnostic.code) for diagnostic in self.shown(path)]

    async def until(self, is_so: Callable[[], Any], why: str = "") -> None:
        """Wait until something is so."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not is_so():
            said = {uri: [d.code for d in shown] for uri, shown in self.client.diagnostics.items()}
            errors = [log.message for log in self.client.log_messages if log.type is types.MessageType.Error]
            assert not errors
            assert asyncio.get_running_loop().time() < end, f"{why} {said}"
            await asyncio.sleep(0.01)

    async def until_shown(self, path: str | Path, *rules: str) -> None:
        """Wait until exactly these rules' findings are shown in a file."""
        await self.until(lambda: self.rules(path) == list(rules), f"{path}: {rules}")

    async def settled(self, path: str) -> None:
        """Wait until the server has looked at everything that it was told."""
        params = types.DocumentLinkParams(self.item(path))
        await asyncio.wait_for(self.client.text_document_document_link_async(params), PATIENCE)

    async def pull(self, path: str, known: str | None = None) -> Any:
        params = types.DocumentDiagnosticParams(self.item(path), previous_result_id=known)
        return await asyncio.wait_for(self.client.text_document_diagnostic_async(params), PATIENCE)

    async def actions(self, path: str, word: str, only: list[str] | None = None) -> dict[str, types.CodeAction]:
        """The code actions at a word, by their titles."""
        text = self.texts[self.root / path]
        at = self.position(text, text.index(word))
        params = types.CodeActionParams(self.item(path), types.Range(at, at), types.CodeActionContext([], only=only))
        protocol = self.client.protocol
        question = str(uuid.uuid4())
        waiting = protocol.send_request(types.TEXT_DOCUMENT_CODE_ACTION, params, msg_id=question)
        # lsprotocol takes an action with a command for a command.
        protocol._result_types[question] = None
        answer = await asyncio.wait_for(asyncio.wrap_future(waiting), PATIENCE)
        found = [protocol._converter.structure(each, types.CodeAction) for each in answer or ()]
        return {action.title: action for action in found}

    def applied(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts that an edit leaves, by path; of files that are open or on disk."""
        done = {}
        by_uri = {uri: list(edits) for uri, edits in (edit.changes or {}).items()}
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            by_uri[change.text_document.uri] = list(change.edits)
            file = next((file for file in self.texts if file.as_uri() == change.text_document.uri), None)
            assert change.text_document.version == (self.versions[file] if file else None)
        for uri, edits in by_uri.items():
            file = next(file for file in [*self.texts, *self.root.rglob("*")] if file.as_uri() == uri)
            text = self.texts.get(file) or file.read_text(encoding="utf-8")
            places = [(self.offset(text, e.range.start), self.offset(text, e.range.end), e.new_text) for e in edits]
            for start, end, new in sorted(places, reverse=True):
                text = text[:start] + new + text[end:]
            done[file.relative_to(self.root).as_posix()] = text
        return done


def _lines(text: str) -> list[str]:
    marked = text.replace("\r\n", "\r\n\0").replace("\n", "\n\0").replace("\n\0\0", "\n\0")
    return marked.split("\0")


COMMAND = (sys.executable, "-m", "infralint", "server")


@contextlib.asynccontextmanager
async def started(root: Path, command: Sequence[str] = COMMAND) -> AsyncIterator[Editor]:
    """An editor with a server that it has not spoken to."""
    client = LanguageClient(converter_factory=default_converter)
    editor = Editor(client, root)

    def published(client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
        client.diagnostics[params.uri] = params.diagnostics
        editor.published.append(params)

    def registered(client: LanguageClient, params: types.RegistrationParams) -> None:
        editor.registered += params.registrations

    features = {
        **DEFAULT_CLIENT_FEATURES,
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published,
        types.CLIENT_REGISTER_CAPABILITY: registered,
    }
    register_lsp_features(client, features)
    await client.start_io(*command, env={**os.environ, "PYTHONUNBUFFERED": "1"}, cwd=root)
    try:
        yield editor
    finally:
        if client._server is not None and client._server.returncode is None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client.shutdown_session(), 10)
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()


@contextlib.asynccontextmanager
async def connected(
    root: Path,
    able: types.ClientCapabilities | None = None,
    *,
    folders: Sequence[str] | None = ("",),
    options: Any = None,
    configuration: dict[str, Any] | None = None,
) -> AsyncIterator[Editor]:
    """An editor with folders open."""
    async with started(root) as editor:
        if configuration is not None:
            editor.client.set_configuration(configuration)
        named = [types.WorkspaceFolder((root / name).as_uri(), name or root.name) for name in folders or ()]
        params = types.InitializeParams(
            able or capabilities(), workspace_folders=named, initialization_options=options, process_id=os.getpid()
        )
        result = await asyncio.wait_for(editor.client.initialize_session(params), PATIENCE)
        editor.able = result.capabilities
        editor.units = str(types.PositionEncodingKind(result.capabilities.position_encoding or "utf-16").value)
        yield editor


@contextlib.asynccontextmanager
async def project(editor: Editor, root: Path, files: Mapping[str, str | bytes]) -> AsyncIterator[Editor]:
    """A folder that is open while it is needed, in an editor that many tests share: a server starts slowly."""
    write(root, files)
    editor.root = root
    folder = types.WorkspaceFolder(root.as_uri(), root.name)
    change_folders(editor, [folder], [])
    try:
        yield editor
    finally:
        for file in list(editor.texts):
            editor.close(file)
        change_folders(editor, [], [folder])
        await editor.until(lambda: not any(editor.client.diagnostics.values()), "not cleared")
        editor.forget()


def change_folders(
    editor: Editor, added: Sequence[types.WorkspaceFolder], removed: Sequence[types.WorkspaceFolder]
) -> None:
    """Open and close folders."""
    event = types.WorkspaceFoldersChangeEvent(list(added), list(removed))
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


# Astral characters and CRLF before and behind the place; U+2028 and a form feed end no line.
STRANGE = {
    "pyproject.toml": '[tool.infralint]\nselect = ["import-relative"]\n',
    "pkg/__init__.py": "",
    "pkg/tokens.py": "def sign(): ...\n",
    "pkg/main.py": "# \U0001f40d \u2028 \f here\r\nx = '\U0001f40d'; y = 'é'\r\nfrom .tokens import sign  # \U0001f40d\r\n",
}


async def strange_edits(editor: Editor) -> None:
    """Edits behind astral characters, and where a finding on such a line is then."""
    path = "pkg/main.py"
    await editor.until_shown(path, "import-relative")
    editor.open(path)
    for old, new in (
        ("from .tokens", "z = '\U0001f40d\U0001f40d';\tfrom .tokens"),
        ("'é'", "'\U0001f40d\u2028é'"),
        ("here\r\n", "here\r\n\U0001f40d = 1\r\n"),
        ("\U0001f40d = 1\r\n", "\r\n"),
    ):
        editor.type(path, old, new)
    await editor.settled(path)
    text = editor.texts[editor.root / path]
    await editor.until(lambda: [editor.said(text, each.range) for each in editor.shown(path)] == [".tokens"])
