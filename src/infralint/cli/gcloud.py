"""`infralint gcloud`: the table of gcloud's commands, made anew from an SDK that is installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from infralint.cli.console import emit

_COMPLETIONS = Path("data/cli/gcloud_completions.py")
_VERSION = "VERSION"


@click.group()
def gcloud() -> None:
    """The table of gcloud's commands and flags."""


@gcloud.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--sdk",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The folder of the SDK; without it, that of the `gcloud` on the PATH.",
)
def refresh(folder: Path, sdk: Path | None) -> None:
    """Write the table of an installed Google Cloud SDK into FOLDER, which the setting `gcloud-table` then names.

    Nothing of the SDK is run: its completion file is read (since 208.0.0). What this file does not tell, hidden
    commands and flags and the places of words, is taken from infralint's own table. Exit code: 0 written, 2 there is
    no such SDK, or the folder cannot be written.
    """
    from infralint.data.gcloud import COMMANDS, HISTORY, shipped_files
    from infralint.data.gcloud.refresh import completion_tree, packed, refreshed

    root = sdk or _installed()
    release, text = _read(root)
    try:
        commands, history = refreshed(release, completion_tree(text), *shipped_files())
    except ValueError as error:
        raise click.FileError(str(root / _COMPLETIONS), str(error)) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / COMMANDS).write_bytes(packed(commands))
        (folder / HISTORY).write_bytes(packed(history))
    except OSError as error:
        raise click.FileError(str(error.filename or folder), error.strerror or str(error)) from error
    emit(f"SDK {release}: {len(commands.commands)} commands written to {folder}\n")


def _installed() -> Path:
    """The folder of the SDK whose `gcloud` is on the PATH: two above the program, behind all links."""
    given = os.environ.get("CLOUDSDK_ROOT_DIR")
    if given:
        return Path(given)
    program = shutil.which("gcloud")
    if program is None:
        raise click.UsageError("there is no `gcloud` on the PATH; name the folder of the SDK by --sdk")
    return Path(program).resolve().parent.parent


def _read(root: Path) -> tuple[str, str]:
    """The release of an SDK, and the text of its completion file."""
    from infralint.data.gcloud.versions import version

    file = root / _VERSION
    try:
        release = file.read_text(encoding="utf-8").strip()
        version(release)
        file = root / _COMPLETIONS
        return release, file.read_text(encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(file), error.strerror or str(error)) from error
    except ValueError as error:
        raise click.FileError(str(file), f"it does not look like one of an SDK: {error}") from error
