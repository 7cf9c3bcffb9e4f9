"""The table of gcloud's commands, and how a command line is read by it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from infralint.data.gcloud import gcloud_table
from infralint.facts.commands import Command
from infralint.facts.text import plain
from infralint.project.commands import CommandUse
from infralint.project.gcloud import GcloudCommand, GcloudModel
from infralint.project.gcloud_flags import deprecated_flags, unknown_flags
from infralint.readers.shell import commands_in


def lines(script: str) -> Iterator[GcloudCommand]:
    commands: tuple[Command, ...] = commands_in(plain(script, 0))
    return GcloudModel(CommandUse("a.sh", command) for command in commands).commands


def unknown(script: str) -> list[str]:
    return [use.name for command in lines(script) for use, _ in unknown_flags(command)]


def deprecated(script: str) -> list[str]:
    return [use.name for command in lines(script) for use, _ in deprecated_flags(command)]


def test_the_table_loads_fast_and_once() -> None:
    gcloud_table.cache_clear()
    best = 1.0
    for _ in range(5):
        gcloud_table.cache_clear()
        start = time.perf_counter()
        gcloud_table()
        best = min(best, time.perf_counter() - start)
    assert best < 0.2
    assert gcloud_table() is gcloud_table()


def test_a_project_without_gcloud_loads_no_table() -> None:
    gcloud_table.cache_clear()
    assert list(lines("docker run x")) == []
    assert gcloud_table.cache_info().misses == 0


def test_job_timeouts_never_were_flags() -> None:
    table = gcloud_table()
    for verb in ("create", "deploy", "execute", "update"):
        for track in ("", "beta", "alpha"):
            flags = table.flags(f"run jobs {verb}", track)
            assert "--task-timeout" in flags
            assert "--timeout" not in flags
    assert "--timeout" in table.flags("run deploy", "")


@pytest.mark.parametrize(
    ("script", "track", "path"),
    [
        ("gcloud run deploy", "", "run deploy"),
        ("gcloud --project p beta run --quiet jobs deploy x", "beta", "run jobs deploy"),
        ("gcloud --project=$P compute --format json instances list", "", "compute instances list"),
        ("/usr/bin/gcloud alpha run jobs list", "alpha", "run jobs list"),
        ("gcloud -q config set a b", "", "config set"),
    ],
)
def test_command_words_are_found(script: str, track: str, path: str) -> None:
    (command,) = lines(script)
    assert (command.track, command.path) == (track, path)


@pytest.mark.parametrize(
    "script",
    [
        "gcloud run", "gcloud $X deploy --y", "gcloud run $X --y", "gcloud nothing there --y",
        "gcloud --help",
        "gcloud run {verb} --y", "gcloud run <verb>", "gcloud --zone z run deploy", "gsutil cp a b",
        "kubectl --x",
        "gcloud alpha compute resource-policies create group-placement --y", "gcloud --flag=$X",
        "gcloud", "$X run deploy",
    ],
)  # fmt: skip
def test_command_lines_that_are_not_judged(script: str) -> None:
    assert list(lines(script)) == []


@pytest.mark.parametrize(
    "script",
    [
        "gcloud run deploy s --image i --timeout 5 --no-traffic --quiet --project p -q --help",
        "gcloud run deploy s --args --timeouts --set-env-vars=--x=y",
        "gcloud compute ssh vm --zone z -- --timeouts -x",
        "gcloud compute ssh \"$@\" --timeouts",
        "gcloud run deploy s $FLAGS --ima$X --\"$Y\"=z \"--with blank\"",
        "gcloud run deploy s --no-allow-unauthenticated --flags-file=f.yaml --region $REGION",
        "gcloud run deploy s --flatten=x --verbosity=debug --no-user-output-enabled"
        " --impersonate-service-account a",
    ],
)  # fmt: skip
def test_flags_that_are_taken(script: str) -> None:
    assert unknown(script) == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("gcloud run deploy s --timeouts=5", ["--timeouts"]),
        ("gcloud run deploy s $X --timeouts $Y --no-image", ["--timeouts", "--no-image"]),
        ("gcloud run deploy s --proj p", ["--proj"]),
        ("gcloud beta run jobs update j --timeout 5 --task-timeout 5", ["--timeout"]),
        ("F='--timeout 5'\ngcloud run jobs execute j $F", ["--timeout"]),
        ("A=(--image i)\n[ $x ] && A+=(--timeouts 5)\ngcloud run deploy s \"${A[@]}\"", ["--timeouts"]),
        ("gcloud alpha compute disks update d --clear-user-licenses", ["--clear-user-licenses"]),
    ],
)  # fmt: skip
def test_flags_that_are_not_taken(script: str, expected: list[str]) -> None:
    assert unknown(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("gcloud builds worker-pools create p --no-external-ip", ["--no-external-ip"]),
        (
            "gcloud container clusters create c --enable-stackdriver-kubernetes",
            ["--enable-stackdriver-kubernetes"],
        ),
        # Deprecated by a note of 2017, and taken without a word ever since.
        ("gcloud compute disks list --zones a", []),
        # Deprecated for some values only.
        ("gcloud container clusters create c --no-enable-cloud-logging", []),
        # Refused, not deprecated: the other rule's.
        ("gcloud alpha compute disks update d --clear-user-licenses", []),
    ],
)
def test_deprecated_flags(script: str, expected: list[str]) -> None:
    assert deprecated(script) == expected
