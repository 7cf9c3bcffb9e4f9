"""Containers and functions of Terraform: their variables, commands and accounts.

Provider documentation: google 6 (cloud_run_v2_service, cloud_run_v2_job, cloud_run_service, cloudfunctions2_function),
kubernetes 2 (deployment, config_map, secret), aws 5 (ecs_task_definition, lambda_function), azurerm 4 (container_app),
docker 3 (container).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from infralint.facts.deployments import Import, Unseen, Variable, VariableSet, Workload
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text, hole
from infralint.readers.found import Found
from infralint.readers.pieces import inner
from infralint.readers.terraform_tree import TerraformTree, blocks_in, children, first, walk
from infralint.source import Span

_KINDS = {
    "google_cloud_run_v2_service": ("cloud-run-service", "Cloud Run service"),
    "google_cloud_run_service": ("cloud-run-service", "Cloud Run service"),
    "google_cloud_run_v2_job": ("cloud-run-job", "Cloud Run job"),
    "google_cloud_run_v2_worker_pool": ("cloud-run-worker-pool", "Cloud Run worker pool"),
    "google_cloudfunctions2_function": ("function", "function"),
    "google_cloudfunctions_function": ("function", "function"),
    "aws_lambda_function": ("function", "function"),
    "aws_ecs_task_definition": ("ecs", "ECS task"),
    "azurerm_container_app": ("container", "container app"),
    "docker_container": ("container", "container"),
    "kubernetes_deployment": ("kubernetes", "Deployment"),
    "kubernetes_stateful_set": ("kubernetes", "StatefulSet"),
    "kubernetes_daemonset": ("kubernetes", "DaemonSet"),
    "kubernetes_daemon_set": ("kubernetes", "DaemonSet"),
    "kubernetes_job": ("kubernetes", "Job"),
    "kubernetes_cron_job": ("kubernetes", "CronJob"),
    "kubernetes_pod": ("kubernetes", "Pod"),
}
_SETS = {"kubernetes_config_map": "config-map", "kubernetes_secret": "secret"}
_CONTAINERS = frozenset({"container", "containers", "init_container"})
# Resources whose own attributes are the container's.
_DIRECT = frozenset(
    {"google_cloudfunctions2_function", "google_cloudfunctions_function", "aws_lambda_function", "docker_container"}
)
_MAPS = frozenset({"environment_variables", "variables"})
_IGNORING = re.compile(r"\b(?:all|env|template|spec|container|containers|container_definitions|environment)\b")
_ACCOUNTS = frozenset({"service_account", "service_account_name", "service_account_email"})
_MAX_DEPTH = 8


def read_resource(tree: TerraformTree, block: Node, kind: str, label: str, found: Found) -> None:
    """Gather the containers of a resource, or the variables of a ConfigMap or a Secret."""
    plain = re.sub(r"_v\d(?:beta\d)?$", "", kind)
    if plain in _SETS:
        _variable_set(tree, block, _SETS[plain], found)
    elif plain in _KINDS:
        found.workloads += _Resource(tree, block, plain, label).workloads()


def _variable_set(tree: TerraformTree, block: Node, kind: str, found: Found) -> None:
    names = [value for inner_block in blocks_in(block) for key, value in tree.attributes(inner_block) if key == "name"]
    name = tree.text(names[0]) if names else None
    if name is None:
        return
    unseen: list[Unseen] = []
    variables = [
        each
        for key, value in tree.attributes(block)
        if key in ("data", "string_data", "binary_data")
        for each in _of_map(tree, value, unseen)
    ]
    found.sets.append(VariableSet(kind, inner(name), name.span, tuple(variables), closed=not unseen))


class _Resource:
    """One resource."""

    def __init__(self, tree: TerraformTree, block: Node, kind: str, label: str) -> None:
        self.tree = tree
        self.block = block
        self.type = kind
        self.kind, words = _KINDS[kind]
        self.nested = blocks_in(block)
        name = self._name(label)
        self.name = name
        self.resource = f"{words} `{name.value.replace(HOLE, '…')}`"

    def _name(self, label: str) -> Text:
        names = [value for key, value in self.tree.attributes(self.block) if key in ("name", "function_name", "family")]
        metadata = [each for each in children_blocks(self.block) if self.tree.header(each) == ["metadata"]]
        names += [value for each in metadata for key, value in self.tree.attributes(each) if key == "name"]
        for value in names:
            text = self.tree.text(value)
            if text is not None and text.value:
                return inner(text)
        labels = [child for child in self.block.children if child.type == "string_lit"]
        span = self.tree.span(labels[-1]) if labels else self.tree.span(self.block)
        return hole(span) if not label else Text(inner(self.tree.literal(labels[-1])).pieces, span)

    def workloads(self) -> Iterator[Workload]:
        if self.type == "aws_ecs_task_definition":
            yield from self._task_definition()
        elif self.type in _DIRECT:
            yield self._workload(self.block, self.nested, "")
        else:
            for block in self.nested:
                if self.tree.header(block)[0] in _CONTAINERS:
                    names = dict(self.tree.attributes(block))
                    own = self.tree.text(names["name"]) if "name" in names else None
                    yield self._workload(block, blocks_in(block), own.value if own is not None else "")

    def _workload(self, block: Node, nested: list[Node], container: str) -> Workload:
        attributes = dict(self.tree.attributes(block))
        unseen = list(self._kept())
        variables = list(self._variables(block, nested, attributes, unseen))
        init = self.tree.header(block)[0] == "init_container"
        return Workload(
            kind=self.kind,
            resource=f"init container `{container}` of {self.resource}" if init else self.resource,
            name=self.name,
            span=self.name.span,
            container=container,
            image=self._text(attributes.get("image")),
            entrypoint=self._words(attributes.get("command") or attributes.get("entrypoint")),
            arguments=self._words(attributes.get("args")),
            variables=tuple(variables),
            imports=tuple(self._imports(nested, unseen)),
            service_account=self._account(),
            unseen=tuple(unseen),
        )

    def _kept(self) -> Iterator[Unseen]:
        """What something else deploys, Terraform leaves as it is."""
        for block in self.nested:
            if self.tree.header(block) == ["lifecycle"]:
                for key, value in self.tree.attributes(block):
                    if key == "ignore_changes" and _IGNORING.search(self.tree.raw(value)):
                        yield Unseen("kept", "`ignore_changes` leaves to others what it has", self.tree.span(value))

    def _text(self, value: Node | None) -> Text | None:
        """A text; a hole for what is computed."""
        if value is None:
            return None
        text = self.tree.text(value)
        return inner(text) if text is not None else hole(self.tree.span(value))

    def _words(self, value: Node | None) -> tuple[Text, ...] | None:
        if value is None:
            return None
        items = _items(value)
        if items is None:
            return (hole(self.tree.span(value)),)
        return tuple(text for item in items if (text := self._text(item)) is not None)

    def _account(self) -> Text | None:
        for block in [self.block, *self.nested]:
            for key, value in self.tree.attributes(block):
                if key in _ACCOUNTS and (text := self.tree.text(value)) is not None:
                    return inner(text)
        return None

    def _variables(
        self, block: Node, nested: list[Node], attributes: dict[str, Node], unseen: list[Unseen]
    ) -> Iterator[Variable]:
        for each in nested:
            header = self.tree.header(each)
            if header == ["env"]:
                yield from self._env_block(each, unseen)
            elif header[:2] in (["dynamic", "env"], ["dynamic", "environment"]):
                yield from self._dynamic(each, unseen)
            elif header == ["secret_environment_variables"]:
                yield from self._secret_block(each)
        for owner in [block, *nested]:
            for key, value in self.tree.attributes(owner):
                if key in _MAPS and self.type in _DIRECT:
                    yield from _of_map(self.tree, value, unseen)
                elif key == "env" and owner is block:
                    yield from self._assignments(value, unseen)

    def _env_block(self, block: Node, unseen: list[Unseen]) -> Iterator[Variable]:
        attributes = dict(self.tree.attributes(block))
        name = self._text(attributes.get("name"))
        if name is None:
            unseen.append(Unseen("unread", "a variable has no name", self.tree.span(block)))
            return
        for each in blocks_in(block):
            header = self.tree.header(each)[0]
            if header in ("secret_key_ref", "config_map_key_ref", "config_map_ref"):
                inside = dict(self.tree.attributes(each))
                secret = self._reference(inside.get("secret") or inside.get("name"))
                version = self._reference(inside.get("version") or inside.get("key"))
                source = "secret" if header == "secret_key_ref" else "config-map"
                yield Variable(
                    name, None, source, name.span, secret, version, key_span=self._written(inside, "version", "key")
                )
                return
            if header in ("field_ref", "resource_field_ref"):
                yield Variable(name, None, "field", name.span)
                return
        if "secret_name" in attributes:
            yield Variable(name, None, "secret", name.span, self._reference(attributes["secret_name"]))
        else:
            yield Variable(name, self._value(attributes.get("value")), "literal", name.span)

    def _reference(self, value: Node | None) -> str:
        """A name as text, or the expression that gives it."""
        if value is None:
            return ""
        text = self.tree.text(value)
        return text.value if text is not None else self.tree.raw(value).strip()

    def _written(self, attributes: dict[str, Node], *names: str) -> Span | None:
        """Where an attribute's text stands, without its quotes."""
        text = next((self._text(attributes[name]) for name in names if name in attributes), None)
        return text.span if text is not None else None

    def _value(self, value: Node | None) -> Text | None:
        return _value(self.tree, value)

    def _secret_block(self, block: Node) -> Iterator[Variable]:
        attributes = dict(self.tree.attributes(block))
        name = self._text(attributes.get("key"))
        if name is not None:
            secret, version = self._reference(attributes.get("secret")), self._reference(attributes.get("version"))
            written = self._written(attributes, "version")
            yield Variable(name, None, "secret", name.span, secret, version, key_span=written)

    def _dynamic(self, block: Node, unseen: list[Unseen]) -> Iterator[Variable]:
        """`dynamic "env"` over a map that is written here, by its keys; over anything else, unseen."""
        attributes = dict(self.tree.attributes(block))
        content = next((each for each in blocks_in(block) if self.tree.header(each) == ["content"]), None)
        inside = dict(self.tree.attributes(content)) if content is not None else {}
        name = self.tree.raw(inside["name"]).strip() if "name" in inside else ""
        over = attributes.get("for_each")
        if over is not None and re.fullmatch(r"\w+\.key", name):
            yield from _of_map(self.tree, over, unseen)
        elif over is not None and re.fullmatch(r"\w+\.value\.name", name):
            yield from self._assignments(over, unseen)
        else:
            unseen.append(Unseen("unread", "variables are made in a loop", self.tree.span(block)))

    def _assignments(self, value: Node, unseen: list[Unseen]) -> Iterator[Variable]:
        """A list of `{name = ..., value = ...}` or of `"NAME=value"`."""
        resolved = self.tree.local(value) or value
        items = _items(resolved)
        if items is None:
            unseen.append(Unseen("unread", "its list of variables is computed", self.tree.span(value)))
            return
        for item in items:
            text = self.tree.text(item)
            if text is not None and "=" in text.value:
                at = text.value.index("=")
                name = sliced(text, 0, at)
                yield Variable(name, sliced(text, at + 1, len(text.value)), "literal", name.span)
                continue
            pairs = dict(_pairs(self.tree, item) or ())
            key = self._text(pairs.get("name"))
            if key is None:
                unseen.append(Unseen("unread", "a variable of its list is computed", self.tree.span(item)))
            elif "valueFrom" in pairs or "value_from" in pairs:
                reference = self._reference(pairs.get("valueFrom") or pairs.get("value_from"))
                yield Variable(key, None, "secret", key.span, reference)
            else:
                yield Variable(key, self._value(pairs.get("value")), "literal", key.span)

    def _imports(self, nested: list[Node], unseen: list[Unseen]) -> Iterator[Import]:
        for block in nested:
            header = self.tree.header(block)
            if header == ["env_from"]:
                prefix = dict(self.tree.attributes(block)).get("prefix")
                for each in blocks_in(block):
                    kind = {"config_map_ref": "config-map", "secret_ref": "secret"}.get(self.tree.header(each)[0])
                    name = self._text(dict(self.tree.attributes(each)).get("name"))
                    if kind is not None and name is not None:
                        yield Import(kind, name, name.span, self._reference(prefix))
            elif header[:2] == ["dynamic", "env_from"]:
                unseen.append(Unseen("unread", "variables are taken over in a loop", self.tree.span(block)))

    def _task_definition(self) -> Iterator[Workload]:
        """`container_definitions = jsonencode([{...}])`."""
        attributes = dict(self.tree.attributes(self.block))
        value = attributes.get("container_definitions")
        call = first(value, "function_call") if value is not None else None
        arguments = first(call, "function_arguments") if call is not None else None
        listed = _items(arguments.named_children[0]) if arguments is not None and arguments.named_children else None
        for item in listed or ():
            pairs = dict(_pairs(self.tree, item) or ())
            unseen = list(self._kept())
            variables = [
                each
                for key in ("environment", "secrets")
                if key in pairs
                for each in self._assignments(pairs[key], unseen)
            ]
            if not pairs:
                unseen.append(Unseen("unread", "the definition is computed", self.tree.span(item)))
            if "environmentFiles" in pairs:
                unseen.append(Unseen("external", "it has environment files", self.tree.span(pairs["environmentFiles"])))
            container = self._text(pairs.get("name"))
            yield Workload(
                kind=self.kind,
                resource=self.resource,
                name=self.name,
                span=self.name.span,
                container=container.value if container is not None else "",
                image=self._text(pairs.get("image")),
                entrypoint=self._words(pairs.get("entryPoint")),
                arguments=self._words(pairs.get("command")),
                variables=tuple(variables),
                unseen=tuple(unseen),
            )


