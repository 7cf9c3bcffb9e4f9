"""The report for people: source lines with the exact underline, related places and help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from infralint.findings import Applicability, Finding, Related, Severity
from infralint.reports.frame import excerpt
from infralint.reports.harmless import harmless
from infralint.reports.sources import ReadLine

DEFAULT_WIDTH = 120
_LEAST_WIDTH = 40

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_BLUE = "\x1b[1;34m"
_CYAN = "\x1b[1;36m"
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}


def render_text(
    findings: Iterable[Finding], read_line: ReadLine, *, colour: bool = False, width: int = DEFAULT_WIDTH
) -> str:
    """The findings in the order given, each followed by an empty line.

    `read_line` gives the source lines. `width` is the number of terminal cells that a line of output may take
    where it shows source; longer lines are cut around what is underlined.
    """
    width = max(width, _LEAST_WIDTH)
    return "".join(
        f"{line}\n" for finding in findings for line in (*_Frames(finding, read_line, colour, width).lines(), "")
    )


def summary_line(findings: Sequence[Finding], files: int) -> str:
    """How many findings of which severity there are in how many files, of how many that were read."""
    read = f"({_count(files, 'file')} read)"
    if not findings:
        return f"No findings {read}."
    counts = [(sum(f.severity is severity for f in findings), severity.value) for severity in Severity]
    found = " and ".join(_count(number, name) for number, name in counts if number)
    return f"Found {found} in {_count(len({f.path for f in findings}), 'file')} {read}."


def repair_lines(findings: Sequence[Finding], repaired: Sequence[Finding]) -> list[str]:
    """How many findings were repaired, and how many of those that are left a fix can repair."""
    lines = []
    if repaired:
        files = len({finding.path for finding in repaired})
        lines.append(f"Repaired {_count(len(repaired), 'finding')} in {_count(files, 'file')}.")
    safe = sum(any(fix.applicability is Applicability.SAFE for fix in f.fixes) for f in findings)
    unsafe = sum(bool(finding.fixes) for finding in findings) - safe
    if safe:
        lines.append(f"{safe} can be repaired with --fix.")
    if unsafe:
        lines.append(f"{unsafe} {'more ' if safe else ''}can be repaired with --fix --unsafe-fixes.")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True, slots=True)
class _Mark:
    """How a place is underlined."""

    sign: str
    colour: str


class _Frames:
    """The lines of one finding."""

    def __init__(self, finding: Finding, read_line: ReadLine, colour: bool, width: int) -> None:
        self.finding = finding
        self.read_line = read_line
        self.colour = colour
        self.width = width
        places: tuple[Finding | Related, ...] = (finding, *finding.related)
        self.gutter = max(len(str(place.end_line)) for place in places)

    def lines(self) -> Iterator[str]:
        finding = self.finding
        colour = _COLOURS[finding.severity]
        label = self.paint(f"{finding.severity.value}[{finding.rule}]", colour)
        yield f"{label}{self.paint(': ' + harmless(finding.message), _BOLD)}"
        yield from self.place("-->", finding, _Mark("^", colour), "")
        for related in finding.related:
            yield from self.place(":::", related, _Mark("-", _BLUE), harmless(related.message))
        if finding.help:
            yield self.margin("=", f"{self.paint('help', _CYAN)}: {harmless(finding.help)}")

    def place(self, arrow: str, place: Finding | Related, mark: _Mark, message: str) -> Iterator[str]:
        """The head of a place and, where its source can be read, the frame below it."""
        where = harmless(f"{place.path}:{place.line}:{place.column}")
        head = f"{' ' * self.gutter}{self.paint(arrow, _BLUE)} {where}"
        first = self.read_line(place.path, place.line)
        if not first.strip():
            yield f"{head}: {message}" if message else head
            return
        yield head
        yield self.margin("|")
        end_line, end_column = self.end(place)
        if end_line == place.line:
            yield from self.source(place.line, first, place.column, end_column, mark, message)
        else:
            yield from self.source(place.line, first, place.column, len(first) + 1, mark, "")
            if end_line > place.line + 1:
                yield self.paint("...", _BLUE)
            text = self.read_line(place.path, end_line)
            start = len(text) - len(text.lstrip()) + 1
            yield from self.source(end_line, text, start, end_column, mark, message)
        yield self.margin("|")

    def end(self, place: Finding | Related) -> tuple[int, int]:
        """Where a place ends; an end before the first character of a line is the end of the line before."""
        if place.end_line == place.line or place.end_column > 1:
            return place.end_line, place.end_column
        return place.end_line - 1, len(self.read_line(place.path, place.end_line - 1)) + 1

    def source(self, number: int, text: str, column: int, end_column: int, mark: _Mark, message: str) -> Iterator[str]:
        """A source line and its underline, with a message behind it."""
        shown = excerpt(text, column - 1, end_column - 1, self.width - self.gutter - 3)
        numbered = self.paint(f"{number:>{self.gutter}} |", _BLUE)
        yield f"{numbered} {shown.text}".rstrip()
        underline = self.paint(f"{mark.sign * shown.width}{' ' if message else ''}{message}", mark.colour)
        yield self.margin("|", " " * shown.indent + underline)

    def margin(self, sign: str, text: str = "") -> str:
        return f"{' ' * self.gutter} {self.paint(sign, _BLUE)}{' ' if text else ''}{text}"

    def paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self.colour else text
