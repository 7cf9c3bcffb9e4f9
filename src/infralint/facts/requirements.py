"""What a file asks to be installed: requirement files, pyproject.toml and its kin, and lock files.

All names of distributions are normalised (PEP 503); specifiers are PEP 440 (Poetry's are translated), markers PEP 508.
"""

from __future__ import annotations

import re

import msgspec

from infralint.facts.text import Text
from infralint.source import Span

_SEPARATORS = re.compile(r"[-_.]+")


def normalised(name: str) -> str:
    """The name of a distribution as indexes compare it (PEP 503, "Normalized Names")."""
    return _SEPARATORS.sub("-", name).lower()


class Requirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is asked for.

    `span`: all of it as written, without options and comment; `name_span`: the name alone (of a path or URL, that).
    `name` is "" where only what stands behind a path or URL tells it. `specifier`: "" = any version. `url`: a direct
    reference (PEP 508), with its `git+`. `path`: a project or archive of the file system, relative to the folder of the
    file that asks (pip: to the folder it is run in). `hashes`: as `sha256:...`. `open`: why it is not known which
    distribution or version.
    """

    span: Span
    name_span: Span
    name: str = ""
    extras: tuple[str, ...] = ()
    specifier: str = ""
    specifier_span: Span | None = None
    marker: str = ""
    url: str = ""
    path: str = ""
    editable: bool = False
    hashes: tuple[str, ...] = ()
    open: str = ""


class Include(msgspec.Struct, frozen=True, array_like=True):
    """What a group takes from elsewhere.

    `kind`: "requirements" (pip's `-r`, a file that setuptools reads), "constraints" (`-c`), "group" or "extra" (of the
    same file: its name). `target` is the path (relative to the including file) or the name; `span` the target's place.
    """

    kind: str
    target: Text
    span: Span


class RequirementGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """Requirements that are installed together.

    `kind`: "main" (with the project; the whole of a requirement file), "extra", "group" (dependency group, Poetry's
    group, a category of Pipfile, an environment of hatch), "build", "constraint", "override". `name`: normalised, ""
    for "main". `default`: the file's own tool installs it when nothing is said. `open`: why there may be more in it.
    """

    kind: str
    span: Span
    name: str = ""
    requirements: tuple[Requirement, ...] = ()
    includes: tuple[Include, ...] = ()
    default: bool = True
    open: str = ""


class InstallOption(msgspec.Struct, frozen=True, array_like=True):
    """An option of a requirement file that is no requirement: `--index-url`, `--find-links`, `--pre`, ...

    `name`: pip's long form without dashes. `value`: None for a switch.
    """

    name: str
    value: Text | None
    span: Span


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a project takes a distribution from: `[tool.uv.sources]`.

    `path` is relative to the file's folder; `workspace`: it is a member of the workspace.
    """

    name: str
    span: Span
    path: str = ""
    url: str = ""
    workspace: bool = False


class LockedRequirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a locked distribution brings. `version`: "" where the lock has one version of it only."""

    name: str
    extras: tuple[str, ...] = ()
    marker: str = ""
    version: str = ""


class LockedPackage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A distribution of a lock file. `span`: its name.

    `extras` and `groups`: what each brings besides. `source`: "registry", "git", "url", "path", "editable" (a path),
    "virtual" (a path that is not installed itself). `marker`: it is installed where it holds. `members`: groups of the
    lock that hold it (old Poetry's categories, pdm, Pipfile.lock), () = the lock does not say.
    """

    name: str
    span: Span
    version: str = ""
    requires: tuple[LockedRequirement, ...] = ()
    extras: dict[str, tuple[LockedRequirement, ...]] = {}
    groups: dict[str, tuple[LockedRequirement, ...]] = {}
    source: str = "registry"
    path: str = ""
    marker: str = ""
    members: tuple[str, ...] = ()


class Lock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lock file. `tool`: "uv", "poetry", "pdm", "pipenv", "pylock".

    `edges`: packages say what they require; else the lock is only a list of what is installed.
    """

    tool: str
    packages: tuple[LockedPackage, ...] = ()
    edges: bool = True


class RequirementFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that a file asks to be installed.

    `tool`: "pip" (a requirement file), "conda" (environment.yml), "pipenv", "setup" (setup.cfg, setup.py), "project"
    (pyproject.toml with `[project]`), "poetry", "flit", "uv" (a workspace's root without project), "lock". `name` and
    `version` are the project's own. `python`: the versions it is made for (PEP 440). `compiled`: pip-compile or uv
    wrote the file, so it holds everything. `members` and `left_out`: globs of a uv workspace.
    """

    tool: str
    groups: tuple[RequirementGroup, ...] = ()
    name: str = ""
    version: str = ""
    python: str = ""
    options: tuple[InstallOption, ...] = ()
    sources: tuple[Source, ...] = ()
    lock: Lock | None = None
    compiled: bool = False
    members: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
