"""What a file is for, by where it stands: tests, examples, documentation."""

from __future__ import annotations

import re
from functools import lru_cache

_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|unit_?tests?|integration_?tests?|e2e)(?:/|$)|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.pyi?$"
)
_EXAMPLES = re.compile(
    r"(?:^|/)(?:examples?|samples?|demos?|tutorials?|docs?|docs_src|snippets|benchmarks?|notebooks?|templates?)(?:/|$)"
)

_TEMPLATES = re.compile(r"(?:^|/)templates?/")


@lru_cache(maxsize=65536)
def is_test(path: str) -> bool:
    """Whether a file belongs to tests: by pytest's default file names, or a folder of tests above it."""
    return bool(_TESTS.search(path))


def is_template(path: str) -> bool:
    """Whether a file stands in a folder of templates: what becomes of it is not yet in its words."""
    return bool(_TEMPLATES.search(path))


def is_test_data(path: str) -> bool:
    """Whether a Python file of tests has a name that no import can have: they read it, and do not run it."""
    return is_test(path) and not path.rpartition("/")[2].partition(".")[0].isidentifier()


@lru_cache(maxsize=65536)
def is_example(path: str) -> bool:
    """Whether a file stands in a folder of examples or documentation."""
    return bool(_EXAMPLES.search(path.rpartition("/")[0]))
