"""Words that the rules on environment variables share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infralint.findings import Place
from infralint.project.deployments import Deployment
from infralint.project.environment import Read

# More deployments than these say nothing new.
_MAX_RELATED = 5


def listed(deployments: Sequence[Deployment]) -> str:
    """Deployments in words: "compose service `web` and 2 more"."""
    first = deployments[0].title
    others = len(deployments) - 1
    return first if not others else f"{first} and {others} more"


def places(deployments: Sequence[Deployment], message: str) -> Iterator[Place]:
    """Where deployments stand."""
    for deployment in deployments[:_MAX_RELATED]:
        yield Place(deployment.path, deployment.span, message.format(deployment.title))


def shown(read: Read) -> str:
    """The variable of a read, with the others that would serve."""
    others = [f"`{name}`" for name in read.names[1:]]
    return " or ".join([f"`{read.name}`", *others])
