"""requirement-missing beside pip and Python themselves: what an image lacks is what its start does not find."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_services import REAL, SERVICES
from tiny_wheels import make_wheels
from toy_docker import build, missing_modules

import infralint
from infralint.settings import Settings


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny wheels of well-known distributions."""
    folder = tmp_path_factory.mktemp("wheels")
    make_wheels(folder)
    return folder


def reported(files: dict[str, str]) -> set[str]:
    """The modules that the finding names."""
    found = infralint.lint(files, Settings(select=("requirement-missing",))).findings
    assert len(found) <= 1
    related = [each.message for finding in found for each in finding.related]
    return {message.split("`")[1] for message in related if not message.startswith("the start ")}


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_missing(name: str, tmp_path: Path, wheels: Path) -> None:
    missing = missing_modules(build(SERVICES[name], "Dockerfile", tmp_path, wheels))
    found = reported(SERVICES[name])
    if name.startswith("silent"):
        # The judge itself must have something to say of what is left out.
        assert missing
        assert not found
        return
    # Of a namespace Python names the first part that is not there, which may be the namespace itself.
    assert {
        next((each for each in missing if f"{module}.".startswith(f"{each}.")), module) for module in found
    } == missing


def test_distributions_of_the_registry(tmp_path: Path) -> None:
    missing = missing_modules(build(REAL, "Dockerfile", tmp_path, None))
    assert reported(REAL) == missing == {"jwt", "dotenv", "yaml"}
