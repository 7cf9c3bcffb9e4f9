"""YAML documents as nodes with exact places, read from the parser's events.

Nodes are built from events without recursion, and aliases are references to one node, so neither deep
nesting nor an alias bomb costs more than the file is long. Offsets are characters of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from infralint.facts.files import Problem
from infralint.facts.text import Text
from infralint.readers.yaml_scalars import scalar_text
from infralint.source import Span

# libyaml's parser where PyYAML was built with it, else the Python one: both give the same events.
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Deeper than any deployment file; parsers slow down with the square of the depth.
_MAX_DEPTH = 100
_MERGE = "<<"
# Helm, Jinja and Go templates; a GitHub expression `${{ }}` is plain YAML.
_TEMPLATE = re.compile(r"(?<!\$)\{\{|\{%")
# YAML 1.1, "null".
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, eq=False)
class Scalar:
    """A scalar: its value and how it is written (`style`: "" plain, "'", '"', "|", ">"). `tag`: "!reset"."""

    value: str
    style: str
    span: Span
    tag: str = ""

    @property
    def is_null(self) -> bool:
        return not self.style and self.value in _NULL


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of nodes."""

    span: Span
    nodes: list[Node] = field(default_factory=list)
    tag: str = ""


@dataclass(slots=True, eq=False)
class Mapping:
    """Pairs in file order, merge keys not applied."""

    span: Span
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    tag: str = ""
    _entries: dict[str, Entry] | None = None


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The documents of a file before the first error, and that error."""

    text: str
    documents: tuple[Node, ...]
    problem: Problem | None = None

    def text_of(self, node: Node | None) -> Text | None:
        """The text of a scalar; None for anything else, null and the empty string."""
        if not isinstance(node, Scalar) or node.is_null or not node.value:
            return None
        return scalar_text(self.text, node.span, node.style, node.value)

    def texts(self, node: Node | None) -> list[Text]:
        """The texts of a list's scalars, or of the one scalar that stands for a list."""
        nodes = node.nodes if isinstance(node, Sequence) else [node]
        return [text for item in nodes if (text := self.text_of(item)) is not None]


def read_yaml(text: str) -> YamlFile:
    """Read all documents of a file. An error in a template is none: its text is not yet YAML."""
    builder = _Builder()
    try:
        builder.run(text)
    except yaml.YAMLError as error:
        if _TEMPLATE.search(text):
            return YamlFile(text, tuple(builder.documents))
        return YamlFile(text, tuple(builder.documents), _problem(error, text))
    except (UnicodeEncodeError, ValueError, OverflowError) as error:
        return YamlFile(text, tuple(builder.documents), Problem("unparsable", str(error), Span(0, 0)))
    return YamlFile(text, tuple(builder.documents), builder.problem)


def _problem(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        at = min(error.problem_mark.index, len(text))
        reason = error.problem or error.context or "is no YAML"
        return Problem("unparsable", reason, Span(at, min(at + 1, len(text))))
    return Problem("unparsable", getattr(error, "reason", "") or "is no YAML", Span(0, 0))


class _Builder:
    """Builds nodes from events; `stack` holds the collections that are still open."""

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self.problem: Problem | None = None
        self.stack: list[tuple[Mapping | Sequence, list[Node]]] = []
        self.anchors: dict[str, Node] = {}

    def run(self, text: str) -> None:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                self._add(Scalar(event.value, event.style or "", _span(event), event.tag or ""), event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self._add(self.anchors.get(event.anchor or "") or Scalar("", "", _span(event)), None)
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(self.stack) >= _MAX_DEPTH:
                    self.problem = Problem("unparsable", "nested too deeply", _span(event))
                    return
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        node: Mapping | Sequence = Mapping(_span(event)) if mapping else Sequence(_span(event))
        node.tag = event.tag or ""
        if event.anchor:
            self.anchors[event.anchor] = node
        self.stack.append((node, []))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        node, children = self.stack.pop()
        node.span = Span(node.span.start, _span(event).end)
        if isinstance(node, Sequence):
            node.nodes = children
        else:
            node.pairs = list(zip(children[::2], children[1::2], strict=True))
        self._add(node, None)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.documents.append(node)


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.index, end.index) if start is not None and end is not None else Span(0, 0)


def entries(node: Node | None) -> dict[str, Entry]:
    """A mapping by key, merge keys applied; of a key that stands twice the last one counts. Else empty."""
    if not isinstance(node, Mapping):
        return {}
    if node._entries is None:
        # An own merge key that leads back here finds the empty mapping.
        node._entries = {}
        merged: dict[str, Entry] = {}
        own: dict[str, Entry] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                continue
            if key.value == _MERGE and not key.style:
                for name, entry in _merged(value).items():
                    merged.setdefault(name, entry)
            else:
                own[key.value] = Entry(key, value)
        node._entries = {**merged, **own}
    return node._entries


def _merged(value: Node) -> dict[str, Entry]:
    """What `<<:` brings: of several mappings the first that has a key counts (YAML merge key type, 2005)."""
    found: dict[str, Entry] = {}
    for node in value.nodes if isinstance(value, Sequence) else [value]:
        for name, entry in entries(node).items():
            found.setdefault(name, entry)
    return found


def get(node: Node | None, *keys: str) -> Node | None:
    """The value under a path of keys; None where there is none."""
    for key in keys:
        entry = entries(node).get(key)
        if entry is None:
            return None
        node = entry.value
    return node


def items(node: Node | None) -> list[Node]:
    """The nodes of a list; empty for anything else."""
    return node.nodes if isinstance(node, Sequence) else []


def scalar(node: Node | None) -> str:
    """A scalar's value; "" for anything else and for null."""
    return node.value if isinstance(node, Scalar) and not node.is_null else ""


def walk(root: Node) -> Iterator[Node]:
    """Every node under `root` and itself, each once however often it is referred to, in file order."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Sequence):
            stack += reversed(node.nodes)
        elif isinstance(node, Mapping):
            stack += [value for _, value in reversed(node.pairs)]
