"""Names of things in a document that somebody asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import click


def refuse_unknown(kind: str, named: Iterable[str], known: Collection[str]) -> None:
    """Raise click.UsageError for the first name that a document does not have, with the one that may be meant."""
    from infralint.settings_nearest import suggestion

    for name in named:
        if name not in known:
            raise click.UsageError(f"no {kind} `{name}`{suggestion(name, known)}")
