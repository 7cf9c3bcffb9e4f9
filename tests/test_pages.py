"""Every section of every rule page does what its heading says, and the index lists every page."""

from __future__ import annotations

from pathlib import Path

import harness
import pytest
from rules_index import INDEX, render_index

from infralint.pages import PageError, parse_page, parse_sections
from infralint.rules import all_rules

EXAMPLES = harness.examples(harness.page_files())


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_section(example: harness.Example) -> None:
    harness.check_example(example)


def test_index_is_what_the_pages_say() -> None:
    harness.expect_file(INDEX, render_index(all_rules()))


PAGE = """\
# A title

```toml
severity = "warning"
since = "0.1.0"
fix = "safe"
```

The reason.

```sql
SELECT 1;
```

## Bad: one

`a.py`
```python
x = "\x0c"
```

`b.py`

```python
```

```output
a.py:1:1: warning r: m
```

## Good

`b.py`
```deleted
```

Some prose.

## Fixed

`docs/a.md`
````markdown
```python
```
````
"""


def test_a_page_is_read_whole() -> None:
    page = parse_page(PAGE)
    assert (page.title, page.severity.value, page.fix, page.since) == ("A title", "warning", "safe", "0.1.0")
    assert page.prose == "The reason.\n\n```sql\nSELECT 1;\n```"
    bad, good, fixed = page.sections
    assert (bad.kind, bad.label, bad.title) == ("Bad", "one", "Bad: one")
    assert bad.files == {"a.py": 'x = "\x0c"\n', "b.py": ""}
    assert bad.output == "a.py:1:1: warning r: m\n"
    assert (good.files, good.deleted, good.output) == ({}, ("b.py",), None)
    assert fixed.files == {"docs/a.md": "```python\n```\n"}
    assert "toml" not in page.explanation
    assert page.explanation.startswith("# A title\n\nThe reason.\n")
    assert parse_sections(PAGE) == page.sections


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("`b.py`\n```deleted\n```", "`b.py`\n```deleted\nx\n```", "a deleted file has no text"),
        ("`b.py`\n\n```python\n```\n", "`b.py`\nwords\n", "no fence follows the path `b.py`"),
        ("`b.py`\n\n```python\n```\n", "```python\n```\n", "a fence without a path before it"),
        ("`b.py`\n\n```python", "`a.py`\n\n```python", "`a.py` stands twice"),
        ("````\n", "", "the fence is never closed"),
        ('severity = "warning"', 'severity = "loud"', "settings block: 'loud' is not a valid Severity"),
        ('fix = "safe"', 'fix = "often"', "fix is 'often', and may be none, safe, unsafe"),
        ('fix = "safe"', 'fixable = "safe"', "settings block: Object contains unknown field `fixable`"),
        ('since = "0.1.0"', "", "settings block: Object missing required field `since`"),
    ],
)
def test_a_page_that_breaks_the_format(old: str, new: str, message: str) -> None:
    start, _, rest = PAGE.rpartition(old) if old == "````\n" else PAGE.partition(old)
    with pytest.raises(PageError) as raised:
        parse_page(start + new + rest)
    assert message in str(raised.value)


def _example(tmp_path: Path, text: str, index: int) -> harness.Example:
    file = tmp_path / "family-name.md"
    file.write_text(text, encoding="utf-8")
    return harness.examples_of("family-name", file)[index]


def test_an_output_is_replaced_in_place(tmp_path: Path) -> None:
    example = _example(tmp_path, PAGE, 0)
    harness.write_output(example, "one\n  two\n")
    expected = PAGE.replace("a.py:1:1: warning r: m\n", "one\n  two\n")
    assert example.file.read_text(encoding="utf-8") == expected


def test_an_output_is_made_where_there_is_none(tmp_path: Path) -> None:
    text = "## Bad\n\n`a.py`\n```python\nx\n```\n\n## Good\n\n`a.py`\n```python\n```\n"
    example = _example(tmp_path, text, 0)
    harness.write_output(example, "one\n")
    expected = "```\n\n```output\none\n```\n\n## Good"
    assert example.file.read_text(encoding="utf-8") == text.replace("```\n\n## Good", expected)


def test_an_output_is_made_in_the_last_section(tmp_path: Path) -> None:
    example = _example(tmp_path, "## Bad\n\n`a.py`\n```python\nx\n```\n", 0)
    harness.write_output(example, "one\n")
    assert example.file.read_text(encoding="utf-8").endswith("x\n```\n\n```output\none\n```\n")


def test_a_good_section_builds_on_the_bad_one_before_it(tmp_path: Path) -> None:
    example = _example(tmp_path, PAGE, 1)
    assert example.files == {"a.py": 'x = "\x0c"\n'}
    assert example.name == "family-name/Good"


def test_an_example_may_bring_its_settings() -> None:
    own = {"infralint.toml": 'dialect = "sqlite"\nselect = ["ALL"]\n', "pyproject.toml": "[project]\n"}
    settings = harness.settings_of(own, "sql")
    assert (settings.dialect.value, settings.select) == ("sqlite", ("sql",))
    assert harness.settings_of({"pyproject.toml": "[project]\n"}, "sql").dialect.value == "auto"


def test_titles_that_stand_twice_are_numbered(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("## Bad: a\n## Good\n## Bad: a\n## Good\n", encoding="utf-8")
    names = [example.name for example in harness.examples_of("r", file)]
    assert names == ["r/Bad: a", "r/Good", "r/Bad: a 2", "r/Good 2"]
