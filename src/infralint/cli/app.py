"""The `infralint` command: its subcommands, and what becomes of everything that goes wrong in them.

Exit codes: 0 nothing found, 1 findings, 2 infralint could not do its job, 130 interrupted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import click

from infralint import __version__
from infralint.cli.completion import COMPLETE_VARIABLE, PROGRAM
from infralint.cli.console import complain, debugging, prepare_streams

# The commands, each in the module of its name. A run imports that of its own alone.
COMMANDS = (
    "baseline", "cache", "check", "completion", "config", "explain", "gcloud", "init", "rules", "schema", "server",
    "services",
)  # fmt: skip
# Where a module has another name than its command.
_MODULES = {"baseline": "baselines"}

FAILED = 2
INTERRUPTED = 130


class App(click.Group):
    """A group that ends with an exit code of the table above, whatever happens."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"infralint.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def main(  # type: ignore[override]  # click's overloads differ in the result of the two modes
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> int:
        """Run and exit; returns the code instead where `standalone_mode` is off."""
        prepare_streams()
        run = partial(super().main, args, PROGRAM, COMPLETE_VARIABLE, standalone_mode=False, **extra)
        code = _guarded(run)
        if standalone_mode:
            sys.exit(code)
        return code


def _guarded(run: Callable[[], Any]) -> int:
    """The exit code of a run; what it raises is said in one message on stderr."""
    from infralint.settings_load import SettingsError

    try:
        return run() or 0
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
    except SettingsError as error:
        complain(str(error))
    except Exception as error:
        _complain_of_bug(error)
    return FAILED


def _complain_of_bug(error: Exception) -> None:
    if debugging():
        complain("".join(traceback.format_exception(error)).rstrip())
    reason = " ".join(str(error).split())
    complain(
        f"infralint: internal error: {type(error).__name__}{': ' if reason else ''}{reason} "
        "(INFRALINT_DEBUG=1 shows where; please report it)"
    )


@click.group(cls=App, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="infralint", message="%(prog)s %(version)s")
def main() -> None:
    """Reads a Python service and everything that deploys it together, and reports contradictions."""
