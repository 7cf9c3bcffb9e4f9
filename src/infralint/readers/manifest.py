"""YAML of no telling name: Kubernetes, Knative and Cloud Run manifests, kustomize, skaffold, GitLab CI; and
compose and Cloud Build files under other names."""

from __future__ import annotations

import re

from infralint.facts.files import FileFacts
from infralint.facts.text import Text
from infralint.readers.argv import commands_of, script_commands
from infralint.readers.build_uses import skaffold_build
from infralint.readers.cloudbuild import is_cloudbuild, read_cloudbuild
from infralint.readers.compose import is_compose, read_compose
from infralint.readers.conda import environment_in, may_be_environment
from infralint.readers.found import Found
from infralint.readers.kubernetes_workloads import read_variable_set, read_workloads
from infralint.readers.kustomization import read_kustomization
from infralint.readers.pieces import inner
from infralint.readers.variables_file import is_variables_file, read_variables_file
from infralint.readers.workload_values import replaced, templated
from infralint.readers.yaml_nodes import Mapping, Node, YamlFile, entries, get, items, read_yaml, scalar, walk

# A file without one of these words holds nothing that is read here.
_TRIGGERS = ("image", "containers", "services", "steps", "script", "ConfigMap", "Secret", "Kustomization", "resources")
# How a file of nothing but variables begins.
_VARIABLE = re.compile(r"(?:\s*(?:#[^\n]*|---)\n)*[\"']?[A-Z][A-Z0-9_]*[\"']?:")
# Kinds whose pods run as they are written; a controller may patch the image of a custom resource.
_WORKLOADS = frozenset(
    {
        "Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet",
        "ReplicationController", "PodTemplate", "DeploymentConfig", "Rollout", "Service", "Configuration",
        "WorkerPool",
    }
)  # fmt: skip
_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_KUSTOMIZE = frozenset({"Kustomization", "Component"})
_KUSTOMIZE_RESOURCES = frozenset({"resources", "bases", "components"})
# Kustomize 5, "The Kustomization File".
_KUSTOMIZE_KEYS = _KUSTOMIZE_RESOURCES | {
    "apiVersion", "metadata", "namespace", "namePrefix", "nameSuffix", "commonLabels", "commonAnnotations", "labels",
    "patches", "patchesStrategicMerge", "patchesJson6902", "images", "replicas", "configMapGenerator",
    "secretGenerator", "generatorOptions", "generators", "transformers", "validators", "replacements", "vars", "crds",
    "helmCharts", "helmGlobals", "openapi", "configurations", "buildMetadata", "sortOptions",
}  # fmt: skip
_GITLAB_KEYS = frozenset({"stage", "rules", "only", "needs"})
_SCRIPTS = ("before_script", "script", "after_script")


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a YAML file; nothing where it is of no kind that is known."""
    if may_be_environment(text):
        requirements = environment_in(read_yaml(text))
        if requirements is not None:
            return FileFacts(requirements=requirements)
    if not any(word in text for word in _TRIGGERS) and not _VARIABLE.match(text):
        return FileFacts()
    file = read_yaml(text)
    found = Found()
    for document in file.documents:
        _document(file, document, found)
    return found.facts(file.problem)


def _document(file: YamlFile, document: Node, found: Found) -> None:
    kind, version = scalar(get(document, "kind")), scalar(get(document, "apiVersion"))
    if version.startswith("skaffold/"):
        _skaffold(file, document, found)
    elif kind in _KUSTOMIZE or (not kind and _is_kustomization(document)):
        _kustomization(file, document, found)
    elif kind and version:
        _manifest(file, document, found)
    elif is_compose(document):
        read_compose(file, document, found)
    elif is_cloudbuild(document):
        read_cloudbuild(file, document, found)
    elif is_variables_file(document):
        read_variables_file(file, document, found)
    elif _is_gitlab(document):
        _gitlab(file, document, found)


def _text(file: YamlFile, node: Node | None) -> Text | None:
    """A scalar's text with a hole for whatever a deploy step replaces."""
    text = file.text_of(node)
    return None if text is None else templated(inner(text))


