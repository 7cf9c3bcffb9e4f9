"""`python -m infralint`, and the `infralint` command."""

from __future__ import annotations

import gc
import sys

from infralint.answers import answered

# After how many new objects the youngest are looked through, and after how many such looks the older ones.
_SELDOM = (200_000, 20, 50)


def main() -> None:
    """Run the command and exit. What was asked before is answered before anything is imported for it."""
    known = answered(sys.argv[1:])
    if isinstance(known, int):
        sys.exit(known)
    # To look for cycles among what is imported takes longer than they do, and so does it to look for them at the end.
    gc.set_threshold(*_SELDOM)
    try:
        from infralint.cli import main as command

        command(obj=known)
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
