"""Terraform: the images of containers, and the commands of local-exec provisioners.

tree-sitter's HCL grammar gives the places. It recovers from what it does not know, so a file is never
refused: what stands inside of an error is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.argv import script_commands
from infralint.readers.found import Found
from infralint.source import Span

# Resources whose containers name their image: the prefix of the type, and the words for it.
_RESOURCES = {
    "google_cloud_run_": "Cloud Run",
    "kubernetes_": "Kubernetes",
    "aws_ecs_task_definition": "ECS",
    "aws_batch_job_definition": "AWS Batch",
    "azurerm_container_": "Azure",
    "docker_container": "Docker",
    "docker_service": "Docker",
    "docker_image": "Docker",
}
_CONTAINER_BLOCKS = frozenset({"container", "containers", "init_container", "init_containers", "container_spec"})
# In these the attribute stands in the resource itself.
_DIRECT = {"docker_image": "name", "docker_container": "image"}
_DEFINITIONS = frozenset({"container_definitions", "container_properties"})
_JSON_IMAGE = re.compile(r'"image"\s*:\s*"([^"]*)"')
# Terraform language, "Strings and Templates".
_ESCAPE = re.compile(r"\\(?P<simple>[nrt\"\\])|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(?P<marker>[$%])(?P=marker)(?=\{)")
_DELIMITERS = frozenset({"quoted_template_start", "quoted_template_end", "heredoc_start", "heredoc_identifier"})
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}
# A change of the image that Terraform does not undo: something else deploys it.
_IGNORED = re.compile(r"\b(?:all|image|template|spec|container|containers|container_definitions)\b")
_MAX_LOCALS = 8


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Terraform file."""
    data = text.encode("utf-8", "replace")
    return _Reader(text, data, _parser().parse(data).root_node).run()


