"""Settings files of other tools: what they say of how code is imported, and of Alembic."""

from __future__ import annotations

from infralint.facts.files import FileFacts
from infralint.readers.alembic_settings import alembic_sections
from infralint.readers.console_scripts import console_scripts_in
from infralint.readers.project_files import requirements_in_settings
from infralint.readers.pytest_settings import pytest_settings_in


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a TOML or INI file."""
    return FileFacts(
        pytest=pytest_settings_in(text),
        alembic=alembic_sections(text),
        console_scripts=console_scripts_in(text),
        requirements=requirements_in_settings(text),
    )
