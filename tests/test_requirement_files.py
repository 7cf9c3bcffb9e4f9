"""Requirement files: what each line asks for, its places, and pip's own reader as the judge."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement as Pep508

import infralint
from infralint.facts.commands import Word
from infralint.facts.requirements import Requirement, RequirementFacts, normalised
from infralint.facts.text import HOLE, plain
from infralint.kinds import Kind
from infralint.pep508 import pep508_requirement, pip_requirement
from infralint.project.requirements.words import requirement_in
from infralint.readers.dispatch import read_file


def facts_of(text: str | bytes) -> RequirementFacts:
    data = text if isinstance(text, bytes) else text.encode()
    facts = read_file(data, Kind.REQUIREMENTS, "auto")
    assert facts.problem is None
    assert facts.requirements is not None
    return facts.requirements


def asked(text: str) -> list[Requirement]:
    return list(facts_of(text).groups[0].requirements)


def only(text: str) -> Requirement:
    found = asked(text)
    assert len(found) == 1, found
    return found[0]


def test_places_are_exact() -> None:
    text = "# first\n  fastapi[standard, all] >= 0.110 ,<1 ; python_version < '3.13'  # why\n"
    found = only(text)
    assert text[found.span.start : found.span.end] == text[10 : text.index("  # why")]
    assert text[found.name_span.start : found.name_span.end] == "fastapi"
    assert found.specifier_span is not None
    assert text[found.specifier_span.start : found.specifier_span.end] == ">= 0.110 ,<1"
    assert (found.extras, found.specifier) == (("all", "standard"), "<1,>=0.110")
    assert found.marker == 'python_version < "3.13"'


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_continued_lines_and_hashes(newline: str) -> None:
    text = newline.join(["foo==1.0 \\", "    --hash=sha256:aa \\", "    --hash sha256:bb", "    # via bar", "bar", ""])
    found = asked(text)
    assert [each.name for each in found] == ["foo", "bar"]
    assert found[0].hashes == ("sha256:aa", "sha256:bb")
    assert [text[each.span.start : each.span.end] for each in found] == ["foo==1.0", "bar"]


def test_a_requirement_over_two_lines_has_one_place() -> None:
    text = "foo>=1,\\\n  <2\n"
    found = only(text)
    assert found.specifier == "<2,>=1"
    assert text[found.span.start : found.span.end] == "foo>=1,\\\n  <2"


@pytest.mark.parametrize(
    ("line", "kind", "target"),
    [
        ("-r base.txt", "requirements", "base.txt"),
        ("-rbase.txt", "requirements", "base.txt"),
        ("--requirement=base.txt  # c", "requirements", "base.txt"),
        ("--requirement ../a/base.txt", "requirements", "../a/base.txt"),
        ("-c c.txt", "constraints", "c.txt"),
        ("--constraint=c.txt", "constraints", "c.txt"),
        ('-r "my file.txt"', "requirements", "my file.txt"),
        ("-r https://example.org/r.txt", "requirements", "https://example.org/r.txt"),
        ("-r ${NAME}.txt", "requirements", f"{HOLE}.txt"),
    ],
)
def test_includes(line: str, kind: str, target: str) -> None:
    text = f"a\n{line}\n"
    (found,) = facts_of(text).groups[0].includes
    assert (found.kind, found.target.value) == (kind, target)
    assert text[found.span.start : found.span.end] == target.replace(HOLE, "${NAME}")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (".", {"path": "."}),
        ("./lib[a,b]", {"path": "./lib", "extras": ("a", "b")}),
        ("-e .", {"path": ".", "editable": True}),
        ("-e ./lib[a]", {"path": "./lib", "editable": True, "extras": ("a",)}),
        ("--editable=src", {"path": "src", "editable": True}),
        ("../shared", {"path": "../shared"}),
        ("file:./lib", {"path": "./lib"}),
        ("file:///opt/lib", {"path": "/opt/lib"}),
        ("foo @ file:///opt/lib", {"name": "foo", "path": "/opt/lib"}),
        ("wheels/my_pkg-1.2-py3-none-any.whl", {"name": "my-pkg", "specifier": "==1.2"}),
        ("my_pkg-1.2-py3-none-any.whl", {"name": "my-pkg", "specifier": "==1.2"}),
        ("https://h.org/foo_bar-1.0.tar.gz", {"name": "foo-bar", "path": ""}),
        ("git+https://h.org/foo.git@v1#egg=Foo_Bar", {"name": "foo-bar", "path": ""}),
        ("-e git+https://h.org/foo.git#egg=foo&subdirectory=x", {"name": "foo", "editable": True}),
        ("foo[x] @ git+https://h.org/foo.git@v1", {"name": "foo", "extras": ("x",), "specifier": ""}),
        ("Foo.Bar_baz", {"name": "foo-bar-baz"}),
        ("foo (>=1)", {"name": "foo", "specifier": ">=1"}),
        ("foo==1.*", {"name": "foo", "specifier": "==1.*"}),
        ("foo===1.0-custom", {"name": "foo", "specifier": "===1.0-custom"}),
        ("foo>=2.0rc1", {"name": "foo", "specifier": ">=2.0rc1"}),
        ("foo==1 --global-option=x", {"name": "foo", "specifier": "==1"}),
        ("foo @ https://user:${TOKEN}@h.org/foo.zip", {"name": "foo", "open": ""}),
    ],
)
def test_forms(line: str, expected: dict[str, object]) -> None:
    found = only(line)
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.open == ""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("git+https://h.org/foo.git", ""),
        ("foo==${VERSION}", "foo"),
        ("${NAME}==1", ""),
        ("${NAME}foo==1", ""),
        ("foo[${EXTRA}]", ""),
        ("foo>=1.0.*", "foo"),
        ("foo=1", "foo"),
        ("== 1", ""),
        ("--no-such-option", ""),
        ("foo bar", ""),
    ],
)
def test_what_is_not_known_is_open(line: str, name: str) -> None:
    found = only(line)
    assert found.open
    assert (found.name, found.specifier, found.extras) == (name, "", ())


def test_options_of_the_index() -> None:
    facts = facts_of("-i https://a\n--extra-index-url=https://b\n--find-links ./w\n--no-index\n--pre\nfoo\n")
    found = [(each.name, each.value.value if each.value else None) for each in facts.options]
    assert found == [
        ("index-url", "https://a"),
        ("extra-index-url", "https://b"),
        ("find-links", "./w"),
        ("no-index", None),
        ("pre", None),
    ]


@pytest.mark.parametrize(
    ("text", "compiled"),
    [
        ("#\n# This file is autogenerated by pip-compile with Python 3.11\n#\nfoo==1\n", True),
        ("# This file was autogenerated by uv via the following command:\nfoo==1\n", True),
        ("foo==1 --hash=sha256:aa\n", True),
        ("--require-hashes\nfoo==1\n", True),
        ("foo==1\nbar==2\n", False),
    ],
)
def test_compiled_files(text: str, compiled: bool) -> None:
    assert facts_of(text).compiled is compiled


def test_lists_of_what_builds_need_are_no_requirements() -> None:
    text = b"# autogenerated by pip-compile\n#    pybuild-deps compile --output-file=b.txt\nfoo==1\nfoo==2\n"
    assert read_file(text, Kind.REQUIREMENTS, "auto").requirements is None


@pytest.mark.parametrize(
    "data",
    [
        "foo==1  # é\n".encode("utf-8-sig"),
        "foo==1  # é\n".encode("utf-16"),
        "# -*- coding: latin-1 -*-\nfoo==1  # é\n".encode("latin-1"),
        "# vim: set fileencoding=cp1252 :\nfoo==1  # é\n".encode("cp1252"),
    ],
    ids=["utf-8-sig", "utf-16", "latin-1", "cp1252"],
)
def test_encodings_as_pip_finds_them(data: bytes) -> None:
    assert [each.name for each in facts_of(data).groups[0].requirements] == ["foo"]


def test_an_encoding_that_is_not_declared_is_a_problem() -> None:
    facts = read_file("foo  # é\n".encode("latin-1"), Kind.REQUIREMENTS, "auto")
    assert facts.problem is not None
    assert facts.problem.kind == "undecodable"


def test_words_of_commands() -> None:
    assert requirement_in(Word(plain("fastapi[all]>=1", 5))).name_span.start == 5
    assert requirement_in(Word(plain(".", 0)), editable=True).path == "."
    assert requirement_in(Word(plain(HOLE, 0), splits=True)).open


# pip as the judge: the same files through its own parser.

LINES = [
    "foo",
    "foo==1.0 # c",
    "Foo_Bar[x,Y]>=1,<2 ; python_version < '3.9'",
    "foo @ https://h.org/f.zip",
    "-e git+https://h.org/foo.git@v1#egg=Foo",
    "foo==1 --hash=sha256:" + "a" * 64,
    "foo \\\n  ==1 \\\n  # c\nbar",
    "foo#bar",
    "foo #bar",
    "foo; sys_platform == 'win32'",
    "foo ;extra == 'x'",
    "  foo  ",
    "\tfoo\t",
    "foo==1,\\\n!=1.5",
    "https://h.org/foo-1.0-py3-none-any.whl",
    "foo~=1.4.2",
    "foo===weird",
    "",
    "# c",
    "\\",
    "foo\\",
    "foo\x0cbar",
    "foo\u2028bar",
]


@pytest.fixture(scope="module", autouse=True)
def pip_is_imported() -> None:
    """pip warns where setuptools was imported before it, as other tests do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pip._internal.req.constructors
        import pip._internal.req.req_file  # noqa: F401


