"""What a run found: the value that the engine makes, and that is remembered from run to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infralint.findings import Finding

# Called with the number of files read so far and of all files.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. `findings` and `suppressed` (silenced by a comment) are sorted by place.

    `files`: how many files there are to read. `re_read`: the paths of those that no cache spared. `failed`: ids of
    rules that broke down, which is a fault of infralint: what they would have found is missing. `digests`: of the
    files that fixes edit, by path (`digest_of`): what their edits were found in. `rules`: ids of the rules that ran.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    files: int = 0
    re_read: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    digests: Mapping[str, bytes] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
