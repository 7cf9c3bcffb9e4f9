"""Images in command lines: docker, podman, gcloud, kubectl and their kin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.docker_options import GCLOUD, GLOBAL, KUBECTL, PULL, RUN, Options

_ENGINES = frozenset({"docker", "podman", "nerdctl", "docker.exe"})
_RUNNING = {"run": RUN, "create": RUN, "pull": PULL}
_GROUPS = frozenset({"image", "container", "buildx", "builder"})
_GCLOUD_TRACKS = frozenset({"alpha", "beta", "preview"})
# gcloud reference (SDK 500 and later): the commands of Cloud Run that take an image.
_GCLOUD = re.compile(r"run (?:deploy|services update|jobs (?:deploy|create|update)|worker-pools (?:deploy|update))")
_CREATING = re.compile(r"(?:run|create (?:deployment|job|cronjob))\b")
_ASSIGNMENT = re.compile(r"[^=\s]+=")


def images_of(command: Command) -> Iterator[ImageUse]:
    """The images that a command runs, pulls, deploys or publishes, as far as each is certain to be one."""
    if not command.words:
        return
    program = re.split(r"[/\\]", command.words[0].value)[-1]
    if program in _ENGINES:
        yield from _engine(program, command)
    elif program == HOLE:
        # `$(ENGINE) build -t app .`: what an engine of any name would publish is made here.
        yield from (use for use in _engine(program, command) if use.pushed)
    elif program == "gcloud":
        yield from _gcloud(command.words[1:])
    elif program in ("kubectl", "oc"):
        yield from _kubectl(program, command.words[1:])
    elif program in ("buildah", "img", "pack"):
        yield from _published(_option_values(command.words, ("-t", "--tag")))
        if program == "pack" and len(command.words) > 2:
            yield from _published([command.words[2].text])


def _engine(program: str, command: Command) -> Iterator[ImageUse]:
    words = command.words[1:]
    at = _first_positional(words, GLOBAL)
    if at is not None and words[at].value in _GROUPS:
        at += 1
    if at is None or at >= len(words):
        return
    verb, rest = words[at].value, words[at + 1 :]
    if verb in _RUNNING:
        all_tags = verb == "pull" and {"-a", "--all-tags"} & set(_values(rest))
        image = _first_positional(rest, _RUNNING[verb])
        if image is not None and command.complete and not all_tags:
            yield ImageUse(_whole(rest[image]), "docker", f"`{program} {verb}`")
    elif verb == "build":
        for use in _published(_option_values(rest, ("-t", "--tag"))):
            yield msgspec.structs.replace(use, built=True)
    elif verb in ("push", "tag", "commit", "import"):
        yield from _published([word.text for word in rest if not word.value.startswith("-")])


def _published(names: Sequence[Text]) -> Iterator[ImageUse]:
    for name in names:
        if name.value:
            yield ImageUse(sliced(name, 0, len(name.value)), "published", "published image", pushed=True)


def _gcloud(words: Sequence[Word]) -> Iterator[ImageUse]:
    start = _first_positional(words, GCLOUD)
    path = [word.value for word in words[start:] if not word.value.startswith("-")] if start is not None else []
    if path[:1] and path[0] in _GCLOUD_TRACKS:
        path = path[1:]
    spoken = " ".join(path)
    match = _GCLOUD.match(spoken)
    if match is not None:
        for image in _option_values(words, ("--image",)):
            yield ImageUse(image, "deploy", f"`gcloud {match[0]}`")
    elif spoken.startswith("builds submit"):
        yield from _published(_option_values(words, ("-t", "--tag")))
    elif spoken.startswith(("artifacts docker tags add", "container images add-tag")):
        yield from _published([word.text for word in words if "/" in word.value])


def _kubectl(program: str, words: Sequence[Word]) -> Iterator[ImageUse]:
    at = _first_positional(words, KUBECTL)
    if at is None:
        return
    rest = words[at:]
    spoken = " ".join(word.value for word in rest if not word.value.startswith("-"))
    if spoken.startswith("set image "):
        for image in _assigned(rest):
            yield ImageUse(image, "deploy", f"`{program} set image`")
    elif match := _CREATING.match(spoken):
        for image in _option_values(rest, ("--image",)):
            yield ImageUse(image, "deploy", f"`{program} {match[0]}`")


def _assigned(words: Sequence[Word]) -> list[Text]:
    """The images of `set image deployment/web web=nginx:1.27`."""
    found = []
    at: int | None = 0
    while at is not None and at < len(words):
        word = words[at]
        match = _ASSIGNMENT.match(word.value)
        if match:
            found.append(sliced(word.text, match.end(), len(word.value)))
        step = _first_positional(words[at + 1 :], KUBECTL)
        at = None if step is None else at + 1 + step
    return [image for image in found if image.value]


def _whole(word: Word) -> Text:
    """A word's text without quotes around it."""
    return sliced(word.text, 0, len(word.value))