def by_pip(path: Path) -> list[tuple[str, frozenset[str], str, str, bool]]:
    """What pip reads in a file; fails where pip refuses it."""
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    found = []
    for parsed in parse_requirements(str(path), session=None):  # type: ignore[arg-type]
        made = install_req_from_parsed_requirement(parsed)
        assert made.req is not None
        extras = frozenset(map(normalised, made.extras | set(made.req.extras)))
        found.append(
            (normalised(made.req.name), extras, str(made.req.specifier), str(made.markers or ""), made.editable)
        )
    return found


def by_us(text: str) -> list[tuple[str, frozenset[str], str, str, bool]]:
    return [(each.name, frozenset(each.extras), each.specifier, each.marker, each.editable) for each in asked(text)]


@pytest.mark.parametrize("line", LINES)
def test_pip_reads_the_same_line(line: str, tmp_path: Path) -> None:
    agrees_with_pip(f"{line}\nlast==1\n", tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_pip_reads_the_same_file(tmp_path_factory: pytest.TempPathFactory, lines: list[str], newline: str) -> None:
    agrees_with_pip(newline.join(lines), tmp_path_factory.mktemp("pip"))


def agrees_with_pip(text: str, folder: Path) -> None:
    from pip._internal.exceptions import PipError

    path = folder / "requirements.txt"
    path.write_bytes(text.encode())
    try:
        expected = by_pip(path)
    except PipError:
        assert any(each.open for each in asked(text))
    else:
        assert by_us(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab1-_.[],;@ ()<>=!~*'\"#\\$}{\ue000:/", max_size=24))
def test_no_text_raises(text: str) -> None:
    for found in (pep508_requirement(plain(text, 0)), pip_requirement(plain(text, 0), editable=True)):
        assert 0 <= found.span.start <= found.span.end <= len(text)
    found = pep508_requirement(plain(text, 0))
    if not found.open:
        parsed = Pep508(text.replace(HOLE, "0"))
        assert (found.name, found.specifier) == (normalised(parsed.name), str(parsed.specifier))


LAZY = """
import sys, infralint
infralint.lint({"app.py": "import os\\n", "Dockerfile": "FROM python:3.12\\nCMD [\\"python\\"]\\n"})
assert "pip_requirements_parser" not in sys.modules
infralint.lint({"requirements.txt": "foo==1 --hash=sha256:aa\\n"})
assert "pip_requirements_parser" in sys.modules
"""


def test_the_parser_is_imported_when_it_is_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAZY],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(infralint.__file__).parents[1])},
    )
    assert (done.returncode, done.stderr) == (0, "")
