"""Text made fit for XML 1.0."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from infralint.reports.harmless import harmless


def content(text: str) -> str:
    """Text between tags. What XML cannot hold is written as an escape (`\\x1b`); line ends stay."""
    return escape("\n".join(map(_fit, text.split("\n"))))


def attributes(**values: str | int) -> str:
    """Attributes with a space before each: ` line="3"`. Names may end with `_`, which is taken off."""
    return "".join(f" {name.rstrip('_')}={quoteattr(_fit(str(value)))}" for name, value in values.items())


def _fit(text: str) -> str:
    # XML 1.0, 2.2: the two last characters of the first plane are none of its characters.
    return harmless(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
