"""Deployments as files write them: containers, their commands, and the variables that are set for them.

A workload is what ONE file says of one container. What other files add (a compose override, a kustomization, a
ConfigMap, an env_file) is joined in `project/deployments`.
"""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class Variable(msgspec.Struct, frozen=True, omit_defaults=True):
    """An environment variable that is set.

    `span`: the name where it stands. `source`: "literal" (`value` is its text, with holes for what is not known),
    "secret" and "config-map" (`reference` is the name of the object, `key` the key in it, of Secret Manager the
    version), "field" (a field of the pod, a resource of the same file, whatever the platform computes), "host" (passed
    on from the environment of who starts it: `environment: [A]` of compose, `-e A`). `value` is None for all but
    literals, and for a literal that is no text. `optional`: it is no fault that the object or the key is not there.
    `host`: variables of the starting environment that the value takes (`${A:-b}`). `key_span`: where the key stands, of
    a flag of gcloud the whole `NAME=secret:version`; None = it is not written.
    """

    name: Text
    value: Text | None
    source: str
    span: Span
    reference: str = ""
    key: str = ""
    optional: bool = False
    host: tuple[str, ...] = ()
    key_span: Span | None = None


class Import(msgspec.Struct, frozen=True, omit_defaults=True):
    """Variables that come all together from elsewhere.

    `kind`: "env-file" (`name` is a path, relative to the file's folder or to the project's), "config-map" or "secret"
    (`envFrom`: the object's name). `prefix` stands before each name. `required` False: it may not be there. `raw`: an
    env file whose values are taken as they are (`format: raw`). `span`: the name where it stands.
    """

    kind: str
    name: Text
    span: Span
    prefix: str = ""
    required: bool = True
    raw: bool = False


class Unseen(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a workload may have variables that its file does not name.

    `kind`: "unread" (written here, in a way that cannot be read: a template, a loop, a flag from a variable), "kept"
    (the platform keeps what earlier deployments set: `--update-env-vars`), "external" (comes from an object outside of
    the tree). `names`: a regular expression for the whole names that may come so, "" = any.
    """

    kind: str
    reason: str
    span: Span
    names: str = ""


class BuildReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a workload says that its image is made: a folder, a Dockerfile in it, a stage. None = not said."""

    span: Span
    context: Text | None = None
    dockerfile: Text | None = None
    target: Text | None = None


class Extends(msgspec.Struct, frozen=True, omit_defaults=True):
    """`extends` of a compose service: the service it begins with, and its file if that is another one."""

    service: Text
    span: Span
    file: Text | None = None


class Workload(msgspec.Struct, frozen=True, omit_defaults=True):
    """A container that a file deploys.

    `kind`: "compose", "kubernetes", "cloud-run-service", "cloud-run-job", "cloud-run-worker-pool", "cloud-build",
    "workflow-job", "workflow-service", "ecs", "container" (`docker run`, terraform's docker_container), "function",
    "app-engine". `resource`: words for it with its name: "Deployment `web`". `name`: of the service, the job, the
    workload; `container`: the container's own name where there may be several. `span`: the name where it stands.
    `entrypoint` replaces the image's ENTRYPOINT (and empties its CMD), `arguments` its CMD; None = the image's own
    stays, () = emptied. `imports` come first and `variables` win over them, later ones over earlier ones. `removed`:
    names that are taken away. `replaces`: the variables are all that the
    workload has, whatever was deployed before; else they are added to what other files say. `profiles`: of compose.
    `mounts`: `(source, target)` of folders of the tree that are laid over the image's files. `resets`: keys whose value
    in the files before is dropped (compose `!reset`, `!override`): "environment", "env_file", "command", "*" for all.
    """

    kind: str
    resource: str
    name: Text
    span: Span
    container: str = ""
    namespace: str = ""
    image: Text | None = None
    build: BuildReference | None = None
    entrypoint: tuple[Text, ...] | None = None
    arguments: tuple[Text, ...] | None = None
    working_directory: Text | None = None
    variables: tuple[Variable, ...] = ()
    imports: tuple[Import, ...] = ()
    removed: tuple[str, ...] = ()
    replaces: bool = True
    service_account: Text | None = None
    extends: Extends | None = None
    profiles: tuple[str, ...] = ()
    mounts: tuple[tuple[Text, Text], ...] = ()
    # Its `localhost` is that of its host or of another container.
    shares_network: bool = False
    resets: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()


class VariableSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """Variables under one name: a ConfigMap ("config-map"), a Secret ("secret"), an .env file ("env-file", no name).

    `closed` False: it has names that are not read (a template, `stringData` from a generator, an ExternalSecret).
    `generated`: a kustomize generator makes it, and adds a hash to its name; `files`: env files that it takes.
    """

    kind: str
    name: Text | None
    span: Span
    variables: tuple[Variable, ...] = ()
    namespace: str = ""
    closed: bool = True
    generated: bool = False
    files: tuple[Import, ...] = ()


class FileReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another file that belongs to this one.

    `kind`: "include" (compose), "resource", "patch" and "component" (kustomize). `path` is relative to the
    file's folder.
    """

    kind: str
    path: Text
    span: Span


class Kustomization(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kustomization: which manifests it takes, and what it changes about their names. `plain` False: it does more
    to them than is read here (inline patches, replacements, plugins, Helm charts)."""

    span: Span
    references: tuple[FileReference, ...] = ()
    prefix: str = ""
    suffix: str = ""
    namespace: str = ""
    images: tuple[tuple[str, str], ...] = ()
    plain: bool = True


class DeploymentFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that one file says of deployments."""

    workloads: tuple[Workload, ...] = ()
    sets: tuple[VariableSet, ...] = ()
    includes: tuple[FileReference, ...] = ()
    kustomizations: tuple[Kustomization, ...] = ()
    # The name that a compose file gives to its project.
    project_name: str = ""
