"""What a settings file says of Alembic: `alembic.ini`, another .ini with such a section, pyproject.toml."""

from __future__ import annotations

import msgspec


class AlembicSection(msgspec.Struct, frozen=True, array_like=True):
    """A section of options, as written (`%(here)s` is the file's folder). `name`: "alembic", the name that
    `alembic -n` is given, or "tool.alembic". A list of TOML is joined by line ends, and `options` then says
    `path_separator = newline`. Of `sqlalchemy.url` only the scheme is kept.
    """

    name: str
    options: tuple[tuple[str, str], ...]

    def get(self, option: str) -> str | None:
        """The value of an option; None where it is not set."""
        return dict(self.options).get(option)
