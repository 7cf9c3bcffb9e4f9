"""Requirements as text: PEP 508's form, and what pip takes besides it (paths, archives, URLs with `#egg=`).

pip's own forms are read by pip-requirements-parser, which is imported when the first of them is met.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from infralint.facts.requirements import Requirement, normalised
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.source import Span

if TYPE_CHECKING:
    from packaging.requirements import Requirement as Pep508

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EXTRAS = re.compile(r"\s*\[[^\]]*\]")
_OPERATOR = re.compile(r"\s*\(?\s*(?=[<>=!~])")
# What may follow a name that is a name and no part of something longer, such as a path.
_AFTER_NAME = re.compile(r"\s*(?:$|[\[(;@<>=!~,#])")
# A source distribution as builders have named them since PEP 625, "Specification".
_SDIST = re.compile(r"([A-Za-z0-9]\w*)-(\d[\w.+!]*)\.tar\.gz")
# The project's own folder, as hatch and pdm write it into a URL.
_ROOT = re.compile(r"(?:file:(?://)?/?)?(?:\{root:(?:uri|real)\}|\$\{PROJECT_ROOT\})/?")
_PARENT = re.compile(r"(?:file:(?://)?/?)?\{root:parent(?::parent)*:(?:uri|real)\}/?")
_FILE_URL = re.compile(r"file:(?://(?:localhost)?(?=/)|(?!//))", re.IGNORECASE)
_NAMED_URL = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\]\s*)?@")
_ARCHIVE = re.compile(r"\S+\.(?:whl|zip|tgz|tbz|txz|tlz|tar(?:\.(?:gz|bz2|xz|lz|lzma))?)(?:$|[\s\[;])", re.IGNORECASE)
_MASK = "0"
UNKNOWN_PART = "a part of it is made at run time"


def stripped(text: Text) -> Text:
    """A text without white space at its ends."""
    value = text.value
    start, end = len(value) - len(value.lstrip()), len(value.rstrip())
    return text if (start, end) == (0, len(value)) else sliced(text, start, max(start, end))


def pep508_requirement(text: Text) -> Requirement:
    """The requirement that a text in the form of PEP 508 asks for; `open` says why it is not known."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Pep508

    text = stripped(text)
    try:
        parsed = Pep508(text.value.replace(HOLE, _MASK))
    except (InvalidRequirement, ValueError, RecursionError) as error:
        return _unread(text, str(error).partition("\n")[0])
    if HOLE in text.value and not _only_in_url(text.value, parsed.url):
        return _unread(text, UNKNOWN_PART)
    return _named(text, parsed, frozenset(parsed.extras), str(parsed.marker or ""))


def pip_requirement(text: Text, *, editable: bool = False) -> Requirement:
    """The requirement that pip takes from a line of a requirement file, or from an argument, without its options."""
    text = stripped(text)
    if _is_plain(text.value) and (not editable or _NAMED_URL.match(text.value)):
        return structs.replace(pep508_requirement(text), editable=editable)
    from pip_requirements_parser import build_editable_req, build_install_req

    try:
        masked = text.value.replace(HOLE, _MASK)
        parsed = build_editable_req(masked) if editable else build_install_req(masked)
    except Exception as error:
        # The parser tells bad input by errors of many classes.
        return _unread(text, str(error).partition("\n")[0])
    marker = str(parsed.marker or "")
    if parsed.link is None:
        if HOLE in text.value:
            return _unread(text, UNKNOWN_PART)
        return _named(text, parsed.req, frozenset(parsed.req.extras) | parsed.extras, marker)
    return _direct(text, parsed, marker, editable)


def _is_plain(value: str) -> bool:
    match = _NAME.match(value)
    archive = _ARCHIVE.match(value)
    return match is not None and archive is None and bool(_AFTER_NAME.match(value, match.end()))


def _named(text: Text, parsed: Pep508, extras: frozenset[str], marker: str) -> Requirement:
    value = text.value
    match = _NAME.match(value)
    end = match.end() if match else len(value)
    url = _unmasked_url(value, parsed.url or "")
    path = _path_of_url(url)
    return Requirement(
        span=text.span,
        name_span=text.locate(0, end),
        name=normalised(parsed.name),
        extras=tuple(sorted(map(normalised, extras))),
        specifier=str(parsed.specifier),
        specifier_span=_specifier_span(text, end) if parsed.specifier else None,
        marker=marker,
        url="" if path else url,
        path=path,
    )


def _only_in_url(value: str, url: str | None) -> bool:
    """Whether the holes of a requirement are in its URL alone, behind the `@`."""
    before, _, behind = value.partition("@")
    return bool(url) and HOLE not in before and not re.search(rf"\s;.*{HOLE}", behind)


def _unmasked_url(value: str, url: str) -> str:
    """The URL with its holes, which the parser saw masked."""
    if not url or HOLE not in value:
        return url
    _, _, written = value.partition("@")
    return re.split(r"\s;", written.strip(), maxsplit=1)[0].strip()


def _specifier_span(text: Text, after_name: int) -> Span | None:
    value = text.value
    extras = _EXTRAS.match(value, after_name)
    operator = _OPERATOR.match(value, extras.end() if extras else after_name)
    if operator is None:
        return None
    written = value[operator.end() :].partition(";")[0].rstrip(" \t)")
    return text.locate(operator.end(), operator.end() + len(written))


def _path_of_url(url: str) -> str:
    """The path in the file system that a URL names; "" for one of the network."""
    if match := _PARENT.match(url):
        return "../" * match[0].count("parent") + url[match.end() :]
    if match := _ROOT.match(url) or _FILE_URL.match(url):
        return url[match.end() :].partition("#")[0] or "."
    return ""


def _direct(text: Text, parsed: object, marker: str, editable: bool) -> Requirement:
    """A path, an archive or a URL without a name before it."""
    link = parsed.link  # type: ignore[attr-defined]
    value = text.value
    written = re.split(r"\s;|;\s", value, maxsplit=1)[0].strip()
    is_remote = link.is_vcs or link.scheme in ("http", "https", "ftp")
    path = "" if is_remote else _path_of_url(link.url) or link.url_without_fragment
    name = parsed.name or _name_in_sdist(written if is_remote else path)  # type: ignore[attr-defined]
    extras = {*parsed.extras, *(parsed.req.extras if parsed.req else ())}  # type: ignore[attr-defined]
    if HOLE in written and not is_remote:
        return _unread(text, UNKNOWN_PART)
    return Requirement(
        span=text.span,
        name_span=text.locate(0, len(written)),
        name=normalised(name),
        extras=tuple(sorted(map(normalised, extras))),
        specifier=str(parsed.req.specifier) if parsed.req else "",  # type: ignore[attr-defined]
        marker=marker,
        url=written if is_remote else "",
        path=path,
        editable=editable,
        open="" if name or path else "only what stands behind the URL tells its name",
    )


def _name_in_sdist(location: str) -> str:
    match = _SDIST.fullmatch(location.partition("#")[0].rpartition("/")[2])
    return match[1] if match else ""


def _unread(text: Text, reason: str) -> Requirement:
    """What does not parse; its name, where that much is certain."""
    value = text.value
    match = _NAME.match(value)
    if match is None or not _is_plain(value) or "[" in value:
        return Requirement(span=text.span, name_span=text.span, open=reason or UNKNOWN_PART)
    name_span = text.locate(0, match.end())
    return Requirement(span=text.span, name_span=name_span, name=normalised(match[0]), open=reason or UNKNOWN_PART)
