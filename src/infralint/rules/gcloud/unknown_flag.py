"""gcloud-unknown-flag: a flag that the command never had, or lost."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, Place, TextEdit, TitledFix
from infralint.project.gcloud import FlagUse, GcloudCommand
from infralint.project.gcloud_flags import UnknownFlag, fits, unknown_flags
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Every flag of a known command that the present SDK refuses."""
    for command in project.gcloud.commands:
        for use, unknown in unknown_flags(command):
            yield Diagnostic(
                command.use.path,
                use.span,
                _message(command, use, unknown),
                related=runs_here(command, use),
                help=_help(command, unknown),
                fixes=_fixes(command, use, unknown),
            )


def runs_here(command: GcloudCommand, use: FlagUse) -> tuple[Place, ...]:
    """Where the command stands, for a flag that a variable brings from elsewhere."""
    span = command.use.command.span
    if span.start <= use.span.start < span.end:
        return ()
    return (Place(command.use.path, span, f"`{command.name}` is run with it here"),)


def _message(command: GcloudCommand, use: FlagUse, unknown: UnknownFlag) -> str:
    if unknown.refused:
        since = f" since SDK {unknown.gone}" if unknown.gone else f" (SDK {unknown.sdk})"
        return f"`{command.name}` refuses the removed flag `{use.name}`{since}"
    if unknown.gone:
        return f"`{command.name}` takes no flag `{use.name}` since SDK {unknown.gone}"
    if unknown.last:
        seen = f"SDK {unknown.sdk}, last seen in {unknown.last}"
        return f"`{command.name}` no longer takes a flag `{use.name}` ({seen})"
    if unknown.later:
        return f"`{command.name}` takes no flag `{use.name}` in SDK {unknown.sdk}, which the settings name"
    return f"`{command.name}` takes no flag `{use.name}` (SDK {unknown.sdk})"


def _help(command: GcloudCommand, unknown: UnknownFlag) -> str | None:
    names = " or ".join(f"`{name}`" for name in unknown.use)
    if names:
        return f"use {names}" if unknown.certain or unknown.refused else f"perhaps {names} took its place"
    if unknown.later:
        return f"SDK {unknown.later} takes it"
    if unknown.tracks:
        others = " and ".join(f"`{command.in_track(track)}`" for track in unknown.tracks)
        return f"{others} {'takes' if len(unknown.tracks) == 1 else 'take'} it"
    return f"did you mean `{unknown.like}`?" if unknown.like else None


def _fixes(command: GcloudCommand, use: FlagUse, unknown: UnknownFlag) -> tuple[TitledFix, ...]:
    name = unknown.replacement
    if not name or not fits(command, use, name):
        return ()
    grade = Applicability.SAFE if unknown.certain else Applicability.UNSAFE
    return (TitledFix(f"Replace `{use.name}` by `{name}`", (TextEdit(command.use.path, use.span, name),), grade),)
