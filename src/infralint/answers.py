"""The printed answer of a command line, said again while nothing that it came from is different.

A run in which nothing changed is mostly imports. So this module takes nothing but the interpreter's own modules, and
compares stamps alone: whatever they leave open, the command finds out as if there were no answer; where all but few
are as they were, `cli.again` does, with less ado. Whatever goes wrong with an answer costs time and nothing else.
"""

from __future__ import annotations

import os
import sys
import time
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = "answers"
ENDING = ".answer"

# Size, time of the last change in nanoseconds, number: as in `manifest`, which takes longer to import.
_Stamp = tuple[int, int, int]
_UNKNOWN: _Stamp = (0, 0, 0)

_MAGIC = b"infralint answer 2\n"
_CACHE = ".infralint_cache"
# File systems keep times in steps of up to two seconds (FAT): a file that is so young may be another one already.
_RACY_NS = 2_000_000_000
# Where more files than this are others, or may be, all are looked at anew.
_FEW = 50
# What the output depends on besides the command line. A test looks for others.
VARIABLES = (
    "COLUMNS", "FORCE_COLOR", "HOME", "INFRALINT_DEBUG", "NO_COLOR", "TEMP", "TERM", "TMP", "TMPDIR", "USERPROFILE",
)  # fmt: skip


class Earlier:
    """An answer of which few files are others now.

    `root`: of the project. `changed`: the files and folders whose stamps differ, as the answer names them. `record`,
    `asked`: as they were handed to `Question.packed`.
    """

    def __init__(self, root: str, parts: list[memoryview], names: list[str], changed: list[str]) -> None:
        self.root = root
        self.changed = changed
        self.record = bytes(parts[8])
        self.asked = bytes(parts[9])
        self._parts = parts
        self._names = names

    def packed(self, stamps: Mapping[str, _Stamp], record: bytes, text: str, code: int) -> bytes:
        """The answer of now, as it is kept in a file. `stamps`: of what changed; unknown ones are looked into."""
        numbers = [bytearray(part) for part in self._parts[1:4]]
        for name, stamp in stamps.items():
            at = 8 * self._names.index(name)
            for column, number in zip(numbers, stamp, strict=True):
                column[at : at + 8] = number.to_bytes(8, sys.byteorder)
        rest = [_encoded(text), record, self.asked, bytes([code])]
        return _with_head(_joined([self._parts[0], *numbers, *self._parts[4:7], *rest]))


