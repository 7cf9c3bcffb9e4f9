"""Which Dockerfiles are judged."""

from __future__ import annotations

from infralint.project.builds.view import Builds
from infralint.project.places import is_example, is_test


def is_judged(builds: Builds, dockerfile: str) -> bool:
    """Whether a Dockerfile is one of the project's own: no test's, and no example's that nothing in the tree builds."""
    if is_test(dockerfile):
        return False
    return not is_example(dockerfile) or any(
        build.dockerfile == dockerfile and build.kind != "convention" for build in builds.builds
    )
