"""Kustomizations: which manifests belong together, and the ConfigMaps and Secrets that they generate.

Kustomize 5, "The Kustomization File".
"""

from __future__ import annotations

from infralint.facts.deployments import FileReference, Import, Kustomization, Variable, VariableSet
from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.readers.found import Found
from infralint.readers.workload_values import value_of
from infralint.readers.yaml_nodes import Mapping, Node, YamlFile, entries, get, items, scalar

_REFERENCES = {
    "resources": "resource",
    "bases": "resource",
    "components": "component",
    "patchesStrategicMerge": "patch",
    "patches": "patch",
}
_GENERATORS = {"configMapGenerator": "config-map", "secretGenerator": "secret"}
# What changes manifests in ways that are not followed here.
_BEYOND = ("replacements", "vars", "transformers", "generators", "helmCharts", "patchesJson6902")


def read_kustomization(file: YamlFile, document: Mapping, found: Found) -> None:
    """Gather one kustomization."""
    references, plain = _references(file, document)
    keys = entries(document)
    found.kustomizations.append(
        Kustomization(
            document.span,
            tuple(references),
            scalar(get(document, "namePrefix")),
            scalar(get(document, "nameSuffix")),
            scalar(get(document, "namespace")),
            tuple(_images(document)),
            plain and not any(key in keys for key in _BEYOND),
        )
    )
    for key, kind in _GENERATORS.items():
        for item in items(get(document, key)):
            _generated(file, item, kind, scalar(get(document, "namespace")), found)


def _references(file: YamlFile, document: Node) -> tuple[list[FileReference], bool]:
    """The files that a kustomization names, and whether all patches are such files."""
    found, plain = [], True
    for key, kind in _REFERENCES.items():
        for item in items(get(document, key)):
            path = value_of(file, get(item, "path") if isinstance(item, Mapping) else item)
            if path is None or "\n" in path.value:
                plain = False
            else:
                found.append(FileReference(kind, path, path.span))
    return found, plain


def _images(document: Node) -> list[tuple[str, str]]:
    """Names of images, and the names that replace them."""
    pairs = ((scalar(get(item, "name")), scalar(get(item, "newName"))) for item in items(get(document, "images")))
    return [(name, new) for name, new in pairs if name and new]


def _generated(file: YamlFile, item: Node, kind: str, namespace: str, found: Found) -> None:
    name = value_of(file, get(item, "name"))
    if name is None:
        return
    literals = [text for node in items(get(item, "literals")) if (text := value_of(file, node)) is not None]
    variables = [_literal(text) for text in literals]
    variables += [_file(text) for node in items(get(item, "files")) if (text := value_of(file, node)) is not None]
    env_files = [node for node in [*items(get(item, "envs")), get(item, "env")] if node is not None]
    imports = tuple(Import("env-file", text, text.span) for node in env_files if (text := value_of(file, node)))
    own = scalar(get(item, "namespace")) or namespace
    found.sets.append(
        VariableSet(kind, name, name.span, tuple(variables), own, closed=True, generated=True, files=imports)
    )


def _literal(text: Text) -> Variable:
    at = text.value.find("=")
    name = sliced(text, 0, at if at >= 0 else len(text.value))
    value = sliced(text, at + 1, len(text.value)) if at >= 0 else Text((), text.span)
    return Variable(name, value, "literal", name.span)


def _file(text: Text) -> Variable:
    """`[key=]path`: the key is the file's name where none is given."""
    value = text.value
    at = value.find("=")
    name = sliced(text, 0, at) if at >= 0 else sliced(text, value.rfind("/") + 1, len(value))
    return Variable(name, None, "literal", name.span)