def _values(words: Sequence[Word]) -> list[str]:
    return [word.value for word in words]


def _option_values(words: Sequence[Word], names: tuple[str, ...]) -> list[Text]:
    """The values of an option: `--image X` and `--image=X`, before `--`."""
    found = []
    for at, word in enumerate(words):
        value = word.value
        if value == "--":
            break
        name, equals, _ = value.partition("=")
        if equals and name in names:
            found.append(sliced(word.text, len(name) + 1, len(value)))
        elif value in names and at + 1 < len(words):
            found.append(_whole(words[at + 1]))
    return [text for text in found if text.value]


def _first_positional(words: Sequence[Word], options: Options) -> int | None:
    """The place of the first word that is no option and no option's value; None where it is not certain."""
    at = 0
    while at < len(words):
        value = words[at].value
        if not value.startswith("-") or value == "-":
            # A word of which nothing is known may be several, or an option: all after it is unknown.
            return None if value == HOLE else at
        if value == "--":
            return at + 1 if at + 1 < len(words) else None
        width = _width(value, options)
        if width is None:
            return None
        at += width
    return None


def _width(option: str, options: Options) -> int | None:
    """How many words an option takes; None where it is not known."""
    name, equals, _ = option.partition("=")
    if name in options.switches:
        return 1
    if name in options.values:
        return 1 if equals else 2
    if option.startswith("--") or HOLE in name:
        return None
    for place, letter in enumerate(option[1:], start=1):
        if f"-{letter}" in options.values:
            return 1 if place + 1 < len(option) else 2
        if f"-{letter}" not in options.switches:
            return None
    return 1


def build_settings(command: Command) -> Iterator[tuple[str, str]]:
    """Names whose value a command decides, as (kind, name).

    Kinds are those of ImageOverride, and "workload": what `kubectl set image` changes. A substitution of
    Cloud Build is a build argument.
    """
    program = re.split(r"[/\\]", command.words[0].value)[-1] if command.words else ""
    if program in _ENGINES or program == "buildah":
        yield from (("build-argument", _name(text)) for text in _option_values(command.words, ("--build-arg",)))
        yield from (("context", _name(text)) for text in _option_values(command.words, ("--build-context",)))
    elif program == "gcloud":
        for text in _option_values(command.words, ("--substitutions",)):
            yield from (("build-argument", part.partition("=")[0]) for part in text.value.split(","))
        for text in _option_values(command.words, ("--images",)):
            yield from (("image", part.partition("=")[0]) for part in text.value.split(","))
    elif program == "kustomize" and [word.value for word in command.words[1:4]] == ["edit", "set", "image"]:
        yield from (("image", re.split("[=:@]", word.value)[0]) for word in command.words[4:])
    elif program in ("kubectl", "oc") and "set" in _values(command.words) and "image" in _values(command.words):
        yield from (("workload", word.value.partition("/")[2]) for word in command.words if "/" in word.value)


def _name(assignment: Text) -> str:
    return assignment.value.partition("=")[0]
