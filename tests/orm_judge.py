"""SQLAlchemy as the judge of models: a process that imports small projects and says what it refuses.

Run as a script it answers one JSON request per line; every project is imported in a fork of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

if __name__ != "__main__":
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Verdict:
        """`missing`: names that no mapper defines, of every relationship. `failure`: why the modules cannot be
        imported or their mappers configured ("" = they can)."""

        missing: frozenset[str]
        failure: str

    class Judge:
        """A running judge; close it with `close()`."""

        def __init__(self) -> None:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-W", "ignore", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._folder = TemporaryDirectory()
            self._count = 0

        def verdict(self, files: Mapping[str, str], roots: tuple[str, ...] = ("",)) -> Verdict:
            """What SQLAlchemy says of a project, its Python files imported in the order of the mapping."""
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._count += 1
            folder = Path(self._folder.name, str(self._count))
            for path, text in files.items():
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            modules = [path for path in files if path.endswith(".py")]
            request = {"folder": str(folder), "modules": modules, "roots": roots}
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
            return Verdict(frozenset(answer["missing"]), answer["failure"])

        def close(self) -> None:
            """End the process and remove its files."""
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._folder.cleanup()


def _main() -> None:
    import sqlalchemy.ext.declarative
    import sqlalchemy.orm  # noqa: F401 - loaded once, for all forks

    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            with os.fdopen(write, "w") as answer:
                json.dump(_judge(json.loads(line)), answer)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as answer:
            print(answer.read(), flush=True)
        os.waitpid(child, 0)


def _judge(request: dict[str, Any]) -> dict[str, Any]:
    try:
        _import_all(request)
        missing = _missing_names()
    except Exception as error:
        return {"missing": [], "failure": f"import: {type(error).__name__}: {error}"}
    from sqlalchemy.orm import configure_mappers

    try:
        configure_mappers()
    except Exception as error:
        return {"missing": missing, "failure": f"{type(error).__name__}: {error}"}
    return {"missing": missing, "failure": ""}


def _import_all(request: dict[str, Any]) -> None:
    from importlib import import_module

    sys.dont_write_bytecode = True
    roots = [os.path.join(request["folder"], root) for root in request["roots"]]  # noqa: PTH118
    sys.path[:0] = roots
    for path in request["modules"]:
        root = next((r for r in request["roots"] if r and path.startswith(f"{r}/")), "")
        dotted = path[len(root) :].lstrip("/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if dotted != "__init__":
            import_module(dotted)


def _missing_names() -> list[str]:
    """The names that relationships ask for and no registry answers, one by one."""
    import re

    from sqlalchemy.exc import InvalidRequestError
    from sqlalchemy.orm import RelationshipProperty
    from sqlalchemy.orm.mapper import _all_registries

    missing = set()
    for registry in _all_registries():
        for mapper in list(registry.mappers):
            for prop in list(mapper._props.values()):
                if not isinstance(prop, RelationshipProperty):
                    continue
                try:
                    prop._setup_entity()
                except InvalidRequestError as error:
                    found = re.search(r"expression '?(.*?)'? failed to locate a name", str(error))
                    if found:
                        missing.add(found[1].strip("\"'"))
    return sorted(missing)


if __name__ == "__main__":
    _main()
