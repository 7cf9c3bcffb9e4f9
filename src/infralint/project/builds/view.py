"""The builds of a project, and the images that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from infralint.facts.builds import Arg, Copy, Dockerfile, Env, Run
from infralint.facts.commands import Command, ShellScript
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Text
from infralint.project.builds.context import Context, TreeIndex
from infralint.project.builds.evaluate import Evaluation
from infralint.project.builds.ignores import Ignores
from infralint.project.builds.requests import Requests
from infralint.project.builds.resolve import Resolver
from infralint.project.builds.values import Build, BuiltImage
from infralint.project.image_names import may_be_same, repository, split

# Stages that take from each other are looked into one inside of the other.
_MAX_STAGES = 60
# Every instruction and every command is a layer to look through.
_MAX_STEPS = 2000


class Contexts:
    """The folders of the tree as builds send them."""

    def __init__(self, files: Mapping[str, FileFacts], tree: TreeIndex) -> None:
        self.files = files
        self.tree = tree
        self._found: dict[tuple[str, str], Context] = {}

    def of(self, folder: str, dockerfile: str) -> Context:
        """A folder as a build of a Dockerfile sends it: a Dockerfile's own ignore file comes before the folder's."""
        inside = f"{folder}/" if folder else ""
        candidates = (f"{dockerfile}.dockerignore", f"{inside}.dockerignore", f"{inside}.containerignore")
        found = next((path for path in candidates if path in self.files), "")
        if (folder, found) not in self._found:
            patterns = self.files[found].docker_ignores if found else ()
            ignores = Ignores(tuple(pattern.value for pattern in patterns))
            self._found[folder, found] = Context(self.tree, folder, ignores, found)
        return self._found[folder, found]


def builds_of(
    files: Mapping[str, FileFacts],
    tree: TreeIndex,
    having: Callable[[str], Iterable[str]],
    requests: Callable[[str], Requests],
) -> tuple[Build, ...]:
    """All builds, sorted by Dockerfile, target and place. `having` gives the files that have a subject, `requests` what
    one of them asks for.

    Every Dockerfile of the tree has one that has a stage, and no more of everything than somebody writes.
    """
    found = ((path, files[path].dockerfile) for path in having("dockerfile"))
    dockerfiles = {path: each for path, each in found if each is not None and _is_written(each)}
    if not dockerfiles:
        return ()
    described = [each for path in having("builds") for each in requests(path).described]
    commanded = [each for path in having("commands") for each in requests(path).commanded]
    return tuple(Resolver(tree, dockerfiles).builds((*described, *commanded)))


class DockerfileBuilds:
    """The builds of one Dockerfile, each evaluated when it is asked for, with `builds` as those of its bases."""

    def __init__(self, builds: Builds, path: str) -> None:
        self.builds = builds
        self.path = path
        self._found: dict[Build, Evaluation] = {}

    def evaluation(self, build: Build) -> Evaluation:
        """The stages of a build."""
        if build not in self._found:
            self._found[build] = Evaluation(
                build,
                self.dockerfile,
                None if build.context is None else self._context(build.context),
                {name: None if folder is None else self._context(folder) for name, folder in build.contexts},
                self.builds.own_base,
                self.builds.script,
            )
        return self._found[build]

    @cached_property
    def dockerfile(self) -> Dockerfile:
        """What is written in it."""
        written = self.builds.files[self.path].dockerfile
        assert written is not None
        return written

    def _context(self, folder: str) -> Context:
        return self.builds.contexts.of(folder, self.path)


class Builds:
    """Every image that the project builds. `builds`: all builds, as `builds_of` finds them; `of_path` gives those of
    a Dockerfile."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        builds: tuple[Build, ...],
        contexts: Contexts,
        of_path: Callable[[str], DockerfileBuilds],
    ) -> None:
        self.files = files
        self.builds = builds
        self.contexts = contexts
        self._of_path = of_path

    @property
    def tree(self) -> TreeIndex:
        """The files and folders of the tree."""
        return self.contexts.tree

    @cached_property
    def dockerfiles(self) -> tuple[str, ...]:
        """The Dockerfiles of the tree, sorted."""
        return tuple(dict.fromkeys(build.dockerfile for build in self.builds))

    def dockerfile(self, path: str) -> Dockerfile:
        """What is written in a Dockerfile."""
        return self._of_path(path).dockerfile

    @cached_property
    def all(self) -> tuple[BuiltImage, ...]:
        """One image for each build, sorted by Dockerfile, target and place."""
        images = (self.evaluation(build).image for build in self.builds)
        return tuple(image for image in images if image is not None)

    def evaluation(self, build: Build) -> Evaluation:
        """The stages of a build."""
        return self._of_path(build.dockerfile).evaluation(build)

    def named(self, image: str) -> tuple[BuiltImage, ...]:
        """The images that are built under a name; its tag and digest do not count."""
        name = repository(image)
        return tuple(built for built, names in self._names if any(may_be_same(each, name) for each in names))

    @cached_property
    def _names(self) -> list[tuple[BuiltImage, list[str]]]:
        return [(built, [repository(each.value) for each in built.build.names]) for built in self.all]

    def of_service(self, path: str, service: str) -> tuple[BuiltImage, ...]:
        """The images of a compose service: those of its own file, and of files of the same folder."""
        own = [built for built in self.all if built.build.service == service and built.build.kind == "compose"]
        folder = path.rpartition("/")[0]
        return tuple(
            [built for built in own if built.build.path == path]
            or [built for built in own if built.build.path.rpartition("/")[0] == folder]
        )

    def of_dockerfile(self, path: str) -> tuple[BuiltImage, ...]:
        """All images of one Dockerfile: a mistake is certain only if it is one in each of them."""
        own = (self.evaluation(build).image for build in self.builds if build.dockerfile == path)
        return tuple(image for image in own if image is not None)

    def script(self, path: str) -> tuple[tuple[Command, ...], ShellScript] | None:
        """The commands of a shell script of the tree; None for any other file."""
        facts = self.files.get(path)
        return (facts.commands, facts.script) if facts is not None and facts.script is not None else None

    def own_base(self, image: Text) -> Evaluation | None:
        """The build of an image of the project: where one Dockerfile alone is built under this name and tag."""
        found = self._by_reference.get(_reference(image.value), ())
        return self.evaluation(found[0]) if len({(each.dockerfile, each.target) for each in found}) == 1 else None

    @cached_property
    def _by_reference(self) -> Mapping[tuple[str, str], Sequence[Build]]:
        found: dict[tuple[str, str], list[Build]] = {}
        for build in self.builds:
            for name in build.names:
                if HOLE not in name.value:
                    found.setdefault(_reference(name.value), []).append(build)
        return found


def _is_written(dockerfile: Dockerfile) -> bool:
    steps = [step for stage in dockerfile.stages for step in stage.instructions]
    commands = sum(len(step.commands) for step in steps if isinstance(step, Run))
    sources = sum(len(step.sources) for step in steps if isinstance(step, Copy))
    variables = sum(len(step.assignments) for step in (*steps, *dockerfile.arguments) if isinstance(step, (Arg, Env)))
    return 0 < len(dockerfile.stages) <= _MAX_STAGES and len(steps) + commands + sources + variables <= _MAX_STEPS


def _reference(image: str) -> tuple[str, str]:
    return repository(image), split(image)[1] or "latest"
