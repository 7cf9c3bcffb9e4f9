"""Commands of shell scripts: words, spans, variables, wrappers."""

from __future__ import annotations

import msgspec
import pytest

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Piece, Text, plain
from infralint.readers import shell
from infralint.source import Span


def words(script: str) -> list[list[str]]:
    """The words of every command: `?` is not known, `*` follows words that split, `~` optional ones."""
    return [
        [word.value.replace(HOLE, "?") + "*" * word.splits + "~" * word.optional for word in command.words]
        for command in shell.commands_in(plain(script, 0))
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "gcloud run deploy x \\\n  --a=1 --b 2 # no\n",
            ["gcloud", "run", "deploy", "x", "--a=1", "--b", "2"],
        ),
        ("X=1 gcloud a", ["gcloud", "a"]),
        ("gcloud 'a b' \"c \\\"d\\\" \\$e \\n\" f\\ g ''", ["gcloud", "a b", 'c "d" $e \\n', "f g", ""]),
        ("gcloud --x='a'\"b\"c 'it'\\''s'", ["gcloud", "--x=abc", "it's"]),
        ('gcloud $A "$B" --x=${C} "--y=${D:-e}"', ["gcloud", "?*", "?", "--x=?*", "--y=?"]),
        ('gcloud "$@" $1 "${A[@]}" "${A[*]}"', ["gcloud", "?*", "?*", "?*", "?"]),
        ("gcloud {a,b}.txt *.sql --x=* $((1 + 2))", ["gcloud", "?*", "*.sql*", "--x=*", "?"]),
        ("gcloud a > out --b 2>&1", ["gcloud", "a", "--b"]),
        ('gcloud a <<< "$x" --b', ["gcloud", "a", "--b"]),
        ("gcloud -- --remote", ["gcloud", "--", "--remote"]),
        ('export A=b C="$d e" F', ["export", "A=b", "C=? e", "F"]),
        ("gcloud é --ü", ["gcloud", "é", "--ü"]),
        ("gcloud a --b\r\n", ["gcloud", "a", "--b"]),
        ("gcloud a \\\r\n  --b\r\n", ["gcloud", "a", "--b"]),
    ],
)
def test_words(script: str, expected: list[str]) -> None:
    assert words(script)[0] == expected


@pytest.mark.parametrize(
    "script",
    [
        "if a; then gcloud x; fi", "for i in 1; do gcloud x; done", "f() { gcloud x; }", "a | gcloud x | b",
        "a && gcloud x || b", "(cd a; gcloud x)", "y=$(gcloud x)", "y=`gcloud x`", "cat <(gcloud x)",
        "case $a in b) gcloud x ;; esac", "while ! gcloud x; do :; done", "cat <<EOF\n$(gcloud x)\nEOF",
        "bash -c 'gcloud x'", "bash -euxc \"gcloud x\"", "eval 'gcloud x'", "sudo -u root gcloud x",
        "time gcloud x",
        "env -u A B=c gcloud x", "exec gcloud x", "timeout -k 5 30s gcloud x", "nohup gcloud x &",
        "sudo env A=b nice -n 5 gcloud x", "/usr/bin/env gcloud x",
    ],
)  # fmt: skip
def test_commands_are_found_wherever_they_stand(script: str) -> None:
    assert ["gcloud", "x"] in words(script)


@pytest.mark.parametrize(
    "script",
    ["cat <<EOF\ngcloud x\nEOF", "echo 'gcloud x'", "# gcloud x", "a \\\n # c\n", "sudo $X gcloud x"],
)
def test_text_is_no_command(script: str) -> None:
    assert ["gcloud", "x"] not in words(script)


