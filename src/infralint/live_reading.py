"""The read step of a project that stays loaded: facts of files that did not change are those of before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from infralint.facts.files import FileFacts
from infralint.reading import Reading
from infralint.report import Progress
from infralint.workspace import SourceFile

# Whether a file was read with its outline, and with its statements.
How = tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's facts, in each way in which it was read, and the digest of its content."""

    digest: bytes
    facts: dict[How, FileFacts]


@dataclass
class LiveReading(Reading):
    """Reading that remembers. `kept`: what is known of files that are as they were; it grows by what is read.

    `pulse` is called before each step; what it raises ends the run.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    pulse: Callable[[], None] = lambda: None

    def read(
        self,
        files: Iterable[SourceFile],
        *,
        outline: bool = False,
        program: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, FileFacts]:
        """As in `Reading`."""
        self.pulse()
        how = (outline, program)
        found: dict[str, FileFacts] = {}
        missing = []
        for file in files:
            kept = self.kept.get(file.path)
            if kept is not None and how in kept.facts:
                found[file.path] = kept.facts[how]
                self.digests[file.path] = kept.digest
            else:
                missing.append(file)
        if missing:
            found.update(self._read_anew(missing, how, progress))
        return dict(sorted(found.items()))

    def _read_anew(self, files: list[SourceFile], how: How, progress: Progress | None) -> dict[str, FileFacts]:
        read = super().read(files, outline=how[0], program=how[1], progress=progress)
        for path, facts in read.items():
            digest = self.digests.get(path, b"")
            known = self.kept.get(path)
            others = known.facts if known is not None and known.digest == digest else {}
            if digest:
                self.kept[path] = Kept(digest, {**others, how: facts})
        return read

    def accept(self, read: dict[str, Kept], files: dict[str, FileFacts]) -> None:
        """Take over what was read of files by other means; `files` gets their facts."""
        self.re_read = set(read)
        self.kept.update(read)
        for path, kept in read.items():
            self.digests[path] = kept.digest
            files[path] = next(iter(kept.facts.values()))
