"""The images of a project: who uses which, who publishes them, and what decides them elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.text import HOLE
from infralint.project.image_commands import build_settings, images_of
from infralint.project.image_names import floats, has_tag_alone, is_of_this_machine, may_be_same, repository
from infralint.project.places import is_test
from infralint.source import Span

# Editors of text that put another image into a manifest.
_EDITORS = frozenset({"sed", "gsed", "yq", "perl"})
_MANIFESTS = frozenset({"kubernetes", "cloud-run"})
_LOCAL = frozenset({"from", "docker"})


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image and the file that uses it; `command`: the range of the command that does, where one does."""

    path: str
    use: ImageUse
    command: Span | None = None

    @property
    def repository(self) -> str:
        return repository(self.use.image.value)


@dataclass(frozen=True, slots=True)
class ImageWords:
    """What one file says of images. `settings`: what its commands decide, as `build_settings` has it; `edited`: what
    they tell text editors."""

    uses: tuple[PlacedImage, ...]
    settings: frozenset[tuple[str, str]]
    edited: tuple[str, ...]


def image_words(path: str, facts: FileFacts) -> ImageWords:
    """What a file says of images."""
    settings = frozenset(each for command in facts.commands for each in build_settings(command))
    edits = [command for command in facts.commands if command.words and command.words[0].value in _EDITORS]
    edited = tuple(word.value for command in edits for word in command.words[1:])
    return ImageWords(tuple(_uses(path, facts)), settings, edited)


class Images:
    """Image references of all files. `paths` are all files of the tree."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: frozenset[str],
        having: Callable[[str], Iterable[str]],
        words: Callable[[str], ImageWords],
    ) -> None:
        """`having` gives the files that have a subject, `words` what one of them says of images."""
        self.files = files
        self.paths = paths
        self._having = having
        self._words = words

    @cached_property
    def all(self) -> tuple[PlacedImage, ...]:
        """Every use, in YAML and Dockerfiles as well as in commands."""
        paths = sorted({*self._having("images"), *self._having("commands")})
        return tuple(placed for path in paths for placed in self._words(path).uses)

    @cached_property
    def published(self) -> tuple[PlacedImage, ...]:
        """Names under which the project makes images."""
        return tuple(placed for placed in self.all if placed.use.pushed or placed.use.built)

    @cached_property
    def settings(self) -> frozenset[tuple[str, str]]:
        """Names that are decided elsewhere, as (kind, name)."""
        found = {
            (override.kind, override.name.value.partition("=")[0])
            for path in self._having("image_overrides")
            for override in self.files[path].image_overrides
        }
        for path in self._having("commands"):
            found |= self._words(path).settings
        return frozenset(found)

    @cached_property
    def _built_services(self) -> frozenset[tuple[str, str]]:
        """Compose services with a build, each with the folder of its file: files of one folder are merged."""
        return frozenset(
            (path.rpartition("/")[0], override.name.value)
            for path in self._having("image_overrides")
            for override in self.files[path].image_overrides
            if override.kind == "service"
        )

    @cached_property
    def _edited(self) -> tuple[str, ...]:
        """What text editors are told in scripts."""
        return tuple(word for path in self._having("commands") for word in self._words(path).edited)

    def floating(self) -> Iterator[PlacedImage]:
        """Uses of an image that another push changes: no digest, and no tag or the tag `latest`."""
        return self._foreign(floats)

    def tagged(self) -> Iterator[PlacedImage]:
        """Uses of an image by a tag other than `latest`, without a digest."""
        return self._foreign(has_tag_alone)

    def _foreign(self, asked: Callable[[str], bool]) -> Iterator[PlacedImage]:
        """Uses of images that the project does not make on the spot and whose reference is decided where it stands."""
        seen = set()
        for placed in self.all:
            # One place may be reached twice: through aliases and merge keys of YAML.
            place = (placed.path, placed.use.span)
            if place in seen:
                continue
            if asked(placed.use.image.value) and not self._is_decided(placed) and not self._is_local(placed):
                seen.add(place)
                yield placed

    def publishers(self, placed: PlacedImage) -> tuple[PlacedImage, ...]:
        """Where the project publishes the image that is used."""
        name = placed.repository
        return tuple(other for other in self.published if may_be_same(repository(other.use.image.value), name))

    def is_published_from(self, path: str, span: Span) -> bool:
        """Whether the characters of a span are part of a name under which an image is made or published."""
        return any(
            other.path == path and any(_overlap(piece.span, span) for piece in other.use.image.pieces)
            for other in self.published
        )

    def _is_decided(self, placed: PlacedImage) -> bool:
        """Whether something else decides which image it is."""
        use, name = placed.use, placed.repository
        if any(("build-argument", variable) in self.settings for variable in use.defaults):
            return True
        if use.place == "compose":
            return bool(use.defaults) and _beside(placed.path, ".env") in self.paths
        if use.place == "from":
            return ("context", use.image.value) in self.settings
        if use.place == "deploy":
            return any(other.path == placed.path for other in self._replaced_by_digest(name))
        return use.place in _MANIFESTS and (
            ("image", name) in self.settings
            or ("image", use.image.value) in self.settings
            or (use.place == "kubernetes" and ("workload", use.owner) in self.settings)
            or bool(self._replaced_by_digest(name))
            or any(name.rpartition("/")[2] in script for script in self._edited)
        )

    def _replaced_by_digest(self, name: str) -> list[PlacedImage]:
        """Commands that deploy the same image by digest, or by a tag that is made for each build."""
        return [
            other
            for other in self.all
            if other.use.place == "deploy" and _is_exact(other.use) and may_be_same(other.repository, name)
        ]

    def _is_local(self, placed: PlacedImage) -> bool:
        """Whether the image is made on the machine that uses it."""
        use = placed.use
        if use.pushed or use.built or is_of_this_machine(use.image.value):
            return True
        publishers = self.publishers(placed)
        if use.place in _LOCAL or "/" not in placed.repository:
            return bool(publishers) or self._is_built_in_override(placed)
        if use.place == "compose":
            return self._is_built_on_the_machine(placed, publishers) or self._is_built_in_override(placed)
        return use.place == "step" and any(other.path == placed.path for other in publishers)

    def _is_built_on_the_machine(self, placed: PlacedImage, publishers: tuple[PlacedImage, ...]) -> bool:
        """Whether a compose file builds the image, or `docker build` does under this very name and no registry's."""
        return any(
            other.use.built and (other.use.place == "compose" or not _has_registry(placed.repository))
            for other in publishers
        )

    def _is_built_in_override(self, placed: PlacedImage) -> bool:
        """Whether a compose file beside this one builds the same service."""
        beside = (placed.path.rpartition("/")[0], placed.use.owner)
        return placed.use.place == "compose" and beside in self._built_services


def _uses(path: str, facts: FileFacts) -> Iterator[PlacedImage]:
    yield from (PlacedImage(path, use) for use in facts.images)
    # A test in Python compares argument lists as often as it runs them.
    compares = path.endswith(".py") and is_test(path)
    for command in facts.commands:
        used = (use for use in images_of(command) if use.pushed or not compares)
        yield from (PlacedImage(path, use, command.span) for use in used)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _has_registry(name: str) -> bool:
    """Whether a repository names its registry: its first part has a dot or a port (distribution/reference)."""
    host = name.partition("/")[0]
    return "/" in name and ("." in host or ":" in host or host == "localhost")


def _is_exact(use: ImageUse) -> bool:
    value = use.image.value
    return "@" in value or (HOLE in value.rpartition("/")[2].rpartition(":")[2] and ":" in value)


def _beside(path: str, name: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{name}"
