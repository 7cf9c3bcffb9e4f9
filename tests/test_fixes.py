"""Edits applied to texts: order, overlap, equal edits, and fixes as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infralint.findings import Applicability, Edit, Finding, Fix, Severity, TextEdit
from infralint.fixes import OverlappingEditsError, apply_edits, apply_fixes, apply_text_edits
from infralint.source import Span


def finding(*edits: Edit, safe: bool = True, suppressed: str | None = None) -> Finding:
    grade = Applicability.SAFE if safe else Applicability.UNSAFE
    fixes = (Fix("repair it", grade, edits),) if edits else ()
    return Finding("a-rule", Severity.ERROR, "a", 1, 1, 1, 2, "wrong", fixes=fixes, suppressed=suppressed)


def edit(column: int, end: int, text: str, path: str = "a", line: int = 1) -> Edit:
    return Edit(path, line, column, line, end, text)


def test_edits_are_made_in_the_order_of_the_text() -> None:
    edits = [TextEdit("a", Span(4, 5), "E"), TextEdit("a", Span(0, 2), ""), TextEdit("a", Span(3, 3), "+")]
    assert apply_text_edits("abcde", edits) == "c+dE"


def test_equal_edits_count_once() -> None:
    assert apply_text_edits("ab", [TextEdit("a", Span(0, 0), "x"), TextEdit("a", Span(0, 0), "x")]) == "xab"


@pytest.mark.parametrize("spans", [((0, 3), (2, 4)), ((0, 5), (1, 2)), ((1, 1), (1, 1)), ((1, 2), (1, 3))])
def test_overlapping_edits_are_refused(spans: tuple[tuple[int, int], tuple[int, int]]) -> None:
    edits = [TextEdit("a", Span(*span), str(number)) for number, span in enumerate(spans)]
    with pytest.raises(OverlappingEditsError):
        apply_text_edits("abcde", edits)


def test_edits_that_touch_do_not_overlap() -> None:
    edits = [TextEdit("a", Span(0, 2), "x"), TextEdit("a", Span(2, 4), "y"), TextEdit("a", Span(4, 4), "z")]
    assert apply_text_edits("abcde", edits) == "xyze"


def test_what_is_put_before_a_replaced_text_stays_before_it() -> None:
    edits = [TextEdit("a", Span(1, 3), "x"), TextEdit("a", Span(1, 1), "+"), TextEdit("a", Span(3, 3), "-")]
    assert apply_text_edits("abcde", edits) == "a+x-de"


def test_a_fix_that_contradicts_itself_is_not_made() -> None:
    wrong, right = finding(edit(1, 3, "X"), edit(2, 4, "Y")), finding(edit(1, 2, "Z"))
    assert apply_fixes({"a": "abc"}, [wrong, right]) == ({"a": "Zbc"}, (right,))


def test_lines_and_columns_count_characters_and_keep_line_ends() -> None:
    assert apply_edits("é = 'ü'\r\nb\r\n", [edit(5, 8, "1"), edit(1, 2, "c", line=2)]) == "é = 1\r\nc\r\n"


@given(st.text(alphabet="ab\n\r", max_size=30), st.data())
def test_edits_apart_equal_edits_one_by_one_from_the_end(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    edits = [TextEdit("a", Span(a, b), f"<{a}>") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    expected = text
    for one in reversed(edits):
        expected = expected[: one.span.start] + one.text + expected[one.span.end :]
    assert apply_text_edits(text, edits) == expected


def test_the_first_of_two_overlapping_fixes_wins() -> None:
    first, second = finding(edit(1, 3, "X")), finding(edit(2, 4, "Y"))
    assert apply_fixes({"a": "abc"}, [first, second]) == ({"a": "Xc"}, (first,))


def test_two_fixes_may_share_an_edit() -> None:
    both = [
        finding(edit(1, 1, "import m\n"), edit(2, 3, "X")),
        finding(edit(1, 1, "import m\n"), edit(3, 4, "Y")),
    ]
    assert apply_fixes({"a": "abc"}, both) == ({"a": "import m\naXY"}, tuple(both))


def test_a_fix_goes_in_whole_or_not_at_all() -> None:
    wide = finding(edit(1, 2, "Z", path="b"), edit(2, 4, "Y"))
    narrow = finding(edit(1, 3, "X"))
    assert apply_fixes({"a": "abc", "b": "b"}, [narrow, wide]) == ({"a": "Xc"}, (narrow,))


def test_unsafe_fixes_are_asked_for() -> None:
    risky = finding(edit(1, 2, "X"), safe=False)
    assert apply_fixes({"a": "a"}, [risky]) == ({}, ())
    assert apply_fixes({"a": "a"}, [risky], unsafe=True) == ({"a": "X"}, (risky,))


def test_what_is_silenced_or_elsewhere_stays() -> None:
    others = [finding(edit(1, 2, "X"), suppressed="known"), finding(edit(1, 2, "X", path="gone")), finding()]
    assert apply_fixes({"a": "a"}, others) == ({}, ())


def test_a_new_line_ends_as_the_others_of_the_file_do() -> None:
    assert apply_fixes({"a": "b\r\nc"}, [finding(edit(1, 1, "x\n"))])[0] == {"a": "x\r\nb\r\nc"}
