"""`python -m infralint`, and the `infralint` command."""

from __future__ import annotations

import sys

from infralint.answers import answered

# As in `cli.app`, which is imported later than somebody may press Ctrl-C.
_INTERRUPTED = 130


def main() -> None:
    """Run the command and exit. What was asked before is answered before anything is imported for it."""
    known = answered(sys.argv[1:])
    if isinstance(known, int):
        sys.exit(known)
    from infralint import collector

    # To look for cycles among what is imported takes longer than they do, and so does it to look for them at the end.
    collector.collect_seldom()
    try:
        if known is not None and known.earlier is not None:
            from infralint.cli.again import answered_again

            code = answered_again(known)
            if code is not None:
                sys.exit(code)
        from infralint.cli import main as command

        command(obj=known)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    finally:
        collector.freeze()


if __name__ == "__main__":
    main()