def children_blocks(block: Node) -> list[Node]:
    """The blocks directly inside of a block."""
    return [each for body in children(block, "body") for each in children(body, "block")]


def _value(tree: TerraformTree, value: Node | None) -> Text | None:
    """A value as text: what is computed is a hole, numbers and booleans are as written."""
    if value is None:
        return None
    text = tree.text(value)
    if text is not None:
        return inner(text)
    raw = tree.raw(value).strip()
    return tree.literal(value) if re.fullmatch(r"-?\d+(?:\.\d+)?|true|false", raw) else hole(tree.span(value))


def _of_map(tree: TerraformTree, value: Node, unseen: list[Unseen], depth: int = 0) -> Iterator[Variable]:
    """The entries of a map: written here, a local one, or `merge` of such."""
    resolved = tree.local(value) or value
    pairs = _pairs(tree, resolved)
    if pairs is not None:
        for key, (name, item) in _named_pairs(tree, resolved):
            if key is None:
                unseen.append(Unseen("unread", "the name of a variable is computed", tree.span(item)))
            else:
                yield Variable(name, _value(tree, item), "literal", name.span)
        return
    call = first(resolved, "function_call")
    function = first(call, "identifier") if call is not None else None
    arguments = first(call, "function_arguments") if call is not None else None
    if function is not None and arguments is not None and tree.raw(function) == "merge" and depth < _MAX_DEPTH:
        for argument in children(arguments, "expression"):
            yield from _of_map(tree, argument, unseen, depth + 1)
    else:
        unseen.append(Unseen("unread", "its variables are computed", tree.span(value)))