def test_xargs_adds_words_that_nobody_knows() -> None:
    assert ["gcloud", "x", "?*"] in words("a | xargs -n 1 gcloud x")
    assert ["gcloud", "x", "?"] in words("a | xargs -I{} gcloud x {}")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SUB='run jobs'\ngcloud $SUB deploy", ["gcloud", "run", "jobs", "deploy"]),
        ('readonly G=gcloud\n"$G" x', ["gcloud", "x"]),
        ("A=(--a 'b c')\ngcloud \"${A[@]}\" d", ["gcloud", "--a", "b c", "d"]),
        ('A=(--a)\nif b; then A+=(--c); fi\nA+=(--d)\ngcloud "${A[@]}"', ["gcloud", "--a", "--c~", "--d"]),
        ("A='--a'\nA=\"$A --b=$c\"\ngcloud $A", ["gcloud", "--a", "--b=?*"]),
        ("A='--a'\nif b; then A+=\" --c\"; fi\ngcloud $A", ["gcloud", "--a", "--c~"]),
        ("f() {\n local A=--a\n gcloud $A\n}\ng() {\n local A=--b\n}", ["gcloud", "--a"]),
        ("A=--a\nf() { gcloud $A; }\nf", ["gcloud", "--a"]),
        ("if x; then A=--a; gcloud $A; fi", ["gcloud", "--a"]),
    ],
)
def test_a_variable_with_one_value_is_followed(script: str, expected: list[str]) -> None:
    assert expected in words(script)


@pytest.mark.parametrize(
    "script",
    [
        "A=a\nA=b\ngcloud $A", "A=a\nread A\ngcloud $A", "for A in a; do gcloud $A; done", "gcloud $A\nA=a",
        "if x; then A=a; fi\ngcloud $A", "if x; then A=a; else gcloud $A; fi", "A=a\nsource b.sh\ngcloud $A",
        "x && A=a\ngcloud $A", "A=a x\ngcloud $A", "A=$(b)\ngcloud $A", "A=$B\nB=$A\ngcloud $A",
        "f() { A=b; }\nA=a\ngcloud $A", "A=a\nunset A\ngcloud $A", "(A=a)\ngcloud $A", "A=a | b\ngcloud $A",
        ": ${A:=b}\ngcloud $A", "A=1\n((A++))\ngcloud $A",
    ],
)  # fmt: skip
def test_a_variable_that_may_differ_is_a_hole(script: str) -> None:
    assert ["gcloud", "?*"] in words(script)


def test_a_list_that_grows_elsewhere_has_an_open_end() -> None:
    assert ["gcloud", "--a", "?*~"] in words('A=(--a)\nf() { A+=(--b); }\nf\ngcloud "${A[@]}"')


def test_spans_lie_where_the_word_is_written() -> None:
    script = "ü='ö'\nFLAGS=\"--one 1 --zwei=é\"\ngcloud 'é' $FLAGS --b\"c d\"\n"
    (command,) = shell.commands_in(plain(script, 0))
    found = [script[word.span.start : word.span.end] for word in command.words]
    assert found == ["gcloud", "'é'", "--one", "1", "--zwei=é", '--b"c d"']
    last = command.words[-1].text
    assert script[last.locate(0, 3).start : last.locate(0, 3).end] == "--b"
    assert script[command.span.start : command.span.end] == "gcloud 'é' $FLAGS --b\"c d\""


def test_a_script_in_pieces_keeps_its_places() -> None:
    script = Text(
        (Piece("gcloud a ", Span(10, 19)), Piece(HOLE, Span(20, 23)), Piece(" --b", Span(30, 34))),
        Span(10, 34),
    )
    (command,) = shell.commands_in(script)
    assert [(word.value, word.splits, word.span) for word in command.words] == [
        ("gcloud", False, Span(10, 16)),
        ("a", False, Span(17, 18)),
        (HOLE, True, Span(20, 23)),
        ("--b", False, Span(31, 34)),
    ]


@pytest.mark.parametrize(
    "script",
    ["gcloud 'x", "if", "((((", "gcloud $(", "\x00", "gcloud a\x00b", "cat <<EOF", "\udc80", "a" * 10_000],
)
def test_bad_scripts_never_raise(script: str) -> None:
    assert isinstance(shell.commands_in(plain(script, 0)), tuple)


def test_facts_survive_the_cache() -> None:
    facts = shell.read('A=(--a)\ngcloud "${A[@]}" $b\n', "postgres")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
