"""`.dockerignore` and the globs of COPY, by Docker's own rules.

Patterns are those of Go's path/filepath.Match, with `**` for any number of folders in ignore files and in `--exclude`
(moby/patternmatcher 0.6, `MatchesOrParentMatches`). A file is left out where the last pattern that matches it, or one
of the folders above it, is no exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_GLOB = re.compile(r"[*?\[\\]")


@dataclass
class Ignores:
    """The patterns of an ignore file in order; exceptions begin with `!`."""

    patterns: tuple[str, ...]
    _rules: tuple[tuple[re.Pattern[str], bool], ...] = field(init=False)
    _any_rule: re.Pattern[str] = field(init=False)
    _known: dict[str, tuple[bool, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._rules = tuple(
            (pattern_of(each.removeprefix("!"), deep=True), each.startswith("!")) for each in self.patterns
        )
        # Most files match no rule, which one expression says at once.
        self._any_rule = re.compile("|".join(f"(?:{rule.pattern})" for rule, _ in self._rules) or "(?!)", re.DOTALL)
        # Which rules match the folder or one above it.
        self._known = {"": (False,) * len(self._rules)}

    def leaves_out(self, path: str) -> bool:
        """Whether a file or folder, relative to the context, is left out. What is below it may be in all the same."""
        return self.pattern_for(path) is not None

    def pattern_for(self, path: str) -> int | None:
        """The number of the pattern that leaves a path out; None where none does."""
        found = None
        if self._rules and path:
            for number, match in enumerate(self._matches(path)):
                if match:
                    found = None if self._rules[number][1] else number
        return found

    @property
    def has_exceptions(self) -> bool:
        """Whether files of a folder that is left out may be in."""
        return any(exception for _, exception in self._rules)

    def _matches(self, path: str) -> tuple[bool, ...]:
        above = self._of_folder(path.rpartition("/")[0])
        if not self._any_rule.fullmatch(path):
            return above
        return tuple(known or bool(rule.fullmatch(path)) for (rule, _), known in zip(self._rules, above, strict=True))

    def _of_folder(self, folder: str) -> tuple[bool, ...]:
        pending = []
        while folder not in self._known:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(pending):
            self._known[each] = self._matches(each)
        return self._known[pending[0] if pending else folder]


def is_glob(pattern: str) -> bool:
    """Whether a source of COPY has letters that filepath.Match gives a meaning."""
    return bool(_GLOB.search(pattern))


@lru_cache(maxsize=2000)
def pattern_of(pattern: str, *, deep: bool = False) -> re.Pattern[str]:
    """A pattern of filepath.Match as regular expression for whole paths; `deep`: `**` means any number of folders.

    One that Go refuses matches nothing.
    """
    try:
        return re.compile(_translated(pattern, deep), re.DOTALL)
    except (re.error, _BadPattern):
        return re.compile(r"(?!)")


class _BadPattern(Exception):
    """Go's filepath.ErrBadPattern."""


def _translated(pattern: str, deep: bool) -> str:
    found = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if deep and pattern.startswith("**", at):
            at += 2
            at += pattern.startswith("/", at)
            found.append(".*" if at == len(pattern) else "(?:.*/)?")
            continue
        at += 1
        if letter == "*":
            found.append("[^/]*")
        elif letter == "?":
            found.append("[^/]")
        elif letter == "[":
            part, at = _letters(pattern, at)
            found.append(part)
        elif letter == "\\":
            if at == len(pattern):
                raise _BadPattern
            found.append(re.escape(pattern[at]))
            at += 1
        else:
            found.append(re.escape(letter))
    return "".join(found)


def _letters(pattern: str, at: int) -> tuple[str, int]:
    """A class of letters whose `[` ends at `at`, and the offset behind its `]`."""
    negated = pattern.startswith("^", at)
    at += negated
    inside = ""
    while not (inside and pattern.startswith("]", at)):
        first, at = _letter(pattern, at)
        last = first
        if pattern.startswith("-", at):
            last, at = _letter(pattern, at + 1)
        inside += f"{re.escape(first)}-{re.escape(last)}"
    return f"(?!/)[{'^' if negated else ''}{inside}]", at + 1


def _letter(pattern: str, at: int) -> tuple[str, int]:
    """One letter of a class, which does not end behind it."""
    at += pattern.startswith("\\", at)
    if at >= len(pattern) - 1 or (pattern[at] in "-]" and pattern[at - 1] != "\\"):
        raise _BadPattern
    return pattern[at], at + 1
