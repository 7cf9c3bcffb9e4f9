"""The table of gcloud's commands, and how a command line is read by it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.data.gcloud import gcloud_table
from infralint.facts.commands import Command, Word
from infralint.facts.text import plain
from infralint.project.commands import CommandUse
from infralint.project.gcloud import GcloudCommand, GcloudModel, find_flag
from infralint.project.gcloud_commands import missing_commands
from infralint.project.gcloud_flags import deprecated_flags, unknown_flags
from infralint.readers.shell import commands_in
from infralint.source import Span


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
        start = time.process_time()
        gcloud_table()
        best = min(best, time.process_time() - start)
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


@pytest.mark.parametrize(
    ("release", "flag", "track", "taken"),
    [
        # `--source` came to `run deploy` with 354.0.0, 320.0.0 and 307.0.0; `--gpu` between 425.0.0 and 528.0.0.
        ("353.0.0", "--source", "", False), ("354.0.0", "--source", "", True), ("319.0.0", "--source", "beta", False),
        ("320.0.0", "--source", "beta", True), ("306.0.0", "--source", "alpha", False),
        ("425.0.0", "--gpu", "", False), ("480.0.0", "--gpu", "", True), ("528.0.0", "--gpu", "", True),
        ("400.0.0", "--no-allow-unauthenticated", "", True), ("300.0.0", "--project", "", True),
    ],
)  # fmt: skip
def test_flags_of_an_older_release(release: str, flag: str, track: str, taken: bool) -> None:
    table = gcloud_table().pinned_to(release)
    assert table.sdk == release
    assert (find_flag(table.flags("run deploy", track), flag) is not None) == taken


@pytest.mark.parametrize(
    ("release", "path", "track", "known"),
    [
        # Cloud Run jobs were in GA from 424.0.0, in beta from 385.0.0.
        ("423.0.0", "run jobs create", "", False), ("424.0.0", "run jobs create", "", True),
        ("384.0.1", "run jobs create", "beta", False), ("385.0.0", "run jobs create", "beta", True),
        ("300.0.0", "run jobs create", "alpha", False), ("300.0.0", "run deploy", "", True),
    ],
)  # fmt: skip
def test_commands_of_an_older_release(release: str, path: str, track: str, known: bool) -> None:
    assert gcloud_table().pinned_to(release).has_command(path, track) == known


def found(script: str, release: str) -> list[str]:
    """Flags and commands of a script that a release does not have."""
    uses = [CommandUse("a.sh", command) for command in commands_in(plain(script, 0))]
    model = GcloudModel(uses, lambda: gcloud_table().pinned_to(release))
    names = [use.name for command in model.commands for use, _ in unknown_flags(command)]
    return names + [missing.name for missing in missing_commands(model)]


@pytest.mark.parametrize(
    ("script", "release", "expected"),
    [
        # What is gone today was there: 361.0.0 dropped the flag, 534.0.0 the command.
        ("gcloud alpha ai custom-jobs local-run --base-image=x", "360.0.0", []),
        ("gcloud alpha ai custom-jobs local-run --base-image=x", "361.0.0", ["--base-image"]),
        ("gcloud ml-engine jobs list --anything", "533.0.0", []),
        ("gcloud ml-engine jobs list", "534.0.0", ["gcloud ml-engine jobs list"]),
        # A flag that all commands had, some time after 465.0.0 not any more.
        ("gcloud run deploy x --trace-email=a", "465.0.0", []),
        ("gcloud run deploy x --trace-email=a", "578.0.0", ["--trace-email"]),
        # Refused since 555.0.0.
        ("gcloud alpha compute disks update d --clear-user-licenses", "500.0.0", []),
        ("gcloud alpha compute disks update d --clear-user-licenses", "555.0.0", ["--clear-user-licenses"]),
        # Of a release after the table's own nothing is known but what is gone.
        ("gcloud run deploy x --invented\ngcloud invented", "900.0.0", []),
        ("gcloud alpha ai custom-jobs local-run --base-image=x", "900.0.0", ["--base-image"]),
        ("gcloud ml-engine jobs list", "900.0.0", ["gcloud ml-engine jobs list"]),
        ("gcloud run jobs deploy j --timeout=5", "500.0.0", ["--timeout"]),
    ],
)
def test_what_an_older_or_a_newer_release_has(script: str, release: str, expected: list[str]) -> None:
    assert found(script, release) == expected


@pytest.mark.parametrize(("release", "expected"), [("355.0.0", False), ("356.0.0", True), ("578.0.0", True)])
def test_deprecations_of_an_older_release(release: str, expected: bool) -> None:
    table = gcloud_table().pinned_to(release)
    flag = table.deprecated_flag("container clusters create", "--enable-stackdriver-kubernetes", "")
    assert (flag is not None) == expected


def test_a_folder_that_the_sources_leave_out() -> None:
    table = gcloud_table()
    for path in ("resource-manager tags keys create", "resource-manager tags values list", "artifacts tags list"):
        assert table.has_command(path, "")
        assert table.is_open(path, "")
    assert found("gcloud resource-manager tags keys create k --x\ngcloud compute tags list", "578.0.0") == []


def test_values_and_positionals_of_a_command() -> None:
    script = 'gcloud --project "$P" run deploy api extra --image=i --set-env-vars "A=b c" --region $R --no-traffic -q -- --foo'
    (command,) = lines(script)
    assert [word.value for word in command.words] == ["run", "deploy"]
    assert [word.value for word in command.positionals] == ["api", "extra"]
    values = {flag.name: flag.value.value if flag.value else None for flag in command.flags}
    hole = "\ue000"
    assert values == {
        "--project": hole, "--image": "i", "--set-env-vars": "A=b c", "--region": hole, "--no-traffic": None,
    }  # fmt: skip
    assert command.complete
    (command,) = lines("gcloud run deploy api --image i $FLAGS --image=j")
    assert command.value("--image", "--other") is not None
    assert command.value("--image").value == "j"  # type: ignore[union-attr]
    assert command.value("--region") is None
    assert not command.complete


def test_underscores_are_dashes_in_command_words() -> None:
    (command,) = lines("gcloud compute resource_policies list --x")
    assert command.path == "compute resource-policies list"


WORDS = ["gcloud", "run", "jobs", "deploy", "beta", "tags", "--", "-q", "--project", "--image=x", "--no-traffic", "--x", "-",
         "---", "--=", "", "\ue000", "ml-engine", "list", "$A", "{x}", "resource_policies", "compute", "--flags-file"]  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WORDS) | st.text(max_size=5), st.booleans(), st.booleans()), max_size=12),
    st.sampled_from(["", "208.0.0", "425.0.0", "578.0.0", "900.0.0"]),
)
def test_no_words_raise(drawn: list[tuple[str, bool, bool]], release: str) -> None:
    words = [Word(plain(value, 10 * at), splits, optional) for at, (value, splits, optional) in enumerate(drawn)]
    command = Command((Word(plain("gcloud", 0)), *words), Span(0, 200))
    table = gcloud_table().pinned_to(release) if release else gcloud_table()
    model = GcloudModel([CommandUse("a.sh", command)], lambda: table)
    for found in model.commands:
        assert all(use.name.startswith("--") for use, _ in unknown_flags(found))
        assert list(deprecated_flags(found)) is not None
    for missing in missing_commands(model):
        assert missing.words[0].value
