"""`python -m infralint`, and the `infralint` command."""

from __future__ import annotations

import sys

from infralint.answers import answered


def main() -> None:
    """Run the command and exit. What was asked before is answered before anything is imported for it."""
    known = answered(sys.argv[1:])
    if isinstance(known, int):
        sys.exit(known)
    from infralint.cli import main as command

    command(obj=known)


if __name__ == "__main__":
    main()
