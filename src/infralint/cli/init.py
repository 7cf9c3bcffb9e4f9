"""`infralint init`: the settings, the pre-commit hook and the workflow, for the project at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click

from infralint.cli.baselines import DEFAULT_FILE
from infralint.cli.console import emit

_SETTINGS = """\
# What infralint is told about this project; `infralint config schema` has all settings.

# Patterns of files that are nobody's own source, beside what git ignores.
# exclude = ["vendor/"]

# Rules that are off by default and that this project wants.
# extend-select = ["image-not-pinned"]
"""
_HOOK = """\
      - id: infralint
        name: infralint
        entry: infralint check --staged{baseline}
        language: system
        pass_filenames: false
        # A commit that only takes files away may break the others, too.
        always_run: true
"""
_HOOKS = f"""\
repos:
  - repo: local
    hooks:
{_HOOK}"""
_WORKFLOW = """\
name: infralint
on:
  pull_request:
  push:
    branches: [{branch}]
permissions:
  contents: read
jobs:
  infralint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          # The commit where a pull request begins is compared with.
          fetch-depth: 0
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - run: pip install "{requirement}"
      - run: >-
          infralint check --format github{baseline}
          ${{{{ github.base_ref && format('--diff-base=origin/{{0}}', github.base_ref) }}}}
"""
_USUAL_BRANCHES = ("main", "master", "trunk", "develop")


@dataclass(frozen=True, slots=True)
class _Planned:
    """A file that would help, its text, and why it is not written ("" = it is)."""

    path: str
    text: str
    kept: str = ""


@click.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def init(folder: Path, dry_run: bool) -> None:
    """Write settings, a pre-commit hook and a GitHub workflow for the project in FOLDER (or the current one).

    They leave out what `infralint baseline` has put aside in infralint-baseline.json, if that is there.
    A file that is there already is never changed: what it lacks is printed. Exit code: 0 done, 2 infralint could not
    do its job.
    """
    for planned in _plan(folder):
        if planned.kept:
            emit(f"{planned.path}: {planned.kept}\n")
            if planned.text:
                emit("".join(f"    {line}\n" for line in planned.text.splitlines()))
            continue
        if not dry_run:
            _write(folder / planned.path, planned.text)
        emit(f"{planned.path}: {'would be written' if dry_run else 'written'}\n")


def _plan(folder: Path) -> Iterator[_Planned]:
    yield _settings(folder)
    if (folder / ".git").exists() or (folder / ".pre-commit-config.yaml").exists():
        yield _hooks(folder)
    if (folder / ".git").exists() or (folder / ".github").is_dir():
        yield _workflow(folder)


def _settings(folder: Path) -> _Planned:
    from infralint.settings_load import OWN_FILE, has_settings

    if has_settings(folder):
        known = OWN_FILE if (folder / OWN_FILE).exists() else "pyproject.toml"
        return _Planned(known, "", "has settings already")
    return _Planned(OWN_FILE, _SETTINGS)


def _hooks(folder: Path) -> _Planned:
    path = ".pre-commit-config.yaml"
    text = _read(folder / path)
    hooks = _HOOKS.format(baseline=_baseline(folder))
    if text is None:
        return _Planned(path, hooks)
    if "infralint" in text:
        return _Planned(path, "", "has the hook already")
    return _Planned(path, "\n".join(hooks.splitlines()[1:]), "is there already; add below `repos:`")


def _workflow(folder: Path) -> _Planned:
    folder_of_workflows = folder / ".github" / "workflows"
    for file in sorted(folder_of_workflows.glob("*.y*ml")) if folder_of_workflows.is_dir() else ():
        if "infralint" in (_read(file) or ""):
            return _Planned(f".github/workflows/{file.name}", "", "runs infralint already")
    text = _WORKFLOW.format(branch=_branch(folder), requirement=requirement(), baseline=_baseline(folder))
    return _Planned(".github/workflows/infralint.yml", text)


def _baseline(folder: Path) -> str:
    """The option for findings that are put aside, where some are."""
    return f" --baseline {DEFAULT_FILE}" if (folder / DEFAULT_FILE).is_file() else ""


def requirement() -> str:
    """What `pip install` is given to have this very infralint: its version, or the commit that it was installed from
    (PEP 610, `direct_url.json`)."""
    installed = metadata.distribution("infralint")
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    vcs = origin.get("vcs_info")
    if vcs:
        return f"infralint @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}"
    return f"infralint=={installed.version}"


def _branch(folder: Path) -> str:
    """The branch that pull requests are made for: the remote's own, else the present one if it is called like that."""
    remote = (_read(folder / ".git" / "refs" / "remotes" / "origin" / "HEAD") or "").strip()
    if remote.startswith("ref: refs/remotes/origin/"):
        return remote.removeprefix("ref: refs/remotes/origin/")
    present = (_read(folder / ".git" / "HEAD") or "").strip().removeprefix("ref: refs/heads/")
    return present if present in _USUAL_BRANCHES else _USUAL_BRANCHES[0]


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from error
