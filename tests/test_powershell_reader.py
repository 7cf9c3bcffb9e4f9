"""Calls of gcloud in PowerShell."""

from __future__ import annotations

import pytest

from infralint.facts.text import HOLE
from infralint.readers import powershell


def commands(text: str) -> list[str]:
    return [
        " ".join(word.value.replace(HOLE, "?") + "*" * word.splits for word in command.words)
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
