"""The names by which a mock is set up and asked, and which attribute is a slip of one of them."""

from __future__ import annotations

import re
from functools import lru_cache

from infralint.likeness import distance

# Library reference, "unittest.mock": what a mock has of its own, Python 3.10 to 3.14.
NAMES = frozenset(
    {
        "assert_any_await", "assert_any_call", "assert_awaited", "assert_awaited_once", "assert_awaited_once_with",
        "assert_awaited_with", "assert_called", "assert_called_once", "assert_called_once_with",
        "assert_called_with", "assert_has_awaits", "assert_has_calls", "assert_not_awaited", "assert_not_called",
        "attach_mock", "await_args", "await_args_list", "await_count", "call_args", "call_args_list", "call_count",
        "configure_mock", "method_calls", "mock_add_spec", "mock_calls", "reset_mock", "return_value", "side_effect",
    }
)  # fmt: skip
_ASSERTIONS = frozenset(name for name in NAMES if name.startswith("assert_"))
# Words that a mocked thing may have by itself.
_OWN_WORDS = frozenset({"side_effects", "return_values", "call_counts", "mock_call", "method_call", "await_arg"})
# Shorter names are too near to others: `called`, `calls`. Long ones may be off by two.
_SHORTEST, _LONG = 9, 14
_CANDIDATE = re.compile(r"\.\s*([A-Za-z_]\w{6,26})\b")


@lru_cache(maxsize=65536)
def meant(name: str) -> str | None:
    """The name of a mock's own that `name` is a slip of; None when it is one, or like none of them."""
    if name in NAMES or name in _OWN_WORDS:
        return None
    if f"assert_{name}" in _ASSERTIONS:
        return f"assert_{name}"
    if len(name) < _SHORTEST:
        return None
    off, known = min((distance(name, known, 2), known) for known in NAMES)
    longer = name.startswith(known) and not known.startswith("assert_")
    return known if off <= (2 if len(name) >= _LONG else 1) and not longer else None


def has_slips(text: str) -> bool:
    """Whether any attribute in a text may be one."""
    return "ock" in text and any(map(meant, set(_CANDIDATE.findall(text))))
