"""Rule pages: Markdown whose fences all mean something. This is their only parser.

A page is a title, a `toml` block of settings, the reason in prose, and sections `## Bad`, `## Good` and
`## Fixed` (each may have a label: `## Bad: an alias`). In a section a line with a path in backquotes names
the fenced file that follows; a fence called `output` holds the concise report of a Bad section; an empty
fence called `deleted` takes the file away from those of the Bad section before. All else there is prose.

Files of hard cases (`tests/cases/<rule id>.md`) hold sections alone: `parse_sections` reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

import msgspec
import tomli

from infralint.findings import Severity
from infralint.own_files import pages_folder

_FENCE = re.compile(r"^(`{3,})([\w.+-]*)\s*$")
_PATH = re.compile(r"^`([^`]+)`$")
_HEADING = re.compile(r"^##\s+(Bad|Good|Fixed)\b[:\s]*(.*)$")
_CONFIDENCES = ("high", "medium", "low")
_FIXES = ("none", "safe", "unsafe")


class PageError(ValueError):
    """A page that does not keep the format."""


@dataclass(frozen=True, slots=True)
class Section:
    """One runnable example.

    `kind` is "Bad", "Good" or "Fixed"; `files` its files by path, `deleted` the paths that it takes away
    from the Bad section before it; `output` what a Bad section must print. `line` is the heading's, from 1.
    `output_lines` are the lines between the output's fences: the first (from 1) and the one after the last.
    """

    kind: str
    label: str
    line: int
    files: dict[str, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    output: str | None = None
    output_lines: tuple[int, int] | None = None

    @property
    def title(self) -> str:
        """The heading as written: `Bad: an alias`."""
        return f"{self.kind}: {self.label}" if self.label else self.kind


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's page. `fix` is "none", "safe" or "unsafe"; `since` the version that brought the rule.

    `explanation` is the page without its block of settings, as people read it.
    """

    title: str
    severity: Severity
    default: bool
    fix: str
    since: str
    prose: str
    sections: tuple[Section, ...]
    text: str
    confidence: str = "high"
    explanation: str = ""


class _PageSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The `toml` block."""

    severity: str
    since: str
    confidence: str = "high"
    fix: str = "none"
    default: bool = True


@cache
def load_page(family: str, name: str) -> Page:
    """The page of a rule. Raises FileNotFoundError, PageError."""
    path = pages_folder() / family / f"{name}.md"
    return parse_page(path.read_text(encoding="utf-8"))


def parse_page(text: str) -> Page:
    """Read a page. Raises PageError."""
    parser = _parsed(text)
    settings = _settings(parser)
    return Page(
        title=parser.title,
        severity=Severity(settings.severity),
        default=settings.default,
        fix=settings.fix,
        since=settings.since,
        prose="\n".join(parser.prose).strip(),
        sections=tuple(parser.sections),
        text=text,
        confidence=settings.confidence,
        explanation=_without_lines(parser.lines, *parser.settings_lines),
    )


def parse_sections(text: str) -> tuple[Section, ...]:
    """The sections of a page, or of a file that holds nothing else. Raises PageError."""
    return tuple(_parsed(text).sections)


def _parsed(text: str) -> _Parser:
    # Not splitlines(): a form feed or U+2028 inside an example is no line end.
    parser = _Parser(text.replace("\r\n", "\n").split("\n"))
    parser.run()
    return parser


def _settings(parser: _Parser) -> _PageSettings:
    try:
        settings = msgspec.convert(tomli.loads("\n".join(parser.settings)), _PageSettings)
        Severity(settings.severity)
    except (tomli.TOMLDecodeError, ValueError) as error:
        raise PageError(f"settings block: {error}") from error
    for key, value, allowed in (
        ("confidence", settings.confidence, _CONFIDENCES),
        ("fix", settings.fix, _FIXES),
    ):
        if value not in allowed:
            raise PageError(f"settings block: {key} is {value!r}, and may be {', '.join(allowed)}")
    return settings


def _without_lines(lines: list[str], first: int, after: int) -> str:
    kept = [*lines[:first], *lines[after:]]
    if 0 < first < len(kept) and not kept[first - 1] and not kept[first]:
        del kept[first]
    return "\n".join(kept)


class _Parser:
    """One pass over the lines of a page. `settings_lines`: the block with its fences, as indexes."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.title = ""
        self.settings: list[str] = []
        self.settings_lines = (0, 0)
        self.prose: list[str] = []
        self.sections: list[Section] = []
        self.path = ""

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if fence := _FENCE.match(line):
                self._fence(fence[1], fence[2])
                continue
            if self.path and line.strip():
                raise PageError(f"line {self.at}: no fence follows the path `{self.path}`")
            if line.startswith("# ") and not self.title and not self.sections:
                self.title = line[2:].strip()
            elif heading := _HEADING.match(line):
                self.sections.append(Section(heading[1], heading[2].strip(), self.at))
            elif self.sections and (path := _PATH.match(line.strip())):
                self.path = path[1]
            elif not self.sections:
                self.prose.append(line)

    def _fence(self, marker: str, info: str) -> None:
        start = self.at
        while self.at < len(self.lines) and self.lines[self.at].rstrip() != marker:
            self.at += 1
        if self.at == len(self.lines):
            raise PageError(f"line {start}: the fence is never closed")
        body = self.lines[start : self.at]
        self.at += 1
        if not self.sections:
            self._fence_of_page(marker, info, start, body)
        elif info == "output" and not self.path:
            self._output(start, body)
        elif not self.path:
            raise PageError(f"line {start}: a fence without a path before it")
        else:
            self._file(info, start, body)
            self.path = ""

    def _fence_of_page(self, marker: str, info: str, start: int, body: list[str]) -> None:
        if info == "toml" and not self.settings:
            self.settings = body
            self.settings_lines = (start - 1, self.at)
        else:
            self.prose += [f"{marker}{info}", *body, marker]

    def _file(self, info: str, start: int, body: list[str]) -> None:
        section = self.sections[-1]
        if self.path in section.files or self.path in section.deleted:
            raise PageError(f"line {start}: `{self.path}` stands twice in this section")
        if info != "deleted":
            section.files[self.path] = "".join(f"{line}\n" for line in body)
        elif body:
            raise PageError(f"line {start}: a deleted file has no text")
        else:
            self.sections[-1] = replace(section, deleted=(*section.deleted, self.path))

    def _output(self, start: int, body: list[str]) -> None:
        section = self.sections[-1]
        if section.output is not None:
            raise PageError(f"line {start}: a section has one output")
        output = "".join(f"{line}\n" for line in body)
        self.sections[-1] = replace(section, output=output, output_lines=(start + 1, self.at))
