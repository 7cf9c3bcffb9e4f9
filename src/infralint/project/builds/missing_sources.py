"""What Dockerfiles copy and no build of theirs has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from infralint.facts.files import FileFacts
from infralint.project.builds.context import source_path
from infralint.project.builds.evaluate import Evaluation
from infralint.project.builds.values import CopySource
from infralint.project.builds.view import Builds
from infralint.project.commands import CommandUse
from infralint.project.lookup import Absent, Known
from infralint.source import Span

# Programs whose arguments name files that they make.
_MAKERS = frozenset(
    {"cp", "mv", "ln", "install", "rsync", "scp", "tar", "unzip", "curl", "wget", "git", "touch", "tee", "gsutil",
     "aws", "gcloud", "az", "poetry", "uv", "pdm", "pipenv", "pip-compile", "protoc", "envsubst", "openssl", "make",
     "dvc", "npm", "yarn", "pnpm", "go", "docker", "podman", "jq", "yq", "sops", "vault", "copy", "xcopy", "robocopy",
     "Copy-Item", "Move-Item", "Out-File", "Set-Content", "Invoke-WebRequest", "New-Item", "Compress-Archive"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A path that is copied and is not there, in any build that runs its instruction.

    `source` as the first of these builds has it, `build` where that one is asked for (None for a guess). `pattern`:
    the line of the ignore file that leaves it out. `like`: the path in the context that may be meant.
    """

    source: CopySource
    build: tuple[str, Span] | None
    pattern: tuple[str, Span] | None = None
    like: str | None = None


class Asked(Protocol):
    """What is asked of a project."""

    files: dict[str, FileFacts]

    @property
    def builds(self) -> Builds: ...
    def having(self, field: str) -> tuple[str, ...]: ...
    def part(self, name: str, path: str) -> tuple[Any, ...]: ...


def missing_sources(project: Asked, dockerfile: str) -> Iterator[MissingSource]:
    """The sources of a Dockerfile that are missing in every build, by place."""
    made: frozenset[str] | None = None
    for source, evaluation in _agreed(project.builds, dockerfile):
        if made is None:
            made = frozenset(name for path in project.having("commands") for name in project.part("made_names", path))
        pattern = _pattern(source, project.files)
        if pattern is None and source.context is not None and _may_be_made(source, made, project):
            continue
        build = evaluation.build
        place = None if build.kind == "convention" else (build.path, build.span)
        yield MissingSource(source, place, pattern, _like(source, project.builds))


def _agreed(builds: Builds, dockerfile: str) -> Iterator[tuple[CopySource, Evaluation]]:
    """The sources of a Dockerfile that all builds that run their instruction miss, with the likeliest of these builds:

    where a script may start in several folders, the one that has most of what is copied.
    """
    found: dict[tuple[str, Span], list[tuple[CopySource, Evaluation]]] = {}
    for build in builds.builds:
        if build.dockerfile == dockerfile:
            evaluation = builds.evaluation(build)
            # Its sources are known when its image is.
            for source in evaluation.sources if evaluation.image is not None else ():
                if source.path == dockerfile:
                    found.setdefault((source.path, source.span), []).append((source, evaluation))
    for _, each in sorted(found.items()):
        if all(isinstance(source.found, Absent) for source, _ in each):
            yield max(each, key=lambda found: sum(isinstance(other.found, Known) for other in found[1].sources))


def _pattern(source: CopySource, files: Mapping[str, FileFacts]) -> tuple[str, Span] | None:
    """The pattern that leaves a source out of the context."""
    context = source.context
    path = source_path(source.value)
    if context is None or not context.is_left_out(path):
        return None
    number = context.ignores.pattern_for(path)
    if number is None or not context.ignore_file:
        return None
    return context.ignore_file, files[context.ignore_file].docker_ignores[number].span


def made_names(path: str, facts: FileFacts) -> list[str]:
    """Names of files that the commands of a file make, and so may make before an image is built."""
    found: set[str] = set()
    for command in facts.commands:
        words = [output.value for output in command.outputs]
        if CommandUse(path, command).program in _MAKERS:
            words += [word.value for word in command.words[1:]]
        found.update(part for word in words for part in re.split(r"[/\\=:\s]", word) if part)
    return sorted(found)


def _may_be_made(source: CopySource, made: frozenset[str], project: Asked) -> bool:
    """Whether a command of the tree, or an artifact of another job, may put a file there before the build."""
    parts = source_path(source.value).split("/")
    if parts[-1] in made:
        return True
    return any(
        override.kind == "artifact"
        for path in project.having("image_overrides")
        for override in project.files[path].image_overrides
        if override.name.value in ("", ".", "./") or override.name.value.strip("./").split("/")[0] in parts
    )


def _like(source: CopySource, builds: Builds) -> str | None:
    """The one path of the context with the same name, or with the same end."""
    context = source.context
    path = source_path(source.value)
    if context is None or not path:
        return None
    name = path.rpartition("/")[2]
    known = [*context.files, *(folder for folder in builds.tree.folders if folder and not context.folder)]
    same = [each for each in known if each.rpartition("/")[2] == name and not context.ignores.leaves_out(each)]
    return same[0] if len(same) == 1 else None
