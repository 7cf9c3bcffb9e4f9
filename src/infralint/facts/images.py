"""References to container images, and what decides elsewhere which image a name stands for."""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class ImageUse(msgspec.Struct, frozen=True):
    """An image that a file runs, builds upon or publishes.

    `place`: "from" (a build takes from it), "compose", "kubernetes", "cloud-run", "terraform", "step" (a CI
    job, service or step runs in it), "docker" (`docker run` and its kin), "deploy" (gcloud, kubectl),
    "published". `where` says it in words for messages: "`FROM`", "compose service `web`". `built`: it is
    made here, not pulled (a `build:` beside it). `pushed`: this file publishes an image under this name.
    `defaults`: variables whose defaults are part of the text. `owner`: the compose service or the workload.
    """

    image: Text
    place: str
    where: str
    built: bool = False
    pushed: bool = False
    defaults: tuple[str, ...] = ()
    owner: str = ""

    @property
    def span(self) -> Span:
        return self.image.span


class ImageOverride(msgspec.Struct, frozen=True):
    """A name whose meaning is decided here and not where it is used.

    `kind`: "image" (kustomize `images:`, a skaffold artifact: the image of that name is replaced),
    "build-argument" (an ARG that a build sets), "context" (a named build context in place of an image),
    "service" (a compose service that is built), "artifact" (a folder in which a job puts what another one made).
    """

    kind: str
    name: Text
