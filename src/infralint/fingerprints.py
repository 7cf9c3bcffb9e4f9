"""What stays the same of a finding while its file is edited: for baselines, SARIF, GitLab, and comparisons of runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infralint.findings import Finding


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """A finding without its place in the file: two findings with the same one are told apart by their number alone."""

    path: str
    rule: str
    message: str


def identity(finding: Finding) -> Identity:
    """What a finding says, of which file, without lines and columns."""
    return Identity(finding.path, finding.rule, finding.message)


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint: 32 hexadecimal digits, no two alike.

    Findings with the same identity are numbered in the order given, so that the order should be that of the file.
    """
    seen: Counter[Identity] = Counter()
    for finding in findings:
        known = identity(finding)
        parts = (known.rule, known.path, known.message, str(seen[known]))
        seen[known] += 1
        yield finding, hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def without(findings: Iterable[Finding], known: Iterable[Identity]) -> list[Finding]:
    """The findings that are not among known ones; of several with one identity, as many as there are more now."""
    left = Counter(known)
    found = []
    for finding in findings:
        mark = identity(finding)
        if left[mark] > 0:
            left[mark] -= 1
        else:
            found.append(finding)
    return found
