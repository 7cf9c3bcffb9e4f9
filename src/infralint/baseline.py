"""A baseline: the findings that a project has already, so that only new ones are reported.

Entries hold no lines and columns, so that they survive edits around them. The file is JSON, sorted, one entry a line,
so that changes of it read well in a review.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from infralint.findings import Finding
from infralint.fingerprints import Identity, identity, without

VERSION = 1


class BaselineError(Exception):
    """A baseline that cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`findings`: those that the baseline does not hold; `gone`: entries that occur no more, once for each time."""

    findings: tuple[Finding, ...]
    gone: tuple[Identity, ...]


def render_baseline(findings: Iterable[Finding]) -> str:
    """The file that holds these findings."""
    counts = Counter(map(identity, findings))
    lines = [
        json.dumps(
            {"path": known.path, "rule": known.rule, "message": known.message} | ({"count": count} if count > 1 else {})
        )
        for known, count in sorted(counts.items())
    ]
    listed = ",\n".join(f"    {line}" for line in lines)
    return f'{{\n  "version": {VERSION},\n  "findings": [{chr(10) + listed + chr(10) + "  " if listed else ""}]\n}}\n'


def read_baseline(path: Path) -> tuple[Identity, ...]:
    """The entries of a file, each as often as it is counted. Raises BaselineError."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise BaselineError(f"{path}: no JSON: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BaselineError(f"{path}: no baseline of version {VERSION}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        raise BaselineError(f"{path}: `findings` is no list")
    return tuple(known for number, entry in enumerate(entries, 1) for known in _entry(path, number, entry))


def _entry(path: Path, number: int, entry: object) -> list[Identity]:
    if isinstance(entry, dict):
        texts = [entry.get(key) for key in ("path", "rule", "message")]
        count = entry.get("count", 1)
        if all(isinstance(text, str) for text in texts) and isinstance(count, int) and count > 0:
            return [Identity(*map(str, texts))] * count
    raise BaselineError(f"{path}: entry {number} of `findings` needs `path`, `rule` and `message`")


def compared(
    findings: Iterable[Finding], known: Iterable[Identity], *, could_occur: Callable[[Identity], bool]
) -> Compared:
    """The findings beside a baseline. `could_occur`: whether the run looked for what an entry says at all."""
    found, entries = list(findings), list(known)
    left = Counter(entries) - Counter(map(identity, found))
    gone = sorted(entry for entry in left.elements() if could_occur(entry))
    return Compared(tuple(without(found, entries)), tuple(gone))
