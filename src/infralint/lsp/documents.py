"""The texts that are open in the editor, which beat those on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lsprotocol import types
from pygls import uris

from infralint.kinds import DECLARE_ENCODING, kind_of
from infralint.lsp.positions import Located, Units
from infralint.source import UndecodableError, decode

_LOCAL = re.compile("^file://localhost/", re.IGNORECASE)

ContentChange = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


def path_of(uri: str) -> Path | None:
    """The path that a URI names; None for what is no file: a buffer without a name, a diff's other side."""
    # RFC 8089, 2: `localhost` names the machine itself, where any other name is that of a Windows share.
    path = uris.to_fs_path(_LOCAL.sub("file:///", uri))
    if not path or "\0" in path or not Path(path).is_absolute():
        return None
    return Path(os.path.normpath(path))


def uri_of(path: Path) -> str:
    """The URI of a file."""
    return path.as_uri()


@dataclass(frozen=True)
class Document:
    """A text as the editor has it at one moment. `uri` is written as the editor writes it."""

    uri: str
    version: int
    text: str
    path: Path

    @cached_property
    def data(self) -> bytes:
        """The bytes that the editor would write: in the encoding that the text declares, as the readers decode it."""
        data = self.text.encode("utf-8", "replace")
        if kind_of(self.path.name) not in DECLARE_ENCODING:
            return data
        try:
            encoding = decode(data, python=True).encoding
            return data if encoding == "utf-8" else self.text.encode(encoding)
        except (UndecodableError, UnicodeEncodeError, LookupError):
            return data


class Documents:
    """All open documents, by path."""

    def __init__(self) -> None:
        self.units = Units.UTF16
        self._by_path: dict[Path, Document] = {}

    def open(self, item: types.TextDocumentItem) -> Document | None:
        """Take a text that was opened; None where it is no file's."""
        path = path_of(item.uri)
        if path is None:
            return None
        self._by_path[path] = Document(item.uri, item.version, item.text, path)
        return self._by_path[path]

    def change(self, params: types.DidChangeTextDocumentParams) -> Document | None:
        """Take changes of a text; None where it is not open here."""
        document = self.of_uri(params.text_document.uri)
        if document is None:
            return None
        text = changed(document.text, params.content_changes, self.units)
        self._by_path[document.path] = replace(document, version=params.text_document.version, text=text)
        return self._by_path[document.path]

    def close(self, uri: str) -> Document | None:
        """Forget a text that was closed, and give back what it was."""
        path = path_of(uri)
        return self._by_path.pop(path, None) if path is not None else None

    def of_uri(self, uri: str) -> Document | None:
        """The open document of a URI."""
        path = path_of(uri)
        return self._by_path.get(path) if path is not None else None

    def get(self, path: Path) -> Document | None:
        """The open document of a path."""
        return self._by_path.get(path)

    def __contains__(self, path: Path) -> bool:
        return path in self._by_path

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._by_path.values()))


def changed(text: str, changes: Iterable[ContentChange], units: Units) -> str:
    """A text after changes, each of which speaks of the text that the one before left."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            located = Located(text, units)
            start, end = located.offset(change.range.start), located.offset(change.range.end)
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    return text
