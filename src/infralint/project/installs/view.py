"""Project.installs: which distributions each image holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Requirement
from infralint.project.builds import BuiltImage
from infralint.project.installs.bases import Base, base_of
from infralint.project.installs.resolve import Resolver
from infralint.project.installs.stages import Contents, StageReader
from infralint.project.installs.values import Installed
from infralint.project.requirements import MarkerEnvironment, RequirementSet
from infralint.project.requirements.view import Requirements
from infralint.source import Span


class Installs:
    """The installs of images. `of_path` gives those of a Dockerfile."""

    def __init__(self, of_path: Callable[[str], DockerfileInstalls]) -> None:
        self._of_path = of_path

    def of(self, image: BuiltImage) -> Installed:
        """What the commands of an image install, and those of the stages that it copies environments from."""
        return self._of_path(image.build.dockerfile).of(image)


class DockerfileInstalls:
    """The installs of the images of one Dockerfile."""

    def __init__(self, files: Mapping[str, FileFacts], requirements: Requirements) -> None:
        self.files = files
        self.requirements = requirements
        self._found: dict[int, tuple[BuiltImage, Installed]] = {}
        self._contents: dict[int, tuple[BuiltImage, Contents]] = {}

    def of(self, image: BuiltImage) -> Installed:
        """What the commands of an image install, and those of the stages that it copies environments from."""
        if id(image) not in self._found:
            # The image is kept, so that no other one gets its id.
            self._found[id(image)] = (image, self._read(image))
        return self._found[id(image)][1]

    def _read(self, image: BuiltImage) -> Installed:
        base = _base(image)
        resolver = self._resolver(base)
        reader = StageReader(image, base, self.files, resolver, self._contents_of)
        contents = reader.read()
        if image.command is not None:
            reader.start(image.command.commands)
        installs = tuple(placed for placed, _ in contents.installs)
        sets = [each.brings for each in installs]
        brings = self.requirements.together([self._of_base(base, resolver), *sets])
        reasons = dict.fromkeys([*(reason for reason, _ in contents.open), *brings.open])
        return Installed(image, installs, brings, base.python, tuple(reasons))

    def _contents_of(self, image: BuiltImage) -> Contents:
        """What another stage holds, from its own point of view."""
        if id(image) not in self._contents:
            # A circle of stages, which Docker refuses, would come back here.
            self._contents[id(image)] = (image, Contents())
            base = _base(image)
            reader = StageReader(image, base, self.files, self._resolver(base), self._contents_of)
            self._contents[id(image)] = (image, reader.read())
        return self._contents[id(image)][1]

    def _resolver(self, base: Base) -> Resolver:
        environment = replace(MarkerEnvironment(), python=base.python)
        return Resolver(self.files, self.requirements, environment, not base.apart)

    def _of_base(self, base: Base, resolver: Resolver) -> RequirementSet:
        nowhere = Span(0, 0)
        asked = [Requirement(nowhere, nowhere, name=name) for name in base.brings]
        return self.requirements.of_requirements("", asked, dependencies=False, environment=resolver.environment)


def _base(image: BuiltImage) -> Base:
    return base_of(image.base.value if image.base is not None else None)
