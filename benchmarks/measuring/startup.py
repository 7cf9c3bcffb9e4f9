"""What a run imports in which nothing has changed, for the second time: the budget of `python -X importtime`."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from measuring.processes import measure

# Such a run looks at sizes and times, and repeats what was printed. It has no use for parsers, nor for what starts
# processes, talks to networks, reads options or decodes.
HEAVY = (
    "click", "msgspec",
    "libcst", "sqlglot", "tree_sitter", "tree_sitter_bash", "tree_sitter_hcl", "ahocorasick_rs", "yaml", "asyncio",
    "concurrent.futures.process", "multiprocessing", "pygls", "lsprotocol", "watchfiles", "urllib.request",
    "http.client", "pip_requirements_parser",
)  # fmt: skip
# Modules that a warm run may import altogether, Python's own included, and how long that may take on a machine as
# fast as the one of docs/benchmarks.md.
MOST_MODULES = 100
MOST_MILLISECONDS = 20.0

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s*(\S+)")


@dataclass(frozen=True)
class Imports:
    """What was imported: how many modules, how many of infralint's own, the time of all, and the heavy ones."""

    modules: int
    own: int
    milliseconds: float
    heavy: tuple[str, ...]

    @property
    def is_within(self) -> bool:
        """Whether the budget holds; the time is told and not judged, since machines differ."""
        return self.modules <= MOST_MODULES and not self.heavy


def imports_of_a_warm_run(tree: Path) -> Imports:
    """Look at the last of three runs in a tree. Raises ValueError when it imported nothing: it did not run."""
    run = ["-m", "infralint", "check", "--output-format", "json"]
    # A run trusts no file that was written in the two seconds before it.
    time.sleep(2.1)
    for _ in range(2):
        measure([sys.executable, *run], tree)
    return parse(measure([sys.executable, "-X", "importtime", *run], tree).errors)


def parse(text: str) -> Imports:
    """What `-X importtime` printed. Raises ValueError when that is nothing."""
    found = [(match[3], int(match[1])) for match in _LINE.finditer(text)]
    names = {name for name, _ in found}
    if not names:
        raise ValueError("the run imported nothing")
    heavy = tuple(name for name in HEAVY if name in names)
    own = sum(1 for name in names if name.partition(".")[0] == "infralint")
    return Imports(len(names), own, sum(time for _, time in found) / 1000, heavy)
