"""`infralint check --watch`: lint again whenever something changes that matters, until it is interrupted."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from infralint.cli.baselines import only_new
from infralint.cli.console import complain, is_terminal, route_log
from infralint.cli.outputs import render
from infralint.cli.progress import ProgressBar
from infralint.cli.running import Options, Result, gathered, settings_of
from infralint.cli.scope import Target, common_base, prefix_below, targets
from infralint.cli.watch_changes import Changes, Event
from infralint.findings import Finding
from infralint.fingerprints import identity, without
from infralint.live import LiveProject
from infralint.report import Report
from infralint.reports.concise import concise_lines
from infralint.reports.harmless import harmless
from infralint.settings import Settings
from infralint.settings_load import SettingsError

FORMATS = ("text", "concise")
_WAITING = "Watching for changes; Ctrl-C ends."
# Milliseconds. An editor writes a file in several steps, and a checkout of git many files: what follows a change within
# the first is taken together with it, for as long as the second.
_QUIET = 100
_PATIENCE = 1600
# Changed files, new findings and gone ones that are named; the rest is counted.
_NAMED_FILES = 3
_NAMED_FINDINGS = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """How each run is reported: its format, with `statistics` in the place of findings, without those of `baseline`."""

    output_format: str
    statistics: bool
    baseline: Path | None


def refuse(given: Mapping[str, bool], output_format: str) -> None:
    """Raises click.UsageError for what does not go with --watch. `given`: the options, and whether they are there."""
    if output_format not in FORMATS:
        raise click.UsageError(f"--watch prints for people: the formats are {' and '.join(FORMATS)}")
    for name in (name for name, is_given in given.items() if is_given):
        raise click.UsageError(
            f"--watch looks at the files on disk and leaves them as they are: it does not go with {name}"
        )


def watch(paths: tuple[Path, ...], options: Options, shown: Shown) -> int:
    """Lint the projects of `paths`, and again at each change, until it is interrupted (KeyboardInterrupt).

    The exit code is 2 when a project's folder is gone, 0 when nobody reads the output any more. Raises
    click.ClickException where the system does not let folders be watched.
    """
    route_log()
    found = targets(paths)
    session = _Session(found, options, shown)
    is_first = True
    for events in _events([target.root for target in found]):
        gone = session.removed_root()
        if gone is not None:
            complain(f"{gone} is not there any more: --watch ends")
            return 2
        # A root that goes now is told at the next turn.
        with suppress(NotADirectoryError):
            changed = session.changed(events)
            if (is_first or changed) and not session.run("first run" if is_first else f"{_listed(changed)} changed"):
                break
            is_first = False
    return 0


def _events(roots: list[Path]) -> Iterator[set[Event]]:
    """What happens below folders; an empty set as soon as they are watched, and now and then while nothing happens."""
    import watchfiles

    try:
        yield from watchfiles.watch(
            *roots,
            watch_filter=None,
            step=_QUIET,
            debounce=_PATIENCE,
            rust_timeout=_QUIET,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
    except (OSError, RuntimeError) as error:
        hint = "set WATCHFILES_FORCE_POLLING=1 to look at files instead of being told"
        raise click.ClickException(f"--watch: the system does not tell of changes: {error} ({hint})") from error


@dataclass
class _Watched:
    """One project: what is kept of it between runs, and what may have changed since the last (None: anything)."""

    target: Target
    changes: Changes
    mark: tuple[int, ...] | None
    project: LiveProject | None = None
    pending: frozenset[str] | None = None

    def notice(self, events: Iterable[Event]) -> frozenset[str]:
        """Take what matters of what happened, and return it."""
        changed = self.changes.relevant(events)
        if self.project is None:
            # The settings may wait for a folder that they name.
            changed |= self.changes.came(events)
        elif any(self.changes.decides(path) for path in changed):
            self.project = None
        self.pending = None if self.pending is None else self.pending | changed
        return frozenset(path for path in changed if not _is_output(self.target.root / path))

    def lint(self, options: Options) -> Report:
        """Raises SettingsError, and lints again what is pending at the next call."""
        try:
            settings = settings_of(self.target, options)
        except SettingsError:
            self.project = None
            self.changes.look()
            raise
        project = self._loaded(settings, options)
        with ProgressBar(sys.stderr) as progress:
            report = project.lint(changed=self.pending, progress=progress)
        self.pending = frozenset()
        return report

    def tidy(self) -> None:
        """Let go of what earlier runs have left behind."""
        if self.project is not None:
            self.project.tidy()

    def _loaded(self, settings: Settings, options: Options) -> LiveProject:
        """The project under its present settings."""
        if self.project is not None and self.project.settings == settings:
            return self.project
        self.changes.look(settings)
        self.project = LiveProject(self.target.root, settings, jobs=options.jobs, cache=options.cache, own_process=True)
        self.pending = None
        return self.project


class _Session:
    """All projects of a run, and what was found last."""

    def __init__(self, found: list[Target], options: Options, shown: Shown) -> None:
        self._watched = {target: _Watched(target, Changes(target.root), _mark(target.root)) for target in found}
        self._options = options
        self._shown = shown
        self._base = common_base(found)
        # These may lie anywhere, so they are looked at instead of watched.
        self._files = {file: _mark(file) for file in (options.config, shown.baseline) if file is not None}
        self._findings: tuple[Finding, ...] | None = None

    def removed_root(self) -> Path | None:
        """A project's folder that is there no more; another one under its name is not watched either."""
        return next((one.target.root for one in self._watched.values() if _mark(one.target.root) != one.mark), None)

    def changed(self, events: set[Event]) -> list[str]:
        """What changed that matters, in the projects and of the files of the command line, as it is shown."""
        changed = set()
        for one in self._watched.values() if events else ():
            prefix = prefix_below(one.target.root, self._base)
            changed |= {prefix + path for path in one.notice(events)}
        for file, mark in self._files.items():
            self._files[file] = _mark(file)
            if self._files[file] != mark:
                changed.add(str(file))
        return sorted(changed)

    def run(self, occasion: str) -> bool:
        """Lint, and print what is found and what is new in it. False: nobody reads it any more."""
        if is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb":
            click.clear()
        if not _printed(f"[{time.strftime('%H:%M:%S')}] {occasion}\n"):
            return False
        try:
            result = gathered(list(self._watched), self._options, self._lint)
            if self._shown.baseline is not None:
                result = only_new(result, self._shown.baseline)
        except (SettingsError, click.ClickException) as error:
            complain(error.format_message() if isinstance(error, click.ClickException) else str(error))
            return _printed(f"Nothing was linted. {_WAITING}\n")
        is_read = _printed(self._report(result))
        for watched in self._watched.values():
            watched.tidy()
        return is_read

    def _lint(self, target: Target) -> Report:
        return self._watched[target].lint(self._options)

    def _report(self, result: Result) -> str:
        before, self._findings = self._findings, result.findings
        text = render(result, self._shown.output_format, statistics=self._shown.statistics)
        return text + ("" if before is None else _difference(before, result.findings)) + f"{_WAITING}\n"