class _Reader:
    def __init__(self, text: str, data: bytes, root: Node) -> None:
        self.root = root
        self.data = data
        self.offsets = None if text.isascii() else _char_offsets(text)
        self.found = Found()
        self.locals: dict[str, Node] = {}

    def run(self) -> FileFacts:
        blocks = [node for body in _of(self.root, "body") for node in _of(body, "block")]
        for block in blocks:
            if self._header(block) == ["locals"]:
                self.locals.update((name, value) for name, value in self._attributes(block))
        for block in blocks:
            header = self._header(block)
            if header[0] == "resource" and len(header) == 3:
                self._resource(block, header[1], header[2])
        return self.found.facts()

    def _header(self, block: Node) -> list[str]:
        """A block's type and labels."""
        names = [self._raw(child).strip('"') for child in block.children if child.type in ("identifier", "string_lit")]
        return names or [""]

    def _attributes(self, block: Node) -> list[tuple[str, Node]]:
        found = []
        for body in _of(block, "body"):
            for attribute in _of(body, "attribute"):
                name, value = _first(attribute, "identifier"), _first(attribute, "expression")
                if name is not None and value is not None:
                    found.append((self._raw(name), value))
        return found

    def _resource(self, block: Node, kind: str, name: str) -> None:
        words = next((words for prefix, words in _RESOURCES.items() if kind.startswith(prefix)), None)
        nested = [block, *_blocks(block)]
        for inner in nested:
            if self._header(inner) == ["provisioner", "local-exec"]:
                self._provisioner(inner)
        if words is None or self._is_ignored(nested):
            return
        where = f"{words} resource `{kind}.{name}`"
        built = any(self._header(inner) == ["build"] for inner in nested)
        for image in self._images(nested, kind):
            self.found.images.append(ImageUse(image, "terraform", where, built=built))

    def _images(self, blocks: list[Node], kind: str) -> Iterator[Text]:
        for block in blocks:
            for name, value in self._attributes(block):
                in_container = self._header(block)[0] in _CONTAINER_BLOCKS and name == "image"
                if in_container or (block is blocks[0] and name == _DIRECT.get(kind)):
                    yield from self._known(value)
                elif block is blocks[0] and name in _DEFINITIONS:
                    yield from self._definitions(value)

    def _known(self, value: Node) -> Iterator[Text]:
        text = self._text(value)
        if text is not None and text.value:
            yield sliced(text, 0, len(text.value))

    def _definitions(self, value: Node) -> Iterator[Text]:
        """Images in `jsonencode([{image = ...}])`, or in JSON that is written as a text."""
        text = self._text(value)
        if text is not None:
            for match in _JSON_IMAGE.finditer(text.value):
                yield sliced(text, match.start(1), match.end(1))
            return
        for node in _walk(value):
            expressions = _of(node, "expression") if node.type == "object_elem" else []
            if len(expressions) == 2 and self._raw(expressions[0]).strip('"') == "image":
                yield from self._known(expressions[1])

    def _is_ignored(self, blocks: list[Node]) -> bool:
        return any(
            name == "ignore_changes" and _IGNORED.search(self._raw(value))
            for block in blocks
            if self._header(block) == ["lifecycle"]
            for name, value in self._attributes(block)
        )

    def _provisioner(self, block: Node) -> None:
        attributes = dict(self._attributes(block))
        text = self._text(attributes["command"]) if "command" in attributes else None
        if text is not None and "interpreter" not in attributes:
            self.found.commands += script_commands(text)

    def _text(self, value: Node, depth: int = 0) -> Text | None:
        """The text of an expression; None where it is no string."""
        node = value.named_children[0] if value.type == "expression" and value.named_child_count else value
        if node.type in ("literal_value", "template_expr") and node.named_child_count == 1:
            inner = node.named_children[0]
            if inner.type in ("string_lit", "quoted_template", "heredoc_template"):
                pieces = tuple(self._pieces(inner, depth))
                return Text(pieces, self._span(inner))
        local = self._local(value)
        return self._text(local, depth + 1) if local is not None and depth < _MAX_LOCALS else None

    def _local(self, value: Node) -> Node | None:
        match = re.fullmatch(r"local\.(\w+)", self._raw(value).strip())
        return self.locals.get(match[1]) if match else None

    def _pieces(self, node: Node, depth: int) -> Iterator[Piece]:
        raw = node.type == "heredoc_template"
        for child in node.children:
            if child.type == "template_literal":
                yield from self._literal(child, raw=raw)
            elif child.type == "template_interpolation":
                yield from self._interpolation(child, depth)
            elif child.type not in _DELIMITERS:
                yield Piece(HOLE, self._span(child))

    def _literal(self, node: Node, *, raw: bool) -> Iterator[Piece]:
        start, body = self._span(node).start, self._raw(node)
        at = 0
        for match in _ESCAPE.finditer(body):
            if raw and not match["marker"]:
                continue
            if match.start() > at:
                yield Piece(body[at : match.start()], Span(start + at, start + match.start()))
            yield Piece(_unescaped(match), Span(start + match.start(), start + match.end()))
            at = match.end()
        if at < len(body):
            yield Piece(body[at:], Span(start + at, start + len(body)))

    def _interpolation(self, node: Node, depth: int) -> Iterator[Piece]:
        expression = _first(node, "expression")
        local = self._local(expression) if expression is not None else None
        text = self._text(local, depth + 1) if local is not None and depth < _MAX_LOCALS else None
        span = self._span(node)
        if text is None:
            yield Piece(HOLE, span)
        else:
            yield from (Piece(piece.text, span) for piece in text.pieces)

    def _raw(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _span(self, node: Node) -> Span:
        if self.offsets is None:
            return Span(node.start_byte, node.end_byte)
        return Span(self.offsets[node.start_byte], self.offsets[node.end_byte])


def _unescaped(match: re.Match[str]) -> str:
    if match["marker"]:
        return match["marker"]
    if match["simple"]:
        return _SIMPLE.get(match["simple"], match["simple"])
    number = int(match[0][2:], 16)
    return chr(number) if number <= 0x10FFFF else match[0]


def _char_offsets(text: str) -> list[int]:
    """For every byte of the UTF-8 form the character that it belongs to."""
    offsets: list[int] = []
    for at, character in enumerate(text):
        offsets += [at] * len(character.encode("utf-8", "replace"))
    return [*offsets, len(text)]


def _of(node: Node, kind: str) -> list[Node]:
    return [child for child in node.children if child.type == kind]


def _first(node: Node, kind: str) -> Node | None:
    return next((child for child in node.children if child.type == kind), None)


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_error:
            continue
        yield current
        stack += reversed(current.children)


def _blocks(block: Node) -> list[Node]:
    """All blocks inside of a block."""
    return [node for node in _walk(block) if node.type == "block" and node.start_byte > block.start_byte]
