"""Reading a file again that changed, in each way in which it was read before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infralint.cache import decode_facts, encode_facts
from infralint.facts.files import FileFacts
from infralint.kinds import Kind, Way
from infralint.readers.dispatch import read_file
from infralint.shifts import Shift, shift_between


class ReadAgain:
    """A file as it is now. `before`: its facts in each way, encoded.

    `now`: the facts, encoded; of all ways once it is known that nothing but places changed.
    """

    def __init__(self, data: bytes, kind: Kind, dialect: str, before: Mapping[Way, bytes]) -> None:
        self.now: dict[Way, bytes] = {}
        self.facts: dict[Way, FileFacts] = {}
        self._data, self._kind, self._dialect = data, kind, dialect
        self._before = before

    def is_same(self) -> bool:
        """Whether the facts are the same, and at the same places. To decode what was before takes longer than this."""
        return all(self._read(way) and self.now[way] == self._before[way] for way in sorted(self._before))

    def shift(self) -> Shift | None:
        """How the places of the file moved; None, and not all facts, where more than places changed."""
        return shift_between(self._pairs())

    def _pairs(self) -> Iterator[tuple[FileFacts, FileFacts]]:
        for way in sorted(self._before):
            yield decode_facts(self._before[way]), self._read(way)

    def _read(self, way: Way) -> FileFacts:
        if way not in self.facts:
            self.facts[way] = read_file(self._data, self._kind, self._dialect, program=way)
            self.now[way] = encode_facts(self.facts[way])
        return self.facts[way]