def _manifest(file: YamlFile, document: Node, found: Found) -> None:
    if scalar(get(document, "kind")) == "List":
        for item in items(get(document, "items")):
            _manifest(file, item, found)
    read_variable_set(file, document, found)
    if scalar(get(document, "kind")) not in _WORKLOADS:
        return
    read_workloads(file, document, found)
    for node in walk(document):
        for key in _CONTAINER_LISTS:
            for container in items(get(node, key)) if isinstance(node, Mapping) else []:
                _container(file, container, document, found)


def _workload(document: Node) -> tuple[str, str]:
    """The place and the words for a workload: `container of Deployment `web``."""
    kind, version = scalar(get(document, "kind")), scalar(get(document, "apiVersion"))
    name = scalar(get(document, "metadata", "name")) or scalar(get(document, "metadata", "generateName"))
    if version.startswith(("run.googleapis.com/", "serving.knative.dev/")):
        knative = version.startswith("serving.") and "run.googleapis.com" not in _notes(document)
        return "cloud-run", f"{'Knative' if knative else 'Cloud Run'} {kind.lower()} `{name}`"
    return "kubernetes", f"{kind} `{name}`"


def _notes(document: Node) -> str:
    """The keys of all annotations and labels of a service and its template."""
    parents = (get(document, "metadata"), get(document, "spec", "template", "metadata"))
    return " ".join(
        key for parent in parents for kind in ("annotations", "labels") for key in entries(get(parent, kind))
    )


def _container(file: YamlFile, container: Node, document: Node, found: Found) -> None:
    place, where = _workload(document)
    # An image that is never pulled was put on the node by hand.
    if scalar(get(container, "imagePullPolicy")) != "Never":
        owner = scalar(get(document, "metadata", "name"))
        found.image(_text(file, get(container, "image")), place, where, owner=owner)
    if get(container, "command") is not None:
        arguments = [*file.texts(get(container, "command")), *file.texts(get(container, "args"))]
        found.commands += commands_of([replaced(text) for text in arguments])


def _is_kustomization(document: Node) -> bool:
    """A kustomization may leave its kind out."""
    keys = entries(document)
    return bool(keys) and keys.keys() <= _KUSTOMIZE_KEYS and bool(_KUSTOMIZE_RESOURCES & keys.keys())


def _kustomization(file: YamlFile, document: Node, found: Found) -> None:
    if isinstance(document, Mapping):
        read_kustomization(file, document, found)
    for image in items(get(document, "images")):
        if any(get(image, key) is not None for key in ("newTag", "digest", "newName")):
            found.override("image", _text(file, get(image, "name")))


def _skaffold(file: YamlFile, document: Node, found: Found) -> None:
    """Artifacts that skaffold builds; it writes their names with a digest into the manifests."""
    for node in walk(document):
        for artifact in items(get(node, "artifacts")) if isinstance(node, Mapping) else []:
            found.override("image", _text(file, get(artifact, "image")))
            found.builds += [use for use in [skaffold_build(file, artifact)] if use is not None]


def _is_gitlab(document: Node) -> bool:
    jobs = [entries(entry.value) for entry in entries(document).values()]
    if not any("script" in job for job in jobs):
        return False
    return "stages" in entries(document) or any(_GITLAB_KEYS & job.keys() for job in jobs)


def _gitlab(file: YamlFile, document: Node, found: Found) -> None:
    """`image`, `services` and scripts of jobs, `default` and the top (GitLab CI/CD YAML reference, 17)."""
    owners: list[tuple[str, Node]] = [("", document)]
    owners += [(name, entry.value) for name, entry in entries(document).items() if isinstance(entry.value, Mapping)]
    for name, owner in owners:
        if name in ("image", "services", "variables"):
            continue
        where = f"job `{name}`" if name else "the pipeline"
        found.image(_gitlab_image(file, get(owner, "image")), "step", where)
        for service in items(get(owner, "services")):
            found.image(_gitlab_image(file, service), "step", f"a service of {where}")
        for key in _SCRIPTS:
            for text in file.texts(get(owner, key)):
                found.commands += script_commands(text)


def _gitlab_image(file: YamlFile, node: Node | None) -> Text | None:
    return _text(file, get(node, "name") if isinstance(node, Mapping) else node)
