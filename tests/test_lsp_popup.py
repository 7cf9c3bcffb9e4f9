"""What hover shows of a rule's page."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from infralint.lsp.popup import _flowing, popup
from infralint.rules import Rule, all_rules, rules_by_id

EXAMPLE = rules_by_id()["image-latest-tag"]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_page(rule: Rule) -> None:
    """Title and reason are there, every fence is closed and in a language that editors know, no heading is left."""
    shown = popup(rule, markdown=True)
    tokens = MarkdownIt("commonmark").parse(shown)
    assert shown.startswith(f"**{rule.page.title}**\n\n`{rule.id}`: {rule.page.severity.value}, ")
    assert "heading_open" not in {token.type for token in tokens}
    fences = [token for token in tokens if token.type == "fence"]
    assert not {"output", "deleted"} & {token.info for token in fences}
    for example in rule.page.sections[:1]:
        assert [token.content for token in fences][: len(example.files)] == list(example.files.values())
        assert example.output in [token.content for token in fences]
        # Each file's name is a paragraph of its own.
        named = {token.content for token in tokens if token.type == "inline"}
        assert {f"`{path}`" for path in example.files} <= named
    words = " ".join(rule.page.prose.split())
    assert words in " ".join(shown.split())
    plain = popup(rule, markdown=False)
    assert not any(line.startswith(("```", "**", "## ")) for line in plain.splitlines())
    assert words in " ".join(plain.split())


def test_one_example_and_where_the_others_are() -> None:
    shown = popup(EXAMPLE, markdown=True)
    assert len(EXAMPLE.page.sections) > 2
    assert [line for line in shown.splitlines() if line.startswith("**")][1:] == ["**Bad**", "**Good**"]
    assert shown.splitlines()[-1].startswith("[All examples](file://")
    assert shown.endswith("/image/latest-tag.md)")


def test_prose_flows() -> None:
    written = [
        "One",
        "goes on.",
        "",
        "- an item",
        "  goes on;",
        "- another.",
        "",
        "```sh",
        "a",
        "b",
        "```",
        "| x |",
        "| y |",
    ]
    assert list(_flowing(written)) == [
        "One goes on.", "", "- an item goes on;", "- another.", "", "```sh", "a", "b", "```", "| x |", "| y |",
    ]  # fmt: skip
