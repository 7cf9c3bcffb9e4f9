"""Source lines with what a finding underlines, and fixes as small diffs."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from infralint.findings import Edit, Finding, Fix, Related
from infralint.reports.html.markup import Markup, element, join, text
from infralint.reports.sources import ReadLine

# Of a longer line the part around the underline is shown, of a longer span its first lines, of a longer fix too.
_BEFORE, _AFTER = 90, 170
_MOST_LINES = 5
_MOST_CHANGED = 40
_CUT = "…"
_TAB = "    "
_END = Markup("\n")


def frame(place: Finding | Related, read_line: ReadLine, *, context: int = 0) -> Markup | None:
    """The lines of a place with its span underlined, and `context` lines before and after; None where the file has no
    such line any more."""
    last = min(place.end_line, place.line + _MOST_LINES - 1)
    own = [read_line(place.path, line) for line in range(place.line, last + 1)]
    if not any(own):
        return None
    lines = _around(place.path, range(max(1, place.line - context), place.line), read_line)
    for at, written in enumerate(own):
        start = place.column - 1 if at == 0 else len(written) - len(written.lstrip())
        end = place.end_column - 1 if place.line + at == place.end_line else len(written)
        lines.append(_line(place.line + at, underlined(written, start, end)))
    if last < place.end_line:
        lines.append(_line(None, text(_CUT)))
    elif context:
        lines += _around(place.path, range(last + 1, last + 1 + context), read_line)
    return element("pre", *lines, class_="frame")


def underlined(line: str, start: int, end: int) -> Markup:
    """A line with the characters from `start` to `end` (from 0, exclusive) underlined; far from them it is cut."""
    start = max(0, min(start, len(line)))
    end = max(start, min(end, len(line)))
    left, right = max(0, start - _BEFORE), min(len(line), end, start + _AFTER)
    behind = min(len(line), max(right, start + _AFTER))
    before = (_CUT if left else "") + line[left:start]
    # What is missing has no characters: a blank is underlined in its place.
    inside = line[start:right] or " "
    after = (line[right:behind] if right == end else "") + (_CUT if behind < len(line) or right < end else "")
    return join([_spaced(before), element("mark", _spaced(inside)), _spaced(after)])


def _around(path: str, numbers: range, read_line: ReadLine) -> list[Markup]:
    """The lines before or after a place; an empty one says nothing."""
    lines = ((number, read_line(path, number)) for number in numbers)
    return [_line(number, _shortened(line)) for number, line in lines if line.strip()]


def _shortened(line: str) -> Markup:
    longest = _BEFORE + _AFTER
    return _spaced(line if len(line) <= longest else line[:longest] + _CUT)


def _spaced(value: str) -> Markup:
    return text(value.replace("\t", _TAB))


def _line(number: int | None, content: Markup) -> Markup:
    gutter = element("span", "" if number is None else str(number), class_="number", aria_hidden="true")
    return element("span", gutter, element("code", content), _END, class_="row")


def diffs(fix: Fix, read_line: ReadLine) -> Iterator[tuple[str, Markup]]:
    """What a fix changes: for each place the path with its line, and the lines before and after."""
    for path in dict.fromkeys(edit.path for edit in fix.edits):
        edits = sorted({edit for edit in fix.edits if edit.path == path}, key=lambda edit: edit.sort_key)
        for group in _touching(edits):
            yield f"{path}:{group[0].line}", _diff(group, read_line)


def _touching(edits: list[Edit]) -> Iterator[list[Edit]]:
    """Edits in the order of their places, in groups that have lines in common."""
    group: list[Edit] = []
    last = 0
    for edit in edits:
        if group and edit.line > last:
            yield group
            group = []
        group.append(edit)
        last = max(last, edit.end_line) if len(group) > 1 else edit.end_line
    if group:
        yield group


def _diff(edits: list[Edit], read_line: ReadLine) -> Markup:
    path, first = edits[0].path, edits[0].line
    before = [read_line(path, line) for line in range(first, max(edit.end_line for edit in edits) + 1)]
    after = _edited(before, first, edits)
    rows = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [_changed(" ", line) for line in before[start:end]]
        else:
            rows += [_changed("-", line) for line in before[start:end]]
            rows += [_changed("+", line) for line in after[new_start:new_end]]
    if len(rows) > _MOST_CHANGED:
        rows = [*rows[:_MOST_CHANGED], _changed(" ", _CUT)]
    return element("pre", *rows, class_="diff")


def _edited(before: list[str], first: int, edits: list[Edit]) -> list[str]:
    """The lines from the one numbered `first` on, with the edits made from the last to the first."""
    lines = list(before)
    for edit in reversed(edits):
        start, end = edit.line - first, edit.end_line - first
        head, tail = lines[start][: edit.column - 1], lines[end][edit.end_column - 1 :]
        lines[start : end + 1] = (head + edit.text + tail).split("\n")
    return lines


def _changed(sign: str, line: str) -> Markup:
    name = {"-": "del", "+": "ins"}.get(sign, "span")
    return element(name, f"{sign} ", _shortened(line), _END)