def _pairs(tree: TerraformTree, value: Node) -> list[tuple[str, Node]] | None:
    """The entries of an object by key; None where it is none."""
    holder = next((node for node in walk(value) if node.type == "object"), None) if _is_collection(value) else None
    if holder is None:
        return None
    return [(key, item) for key, (_, item) in _elements(tree, holder) if key is not None]


def _named_pairs(tree: TerraformTree, value: Node) -> list[tuple[str | None, tuple[Text, Node]]]:
    holder = next((node for node in walk(value) if node.type == "object"), None)
    return list(_elements(tree, holder)) if holder is not None else []


def _elements(tree: TerraformTree, holder: Node) -> Iterator[tuple[str | None, tuple[Text, Node]]]:
    """Keys with their texts and the values; a key that is computed is None."""
    for element in children(holder, "object_elem"):
        expressions = children(element, "expression")
        if len(expressions) != 2:
            continue
        key, value = expressions
        raw = tree.raw(key).strip()
        if re.fullmatch(r"[A-Za-z_][\w-]*", raw):
            yield raw, (tree.literal(key), value)
        elif (text := tree.text(key)) is not None and text.is_static:
            yield text.value, (inner(text), value)
        else:
            yield None, (hole(tree.span(key)), value)


def _is_collection(value: Node) -> bool:
    node = value
    while node.type == "expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node.type == "collection_value"


def _items(value: Node) -> list[Node] | None:
    """The items of a list that is written out; None for anything else."""
    node = value
    while node.type in ("expression", "collection_value") and node.named_child_count == 1:
        node = node.named_children[0]
    return children(node, "expression") if node.type == "tuple" else None
