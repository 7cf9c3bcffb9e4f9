"""Commands of makefiles: recipes as the shell gets them."""

from __future__ import annotations

import pytest

from infralint.facts.text import HOLE
from infralint.readers import makefile


def commands(text: str) -> list[str]:
    return [
        " ".join(word.value.replace(HOLE, "?") + "*" * word.splits for word in command.words)
        for command in makefile.read(text, "postgres").commands
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\n\t@gcloud x \\\n\t  --y\n", ["gcloud x --y"]),
        ("a:\n\t-@gcloud x; gcloud y\n\tgcloud z\n", ["gcloud x", "gcloud y", "gcloud z"]),
        ("a: b ; gcloud x\n", ["gcloud x"]),
        ("J := run jobs\nI = ${J}\na:\n\tgcloud $(I) list # c\n", ["gcloud run jobs list"]),
        ("F = --a=1 \\\n\t--b $(X) # c\na:\n\tgcloud x $(F)\n", ["gcloud x --a=1 --b ?*"]),
        ('a:\n\tgcloud x "$(shell b (c))" $@ "$$HOME" $(call f,$(g))\n', ["gcloud x ? ?* ? ?*"]),
        ("a:\n\tfor i in 1 2; do gcloud x $$i; done\n", ["gcloud x ?*"]),
        (".ONESHELL:\na:\n\tX=y\n\tgcloud $$X\n", ["gcloud y"]),
        ("a:\n\tX=y\n\tgcloud $$X\n", ["gcloud ?*"]),
        ("a:\r\n\tgcloud x \\\r\n\t--y\r\n", ["gcloud x --y"]),
        ("define d\n\tgcloud x\nendef\n\tgcloud y\n", []),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize(
    "setting",
    [
        "V ?= x", "V = x\nV = y", "V = x\nV += y", "ifdef A\nV = x\nendif", "b: V = x", "V != x",
        "V = x\ninclude a.mk",
        "define V\nx\nendef", "V = $(V)",
    ],
)  # fmt: skip
def test_a_variable_that_may_differ_is_a_hole(setting: str) -> None:
    assert commands(f"{setting}\na:\n\tgcloud $(V)\n") == ["gcloud ?*"]


def test_spans() -> None:
    text = "ü = run\nF := --b\na:\n\t@gcloud $(ü) $(F) é --c=d\n"
    (command,) = makefile.read(text, "postgres").commands
    spans = [command.words[2].text.locate(0, 3), command.words[-1].text.locate(0, 3)]
    assert [text[span.start : span.end] for span in spans] == ["--b", "--c"]
    assert text[command.span.start : command.span.end].startswith("gcloud $(ü)")
    assert command.span.end == len(text) - 1


def test_a_command_ends_where_it_is_written() -> None:
    text = "B = --b\na:\n\trm -f $(B)\n\trm $(C)\nC := x\n"
    found = [text[c.span.start : c.span.end] for c in makefile.read(text, "postgres").commands]
    assert found == ["rm -f ", "rm "]


@pytest.mark.parametrize("text", ["", "\t", "a:\n\t$(", "a:\n\t$", "$(", "endif\n", "define", "\\", "a:\n\t'\n", "\0"])
def test_bad_makefiles_never_raise(text: str) -> None:
    assert isinstance(makefile.read(text, "postgres").commands, tuple)
