"""`infralint server`: the language server that editors start."""

from __future__ import annotations

import os
import signal
import sys

import click


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over stdin and stdout, which is the only way; some editors say it.")
def server(stdio: bool) -> None:
    """Serve an editor: the Language Server Protocol over stdin and stdout."""
    from infralint.lsp.server import leave, serve

    # The pipes belong to the protocol alone: what anything else prints, here or in a worker process, goes to stderr.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    sys.stdin.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    if nothing != 0:
        os.dup2(nothing, 0)
        os.close(nothing)
    os.dup2(2, 1)
    # A thread waits for what comes on stdin, and nothing but its end would wake it; there is nothing to be saved.
    signal.signal(signal.SIGINT, lambda number, frame: leave(130))
    leave(serve(incoming, outgoing))
