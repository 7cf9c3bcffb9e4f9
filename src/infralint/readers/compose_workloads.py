"""The services of a compose file as workloads: command, variables, env files, what they extend.

Compose specification, "Services", "Interpolation", "Merge" and "extends" (Compose 2.30).
"""

from __future__ import annotations

import re

from infralint.facts.deployments import BuildReference, Extends, FileReference, Import, Unseen, Variable, Workload
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Piece, Text, hole
from infralint.readers.found import Found
from infralint.readers.pieces import TEMPLATE, Variables, filled, with_holes
from infralint.readers.workload_values import host_names, is_null, split_words, value_of
from infralint.readers.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, YamlFile, entries, get, items, scalar

_INTERPOLATION = Variables("$$", {}, defaults=True)
# A null brings back the image's own.
_COMMANDS = ("command", "entrypoint")
_RESET, _OVERRIDE = "!reset", "!override"
# Keys of which a file may drop what the files before say.
_KEYS = ("environment", "env_file", "command", "entrypoint", "image", "build", "profiles", "extends", "volumes")
# YAML 1.2 core schema and 1.1's timestamps, where they stand without quotes.
_NUMBER = re.compile(
    r"[-+]?(?:0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[0-9][0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9_]+|\.inf|\.nan)"
)
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:$|[Tt \t])")
_TRUTH = re.compile("True|TRUE|False|FALSE")
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})


def read_services(file: YamlFile, document: Node, found: Found) -> None:
    """Gather the services and includes of one document."""
    found.project_name = scalar(get(document, "name")) or found.project_name
    for included in _included(get(document, "include")):
        path = _text(file, included)
        if path is not None:
            found.includes.append(FileReference("include", path, path.span))
    for name, entry in entries(get(document, "services")).items():
        found.workloads.append(_Service(file, name, entry).workload())


def _included(node: Node | None) -> list[Node]:
    """The paths of `include`: short forms, and `path:` with one or several."""
    found: list[Node] = []
    for item in items(node):
        path = get(item, "path") if isinstance(item, Mapping) else item
        found += items(path) if isinstance(path, Sequence) else [path] if path is not None else []
    return found


def _text(file: YamlFile, node: Node | None) -> Text | None:
    """A scalar after interpolation, with the defaults that stand in it."""
    text = value_of(file, node)
    return None if text is None else _interpolated(text)


def _interpolated(text: Text) -> Text:
    return filled(with_holes(text, TEMPLATE), _INTERPOLATION).text


