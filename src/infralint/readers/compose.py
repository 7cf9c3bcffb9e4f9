"""Compose files: the images and commands of their services.

Compose specification, "Interpolation", "extends", "build" and "pull_policy" (Compose 2.30).
"""

from __future__ import annotations

from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.text import Text
from infralint.readers.argv import commands_of, script_commands
from infralint.readers.build_uses import compose_build
from infralint.readers.compose_workloads import read_services
from infralint.readers.found import Found
from infralint.readers.pieces import TEMPLATE, Variables, filled, inner, with_holes
from infralint.readers.yaml_nodes import (
    Mapping,
    Node,
    Sequence,
    YamlFile,
    entries,
    get,
    items,
    read_yaml,
    scalar,
)

_INTERPOLATION = Variables("$$", {}, defaults=True)
# In a command a default is not worth a guess: what is not certain is a hole.
_COMMAND_INTERPOLATION = Variables("$$", {})
_LOCAL_POLICIES = frozenset({"never", "build"})
_MAX_EXTENDS = 10
_TOP_LEVEL = frozenset(
    {"version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models"}
)


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a compose file."""
    file = read_yaml(text)
    found = Found()
    for document in file.documents:
        read_compose(file, document, found)
    return found.facts(file.problem)


def is_compose(document: Node) -> bool:
    """Whether a document of any name is a compose file: by its keys, and a service that has or extends an image."""
    keys = entries(document)
    services = entries(get(document, "services"))
    if not services or any(key not in _TOP_LEVEL and not key.startswith("x-") for key in keys):
        return False
    return all(isinstance(entry.value, Mapping) for entry in services.values()) and any(
        key in entries(entry.value) for entry in services.values() for key in ("image", "build", "extends")
    )


def read_compose(file: YamlFile, document: Node, found: Found) -> None:
    """Gather the facts of one document."""
    read_services(file, document, found)
    services = entries(get(document, "services"))
    for name, entry in services.items():
        service = entry.value
        built = _is_built(service, document, depth=0)
        if built is not None:
            _image(file, service, name, built, found)
        if get(service, "build") is not None:
            found.override("service", file.text_of(entry.key))
        _build(file, get(service, "build"), found)
        found.builds += [use for use in [compose_build(file, name, service)] if use is not None]
        for key in ("command", "entrypoint"):
            _command(file, get(service, key), found)


def _image(file: YamlFile, service: Node, name: str, built: bool, found: Found) -> None:
    written = file.text_of(get(service, "image"))
    if written is None:
        return
    result = filled(with_holes(inner(written), TEMPLATE), _INTERPOLATION)
    where = f"compose service `{name}`"
    found.images.append(ImageUse(result.text, "compose", where, built, defaults=result.defaults, owner=name))


def _is_built(service: Node, document: Node, depth: int) -> bool | None:
    """Whether a service, or the one that it extends, has a build; None where that stands elsewhere."""
    if get(service, "build") is not None:
        return True
    if scalar(get(service, "pull_policy")) in _LOCAL_POLICIES:
        return None
    extends = get(service, "extends")
    if extends is None:
        return False
    parent = get(document, "services", scalar(extends) or scalar(get(extends, "service")))
    if get(extends, "file") is not None or parent is None or depth > _MAX_EXTENDS:
        return None
    return _is_built(parent, document, depth + 1)


def _build(file: YamlFile, build: Node | None, found: Found) -> None:
    """What a build decides: its tags, its arguments, its named contexts."""
    for tag in items(get(build, "tags")):
        found.published(file.text_of(tag))
    for key, kind in (("args", "build-argument"), ("additional_contexts", "context")):
        for name in _names(file, get(build, key)):
            found.override(kind, name)


def _names(file: YamlFile, node: Node | None) -> list[Text]:
    """The names of a mapping, or of a list of `NAME=value`."""
    if isinstance(node, Sequence):
        return [text for item in node.nodes if (text := file.text_of(item))]
    return [text for entry in entries(node).values() if (text := file.text_of(entry.key))]


def _command(file: YamlFile, node: Node | None, found: Found) -> None:
    texts = [filled(with_holes(text, TEMPLATE), _COMMAND_INTERPOLATION).text for text in file.texts(node)]
    if isinstance(node, Sequence):
        found.commands += commands_of(texts)
    elif texts:
        found.commands += script_commands(texts[0])
