"""Dockerfiles: instructions, images with exact places, commands."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.readers.docker_lines import docker_lines
from infralint.readers.dockerfile import read


def images(text: str) -> list[tuple[str, str]]:
    """Every image's value, and what the file has at its place."""
    return [(use.image.value, text[use.span.start : use.span.end]) for use in read(text, "postgres").images]


def commands(text: str) -> list[list[str]]:
    return [[word.value for word in command.words] for command in read(text, "postgres").commands]


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("FROM python", "python", "python"),
        ("from   python:3 as x\n", "python:3", "python:3"),
        ("\tFROM --platform=linux/amd64 a/b\n", "a/b", "a/b"),
        ("FROM \\\n  # which\n\n  python \\\n  AS x\n", "python", "python"),
        ("# escape=`\nFROM `\n mcr.microsoft.com/x\n", "mcr.microsoft.com/x", "mcr.microsoft.com/x"),
        ("ARG T=3\nFROM python:$T\n", "python:3", "python:$T"),
        ("ARG T='3'\nARG B=python:${T}\nFROM ${B}\n", "python:3", "${B}"),
        ('ARG A=1 B="2"\nFROM x:$A$B\n', "x:12", "x:$A$B"),
        ("ARG T\nFROM python:$T\n", f"python:{HOLE}", "python:$T"),
        ("FROM python:${T:-3}\n", "python:3", "python:${T:-3}"),
        ("FROM python:${T:+3}\n", f"python:{HOLE}", "python:${T:+3}"),
        ("FROM python:${T:-${U-3}}\n", "python:3", "python:${T:-${U-3}}"),
        ("FROM python:${T\n", f"python:{HOLE}", "python:${T"),
        ('FROM "python:3"\n', "python:3", "python:3"),
        ("# é𝔸\r\nFROM python\r\n", "python", "python"),
        ("FROM a:1\nCOPY --chown=x:y --from=golang /a /b\n", "golang", "golang"),
        ("FROM a:1\nONBUILD COPY --from=golang /a /b\n", "golang", "golang"),
        ("FROM a:1\nRUN --mount=type=cache,target=/x --mount=from=uv,target=/y x\n", "uv", "uv"),
    ],
)
def test_the_last_image(text: str, value: str, written: str) -> None:
    assert images(text)[-1] == (value, written)


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\n",
        "FROM a:1 AS Base\nFROM base\nFROM BASE AS next\nFROM next\n",
        "FROM a:1 AS Base\nFROM base\nCOPY --from=base /a /b\nCOPY --from=0 /a /b\n",
        "ARG S=base\nFROM a:1 AS base\nFROM $S\n",
        "FROM a:1\nCOPY <<EOF /x\nFROM python\nEOF\n",
        "FROM a:1\nCOPY <<-'A' <<B /x/\n\tA\n\tA\nFROM python\nB\n",
        "# FROM python\nFROM a:1\n",
        "FROM a:1\nRUN echo \\\nFROM python\n",
        'FROM a:1\nLABEL x="FROM y" \\\n   COPY --from=z\n',
    ],
)
def test_what_is_no_further_image(text: str) -> None:
    assert {value for value, _ in images(text)} <= {"a:1"}


def test_arguments_that_double_do_not_grow_without_end() -> None:
    text = "ARG A=x\n" + "ARG A=$A$A\n" * 40 + "FROM $A\nFROM ${B:-" + "${B:-" * 5000 + "\n"
    assert all(len(value) <= 1000 for value, _ in images(text)[:1])


def test_an_argument_inside_of_a_stage_is_not_seen_by_from() -> None:
    assert images("FROM a:1\nARG T=3\nFROM b:$T\n")[-1][0] == f"b:{HOLE}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN a b && c\n", [["a", "b"], ["c"]]),
        ("RUN a \\\n  # no\n  b\n", [["a", "b"]]),
        ('RUN ["a", "b c", "\\u00e9"]\n', [["a", "b c", "é"]]),
        ("RUN [ -f x ] && a\n", [["a"]]),
        ('CMD ["sh", "-c", "a && b"]\n', [["a"], ["b"]]),
        ('ENTRYPOINT ["/bin/bash", "-o", "pipefail", "-ec", "a"]\n', [["a"]]),
        ("RUN <<EOF\na b\nc\nEOF\nRUN d\n", [["a", "b"], ["c"], ["d"]]),
        ("RUN --mount=type=cache,target=/x <<-EOF\n\ta b\n\tEOF\nRUN d\n", [["a", "b"], ["d"]]),
        ("RUN <<EOF\n#!/usr/bin/env python3\na = b\nEOF\n", []),
        ("RUN cat <<EOF > x && a\nb\nEOF\nRUN c\n", [["cat"], ["a"], ["c"]]),
        ("RUN a <<EOF\nRUN b\n", [["a"], ["b"]]),
        ('SHELL ["powershell", "-Command"]\nRUN a\nFROM x:1\nRUN b\n', [["b"]]),
        ("RUN a <<< b\nRUN c\n", [["a"], ["c"]]),
        ("RUN\n", []),
    ],
)
def test_commands(text: str, expected: list[list[str]]) -> None:
    assert commands("FROM a:1\n" + text) == expected


def test_a_command_over_several_lines_has_exact_places() -> None:
    text = "FROM a:1\r\nRUN é && \\\r\n  # no\r\n  docker run \\\r\n  alpine\r\n"
    last = read(text, "postgres").commands[-1].words[-1]
    assert text[last.span.start : last.span.end] == "alpine"


def test_an_escaped_escape_continues_nothing() -> None:
    assert [line.keyword for line in docker_lines("RUN a \\\\\nRUN b\n").instructions] == ["RUN", "RUN"]


@given(st.text(alphabet="FROMRUNcopy --=<EOF\\`\n\r\t #${}:/@\"'[]é𝔸a1", max_size=200))
def test_nothing_is_refused(text: str) -> None:
    facts = read(text, "postgres")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    assert all(0 <= use.span.start <= use.span.end <= len(text) for use in facts.images)
