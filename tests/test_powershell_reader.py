"""Calls of gcloud in PowerShell."""

from __future__ import annotations

import pytest

from infralint.facts.text import HOLE
from infralint.readers import powershell, workflow


def commands(text: str) -> list[str]:
    return [
        " ".join(word.value.replace(HOLE, "?") + "*" * word.splits + "~" * word.optional for word in command.words)
        for command in powershell.read(text, "postgres").commands
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gcloud run deploy x `\n  --a=1 `\r\n  --b 2 # c\n", ["gcloud run deploy x --a=1 --b 2"]),
        ("& gcloud.cmd x | Out-Null; gcloud y", ["gcloud.cmd x", "gcloud y"]),
        ("$a = gcloud x 2>&1\nif (gcloud y) { gcloud z }", ["gcloud x", "gcloud y", "gcloud z"]),
        (
            'gcloud $a "--x=$b" \'--y=it\'\'s\' "q `"r`" $($s.t)" @args',
            ['gcloud ?* --x=? --y=it\'s q "r" ? ?*'],
        ),
        ('gcloud --x=$a.b ($c) --y="a b"', ["gcloud --x=?* ?* --y=a b"]),
        ("if ($?) { return gcloud x }", ["gcloud x"]),
    ],
)
def test_calls(text: str, expected: list[str]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "# gcloud x",
        "<# \ngcloud x\n#>",
        "'gcloud x'",
        '@"\ngcloud x\n"@',
        "Write-Host gcloud x",
        "gcloudx y",
        "",
    ],
)
def test_no_call(text: str) -> None:
    assert commands(text) == []


@pytest.mark.parametrize("text", ["gcloud", 'gcloud "', "gcloud '", "gcloud $(", "gcloud `", "gcloud @{", "gcloud \0"])
def test_bad_scripts_never_raise(text: str) -> None:
    assert len(commands(text)) == 1


def test_spans() -> None:
    text = 'gcloud é "--b=$c"'
    (command,) = powershell.read(text, "postgres").commands
    place = command.words[2].text.locate(0, 3)
    assert text[place.start : place.end] == "--b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('$r = "eu"\ngcloud x --a=$r "b-$r.c" $r --$r', ["gcloud x --a=eu b-eu.c eu --eu"]),
        ("$f = @(\n '--a', $b # c\n '--c'\n)\ngcloud x @f", ["gcloud x --a ?* --c"]),
        ("$f = '--a', `\n 'b'\ngcloud x $f", ["gcloud x --a b"]),
        ("$f = @('--a')\n$f += '--b', 'c'\nif ($d) { $f += @('--e') }\ngcloud x @f", ["gcloud x --a --b c --e~"]),
        ("$f = @()\ngcloud x @f", ["gcloud x ?*"]),
        ("$g = 'gcloud'\n& $g x\n& 'C:\\b\\gcloud.cmd' y\n& \"gcloud\" z\n& $h a", [
            "gcloud x", "C:\\b\\gcloud.cmd y", "gcloud z",
        ]),
        ("${r} = 'x'\n$s = 'run'\ngcloud ${s} list", ["gcloud run list"]),
        ("$a = 'x'\nfunction F { gcloud $a }", ["gcloud x"]),
    ],
)  # fmt: skip
def test_variables(text: str, expected: list[str]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize(
    "setting",
    [
        "$v = 'a'\n$v = 'b'", "if ($x) { $v = 'a' }", "param($v)\n$v = 'a'", "$v = 'a' + 'b'", "$v = 'a'.Trim()",
        "$v = 'a'\n. ./more.ps1", "foreach ($v in 'a') { }\n$v = 'a'", "$v = 'a'\n$v += 'b'", "$v = f 'a'", "$v = $w",
        "$v = 'a'\n$v++", "$v = 'a'\nSet-Variable v b", "$v ??= 'a'", "$v = @('a', (f))", "$v = $v", "$v = 'a'; iex $x",
        "function F($v) { $v }\n$v = 'a'", "$v += 'a'", "$env:v = 'a'", "$v = @('a'", "$v = @{ a = 'b' }", "$v = 1",
        "# $v = 'a'", "$v = @('a') | sort", "$v = ,", "",
    ],
)  # fmt: skip
def test_a_variable_that_may_differ_is_a_hole(setting: str) -> None:
    assert commands(f"{setting}\ngcloud $v\n") == ["gcloud ?*"]


def test_a_variable_is_what_it_is_before_its_use() -> None:
    assert commands("gcloud $v\n$v = 'a'") == ["gcloud ?*"]


def test_words_of_variables_stand_where_they_are_written() -> None:
    text = "$flags = @('--é', \"--b=$c\")\ngcloud x @flags --c=$d"
    (command,) = powershell.read(text, "postgres").commands
    spans = [word.text.locate(0, 3) for word in command.words[2:]]
    assert [text[span.start : span.end] for span in spans] == ["--é", "--b", "--c"]
    assert text[command.span.start : command.span.end] == "gcloud x @flags --c=$d"


@pytest.mark.parametrize(
    "text", ["$v = @('a',\ngcloud $v", '$v = "$v', '& "gcloud', "& $", "$v = @(" * 500, "{" * 5000]
)
def test_hostile_scripts(text: str) -> None:
    assert isinstance(commands(text), list)


def test_steps_of_a_workflow() -> None:
    text = """on: push
jobs:
  deploy:
    runs-on: windows-2022
    steps:
      - run: |
          $region = "eu"
          gcloud run deploy api `
            --region $region --é=${{ inputs.x }} "a-${{ inputs.y }}"
      - shell: bash
        run: gcloud run jobs list
      - shell: pwsh
        run: gcloud run services list
"""
    found = workflow.read(text, "postgres").commands
    lines = [" ".join(word.value.replace(HOLE, "?") + "*" * word.splits for word in command.words) for command in found]
    assert lines == [
        "gcloud run deploy api --region eu --é=?* a-?*",
        "gcloud run jobs list",
        "gcloud run services list",
    ]
    place = found[0].words[6].text.locate(0, 3)
    assert text[place.start : place.end] == "--é"
    assert text[found[2].span.start : found[2].span.end] == "gcloud run services list"
