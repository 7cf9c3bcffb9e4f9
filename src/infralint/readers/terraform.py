"""Terraform: containers with their images, and the commands of local-exec provisioners."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.readers.argv import script_commands
from infralint.readers.found import Found
from infralint.readers.terraform_grants import read_grants
from infralint.readers.terraform_tree import TerraformTree, blocks_in, children, walk
from infralint.readers.terraform_workloads import read_resource

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
# A change of the image that Terraform does not undo: something else deploys it.
_IGNORED = re.compile(r"\b(?:all|image|template|spec|container|containers|container_definitions)\b")


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Terraform file."""
    return _Reader(TerraformTree(text)).run()


class _Reader:
    def __init__(self, tree: TerraformTree) -> None:
        self.tree = tree
        self.found = Found()

    def run(self) -> FileFacts:
        for block in self.tree.blocks:
            header = self.tree.header(block)
            if header[0] == "resource" and len(header) == 3:
                self._resource(block, header[1], header[2])
                read_resource(self.tree, block, header[1], header[2], self.found)
        read_grants(self.tree, self.found)
        return self.found.facts()

    def _resource(self, block: Node, kind: str, name: str) -> None:
        words = next((words for prefix, words in _RESOURCES.items() if kind.startswith(prefix)), None)
        nested = [block, *blocks_in(block)]
        for inner in nested:
            if self.tree.header(inner) == ["provisioner", "local-exec"]:
                self._provisioner(inner)
        if words is None or self._is_ignored(nested):
            return
        where = f"{words} resource `{kind}.{name}`"
        built = any(self.tree.header(inner) == ["build"] for inner in nested)
        for image in self._images(nested, kind):
            self.found.images.append(ImageUse(image, "terraform", where, built=built))

    def _images(self, blocks: list[Node], kind: str) -> Iterator[Text]:
        for block in blocks:
            for name, value in self.tree.attributes(block):
                in_container = self.tree.header(block)[0] in _CONTAINER_BLOCKS and name == "image"
                if in_container or (block is blocks[0] and name == _DIRECT.get(kind)):
                    yield from self._known(value)
                elif block is blocks[0] and name in _DEFINITIONS:
                    yield from self._definitions(value)

    def _known(self, value: Node) -> Iterator[Text]:
        text = self.tree.text(value)
        if text is not None and text.value:
            yield sliced(text, 0, len(text.value))

    def _definitions(self, value: Node) -> Iterator[Text]:
        """Images in `jsonencode([{image = ...}])`, or in JSON that is written as a text."""
        text = self.tree.text(value)
        if text is not None:
            for match in _JSON_IMAGE.finditer(text.value):
                yield sliced(text, match.start(1), match.end(1))
            return
        for node in walk(value):
            expressions = children(node, "expression") if node.type == "object_elem" else []
            if len(expressions) == 2 and self.tree.raw(expressions[0]).strip('"') == "image":
                yield from self._known(expressions[1])

    def _is_ignored(self, blocks: list[Node]) -> bool:
        return any(
            name == "ignore_changes" and _IGNORED.search(self.tree.raw(value))
            for block in blocks
            if self.tree.header(block) == ["lifecycle"]
            for name, value in self.tree.attributes(block)
        )

    def _provisioner(self, block: Node) -> None:
        attributes = dict(self.tree.attributes(block))
        text = self.tree.text(attributes["command"]) if "command" in attributes else None
        if text is not None and "interpreter" not in attributes:
            self.found.commands += script_commands(text)
