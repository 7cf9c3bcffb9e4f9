"""The tests of the service: plain ones, and some that patch what they test."""

from __future__ import annotations

from random import Random

from service.modules import Module, Writer
from service.words import sentence

CONFTEST = '''"""Fixtures of all tests."""

import pytest


@pytest.fixture
def reference() -> str:
    """A reference as partners send it."""
    return "A1-7"


@pytest.fixture
def amounts() -> list[int]:
    """A few amounts, one of them nothing."""
    return [0, 7, 1200]
'''


def tests_of(random: Random, module: Module, lines: int, patched: bool) -> str:
    """Tests of a module; `patched`: some of them replace a function of it."""
    writer = Writer(random, taken=module.functions)
    tested = random.sample(module.functions, min(len(module.functions), 6))
    writer.need(f"import {module.name} as tested", "import pytest")
    if patched:
        writer.need("from unittest import mock")
    while writer.lines < lines:
        shape = random.choice(_SHAPES if not patched else (*_SHAPES, *_PATCHED))
        writer.add(shape(writer, module.name, random.choice(tested)))
    return writer.text(f"Tests of {module.name}.")


def _values(random: Random) -> str:
    pairs = [f'("{random.getrandbits(24):06x}", {random.randrange(9000)})' for _ in range(random.randrange(2, 9))]
    return "".join(f"        {pair},\n" for pair in pairs)


def _parametrized(writer: Writer, _: str, function: str) -> str:
    return (
        f'@pytest.mark.parametrize(\n    ("text", "number"),\n    [\n{_values(writer.random)}    ],\n)\n'
        f"def test_{writer.names.function()}(text: str, number: int) -> None:\n"
        f'    """{sentence(writer.random)}"""\n'
        f"    found = tested.{function}\n    assert found is not None\n"
        '    assert f"{text}-{number}".endswith(str(number))\n'
    )


def _with_fixtures(writer: Writer, _: str, function: str) -> str:
    least = writer.random.randrange(2000)
    return (
        f"def test_{writer.names.function()}(reference: str, amounts: list[int]) -> None:\n"
        f'    """{sentence(writer.random)}"""\n'
        f"    kept = [amount for amount in amounts if amount > {least}]\n"
        f'    assert reference.startswith("A1")\n    assert tested.{function}.__name__ == "{function}"\n'
        "    assert sorted(kept) == kept\n"
    )


def _raising(writer: Writer, _: str, function: str) -> str:
    return (
        f"def test_{writer.names.function()}() -> None:\n"
        "    with pytest.raises((TypeError, ValueError, LookupError)):\n"
        f"        tested.{function}(*range({writer.random.randrange(12, 30)}))\n"
    )


def _patched(writer: Writer, module: str, function: str) -> str:
    return (
        f'@mock.patch("{module}.{function}")\n'
        f"def test_{writer.names.function()}(replaced: mock.Mock, reference: str) -> None:\n"
        f'    """{sentence(writer.random)}"""\n'
        f"    replaced.return_value = {writer.random.randrange(900)}\n"
        f"    assert tested.{function}(reference) == replaced.return_value\n"
        "    replaced.assert_called_once_with(reference)\n"
    )


def _patched_inside(writer: Writer, module: str, function: str) -> str:
    return (
        f"def test_{writer.names.function()}(amounts: list[int]) -> None:\n"
        f'    with mock.patch("{module}.{function}", side_effect=LookupError) as replaced:\n'
        "        with pytest.raises(LookupError):\n"
        f"            tested.{function}(amounts)\n"
        "    assert replaced.call_count == 1\n"
    )


_SHAPES = (_parametrized, _with_fixtures, _raising)
_PATCHED = (_patched, _patched_inside)