def _difference(before: Iterable[Finding], now: Iterable[Finding]) -> str:
    """What is new and what is gone; lines that moved are neither."""
    before, now = tuple(before), tuple(now)
    new = without(now, map(identity, before))
    gone = without(before, map(identity, now))
    lines = [f"{len(new)} new, {len(gone)} gone."]
    for label, findings in (("new", new), ("gone", gone)):
        lines += [f"  {label}: {next(concise_lines(finding))}" for finding in findings[:_NAMED_FINDINGS]]
        if len(findings) > _NAMED_FINDINGS:
            lines.append(f"  {label}: {len(findings) - _NAMED_FINDINGS} more")
    return "".join(f"{line}\n" for line in lines)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED_FILES
    return harmless(", ".join(names[:_NAMED_FILES])) + (f" and {more} more" if more > 0 else "")


def _mark(path: Path) -> tuple[int, ...] | None:
    """What tells a folder from another one, and a file from itself after a change; None where nothing is."""
    try:
        status = path.stat()
    except OSError:
        return None
    folder = (status.st_dev, status.st_ino)
    return folder if path.is_dir() else (*folder, status.st_mtime_ns, status.st_size)


def _is_output(file: Path) -> bool:
    """Whether a file takes what is printed here: what is said of it must not change it once more."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if os.path.samestat(os.fstat(stream.fileno()), file.stat()):
                return True
    return False


def _printed(text: str) -> bool:
    """Write to stdout at once. False: who read it has gone away."""
    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
