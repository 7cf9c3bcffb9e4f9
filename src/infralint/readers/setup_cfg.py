"""setup.cfg of setuptools (setuptools, "Configuring setuptools using setup.cfg files")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.requirements import Include, Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.facts.slices import sliced
from infralint.facts.text import Text, plain
from infralint.pep508 import pep508_requirement, stripped
from infralint.source import Span

_SECTION = re.compile(r"^\[([^\]\r\n]+)\]", re.MULTILINE)
_KEY = re.compile(r"^([^\s#;=:\[][^=:\r\n]*?)[ \t]*[=:]", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*[#;].*$", re.MULTILINE)
_FILE = re.compile(r"file:\s*")


class _Key:
    """A key of a section: where its name stands, and its value with all lines that continue it."""

    def __init__(self, name: str, span: Span, value: Text) -> None:
        self.name = name
        self.span = span
        self.value = value


def requirements_of_setup_cfg(text: str) -> RequirementFacts | None:
    """What a setup.cfg asks for; None where it says nothing of that."""
    sections = dict(_sections(text))
    options = {key.name: key for key in sections.get("options", ())}
    metadata = {key.name: key.value.value.strip() for key in sections.get("metadata", ())}
    groups = []
    if "install_requires" in options:
        groups.append(_group("main", "", options["install_requires"]))
    if "setup_requires" in options:
        groups.append(_group("build", "", options["setup_requires"]))
    groups.extend(_group("extra", key.name, key) for key in sections.get("options.extras_require", ()))
    python = options["python_requires"].value.value.strip() if "python_requires" in options else ""
    version = metadata.get("version", "")
    return RequirementFacts(
        "setup",
        tuple(groups),
        name=normalised(metadata.get("name", "")),
        version="" if ":" in version else version,
        python=python,
    )


def _sections(text: str) -> Iterator[tuple[str, list[_Key]]]:
    headers = list(_SECTION.finditer(text))
    for at, header in enumerate(headers):
        end = headers[at + 1].start() if at + 1 < len(headers) else len(text)
        yield header[1].strip(), list(_keys(text, header.end(), end))


def _keys(text: str, start: int, end: int) -> Iterator[_Key]:
    found = list(_KEY.finditer(text, start, end))
    for at, key in enumerate(found):
        stop = found[at + 1].start() if at + 1 < len(found) else end
        yield _Key(key[1].strip(), Span(*key.span(1)), plain(text[key.end() : stop], key.end()))


def _group(kind: str, name: str, key: _Key) -> RequirementGroup:
    requirements: list[Requirement] = []
    includes: list[Include] = []
    for line in _lines(key.value):
        directive = _FILE.match(line.value)
        if directive is None:
            requirements.append(pep508_requirement(line))
        else:
            includes.extend(_files(sliced(line, directive.end(), len(line.value))))
    return RequirementGroup(
        kind, key.span, normalised(name), tuple(requirements), tuple(includes), default=kind == "main"
    )


def _lines(value: Text) -> Iterator[Text]:
    """The items of a list: one on each line, or with semicolons on the one line there is."""
    written = value.value
    if "\n" in written.strip() or written.lstrip(" \t").startswith(("\n", "\r")):
        yield from _split(value, r"[^\r\n]+")
    else:
        yield from _split(value, r"[^;\r\n]+")


def _split(value: Text, pattern: str) -> Iterator[Text]:
    for item in re.finditer(pattern, value.value):
        text = stripped(sliced(value, *item.span()))
        if text.value and not _COMMENT_LINE.match(text.value):
            yield text


def _files(value: Text) -> Iterator[Include]:
    for item in re.finditer(r"[^,\s]+", value.value):
        text = sliced(value, *item.span())
        yield Include("requirements", text, text.span)
