"""The server: what each message of the editor leads to."""

from __future__ import annotations

import asyncio
import atexit
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from infralint import __version__
from infralint.lsp.actions import EXPLAIN, KINDS, Actions
from infralint.lsp.client import SECTION, Client, Wishes
from infralint.lsp.documents import path_of, uri_of
from infralint.lsp.explaining import Pages, hover, links, page_text
from infralint.lsp.indexing import Indexing
from infralint.lsp.logs import route_logs
from infralint.lsp.positions import Units
from infralint.lsp.protocol import Protocol
from infralint.lsp.runs import Progress
from infralint.lsp.session import Session
from infralint.lsp.watching import REGISTRATION, watchers
from infralint.rules import rules_by_id

# Several projects are linted beside each other; one that is read for the first time holds up no other.
_WORKERS = 4
# How often to look whether the editor is still there, seconds.
_WATCH_PARENT = 2.0
_AUTOMATIC = types.CodeActionTriggerKind.Automatic

_log = logging.getLogger("infralint")


class Server(LanguageServer):
    """A language server of one editor. Everything but linting happens in the event loop's thread."""

    def __init__(self) -> None:
        super().__init__(SECTION, __version__, protocol_cls=Protocol)
        self.client = Client()
        self.pages = Pages()
        self.was_shut_down = False
        self._pool = ThreadPoolExecutor(_WORKERS, "infralint-lint")
        self._session: Session | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self._register()

    @property
    def session(self) -> Session:
        """The session; there is one since the editor said hello. Raises RuntimeError."""
        if self._session is None:
            raise RuntimeError("the editor has not initialized the server")
        return self._session

    def _register(self) -> None:
        """Tell pygls which function answers which message."""
        options: dict[str, Any] = {
            types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(True, True, SECTION),
            types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(list(KINDS)),
            types.TEXT_DOCUMENT_DID_SAVE: types.SaveOptions(include_text=False),
        }
        handlers: dict[str, Callable[..., Any]] = {
            types.INITIALIZE: self.on_initialize,
            types.INITIALIZED: self.on_initialized,
            types.SHUTDOWN: self.on_shutdown,
            types.TEXT_DOCUMENT_DID_SAVE: self.did_save,
            types.TEXT_DOCUMENT_DIAGNOSTIC: self.diagnostic,
            types.WORKSPACE_DIAGNOSTIC: self.workspace_diagnostic,
            types.TEXT_DOCUMENT_CODE_ACTION: self.code_action,
            types.TEXT_DOCUMENT_HOVER: self.hover,
            types.TEXT_DOCUMENT_DOCUMENT_LINK: self.document_link,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self.did_change_watched_files,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self.did_change_configuration,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self.did_change_workspace_folders,
        }
        for name, handler in handlers.items():
            self.feature(name, options.get(name))(_function(handler))

        async def explain(rule: str) -> str:
            return await self.explain(rule)

        # pygls reads the types of a command's arguments from its function.
        self.command(EXPLAIN)(explain)

    # The connection

    def on_initialize(self, params: types.InitializeParams) -> None:
        """The editor says what it can and which folders it has."""
        encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        units = Units(types.PositionEncodingKind(encoding).value)
        self.client = Client.of(params.capabilities, units)
        self._session = Session(self, self.client, self._pool)
        route_logs(self)
        # Editors that have nothing to say in answer to a later question (Eglot) mean these still.
        self._wishes = Wishes().over(params.initialization_options)
        self.session.wish(self._wishes)
        self._folders = [folder.uri for folder in params.workspace_folders or ()]
        if not self._folders and params.root_uri:
            self._folders = [params.root_uri]
        elif not self._folders and params.root_path:
            self._folders = [from_fs_path(params.root_path)]
        # One that is not there now is in another container; Windows has no question for it.
        if params.process_id is not None and sys.platform != "win32" and _is_alive(params.process_id):
            self._keep(asyncio.ensure_future(_watch_parent(params.process_id)))

    async def on_initialized(self, params: types.InitializedParams) -> None:
        """The editor can be asked from now on."""
        await self._ask_configuration()
        self.session.change_folders(self._folders, ())
        registrations = []
        if self.client.watches:
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers())
            registrations.append(types.Registration(REGISTRATION, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if self.client.registers_configuration:
            section = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            name = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registrations.append(types.Registration(f"{SECTION}-settings", name, section))
        if registrations:
            await self.client_register_capability_async(types.RegistrationParams(registrations))
        self.session.is_watching = self.client.watches

    def on_shutdown(self, params: None) -> None:
        """The editor is about to go."""
        self.was_shut_down = True
        self._end_work()

    def shutdown(self) -> None:
        """End: called by pygls when the connection is over, however it came to that."""
        self._end_work()
        self.pages.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        super().shutdown()  # type: ignore[no-untyped-call]  # pygls says no types here

    def _end_work(self) -> None:
        if self._session is not None:
            self._session.close()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """A message that failed is told in the log alone: nobody can do anything about it while he edits."""
        self.log(types.MessageType.Error, f"a message could not be handled: {type(error).__name__}: {error}")

    def log(self, kind: types.MessageType, message: str) -> None:
        """Write into the editor's log."""
        self.window_log_message(types.LogMessageParams(kind, message))

    # What the editor tells

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document was opened."""
        document = self.session.documents.open(params.text_document)
        if document is not None:
            self.session.opened(document)

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document was changed."""
        document = self.session.documents.change(params)
        if document is not None:
            self.session.typed(document)

    def did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        """A document was saved."""
        path = path_of(params.text_document.uri)
        if path is not None:
            self.session.saved(path)

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """A document was closed."""
        document = self.session.documents.close(params.text_document.uri)
        if document is not None:
            self.session.closed(document)

    def did_change_watched_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Files changed on disk."""
        paths = (path_of(change.uri) for change in params.changes)
        self.session.changed_on_disk(path for path in paths if path is not None)

    def did_change_workspace_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Folders were opened or closed."""
        event = params.event
        self.session.change_folders([folder.uri for folder in event.added], [folder.uri for folder in event.removed])

    async def did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        """The editor's settings changed; editors that can be asked send none with this message."""
        if not await self._ask_configuration():
            self.session.wish(self._wishes.over(params.settings))

    async def _ask_configuration(self) -> bool:
        """Ask for the editor's settings; whether there are any."""
        if not self.client.configuration:
            return False
        items = [types.ConfigurationItem(section=SECTION)]
        try:
            answers = await self.workspace_configuration_async(types.ConfigurationParams(items))
        except JsonRpcException as error:
            _log.info("the editor tells no settings: %s", error)
            return False
        if not answers or not answers[0]:
            return False
        self.session.wish(self._wishes.over(answers[0]))
        return True

    # What the editor asks

    async def diagnostic(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """What is wrong in a document."""
        state = await self.session.ask(params.text_document.uri)
        if state.id == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(state.id)
        return types.RelatedFullDocumentDiagnosticReport(list(state.diagnostics), result_id=state.id)

    async def workspace_diagnostic(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """What is wrong in all files."""
        known = {each.uri: each.value for each in params.previous_result_ids}
        return types.WorkspaceDiagnosticReport(await self.session.ask_workspace(known))

    async def code_action(self, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        """What can be done at a range."""
        if params.context.trigger_kind is _AUTOMATIC and not self.session.knows(params.text_document.uri):
            # An editor that asks of its own accord, as when a file is saved, is not kept waiting for the first run.
            return []
        place = await self.session.current(params.text_document.uri, hurry=True)
        if place is None or not self.session.is_judged(place):
            # Edits of another text than the editor has would go astray.
            return []
        return Actions(self.client, place.outcome, place.path).of(params)

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """The page of the rule that found something at a position."""
        if not self.session.knows(params.text_document.uri):
            return None
        place = await self.session.current(params.text_document.uri, hurry=True)
        return hover(self.client, place.outcome, place.path, params.position) if place else None

    async def document_link(self, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        """The links to other places of a document's findings."""
        place = await self.session.current(params.text_document.uri)
        return list(links(self.client, place.outcome, place.path)) if place else []

    async def explain(self, rule: str) -> str:
        """Show a rule's page, and give it back. Raises ValueError."""
        known = rules_by_id().get(rule)
        if known is None:
            raise ValueError(f"there is no rule {rule!r}")
        text = page_text(known)
        if self.client.shows_documents:
            document = types.ShowDocumentParams(uri_of(self.pages.file(known)), take_focus=True)
            if (await self.window_show_document_async(document)).success:
                return text
        self.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
        return text

    # What the session tells (`session.Editor`)

    def publish(self, uri: str, diagnostics: tuple[types.Diagnostic, ...], version: int | None) -> None:
        """Send a file's diagnostics."""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, list(diagnostics), version))

    def refresh(self) -> None:
        """Let the editor ask for diagnostics again."""
        self.workspace_diagnostic_refresh(None)

    def show_progress(self, root: Path) -> tuple[Progress, Callable[[], None]]:
        """Show that a project is read for the first time."""
        indexing = Indexing(self.work_done_progress, root.name)
        if self.client.progress:
            self._keep(asyncio.ensure_future(indexing.begin()))
        return indexing.report, indexing.end

    def _keep(self, task: asyncio.Future[Any]) -> None:
        """Hold a task until it is done: the event loop alone does not."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _function(method: Callable[..., Any]) -> Callable[..., Any]:
    """A bound method as pygls takes it, which writes attributes on what it registers."""
    if asyncio.iscoroutinefunction(method):

        async def asynchronous(*args: Any) -> Any:
            return await method(*args)

        return asynchronous

    def function(*args: Any) -> Any:
        return method(*args)

    return function


async def _watch_parent(process: int) -> None:
    """End this process when the editor's is gone without having said so (LSP 3.17, `InitializeParams.processId`).

    Usually the end of stdin tells it; a program between the two may keep that open.
    """
    while _is_alive(process):
        await asyncio.sleep(_WATCH_PARENT)
    leave(1)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def leave(code: int) -> NoReturn:
    """End this process now: there is nothing to be saved, and no wait for a run that is in the middle of a long step.

    The libraries end as they do at every exit: theirs are temporary files and semaphores.
    """
    for worker in multiprocessing.active_children():
        worker.kill()
    try:
        atexit._run_exitfuncs()
    finally:
        os._exit(code)


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve one editor until it goes; the exit code: 0 where it said so before (LSP 3.17, "Exit Notification")."""
    server = Server()
    server.start_io(stdin, stdout)
    return 0 if server.was_shut_down else 1
