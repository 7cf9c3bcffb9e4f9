"""Files for reports, named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infralint.cli.outputs import FORMATS

if TYPE_CHECKING:
    _OutputType = click.ParamType[tuple[str, Path]]
else:
    # Older versions of click have no parameters for the type.
    _OutputType = click.ParamType


class Output(_OutputType):
    """A file for the report, with the format before it: `sarif=infralint.sarif`; without one, that of `--format`."""

    name = "output"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Fails where no file is named. A name before `=` that is no format belongs to the file's."""
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if equals and name in FORMATS:
            value = file
        else:
            name = ""
        if not value:
            self.fail("names no file", param, ctx)
        return name, Path(value)
