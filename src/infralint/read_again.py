"""Reading a file again that changed, in each way in which it was read before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infralint.facts.files import FileFacts
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file
from infralint.reading import Way
from infralint.shifts import Shift, shift_between


def read_again(
    data: bytes, kind: Kind, dialect: str, before: Mapping[Way, FileFacts]
) -> tuple[dict[Way, FileFacts], Shift | None]:
    """The facts of a file now, and how its places moved; None, and not all facts, where more than places changed."""
    now: dict[Way, FileFacts] = {}

    def pairs() -> Iterator[tuple[FileFacts, FileFacts]]:
        for way in sorted(before):
            now[way] = read_file(data, kind, dialect, program=way)
            yield before[way], now[way]

    return now, shift_between(pairs())
