"""Places of findings as positions of the protocol, and edits that come as positions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from infralint.lsp.documents import Document, changed, path_of, uri_of
from infralint.lsp.positions import Located, Units
from infralint.source import decode

CODECS = {Units.UTF8: ("utf-8", 1), Units.UTF16: ("utf-16-le", 2), Units.UTF32: ("utf-32-le", 4)}
TEXTS = st.text(st.sampled_from("a\té\u2028\f\x85\r\n\U0001f40d中"), max_size=30)
UNITS = st.sampled_from(list(Units))


def encoded(text: str, units: Units) -> int:
    codec, size = CODECS[units]
    return len(text.encode(codec)) // size


@given(TEXTS, UNITS)
def test_every_place_there_and_back(text: str, units: Units) -> None:
    """What a position counts is what an encoder gives; lines end at CR, LF and both, and nowhere else."""
    located = Located(text, units)
    start = 0
    for number, line in enumerate(re.split("\r\n|\r|\n", text)):
        for column in range(len(line) + 1):
            position = located.position(number + 1, column + 1)
            assert position == types.Position(number, encoded(line[:column], units))
            assert located.offset(position) == start + column
            assert located.at(start + column) == position
        start += len(line) + (2 if text[start + len(line) :].startswith("\r\n") else 1)


@given(TEXTS, TEXTS, UNITS, st.data())
def test_an_edit(text: str, new: str, units: Units, data: st.DataObject) -> None:
    located = Located(text, units)
    places = [at for at in range(len(text) + 1) if text[at - 1 : at + 1] != "\r\n"]
    start, end = sorted((data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))))
    change = types.TextDocumentContentChangePartial(types.Range(located.at(start), located.at(end)), new)
    assert changed(text, [change], units) == text[:start] + new + text[end:]
    assert changed(text, [change, types.TextDocumentContentChangeWholeDocument("b")], units) == "b"


@pytest.mark.parametrize(
    ("position", "offset"),
    [((0, 99), 2), ((0, 1), 0), ((1, 99), 6), ((7, 0), 6)],
    ids=["past the line", "inside a character", "past the last line's end", "past the text"],
)
def test_positions_that_there_are_not(position: tuple[int, int], offset: int) -> None:
    """They become the nearest ones before."""
    assert Located("\U0001f40da\r\nbc", Units.UTF16).offset(types.Position(*position)) == offset


def test_places_that_there_are_not() -> None:
    located = Located("ab\nc", Units.UTF8)
    assert located.position(9, 9) == types.Position(1, 1)
    assert located.position(1, 9) == types.Position(0, 2)


def test_a_mark_that_the_editor_keeps() -> None:
    """Findings do not count a byte order mark; an editor that shows it does."""
    located = Located("\ufeffab\ncd", Units.UTF16)
    assert located.position(1, 1) == types.Position(0, 1)
    assert located.position(2, 1) == types.Position(1, 0)


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.py", "# coding: latin-1\nx = 'é'\n", "latin-1"),
        ("a.py", "# coding: latin-1\nx = '中'\n", "utf-8"),
        ("a.py", "# coding: nothing\nx = 'é'\n", "utf-8"),
        ("a.sql", "-- coding: latin-1\nSELECT 'é';\n", "utf-8"),
    ],
)
def test_bytes_of_a_buffer(name: str, text: str, encoding: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The readers decode a Python file as it says: its buffer is encoded so, if it can be."""
    path = tmp_path_factory.getbasetemp() / name
    data = Document(uri_of(path), 1, text, path).data
    assert data == text.encode(encoding)
    if encoding == "latin-1":
        assert decode(data, python=True).text == text


def test_uris(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "a folder#1" / "ü%.py"
    assert path_of(uri_of(path)) == path
    assert path_of(uri_of(path).replace("%20", " ")) == path
    assert path_of("untitled:Untitled-1") is None
    assert path_of("vscode-notebook-cell:/a/b.ipynb#1") is None
    assert path_of("") is None
    assert path_of(uri_of(path).replace("file:///", "file://localhost/")) == path
    assert path_of(uri_of(path) + "%00") is None
