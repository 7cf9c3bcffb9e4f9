"""The read step of a project that stays loaded: facts of files that did not change are those of before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from infralint.facts.files import FileFacts
from infralint.kinds import Way
from infralint.reading import Reading
from infralint.report import Progress
from infralint.workspace import SourceFile, Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's facts, in each way in which it was read, and the digest of its content."""

    digest: bytes
    facts: dict[Way, FileFacts]


@dataclass
class LiveReading(Reading):
    """Reading that remembers. `kept`: what is known of files that are as they were; it grows by what is read.

    `pulse` is called before each step; what it raises ends the run.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    pulse: Callable[[], None] = lambda: None
    # The files of which the project that was linked may hold other facts.
    unlinked: set[str] = field(default_factory=set)

    def read(
        self,
        files: Iterable[SourceFile],
        *,
        program: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, FileFacts]:
        """As in `Reading`."""
        self.pulse()
        found: dict[str, FileFacts] = {}
        missing = []
        for file in files:
            kept = self.kept.get(file.path)
            if kept is not None and program in kept.facts:
                found[file.path] = kept.facts[program]
                self.digests[file.path] = kept.digest
            else:
                missing.append(file)
        if missing:
            found.update(self._read_anew(missing, program, progress))
        return dict(sorted(found.items()))

    def _read_anew(self, files: list[SourceFile], way: Way, progress: Progress | None) -> dict[str, FileFacts]:
        read = super().read(files, program=way, progress=progress)
        for path, facts in read.items():
            digest = self.digests.get(path, b"")
            known = self.kept.get(path)
            others = known.facts if known is not None and known.digest == digest else {}
            if digest:
                self.kept[path] = Kept(digest, {**others, way: facts})
        return read

    @contextmanager
    def over(self, workspace: Workspace, read: dict[str, Kept]) -> Iterator[None]:
        """Read that workspace, in which these files are other ones; what is raised inside takes that back."""
        before = self.workspace, self.kept, self.digests, self.re_read
        self.workspace, self.kept, self.digests = workspace, dict(self.kept), dict(self.digests)
        # What is typed is not kept on disk; what a run from nothing reads is.
        self.cache = None
        self.accept(read)
        try:
            yield
        except BaseException:
            self.workspace, self.kept, self.digests, self.re_read = before
            raise

    def accept(self, read: dict[str, Kept]) -> None:
        """Take over what was read of files by other means."""
        self.re_read = set(read)
        self.unlinked.update(read)
        self.kept.update(read)
        self.digests.update((path, kept.digest) for path, kept in read.items())
