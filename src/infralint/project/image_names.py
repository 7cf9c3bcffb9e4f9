"""Image references as Docker reads them: name, tag, digest (distribution/reference, v0.6)."""

from __future__ import annotations

import re

from infralint.facts.text import HOLE
from infralint.project.docker_library import LIBRARY

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?"
_NAME = re.compile(rf"(?:(?P<host>{_HOST})/)?{_COMPONENT}(?:/{_COMPONENT})*")
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")
# Names that tell the reader to write another one.
_PLACEHOLDER = re.compile(r"(?:^|/)(?:your[-_.]|path/to/|placeholder|change-?me|replace-?me)")
# RFC 6761, 6.3: names below `localhost` are the machine itself; `localhost/` is podman's for what was built on it.
_THIS_MACHINE = re.compile(r"(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]+){3})(?::[0-9]+)?/", re.IGNORECASE)
_DOCKER_HUB = re.compile(r"(?:index\.|registry-1\.)?docker\.io/(?:library/)?")
LATEST = "latest"


def split(reference: str) -> tuple[str, str | None]:
    """A reference's name and its tag (None without one); a digest falls away."""
    reference = reference.partition("@")[0]
    name, colon, tag = reference.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (reference, None)


def floats(reference: str) -> bool:
    """Whether a reference certainly has neither digest nor tag, or the tag `latest`.

    A part that is not known (HOLE) may bring a tag where it is part of the last component.
    """
    name, tag = split(reference)
    if "@" in reference or not is_name(name):
        return False
    if tag is None:
        return HOLE not in name.rpartition("/")[2] and not _IMAGE_ID.fullmatch(name)
    return tag == LATEST


def has_tag_alone(reference: str) -> bool:
    """Whether a reference certainly has a tag other than `latest`, and no digest."""
    name, tag = split(reference)
    return "@" not in reference and tag is not None and HOLE not in tag and tag != LATEST and is_name(name)


def is_name(name: str) -> bool:
    """Whether this is a repository's name and no placeholder; Docker allows no capital letters, for one."""
    match = _NAME.fullmatch(name.replace(HOLE, "0"))
    if match is None or _PLACEHOLDER.search(name):
        return False
    host = match["host"]
    return host is None or host.islower() or host.isdigit() or "." in host or ":" in host


def is_of_this_machine(reference: str) -> bool:
    """Whether an image comes from no registry but that of the machine: nobody else moves its tags.

    A name without a registry and a slash is one of Docker Hub's library, or none of Docker Hub's at all.
    """
    name = split(reference)[0]
    if "/" not in name:
        return HOLE not in name and name not in LIBRARY
    return _THIS_MACHINE.match(name) is not None


def repository(reference: str) -> str:
    """The name alone, as it stands in comparisons: Docker Hub's own forms of it are one."""
    return _DOCKER_HUB.sub("", split(reference)[0], count=1)


def may_be_same(one: str, other: str) -> bool:
    """Whether two repositories may be one, whatever their unknown parts are.

    A name whose last component is not known in the least may be any, and is the same as none.
    """
    if one == other:
        return HOLE not in one or _ends_known(one)
    return any(
        HOLE in pattern and _ends_known(pattern) and _pattern(pattern).fullmatch(name)
        for pattern, name in ((one, other), (other, one))
    )


def _ends_known(name: str) -> bool:
    return len(name.rpartition("/")[2].replace(HOLE, "")) > 1


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in name.split(HOLE)))


def shown(reference: str) -> str:
    """A reference for messages."""
    return reference.replace(HOLE, "…")
