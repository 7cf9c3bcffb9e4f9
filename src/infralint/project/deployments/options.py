"""Lists in the values of options."""

from __future__ import annotations

import re

from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text

# `^@^A=1@B=2`: gcloud topic escaping.
_DELIMITER = re.compile(r"\^([^^]+)\^")


def split_list(text: Text) -> list[Text]:
    """The items of a list as gcloud parts them: by commas, or by what stands between carets at its beginning."""
    value = text.value
    match = _DELIMITER.match(value)
    delimiter, at = (match[1], match.end()) if match else (",", 0)
    items = []
    for part in value[at:].split(delimiter):
        items.append(sliced(text, at, at + len(part)))
        at += len(part) + len(delimiter)
    return [item for item in items if item.value.strip()]


def halves(text: Text) -> tuple[Text, Text | None]:
    """`NAME=value`; None where there is no `=`."""
    value = text.value
    at = value.find("=")
    if at < 0:
        return _stripped(text), None
    return _stripped(sliced(text, 0, at)), sliced(text, at + 1, len(value))


def _stripped(text: Text) -> Text:
    value = text.value
    start = len(value) - len(value.lstrip())
    return sliced(text, start, max(start, len(value.rstrip())))


def is_unknown(text: Text) -> bool:
    """Whether nothing but holes is known of a text."""
    return not text.value.replace(HOLE, "").strip()
