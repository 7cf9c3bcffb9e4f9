"""Lowering: every node has its place in the file, whatever is read can be encoded, and nothing raises."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import enum
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.facts import program as ir
from infralint.readers.python.reader import read_python

MODULES = [
    Path(dataclasses.__file__),
    Path(enum.__file__),
    Path(ast.__file__),
    Path(asyncio.__file__).parent / "tasks.py",
]


def program_of(text: str) -> ir.Program:
    return ir.decode_program(read_python(text, "postgres", program=True).program)


def nodes(value: object) -> Iterator[ir.Node]:
    if isinstance(value, ir.JoinedString):
        # What stands in an f-string has the range of the whole.
        return
    if isinstance(value, ir.Node):
        yield value
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from nodes(getattr(value, field))
    elif isinstance(value, tuple):
        for each in value:
            yield from nodes(each)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_names_stand_where_they_are_said_to(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = 0
    for node in nodes(program_of(text)):
        assert 0 <= node.start <= node.end <= len(text)
        written = text[node.start : node.end]
        if isinstance(node, ir.Name):
            assert written == node.id
            found += 1
        elif isinstance(node, (ir.Function, ir.Class)):
            assert text[node.name_start :].startswith(node.name)
    assert found > 100


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_count_characters(newline: str) -> None:
    text = newline.join(["# é", "x = 'ü' + name", "def größe(ä=Ünit): return ä.länge", ""])
    written = [text[node.start : node.end] for node in nodes(program_of(text)) if isinstance(node, ir.Name)]
    assert written == ["x", "name", "Ünit", "ä"]


def test_only_models_are_lowered_unasked() -> None:
    assert not read_python("import os\nx = 1\n", "postgres").program
    assert read_python("from sqlalchemy import Column\nc = Column()\n", "postgres").program
    assert read_python("revision = 'a'\ndown_revision = None\n", "postgres").program


def test_bodies_of_tests_are_left_out() -> None:
    text = "from sqlalchemy import Column\ndef test_x():\n    return Column()\ndef helper():\n    return Column()\n"
    program = ir.decode_program(read_python(text, "postgres").program)
    bodies = {node.name: node.body for node in nodes(program) if isinstance(node, ir.Function)}
    assert bodies["test_x"] is None
    assert bodies["helper"]


def test_deep_code_costs_itself_alone() -> None:
    text = f"x = {'-' * 80}1\ny = {'f(' * 70}1{')' * 70}\nz = 1\n"
    kinds = [type(node) for node in nodes(program_of(text))]
    assert ir.Opaque in kinds
    assert ir.Constant in kinds


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_text_raises(data: st.DataObject) -> None:
    text = MODULES[0].read_text(encoding="utf-8")[:4000]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(st.sampled_from(["", "(", "'", '"""', "\\", "\x00", ":", "lambda: ", "\n", "é", "*", "@"]))
    facts = read_python(text[:start] + put + text[end:], "postgres", program=True)
    assert facts.program or facts.problem
