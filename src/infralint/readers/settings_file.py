"""Settings files of other tools: what they say of how code is imported, and of Alembic."""

from __future__ import annotations

import re

from infralint.facts.files import FileFacts
from infralint.readers.alembic_settings import alembic_sections
from infralint.readers.console_scripts import console_scripts_in

# pytest reference, "import-mode": an option in `addopts`, or the ini key of newer versions.
_IMPORTLIB = re.compile(r"^[^#;\n]*import[-_]mode[\s=\"',]+importlib\b", re.MULTILINE)


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a TOML or INI file."""
    return FileFacts(
        pytest_importlib=bool(_IMPORTLIB.search(text)),
        alembic=alembic_sections(text),
        console_scripts=console_scripts_in(text),
    )
