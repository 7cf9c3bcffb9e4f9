"""The linters that are measured: how each is called, and how many findings it reports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PEERS = Path(__file__).parents[1] / "peers"


@dataclass(frozen=True)
class Tool:
    """A linter. `cold` and `warm`: its arguments without and with its cache (None: it has none).

    `count`: the findings in what it printed. `codes`: how it ends when it works, with findings or without.
    `is_slow`: it is measured on a share of the tree. `does`: what it does meanwhile, for the reader of the table.
    """

    name: str
    cold: tuple[str, ...]
    warm: tuple[str, ...] | None
    count: Callable[[str], int]
    does: str
    is_slow: bool = False
    codes: tuple[int, ...] = (0, 1)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The release that is installed. Raises FileNotFoundError."""
        done = subprocess.run([program(self.name), "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"\d+(?:\.\d+)+", done.stdout)
        return found[0] if found else ""

    def command(self, *, cached: bool) -> list[str]:
        """The whole command. Raises FileNotFoundError when the program is not installed."""
        arguments = self.warm if cached and self.warm is not None else self.cold
        return [program(self.name), *arguments]


def program(name: str) -> str:
    """The path of an installed program: beside this interpreter, in an environment of its own there, on the PATH.

    Raises FileNotFoundError.
    """
    beside = Path(sys.executable).parent
    places = (str(beside), str(Path(sys.prefix) / name / beside.name), None)
    found = next(filter(None, (shutil.which(name, path=place) for place in places)), None)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed, see docs/benchmarks.md.")
    return found


def _lines(output: str) -> int:
    return sum(1 for line in output.splitlines() if line.strip())


def _fixit(output: str) -> int:
    return sum(1 for line in output.splitlines() if "NoRelativeImport" in line)


def _deptry(output: str) -> int:
    return sum(1 for line in output.splitlines() if " DEP0" in line)


def _infralint(output: str) -> int:
    return len(json.loads(output)["findings"])


_RUFF = ("check", "--isolated", "--select", "F821,TID252", "--output-format", "json")

TOOLS = (
    Tool(
        "infralint",
        ("check", "--no-cache", "--output-format", "json"),
        ("check", "--output-format", "json"),
        _infralint,
        "all of its rules, over Python, SQL, images, shell and YAML together",
    ),
    Tool(
        "ruff",
        (*_RUFF, "--no-cache", "."),
        (*_RUFF, "."),
        lambda output: len(json.loads(output)),
        "two rules, F821 and TID252, each file for itself",
    ),
    Tool(
        "flake8",
        ("--isolated", "--select", "F821", "--jobs", "auto", "."),
        None,
        _lines,
        "F821 is reported; pycodestyle and all of pyflakes run too, flake8 cannot leave them out",
        is_slow=True,
    ),
    Tool(
        "fixit",
        ("--rules", "relative_import:NoRelativeImport", "lint", "."),
        None,
        _fixit,
        "one rule (benchmarks/peers/relative_import.py) that reports relative imports",
        is_slow=True,
        environment={"PYTHONPATH": str(PEERS)},
    ),
    Tool(
        "deptry",
        (".", "--no-ansi"),
        None,
        _deptry,
        "imports beside requirements.txt; tests are left out, as is its default",
    ),
)


def tool_named(name: str) -> Tool:
    """A tool by its name. Raises ValueError."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    raise ValueError(f"no such tool: {name} (there are {', '.join(tool.name for tool in TOOLS)})")


def commit() -> str:
    """The commit of the infralint that is measured, "" outside of a repository."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PEERS, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
