"""Text from a linted file, made fit for a terminal and for one line of output."""

from __future__ import annotations

import re

# C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing
# (Unicode 15.1, Bidi_Control): each could move the cursor, start a new line of output, or show a text other
# than the file's. Lone surrogates (from undecodable file names) cannot be encoded at all.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """The text with every control character written as an escape (`\\x1b`)."""
    return _HARMFUL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
