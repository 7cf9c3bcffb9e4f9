"""Rule pages: Markdown whose fences all mean something. This is their only parser.

A page is a title, a `toml` block of settings, the reason in prose, and sections `## Bad`, `## Good` and
`## Fixed` (each may have a label: `## Bad: an alias`). In a section a line with a path in backquotes names the
fenced file that follows; a fence called `output` holds the concise report of a Bad section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import tomli

from infralint.findings import Severity

_FENCE = re.compile(r"^(`{3,})([\w.-]*)\s*$")
_PATH = re.compile(r"^`([^`]+)`$")
_HEADING = re.compile(r"^##\s+(Bad|Good|Fixed)\b[:\s]*(.*)$")


class PageError(ValueError):
    """A page that does not keep the format."""


@dataclass(frozen=True, slots=True)
class Section:
    """One runnable example: its files by path, and the output that a Bad one must print."""

    kind: str
    label: str
    files: dict[str, str] = field(default_factory=dict)
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's page. `fix` is "none", "safe" or "unsafe"; `since` the version that brought the rule."""

    title: str
    severity: Severity
    default: bool
    fix: str
    since: str
    prose: str
    sections: tuple[Section, ...]
    text: str


def pages_folder() -> Path:
    """Where the pages are: beside the code in an installed package, at the top of a checkout."""
    installed = Path(__file__).parent / "pages"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "rules"


@lru_cache(maxsize=None)
def load_page(family: str, name: str) -> Page:
    """The page of a rule. Raises FileNotFoundError, PageError."""
    path = pages_folder() / family / f"{name}.md"
    return parse_page(path.read_text(encoding="utf-8"))


def parse_page(text: str) -> Page:
    """Read a page. Raises PageError."""
    parser = _Parser(text.splitlines())
    parser.run()
    try:
        settings = tomli.loads("\n".join(parser.settings))
        return Page(
            title=parser.title,
            severity=Severity(settings["severity"]),
            default=settings.get("default", True),
            fix=settings.get("fix", "none"),
            since=settings["since"],
            prose="\n".join(parser.prose).strip(),
            sections=tuple(parser.sections),
            text=text,
        )
    except (tomli.TOMLDecodeError, KeyError, ValueError) as error:
        raise PageError(f"settings block: {error}") from error


class _Parser:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.title = ""
        self.settings: list[str] = []
        self.prose: list[str] = []
        self.sections: list[Section] = []
        self.path = ""

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if fence := _FENCE.match(line):
                self._fence(fence[1], fence[2])
            elif line.startswith("# ") and not self.title:
                self.title = line[2:].strip()
            elif heading := _HEADING.match(line):
                self.sections.append(Section(heading[1], heading[2].strip()))
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
        if not self.sections and info == "toml" and not self.settings:
            self.settings = body
        elif not self.sections:
            self.prose += [f"{marker}{info}", *body, marker]
        elif info == "output":
            last = self.sections[-1]
            self.sections[-1] = Section(last.kind, last.label, last.files, "\n".join(body) + "\n")
        elif self.path:
            self.sections[-1].files[self.path] = "".join(f"{line}\n" for line in body)
            self.path = ""
        else:
            raise PageError(f"line {start}: a fence without a path before it")
