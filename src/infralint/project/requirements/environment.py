"""The environment that markers are evaluated in, as far as it is known (PEP 508, "Environment Markers")."""

from __future__ import annotations

from dataclasses import dataclass, field

# Containers run CPython on Linux. The machine is not known: images are built for several.
_CONTAINER = (
    ("implementation_name", "cpython"),
    ("os_name", "posix"),
    ("platform_python_implementation", "CPython"),
    ("platform_system", "Linux"),
    ("sys_platform", "linux"),
)


@dataclass(frozen=True, slots=True)
class MarkerEnvironment:
    """What is known of the place of an install. `python`: "3.11" or "3.11.4", "" = not known.

    `variables`: the other variables of PEP 508 that are known; what is not among them can have any value.
    """

    python: str = ""
    variables: tuple[tuple[str, str], ...] = field(default=_CONTAINER)


# Nothing is known but that it is a container: what the rules ask with.
CONTAINER = MarkerEnvironment()
# Nothing is known at all: the requirements of a project that is installed on any machine.
ANYWHERE = MarkerEnvironment(variables=())
