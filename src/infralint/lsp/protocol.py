"""The protocol's side that pygls leaves to its users: texts are kept here, and failures never end the server."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

if TYPE_CHECKING:
    from infralint.lsp.server import Server


class Protocol(LanguageServerProtocol):
    """pygls' protocol with the documents of this package.

    pygls' own split lines at form feeds and U+2028, which the protocol does not (LSP 3.17, "Text Documents").
    """

    _server: Server

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls does; a request that cannot be understood is answered all the same, or its sender waits for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """As pygls does; who cannot be told to ask for diagnostics again is sent them instead."""
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        if not self._server.client.pulls:
            result.capabilities.diagnostic_provider = None
        return result

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document was opened."""
        self._server.did_open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document was changed."""
        self._server.did_change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """A document was closed."""
        self._server.did_close(params)
