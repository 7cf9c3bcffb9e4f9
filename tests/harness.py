"""Rule pages and hard cases as tests, and the comparison of a project's expected reports.

`INFRALINT_UPDATE=1 pytest` writes what was found in place of what was expected; the diff is the review.
"""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import infralint
from infralint.findings import Finding
from infralint.pages import Section, parse_sections
from infralint.repair import repair
from infralint.report import Report
from infralint.reports.concise import render_concise
from infralint.rules import all_rules
from infralint.settings import Settings
from infralint.settings_load import OWN_FILE, SHARED_FILE, parse_settings

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "rules"
CASES = ROOT / "tests" / "cases"
FIXTURES = ROOT / "fixtures"
ALL = Settings(select=("ALL",))
SETTINGS_FILES = (OWN_FILE, SHARED_FILE)


def updating() -> bool:
    """Whether expected outputs are to be written instead of compared."""
    return os.environ.get("INFRALINT_UPDATE") == "1"


@dataclass(frozen=True)
class Example:
    """One section of a page or case file. `base` are the files of the Bad section that it builds upon."""

    rule: str
    file: Path
    index: int
    name: str
    section: Section
    base: dict[str, str]

    @property
    def files(self) -> dict[str, str]:
        """All files of the example: the Bad ones before it, its own over them, less those it deletes."""
        files = {**self.base, **self.section.files}
        return {path: text for path, text in files.items() if path not in self.section.deleted}

    def settings(self, select: str) -> Settings:
        """The settings that the example's own settings file gives, with one selection."""
        return settings_of(self.files, select)


def lint(files: Mapping[str, str | bytes], settings: Settings) -> Report:
    """`infralint.lint`, in which no rule may break down."""
    report = infralint.lint(files, settings)
    assert report.failed == ()
    return report


def settings_of(files: dict[str, str], select: str) -> Settings:
    """Settings as a project of these files has them, with `select` in place of its own selection."""
    name = next((name for name in SETTINGS_FILES if name in files), None)
    own = parse_settings(files[name], name, required=False) if name else Settings()
    return replace(own, select=(select,))


@dataclass(frozen=True)
class Fixed:
    """Files after their fixes. `fixed`: the findings that were repaired; `spoiled`: files that a fix would break."""

    files: dict[str, str]
    fixed: tuple[Finding, ...]
    spoiled: tuple[str, ...]
    converged: bool


def fixed(files: dict[str, str], rule: str, *, unsafe: bool = True) -> Fixed:
    """The files after every fix of the rule, or after the safe ones: as `--fix` makes them, but in memory."""
    settings = settings_of(files, rule)
    overlay = {path: text.encode() for path, text in files.items()}
    result = repair(Path(), lambda now: lint(now, settings), wants=lambda _: True, unsafe=unsafe, overlay=overlay)
    after = {**files, **{change.path: change.after_text for change in result.changes}}
    return Fixed(after, result.fixed, result.spoiled, result.converged)


def page_files() -> list[tuple[str, Path]]:
    """All pages with their rule's id."""
    return [(f"{path.parent.name}-{path.stem}", path) for path in sorted(PAGES.glob("*/*.md"))]


def case_files() -> list[tuple[str, Path]]:
    """All files of hard cases with their rule's id."""
    return [(path.stem, path) for path in sorted(CASES.glob("*.md"))]


def examples(files: Iterable[tuple[str, Path]]) -> list[Example]:
    """Every section of the files, in order."""
    return [example for rule, file in files for example in examples_of(rule, file)]


def examples_of(rule: str, file: Path) -> list[Example]:
    """Every section of one file. A title that stands twice gets a number."""
    found = []
    base: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for index, section in enumerate(parse_sections(file.read_text(encoding="utf-8"))):
        seen[section.title] += 1
        number = f" {seen[section.title]}" if seen[section.title] > 1 else ""
        found.append(Example(rule, file, index, f"{rule}/{section.title}{number}", section, base))
        if section.kind == "Bad":
            base = section.files
            found[-1] = replace(found[-1], base={})
    return found


def check_example(example: Example) -> None:
    """What the section's heading promises. Raises AssertionError."""
    {"Bad": check_bad, "Good": check_good, "Fixed": check_fixed}[example.section.kind](example)


def check_bad(example: Example) -> None:
    """The rule alone prints exactly the section's output, and prints something."""
    printed = render_concise(lint(example.files, example.settings(example.rule)).findings)
    assert printed, "nothing is found in a Bad section"
    if updating() and printed != example.section.output:
        write_output(example, printed)
        return
    assert_same(example.section.output or "", printed)


def check_good(example: Example) -> None:
    """No rule at all finds anything."""
    assert example.section.output is None, "a Good section has no output"
    assert_same("", render_concise(lint(example.files, example.settings("ALL")).findings))


def check_fixed(example: Example) -> None:
    """The rule's fixes turn the Bad files into these."""
    assert example.base, "a Fixed section follows a Bad one"
    result = fixed(example.base, example.rule)
    assert result.fixed, "no fix was offered"
    assert result.spoiled == ()
    expected, actual = example.files, result.files
    assert_same(as_text(expected), as_text(actual))


def as_text(files: dict[str, str]) -> str:
    """Files as one text, for a comparison that shows which one differs."""
    return "".join(f"--- {path}\n{text}" for path, text in sorted(files.items()))


def assert_same(expected: str, actual: str) -> None:
    """Equal texts; else a diff."""
    if expected == actual:
        return
    sides = expected.splitlines(), actual.splitlines()
    lines = difflib.unified_diff(*sides, "expected", "actual", lineterm="")
    raise AssertionError("\n" + "\n".join(lines))


def write_output(example: Example, printed: str) -> None:
    """Put `printed` into the section's output block, which is made where there is none."""
    text = example.file.read_text(encoding="utf-8")
    section = parse_sections(text)[example.index]
    lines = text.split("\n")
    if section.output_lines is not None:
        first, after = section.output_lines
        lines[first - 1 : after - 1] = printed.splitlines()
    else:
        end = _end_of_section(text, example.index, len(lines))
        while end and not lines[end - 1].strip():
            end -= 1
        lines[end:end] = ["", "```output", *printed.splitlines(), "```"]
    example.file.write_text("\n".join(lines), encoding="utf-8")


def _end_of_section(text: str, index: int, line_count: int) -> int:
    sections = parse_sections(text)
    return sections[index + 1].line - 1 if index + 1 < len(sections) else line_count


def expect_file(path: Path, actual: str) -> None:
    """The file holds `actual`; it is written instead where outputs are updated."""
    if updating():
        path.write_text(actual, encoding="utf-8")
        return
    assert_same(path.read_text(encoding="utf-8") if path.exists() else "", actual)


def rule_ids() -> list[str]:
    """Ids of all rules."""
    return [rule.id for rule in all_rules()]
