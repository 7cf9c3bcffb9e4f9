"""Projects in memory, and short forms of what their deployments are."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from infralint.facts.text import HOLE
from infralint.kinds import kind_of
from infralint.project.deployments import Deployment, Gap, Setting
from infralint.project.project import Project
from infralint.readers.dispatch import read_file
from infralint.settings import Settings


def project_of(files: Mapping[str, str]) -> Project:
    """A project of texts by path; the texts are dedented."""
    facts = {}
    for path, text in files.items():
        kind = kind_of(path)
        if kind is not None:
            facts[path] = read_file(textwrap.dedent(text).encode(), kind, "postgres")
    return Project(facts, files, Settings())


def deployments(files: Mapping[str, str]) -> tuple[Deployment, ...]:
    """All deployments of a project."""
    return project_of(files).deployments.all


def only(files: Mapping[str, str], name: str = "") -> Deployment:
    """The one deployment of a project, or the one of a name."""
    found = [each for each in deployments(files) if not name or each.name == name]
    assert len(found) == 1, [(each.title, each.sources) for each in found]
    return found[0]


def shown(setting: Setting) -> str:
    """A setting in a few words: its value with `?` for what is not known, or where it comes from."""
    if setting.value is not None:
        words = setting.value.replace(HOLE, "?")
    else:
        words = " ".join(filter(None, (f"<{setting.source}>", setting.reference, setting.key)))
    return words if setting.certain else f"{words} perhaps"


def environment(deployment: Deployment) -> dict[str, str]:
    """All settings of a deployment in a few words."""
    return {name: shown(setting) for name, setting in deployment.environment.items()}


def gaps(deployment: Deployment, *, image: bool = False) -> list[str]:
    """Why names may be set that are not seen; of images only where asked for."""
    found: list[Gap] = [gap for gap in deployment.open if image or gap.kind != "base-image"]
    return [f"{gap.kind}: {gap.reason}" + (f" [{gap.names}]" if gap.names else "") for gap in found]


def written(files: Mapping[str, str], setting: Setting) -> str:
    """What a file has at the place of a setting."""
    return textwrap.dedent(files[setting.path])[setting.span.start : setting.span.end]
