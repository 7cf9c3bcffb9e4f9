"""gcloud-unknown-command: command words that gcloud does not have, or has no more."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.commands import Word
from infralint.findings import Applicability, Diagnostic, Place, Rename, TitledFix
from infralint.project.gcloud import typed
from infralint.project.gcloud_commands import MissingCommand, missing_commands
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Every command line whose command words lead to no command."""
    for missing in missing_commands(project.gcloud):
        yield Diagnostic(
            missing.line.path,
            missing.words[0].text.locate(0, len(missing.words[0].value)),
            _message(missing),
            related=_runs_here(missing),
            help=_help(missing),
            fixes=_fixes(missing),
        )


def _runs_here(missing: MissingCommand) -> tuple[Place, ...]:
    """Where the command stands, for a word that a variable brings from elsewhere."""
    span = missing.line.command.span
    if span.start <= missing.words[0].span.start < span.end:
        return ()
    return (Place(missing.line.path, span, "it is run here"),)


def _message(missing: MissingCommand) -> str:
    removed = missing.removed
    if removed is not None and removed.refused:
        since = f" since SDK {removed.gone}" if removed.gone else f" (SDK {missing.sdk})"
        return f"`{missing.name}` refuses to run{since}"
    if removed is not None and removed.gone:
        return f"there is no `{missing.name}` since SDK {removed.gone}"
    if removed is not None:
        return f"there is no `{missing.name}` any more (SDK {missing.sdk}, last seen in {removed.last})"
    if missing.later:
        return f"there is no `{missing.name}` in SDK {missing.sdk}, which the settings name"
    return f"`{typed(missing.track, missing.group)}` has no command `{missing.words[0].value}` (SDK {missing.sdk})"


def _help(missing: MissingCommand) -> str | None:
    if missing.use:
        use = f"`{typed('', missing.use)}`"
        if missing.certain:
            return f"use {use}"
        return f"perhaps {use} took its place" if missing.removed is not None else f"did you mean {use}?"
    if missing.later:
        return f"SDK {missing.later} has it"
    if missing.tracks:
        return f"there is `{typed(missing.tracks[0], missing.path)}`"
    return f"did you mean `{missing.like}`?" if missing.like else None


def _fixes(missing: MissingCommand) -> tuple[TitledFix, ...]:
    """The command that took its place, or a word of nearly the same spelling."""
    if missing.renamed:
        edits = tuple(_edit(missing, word, new) for word, new in missing.renamed)
        grade = Applicability.SAFE if missing.certain and missing.keeps_flags else Applicability.UNSAFE
        return (TitledFix(f"Run `{typed('', missing.use)}`", edits, grade),)
    if not missing.like:
        return ()
    word = missing.words[0]
    title = f"Replace `{word.value}` by `{missing.like}`"
    return (TitledFix(title, (_edit(missing, word, missing.like),), Applicability.UNSAFE),)


def _edit(missing: MissingCommand, word: Word, new: str) -> Rename:
    return Rename(missing.line.path, word.text.locate(0, len(word.value)), word.value, new)
