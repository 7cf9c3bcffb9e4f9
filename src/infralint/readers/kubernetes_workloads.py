"""Containers, ConfigMaps and Secrets of Kubernetes, Knative and Cloud Run manifests.

Kubernetes API reference 1.31 (Container, EnvVar, EnvFromSource, ConfigMap, Secret); Cloud Run YAML reference (2025);
External Secrets v1 and Sealed Secrets v1alpha1 for the objects that make Secrets.
"""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.deployments import Import, Unseen, Variable, VariableSet, Workload
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.found import Found
from infralint.readers.workload_values import templated, value_of
from infralint.readers.yaml_nodes import Entry, Mapping, Node, YamlFile, entries, get, items, scalar, walk
from infralint.source import Span

_CONTAINERS = {"containers": "", "initContainers": "init container", "ephemeralContainers": "ephemeral container"}
_CLOUD_RUN = {"Service": "cloud-run-service", "Job": "cloud-run-job", "WorkerPool": "cloud-run-worker-pool"}
_CLOUD_RUN_WORDS = {"Service": "Cloud Run service", "Job": "Cloud Run job", "WorkerPool": "Cloud Run worker pool"}
_SET_KINDS = {"ConfigMap": "config-map", "Secret": "secret"}
_TRUE = frozenset({"true", "True", "TRUE"})


def read_workloads(file: YamlFile, document: Node, found: Found) -> None:
    """Gather the containers of a workload's document."""
    reader = _Manifest(file, document)
    for node in walk(document):
        if not isinstance(node, Mapping):
            continue
        for key, words in _CONTAINERS.items():
            for container in items(get(node, key)):
                if isinstance(container, Mapping):
                    found.workloads.append(reader.workload(container, node, words))


def read_variable_set(file: YamlFile, document: Node, found: Found) -> None:
    """Gather a ConfigMap, a Secret, or what makes a Secret."""
    kind = scalar(get(document, "kind"))
    if kind in _SET_KINDS:
        _plain_set(file, document, _SET_KINDS[kind], found)
    elif kind == "SealedSecret":
        name = get(document, "spec", "template", "metadata", "name") or get(document, "metadata", "name")
        keys = entries(get(document, "spec", "encryptedData"))
        _add_set(file, document, name, "secret", [_key(file, entry) for entry in keys.values()], True, found)
    elif kind in ("ExternalSecret", "ClusterExternalSecret"):
        _external_secret(file, document, found)


def _text(file: YamlFile, node: Node | None) -> Text | None:
    text = value_of(file, node)
    return None if text is None else templated(text)


def _plain_set(file: YamlFile, document: Node, kind: str, found: Found) -> None:
    variables = [
        _key(file, entry, literal=key == "stringData" or kind == "config-map")
        for key in ("data", "stringData", "binaryData")
        for entry in entries(get(document, key)).values()
    ]
    # A Secret in a repository is often a stub that is filled by hand; nothing shows which.
    _add_set(file, document, get(document, "metadata", "name"), kind, variables, True, found)


def _external_secret(file: YamlFile, document: Node, found: Found) -> None:
    spec = get(document, "spec", "externalSecretSpec") or get(document, "spec")
    name = get(spec, "target", "name") or get(document, "metadata", "name")
    templated = entries(get(spec, "target", "template", "data"))
    variables = [_key(file, entry) for entry in templated.values()]
    for item in items(get(spec, "data")):
        key = _text(file, get(item, "secretKey"))
        if key is not None and not templated:
            variables.append(Variable(key, None, "secret", key.span))
    _add_set(file, document, name, "secret", variables, get(spec, "dataFrom") is None, found)


def _add_set(
    file: YamlFile,
    document: Node,
    name: Node | None,
    kind: str,
    variables: list[Variable],
    closed: bool,
    found: Found,
) -> None:
    text = _text(file, name)
    if text is not None:
        namespace = scalar(get(document, "metadata", "namespace"))
        found.sets.append(VariableSet(kind, text, text.span, tuple(variables), namespace, closed))


