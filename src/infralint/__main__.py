"""`python -m infralint`."""

from __future__ import annotations

from infralint.cli import main

if __name__ == "__main__":
    main()
