"""Adds what this Python's standard library has to src/infralint/data/standard: modules and their public names.

Run once with each version: `for v in 3.10 3.11 3.12 3.13 3.14; do python$v scripts/refresh_standard_names.py; done`.
Names once there stay, so that a module's names are those of all versions together.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import io
import json
import pkgutil
import sys
import warnings
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "infralint" / "data" / "standard" / "names.json.gz"
# Importing these opens a browser, prints, or changes the interpreter.
_NOT_IMPORTED = {"antigravity", "this", "idlelib", "turtledemo", "lib2to3", "test"}


def names_of(module: str) -> set[str]:
    """The public attributes of a module and the modules below it; empty for one that cannot be imported here."""
    found: set[str] = set()
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        imported = importlib.import_module(module)
        found |= {name for name in dir(imported) if not name.startswith("_")}
        found |= {name for name in getattr(imported, "__all__", ()) if isinstance(name, str)}
        found |= {entry.name for entry in pkgutil.iter_modules(getattr(imported, "__path__", ()))}
    return found


def main() -> None:
    """Merge this interpreter's names into the table."""
    known = json.loads(gzip.decompress(DATA.read_bytes())) if DATA.exists() else {"versions": [], "modules": {}}
    modules = {name: set(names) for name, names in known["modules"].items()}
    for module in sorted(sys.stdlib_module_names):
        if not module.startswith("_") and module not in _NOT_IMPORTED:
            names = names_of(module)
            if names:
                modules.setdefault(module, set()).update(names)
    versions = {*known["versions"], "{}.{}".format(*sys.version_info)}
    table = {
        "versions": sorted(versions, key=lambda version: [int(part) for part in version.split(".")]),
        "modules": {name: sorted(modules[name]) for name in sorted(modules)},
    }
    DATA.write_bytes(gzip.compress(json.dumps(table, separators=(",", ":")).encode(), mtime=0))


if __name__ == "__main__":
    main()
