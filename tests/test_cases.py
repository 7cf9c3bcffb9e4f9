"""Hard cases of the rules: tests/cases/<rule id>.md, in the format of the pages."""

from __future__ import annotations

import harness
import pytest

CASES = harness.case_files()
EXAMPLES = harness.examples(CASES)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_case(example: harness.Example) -> None:
    harness.check_example(example)


def test_every_file_is_named_for_a_rule() -> None:
    assert {rule for rule, _ in CASES} <= set(harness.rule_ids())


def test_every_file_has_sections() -> None:
    assert {rule for rule, _ in CASES} == {example.rule for example in EXAMPLES}
