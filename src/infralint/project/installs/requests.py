"""What one command asks an installer for, as written."""

from __future__ import annotations

from dataclasses import dataclass

from infralint.facts.text import Text
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class ProjectRequest:
    """A project whose own file and lock decide what is installed: `uv sync`, `poetry install`, `pip install --group`.

    `folder`: as written, None for the folder that the command runs in. `default`: the requirements of the project
    itself. `dev`: the groups that the tool installs unless it is told not to; None = as the tool does when nothing is
    said. `itself`: the project's own packages are installed too. `packages`: members of a workspace that are asked for.
    `locked`: versions come from the lock file where there is one.
    """

    tool: str
    folder: Text | None = None
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    all_extras: bool = False
    all_groups: bool = False
    default: bool = True
    dev: bool | None = None
    itself: bool = True
    packages: tuple[str, ...] = ()
    all_packages: bool = False
    locked: bool = True


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """One run of an installer.

    `tool`: "pip", "uv" (its pip interface), "project", "conda", "system" (apt and its kin), "setup" (`setup.py
    install`). `requirements`: names, URLs, paths and archives as written; those of `-e` are in `editables`. `files`:
    of `-r` and their kin. `system`: packages of the distribution. `place`: the folder that is installed into, where
    the command says so (`--target`, `--prefix`, the path of the program); None where not. `links`: of `--find-links`.
    `makes`: "environment"; or "wheels" and "requirements" for what is only written to `output`. `dependencies`: False
    with `--no-deps`. `isolated`: into an environment of its own (pipx, `uv tool`). `open`: why more than this may be
    installed.
    """

    tool: str
    span: Span
    requirements: tuple[Text, ...] = ()
    editables: tuple[Text, ...] = ()
    files: tuple[Text, ...] = ()
    constraints: tuple[Text, ...] = ()
    projects: tuple[ProjectRequest, ...] = ()
    system: tuple[Text, ...] = ()
    extras: tuple[str, ...] = ()
    place: Text | None = None
    links: tuple[Text, ...] = ()
    makes: str = "environment"
    output: Text | None = None
    dependencies: bool = True
    isolated: bool = False
    open: tuple[str, ...] = ()
