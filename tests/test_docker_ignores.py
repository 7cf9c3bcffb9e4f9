"""`.dockerignore` by Docker's rules, and the globs of COPY."""

from __future__ import annotations

import pytest

from infralint.project.builds.ignores import Ignores, is_glob, pattern_of
from infralint.readers.dockerignore import read

FILES = (
    "a.py", "b.txt", "README.md", "README-secret.md", ".env", "app/main.py", "app/tests/t.py", "docs/a.md",
    "docs/b/c.md", "tests/t.py", "x/y/z/tests/deep.py",
)  # fmt: skip


def kept(text: str) -> list[str]:
    ignores = Ignores(tuple(pattern.value for pattern in read(text, "").docker_ignores))
    return [path for path in FILES if not ignores.leaves_out(path)]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("", ()),
        ("# docs\n\n   \n", ()),
        ("docs\n", ("docs/a.md", "docs/b/c.md")),
        ("/docs/\n", ("docs/a.md", "docs/b/c.md")),
        ("./docs\r\n", ("docs/a.md", "docs/b/c.md")),
        ("  docs/b/../b  \n", ("docs/b/c.md",)),
        ("*.md\n", ("README.md", "README-secret.md")),
        ("**/*.md\n", ("README.md", "README-secret.md", "docs/a.md", "docs/b/c.md")),
        ("tests\n", ("tests/t.py",)),
        ("**/tests\n", ("app/tests/t.py", "tests/t.py", "x/y/z/tests/deep.py")),
        ("*/tests\n", ("app/tests/t.py",)),
        ("x/**/tests\n", ("x/y/z/tests/deep.py",)),
        ("x/**\n", ("x/y/z/tests/deep.py",)),
        ("?.py\n", ("a.py",)),
        ("[a-b].*\n", ("a.py", "b.txt")),
        ("[^a].*\n", ("b.txt",)),
        ("*.md\n!README.md\n", ("README-secret.md",)),
        ("*.md\n!README*.md\nREADME-secret.md\n", ("README-secret.md",)),
        ("*.md\nREADME-secret.md\n!README*.md\n", ()),
        ("docs\n!docs/a.md\n", ("docs/b/c.md",)),
        ("*\n!app\n!a.py\n", tuple(path for path in FILES if path != "a.py" and not path.startswith("app/"))),
        ("*\n!**/*.py\n", tuple(path for path in FILES if not path.endswith(".py"))),
        (".*\n", (".env",)),
        ("!\n", ()),
        ("[\na.py\n", ("a.py",)),
        ("\\a.py\n", ("a.py",)),
        ("docs/*\n", ("docs/a.md", "docs/b/c.md")),
    ],
)
def test_what_an_ignore_file_leaves_out(text: str, left_out: tuple[str, ...]) -> None:
    assert kept(text) == [path for path in FILES if path not in left_out]


def test_the_pattern_that_decides_is_the_last_one() -> None:
    ignores = Ignores(("docs", "!docs/a.md", "**/a.md"))
    assert [ignores.pattern_for(path) for path in ("docs/a.md", "docs/b/c.md", "app")] == [2, 0, None]


def test_patterns_know_their_place() -> None:
    text = "# c\n  !docs/  \n/a\r\n"
    found = read(text, "").docker_ignores
    assert [(each.value, text[each.span.start : each.span.end]) for each in found] == [("!docs", "!docs/"), ("a", "/a")]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.py", "a.py", True),
        ("*.py", "x/a.py", False),
        ("*", "x/a.py", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[^a]x", "/x", False),
        ("[]a]x", "]x", False),
        ("[a-]x", "ax", False),
        ("[c-a]x", "bx", False),
        ("[\\\\-a]x", "ax", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("**/a", "x/y/a", False),
        ("a[", "a[", False),
        ("a\\", "a\\", False),
        ("[a\\]b]", "]", True),
    ],
)
def test_globs_are_those_of_go(pattern: str, path: str, matches: bool) -> None:
    assert bool(pattern_of(pattern).fullmatch(path)) is matches
    assert is_glob(pattern)
