"""gcloud-deprecated-flag: a flag that still works and is announced to go."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.data.gcloud import DeprecatedFlag
from infralint.findings import Applicability, Diagnostic, TextEdit, TitledFix
from infralint.project.gcloud import FlagUse, GcloudCommand
from infralint.project.gcloud_flags import deprecated_flags, fits
from infralint.project.project import Project
from infralint.rules.gcloud.unknown_flag import runs_here


def check(project: Project) -> Iterator[Diagnostic]:
    """Every flag that gcloud warns of, or that its help calls deprecated."""
    for command in project.gcloud.commands:
        for use, found in deprecated_flags(command):
            yield Diagnostic(
                command.use.path,
                use.span,
                _message(command, use, found),
                related=runs_here(command, use),
                help=_help(found),
                fixes=_fixes(command, use, found),
            )


def _message(command: GcloudCommand, use: FlagUse, found: DeprecatedFlag) -> str:
    since = f" since SDK {found.since}" if found.since else ""
    return f"flag `{use.name}` of `{command.name}` is deprecated{since}"


def _help(found: DeprecatedFlag) -> str | None:
    names = " or ".join(f"`{name}`" for name in found.use)
    return f"use {names}" if names else None


def _fixes(command: GcloudCommand, use: FlagUse, found: DeprecatedFlag) -> tuple[TitledFix, ...]:
    """A rename, where the new name is the old one in other words; its value is a reader's to judge."""
    name = found.use[0] if len(found.use) == 1 else ""
    if not name or not fits(command, use, name) or not _is_renaming(use.name, name):
        return ()
    edit = TextEdit(command.use.path, use.span, name)
    return (TitledFix(f"Replace `{use.name}` by `{name}`", (edit,), Applicability.UNSAFE),)


def _is_renaming(old: str, new: str) -> bool:
    """Whether two flags have as many words, and one of them in common: `--man-block` and `--man-blocks`."""
    before, after = (set(_stems(name)) for name in (old, new))
    return len(before) == len(after) and old.startswith("--no-") == new.startswith("--no-") and bool(before & after)


def _stems(name: str) -> list[str]:
    return [word.removesuffix("s") for word in name.removeprefix("--").split("-")]