class Question:
    """A command line with all that its answer depends on, files and folders left out.

    `arguments`: of the command, without its own name. `earlier`: once it was asked for an answer, one of which few
    files are others. Raises OSError where the current folder is gone.
    """

    def __init__(self, arguments: Iterable[str]) -> None:
        self.folder = os.getcwd()  # noqa: PTH109
        self.young = time.time_ns() - _RACY_NS
        said = ["\0".join(arguments), self.folder, sys.version, sys.prefix, __file__, "\0".join(sys.path), _screen()]
        said += [f"{name}={os.environ.get(name)}" for name in VARIABLES]
        self._text = _encoded("\0\0".join(said))
        self._name = f"{zlib.crc32(self._text):08x}{ENDING}"
        self.earlier: Earlier | None = None

    def path_below(self, root: str) -> str:
        """Where the answer is kept for a project in this or an outer folder."""
        return f"{root.rstrip('/')}/{_CACHE}/{FOLDER}/{self._name}"

    def roots(self) -> list[str]:
        """This folder and those around it, from within."""
        found = [self.folder]
        while (outer := os.path.dirname(found[-1])) != found[-1]:  # noqa: PTH120
            found.append(outer)
        return found

    def answer(self) -> tuple[str, int] | None:
        """What was printed and the exit code, if nothing is different; else None."""
        for root in self.roots():
            try:
                with open(self.path_below(root), "rb") as file:  # noqa: PTH123
                    data = file.read()
            except OSError:
                continue
            try:
                return self._still_so(data, root)
            except (OSError, ValueError, IndexError):
                return None
        return None

    def packed(
        self,
        seen: Mapping[str, _Stamp],
        present: Iterable[str],
        absent: Iterable[str],
        record: bytes,
        asked: bytes,
        text: str,
        code: int,
    ) -> bytes | None:
        """An answer as it is kept in a file; None where the stamps are too young to tell a later change.

        `seen`: files and folders with their stamps. `present`, `absent`: what is there, and what is not. Paths are
        absolute, or relative to the project's root, which is one of `roots`. `record`: what the run itself is
        remembered by. `asked`: what the command line says. Raises OverflowError for a stamp past 64 bits.
        """
        stamps = [stamp if 0 < stamp[1] < self.young else _UNKNOWN for stamp in seen.values()]
        if stamps.count(_UNKNOWN) > _FEW:
            return None
        numbers = (b"".join(stamp[at].to_bytes(8, sys.byteorder) for stamp in stamps) for at in range(3))
        lists = (_encoded("\0".join(paths)) for paths in (seen, present, absent))
        return _with_head(_joined([self._text, *numbers, *lists, _encoded(text), record, asked, bytes([code])]))

    def _still_so(self, data: bytes, root: str) -> tuple[str, int] | None:
        """Raises OSError, ValueError or IndexError for what is no answer, and for files that are gone."""
        start = len(_MAGIC) + 4
        content = memoryview(data)[start:]
        if data[:start] != _MAGIC + zlib.crc32(content).to_bytes(4, "big"):
            return None
        parts = _split(content)
        if parts[0] != self._text:
            return None
        sizes, times, numbers = (part.cast("Q") for part in parts[1:4])
        names, present, absent = (_names(part) for part in parts[4:7])
        prefix = "" if root == self.folder else f"{root}/"
        stat = os.stat  # Thousands of files: a Path costs as much again.
        others = []
        for name, path, size, changed, number in zip(names, _paths(names, prefix), sizes, times, numbers, strict=True):
            status = stat(path)
            if status.st_mtime_ns != changed or status.st_size != size or status.st_ino != number:
                others.append(name)
                if len(others) > _FEW:
                    return None
        if any(map(os.path.lexists, _paths(absent, prefix))) or not all(map(os.path.exists, _paths(present, prefix))):
            return None
        if others:
            self.earlier = Earlier(root, parts, names, others)
            return None
        return _decoded(parts[7]), parts[10][0]


def answered(arguments: list[str]) -> Question | int | None:
    """Print the answer and give the exit code, where one is known; else the question, where one is to be kept."""
    if arguments[:1] != ["check"] or "_INFRALINT_COMPLETE" in os.environ or sys.stdout is None:
        return None
    try:
        question = Question(arguments)
        known = question.answer()
    except (OSError, ValueError):
        return None
    if known is None:
        return question
    text, code = known
    say(text)
    return code


def say(text: str) -> None:
    """Write an answer to stdout, in which it is no fault that the terminal's encoding cannot hold all of it."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _screen() -> str:
    """What is known of the terminal; "" where stdout is none."""
    if not sys.stdout.isatty():
        return ""
    try:
        return str(os.get_terminal_size(sys.stdout.fileno()))
    except (OSError, ValueError):
        return "terminal"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: memoryview) -> str:
    return str(data, "utf-8", "surrogatepass")


def _names(data: memoryview) -> list[str]:
    return _decoded(data).split("\0") if data else []


def _paths(names: list[str], prefix: str) -> list[str]:
    """Paths that were kept; those that are not absolute with a prefix, which may be ""."""
    return [name if os.path.isabs(name) else prefix + name for name in names] if prefix else names  # noqa: PTH117


def _with_head(data: bytes) -> bytes:
    return _MAGIC + zlib.crc32(data).to_bytes(4, "big") + data


def _joined(parts: Iterable[bytes | bytearray | memoryview]) -> bytes:
    """Parts with the length of each before it."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _split(data: memoryview) -> list[memoryview]:
    parts, at = [], 0
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at : at + 8], "big")
        parts.append(data[at + 8 : end])
        at = end
    return parts
