"""Project and lock files in TOML or INI: what they ask to be installed."""

from __future__ import annotations

import re

from infralint.facts.requirements import RequirementFacts

# A file without one of these words asks for nothing.
_TRIGGERS = re.compile(
    r"^\s*\[+\s*(?:project\b|dependency-groups\b|tool\.(?:poetry|uv|pdm|flit|hatch|setuptools)\b|build-system\b|packages?\b"
    r"|dev-packages\b|options)|^(?:lock-version|project|tool|dependency-groups)\b",
    re.MULTILINE,
)
# setuptools' sections; uv's lock has `[options]` too.
_INI = re.compile(
    r"^\[options\.extras_require\]\s*$"
    r"|^\[options\]\s*$(?:(?!^\[).*\n)*?^(?:install_requires|setup_requires|python_requires|packages)[ \t]*[=:]",
    re.MULTILINE,
)


def requirements_in_settings(text: str) -> RequirementFacts | None:
    """What a settings file asks to be installed; None where it says nothing of that, or cannot be read."""
    if not _TRIGGERS.search(text):
        return None
    if _INI.search(text):
        from infralint.readers.setup_cfg import requirements_of_setup_cfg

        return requirements_of_setup_cfg(text)
    return _of_toml(text)


def _of_toml(text: str) -> RequirementFacts | None:
    import tomli

    from infralint.readers.lock_files import lock_in
    from infralint.readers.pipfile import is_pipfile, requirements_of_pipfile
    from infralint.readers.project_toml import requirements_of_project
    from infralint.readers.toml_file import TomlFile

    try:
        document = tomli.loads(text)
    except (ValueError, RecursionError):
        return None
    file = TomlFile(text, document)
    lock = lock_in(text, document)
    if lock is not None:
        return RequirementFacts("lock", lock=lock, compiled=True)
    return requirements_of_pipfile(file) if is_pipfile(document) else requirements_of_project(file)
