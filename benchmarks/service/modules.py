"""Modules of ordinary code, put together from the pieces of `blocks.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import Template

from service.words import FIELDS, NOUNS, Names, plural, sentence

_DEFINED = re.compile(r"^(?:async def|def|class) ([A-Za-z]\w*)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A piece of code: the import statements that it needs, and its text with names left open."""

    imports: tuple[str, ...]
    template: Template


@dataclass(frozen=True)
class Module:
    """A module that was written: its dotted name, and what others may import of it."""

    name: str
    functions: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its file, relative to the root of the tree."""
        return self.name.replace(".", "/") + ".py"


def load_blocks(path: Path) -> tuple[Block, ...]:
    """The pieces of a file; what stands before the first line of `=` says what they are."""
    blocks = []
    for part in re.split(r"^=+\n", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        imports = tuple(re.findall(r"^#: (.+)$", part, re.MULTILINE))
        text = re.sub(r"^#: .+\n", "", part, flags=re.MULTILINE).strip("\n")
        blocks.append(Block(imports, Template(text)))
    return tuple(blocks)


BLOCKS = load_blocks(Path(__file__).with_name("blocks.txt"))


class Writer:
    """The text of one module while it grows."""

    def __init__(self, random: Random, taken: tuple[str, ...] = ()) -> None:
        self.random = random
        self.names = Names(random, taken)
        self._imports: set[str] = set()
        self._parts: list[str] = []
        self.lines = 0

    def need(self, *statements: str) -> None:
        """Import something at the top, once."""
        self._imports.update(statements)

    def add(self, text: str) -> None:
        """A statement or several."""
        self._parts.append(text.strip("\n"))
        self.lines += text.count("\n") + 3

    def add_block(self, block: Block) -> None:
        """One of the pieces, with names of its own."""
        self.need(*block.imports)
        self.add(block.template.substitute(self._fillings()))

    def fill(self, lines: int) -> None:
        """Ordinary code up to a number of lines."""
        while self.lines < lines:
            self.add_block(self.random.choice(BLOCKS))

    def text(self, doc: str) -> str:
        """The module."""
        parts = [f'"""{doc}"""\n', *([import_lines(self._imports) + "\n"] if self._imports else [])]
        return "\n".join([*parts, "\n\n".join(part + "\n" for part in self._parts)])

    def functions(self) -> tuple[str, ...]:
        """The public functions and classes that the module defines so far."""
        return tuple(name for part in self._parts for name in _DEFINED.findall(part))

    def _fillings(self) -> dict[str, str]:
        random, names = self.random, self.names
        noun, other = random.sample(NOUNS, 2)
        a, b, c, d = random.sample(FIELDS, 4)
        return {
            "f": names.function(), "g": names.function(), "h": names.function(), "C": names.type(), "D": names.type(),
            "K": names.constant(), "n": noun, "m": other, "ns": plural(noun), "a": a, "b": b, "c": c, "d": d,
            "i": str(random.randrange(10, 400)), "j": str(random.randrange(2, 12)),
            "k": str(random.randrange(500, 9000)), "doc": sentence(random),
        }  # fmt: skip


def import_lines(statements: Iterable[str]) -> str:
    """Import statements, joined by module and sorted as isort does: future, standard and foreign, own."""
    wanted = set(statements)
    plain = sorted(statement for statement in wanted if not statement.startswith("from "))
    members: dict[str, set[str]] = {}
    for statement in wanted:
        match = re.fullmatch(r"from (\S+) import (.+)", statement)
        if match:
            members.setdefault(match[1], set()).update(match[2].split(", "))
    froms = [f"from {module} import {', '.join(sorted(members[module]))}" for module in sorted(members)]
    future = [line for line in froms if line.startswith("from __future__")]
    rest = plain + [line for line in froms if line not in future]
    return "\n".join(["\n".join(future) + "\n"] * bool(future) + ["\n".join(rest)]) + "\n"


def plain_module(random: Random, name: str, lines: int, known: Sequence[Module]) -> tuple[Module, str]:
    """A module with nothing in it that deploys: about `lines` lines, with imports from modules written before it."""
    writer = Writer(random, taken=("steps",))
    chosen = random.sample(known, min(len(known), random.randrange(6))) if known else []
    used = [
        (module, function) for module in chosen if module.functions for function in [random.choice(module.functions)]
    ]
    imported = {function: module.name for module, function in used}
    writer.names = Names(random, taken=tuple(imported))
    writer.need(*(f"from {module} import {function}" for function, module in imported.items()))
    writer.fill(lines - 12 if imported else lines)
    if imported:
        writer.add(_steps(writer, tuple(imported)))
    return Module(name, writer.functions()), writer.text(sentence(random))


def _steps(writer: Writer, functions: tuple[str, ...]) -> str:
    constant, function = writer.names.constant(), writer.names.function()
    writer.need("from typing import Any")
    listed = "".join(f"    {name},\n" for name in functions)
    return (
        f"{constant}: tuple[Any, ...] = (\n{listed})\n\n\n"
        f"def {function}(name: str) -> Any:\n"
        f'    """{sentence(writer.random)}"""\n'
        f"    for step in {constant}:\n"
        "        if step.__name__ == name:\n"
        "            return step\n"
        "    raise LookupError(name)\n"
    )
