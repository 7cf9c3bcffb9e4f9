"""The environment that markers are evaluated in, as far as it is known (PEP 508, "Environment Markers")."""

from __future__ import annotations

from dataclasses import dataclass

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
    """What is known of the place of an install.

    `python`: "3.11" or "3.11.4", "" = not known. `pythons`: the versions that are possible (PEP 440), "" = any; those
    that no image of today has are not.
    `variables`: the other variables of PEP 508 that are known; what is not among them can have any value.
    """

    python: str = ""
    pythons: str = ">=3.8"
    variables: tuple[tuple[str, str], ...] = _CONTAINER


# A container of which nothing more is known.
CONTAINER = MarkerEnvironment()
# Nothing is known: the requirements of a project that is installed on any machine.
ANYWHERE = MarkerEnvironment(pythons="", variables=())