def _key(file: YamlFile, entry: Entry, *, literal: bool = False) -> Variable:
    name = _text(file, entry.key) or Text((), entry.key.span)
    return Variable(name, _text(file, entry.value) if literal else None, "literal" if literal else "secret", name.span)


class _Manifest:
    """One document with containers."""

    def __init__(self, file: YamlFile, document: Node) -> None:
        self.file = file
        self.document = document
        kind = scalar(get(document, "kind"))
        version = scalar(get(document, "apiVersion"))
        metadata = get(document, "metadata")
        self.name = _text(file, get(metadata, "name")) or _text(file, get(metadata, "generateName"))
        shown = self.name.value.replace(HOLE, "…") if self.name is not None else ""
        serverless = version.startswith(("run.googleapis.com/", "serving.knative.dev/"))
        self.kind = _CLOUD_RUN.get(kind, "kubernetes") if serverless else "kubernetes"
        self.resource = f"{_CLOUD_RUN_WORDS.get(kind, kind) if serverless else kind} `{shown}`"
        self.namespace = scalar(get(metadata, "namespace"))

    def workload(self, container: Mapping, pod: Mapping, words: str) -> Workload:
        name = self.name or Text((), Span(container.span.start, container.span.start))
        own = scalar(get(container, "name"))
        resource = f"{words} `{own}` of {self.resource}" if words else self.resource
        unseen: list[Unseen] = []
        variables = tuple(self._variables(container, unseen))
        return Workload(
            kind=self.kind,
            resource=resource,
            name=name,
            span=name.span,
            container=own,
            namespace=self.namespace,
            image=_text(self.file, get(container, "image")),
            entrypoint=self._words(get(container, "command")),
            arguments=self._words(get(container, "args")),
            working_directory=_text(self.file, get(container, "workingDir")),
            variables=variables,
            imports=tuple(self._imports(container)),
            service_account=_text(self.file, get(pod, "serviceAccountName") or get(pod, "serviceAccount")),
            shares_network=scalar(get(pod, "hostNetwork")) == "true",
            unseen=tuple(unseen),
        )

    def _words(self, node: Node | None) -> tuple[Text, ...] | None:
        if node is None or not items(node):
            return None
        return tuple(
            text if (text := _text(self.file, item)) is not None else Text((Piece(HOLE, item.span),), item.span)
            for item in items(node)
        )

    def _variables(self, container: Mapping, unseen: list[Unseen]) -> Iterator[Variable]:
        listed = get(container, "env")
        if isinstance(listed, Mapping) or scalar(listed):
            # `env: {A: b}` is a fault, or a template that is rendered first.
            unseen.append(Unseen("unread", "its `env` is no list", listed.span if listed is not None else Span(0, 0)))
        for item in items(listed):
            name = _text(self.file, get(item, "name"))
            if name is None:
                unseen.append(Unseen("unread", "an entry of its `env` has no name", item.span))
                continue
            yield self._variable(name, item)

    def _variable(self, name: Text, item: Node) -> Variable:
        source = get(item, "valueFrom")
        for key, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "config-map")):
            reference = get(source, key)
            if reference is not None:
                written = _text(self.file, get(reference, "key"))
                return Variable(
                    name,
                    None,
                    kind,
                    name.span,
                    scalar(get(reference, "name")),
                    scalar(get(reference, "key")),
                    scalar(get(reference, "optional")) in _TRUE,
                    key_span=written.span if written is not None else None,
                )
        if source is not None:
            return Variable(name, None, "field", name.span)
        # Without a value Kubernetes sets the empty text.
        value = _text(self.file, get(item, "value"))
        return Variable(name, value if value is not None else Text((), name.span), "literal", name.span)

    def _imports(self, container: Mapping) -> Iterator[Import]:
        for item in items(get(container, "envFrom")):
            for key, kind in (("configMapRef", "config-map"), ("secretRef", "secret")):
                name = _text(self.file, get(item, key, "name"))
                if name is not None:
                    optional = scalar(get(item, key, "optional")) in _TRUE
                    yield Import(kind, name, name.span, scalar(get(item, "prefix")), not optional)
