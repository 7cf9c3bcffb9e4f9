"""`infralint completion SHELL`: the script that makes a shell complete commands, options and rules."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from infralint.cli.console import emit

PROGRAM = "infralint"
COMPLETE_VARIABLE = "_INFRALINT_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash: add to ~/.bashrc                    eval "$(infralint completion bash)"
    zsh:  add to ~/.zshrc, after compinit     eval "$(infralint completion zsh)"
    fish: infralint completion fish > ~/.config/fish/completions/infralint.fish
    """
    complete_class = get_completion_class(shell)
    if complete_class is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    complete = complete_class(ctx.find_root().command, {}, PROGRAM, COMPLETE_VARIABLE)
    # Not source(): click's own starts bash first, to look at its version.
    emit(complete.source_template % complete.source_vars() + "\n")
