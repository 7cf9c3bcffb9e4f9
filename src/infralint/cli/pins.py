"""Digests of images named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _StringType = click.ParamType[str]
else:
    # Older versions of click have no parameters for the type.
    _StringType = click.ParamType


class PinType(_StringType):
    """An image with its digest, in the form that the setting `pins` takes."""

    name = "pin"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Fails for everything else."""
        from infralint.settings_schema import PIN, Words

        wrong = next(Words(PIN).check(value, (), frozenset()), None)
        return self.fail(wrong.message, param, ctx) if wrong else str(value)
