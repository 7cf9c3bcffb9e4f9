"""Projects in memory whose images tests look into."""

from __future__ import annotations

from collections.abc import Mapping

from infralint.project.builds import BuiltImage
from infralint.project.lookup import Absent, Known
from infralint.project.project import Project
from infralint.reading import Reading
from infralint.settings import Settings
from infralint.workspace import in_memory

PYTHON = "FROM python:3.13-slim\nWORKDIR /app\n"


def project(files: Mapping[str, str]) -> Project:
    """The linked project of files."""
    settings = Settings()
    workspace = in_memory(files, settings)
    with Reading(workspace, "postgres", jobs=1) as reading:
        facts = reading.read(workspace.files)
    return Project(facts, workspace.paths, settings, None, workspace.is_left_out, workspace.read, workspace.links)


def built(dockerfile: str, files: Mapping[str, str] | None = None) -> BuiltImage:
    """The image of a Dockerfile in the root, with other files beside it."""
    (image,) = project({"Dockerfile": dockerfile, **(files or {})}).builds.all
    return image


def at(image: BuiltImage, path: str) -> str:
    """What is known of a path of an image: the tree's path, "folder", "made", "absent" or "open"."""
    found = image.files.find(path)
    if isinstance(found, Known):
        return "folder" if found.value.is_folder else found.value.tree or "made"
    return "absent" if isinstance(found, Absent) else "open"