class _Service:
    """One service while it is read."""

    def __init__(self, file: YamlFile, name: str, entry: Entry) -> None:
        self.file = file
        self.name = name
        self.entry = entry
        self.node = entry.value
        self.unseen: list[Unseen] = []

    def workload(self) -> Workload:
        key = value_of(self.file, self.entry.key)
        variables, removed = self._environment()
        return Workload(
            kind="compose",
            resource=f"compose service `{self.name}`",
            name=key if key is not None else Text((Piece(self.name, self.entry.key.span),), self.entry.key.span),
            span=self.entry.key.span,
            image=self._text("image"),
            build=self._build(),
            entrypoint=self._words("entrypoint"),
            arguments=self._words("command"),
            working_directory=self._text("working_dir"),
            variables=variables,
            imports=tuple(self._env_files()),
            removed=removed,
            replaces=False,
            extends=self._extends(),
            profiles=tuple(scalar(item) for item in items(get(self.node, "profiles"))),
            mounts=tuple(self._mounts()),
            shares_network=scalar(get(self.node, "network_mode")).startswith(("host", "service:", "container:")),
            resets=self._resets(),
            unseen=(*self.unseen, *self._models()),
        )

    def _text(self, key: str) -> Text | None:
        return _text(self.file, get(self.node, key))

    def _resets(self) -> tuple[str, ...]:
        if self.node.tag in (_RESET, _OVERRIDE):
            return ("*",)
        found = {key: get(self.node, key) for key in _KEYS}
        return tuple(
            key
            for key, node in found.items()
            if node is not None and (node.tag in (_RESET, _OVERRIDE) or (key in _COMMANDS and is_null(node)))
        )

    def _value(self, key: str) -> Node | None:
        node = get(self.node, key)
        return None if node is not None and node.tag == _RESET else node

    def _words(self, key: str) -> tuple[Text, ...] | None:
        """A command: a list, or a text that is split as a shell splits words; null leaves the image's own."""
        node = self._value(key)
        if node is None or is_null(node):
            return None
        if isinstance(node, Sequence):
            return tuple(text for item in node.nodes if (text := _text(self.file, item)) is not None)
        text = _text(self.file, node)
        if text is None:
            return None
        words = split_words(text)
        return (Text((Piece(HOLE, text.span),), text.span),) if words is None else words

    def _build(self) -> BuildReference | None:
        node = self._value("build")
        if node is None or is_null(node):
            return None
        if isinstance(node, Scalar):
            return BuildReference(node.span, _text(self.file, node))
        return BuildReference(
            node.span,
            _text(self.file, get(node, "context")),
            _text(self.file, get(node, "dockerfile")),
            _text(self.file, get(node, "target")),
        )

    def _environment(self) -> tuple[tuple[Variable, ...], tuple[str, ...]]:
        """The variables, and the names that this file takes away."""
        node = self._value("environment")
        if isinstance(node, Sequence):
            listed = [value_of(self.file, item) for item in node.nodes]
            return tuple(_listed(text) for text in listed if text is not None), ()
        removed = tuple(name for name, entry in entries(node).items() if entry.value.tag == _RESET)
        variables = (self._mapped(entry) for name, entry in entries(node).items() if name not in removed)
        if isinstance(node, Scalar) and not node.is_null:
            self.unseen.append(Unseen("unread", "its environment is made by a template", node.span))
        return tuple(variables), removed

    def _mapped(self, entry: Entry) -> Variable:
        """`NAME: value`. Keys are not interpolated."""
        name = value_of(self.file, entry.key) or Text((), entry.key.span)
        if is_null(entry.value):
            return Variable(name, None, "host", name.span, host=(name.value,))
        written = value_of(self.file, entry.value)
        if written is None:
            return Variable(name, None, "literal", name.span)
        if isinstance(entry.value, Scalar) and not entry.value.style and _is_rewritten(entry.value.value):
            return Variable(name, hole(written.span), "literal", name.span)
        return Variable(name, _interpolated(written), "literal", name.span, host=host_names(written))

    def _env_files(self) -> list[Import]:
        node = self._value("env_file")
        found = []
        for item in items(node) if isinstance(node, Sequence) else [node]:
            path = _text(self.file, get(item, "path") if isinstance(item, Mapping) else item)
            if path is not None:
                required = scalar(get(item, "required")) not in _FALSE
                raw = scalar(get(item, "format")) == "raw"
                found.append(Import("env-file", path, path.span, required=required, raw=raw))
        return found

    def _extends(self) -> Extends | None:
        node = self._value("extends")
        service = _text(self.file, node if isinstance(node, Scalar) else get(node, "service"))
        if service is None:
            return None
        return Extends(service, service.span, _text(self.file, get(node, "file")))

    def _mounts(self) -> list[tuple[Text, Text]]:
        """Folders and files that are laid over those of the image."""
        found = []
        for item in items(self._value("volumes")):
            if isinstance(item, Mapping):
                source, target = _text(self.file, get(item, "source")), _text(self.file, get(item, "target"))
                if source is not None and target is not None and scalar(get(item, "type")) == "bind":
                    found.append((source, target))
            elif (text := _text(self.file, item)) is not None and text.value.startswith((".", "/", "~", HOLE)):
                source, target = _halves(text)
                if target is not None:
                    found.append((source, target))
        return found

    def _models(self) -> list[Unseen]:
        """`models:` sets variables of names that it makes, or is told (Compose specification, "models")."""
        node = get(self.node, "models")
        return [Unseen("unread", "`models` sets variables", node.span)] if node is not None else []


def _is_rewritten(value: str) -> bool:
    """Whether a plain scalar is a number, a truth value or a date that Compose writes in another way: 010 becomes 8."""
    if _DATE.match(value) or _TRUTH.fullmatch(value):
        return True
    if not _NUMBER.fullmatch(value):
        return False
    try:
        return f"{float(value):.15g}" != value
    except ValueError:
        return True


def _halves(text: Text) -> tuple[Text, Text | None]:
    """The source and target of `source:target[:mode]`."""
    value = text.value
    first = value.find(":")
    if first < 0:
        return text, None
    second = value.find(":", first + 1)
    return sliced(text, 0, first), sliced(text, first + 1, second if second >= 0 else len(value))


def _listed(written: Text) -> Variable:
    """`NAME=value`, or a name alone, whose value is the host's. The whole item is interpolated."""
    at = written.value.find("=")
    if at < 0:
        name = _interpolated(written)
        return Variable(name, None, "host", name.span, host=(name.value,))
    name = _interpolated(sliced(written, 0, at))
    value = sliced(written, at + 1, len(written.value))
    return Variable(name, _interpolated(value), "literal", name.span, host=host_names(value))
