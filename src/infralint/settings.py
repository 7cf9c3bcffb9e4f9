"""Settings: what `[tool.infralint]` or infralint.toml may say, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from infralint.findings import Severity


class Dialect(str, Enum):
    """SQL dialects; `auto` decides by the driver that a Python file imports, else postgres."""

    AUTO = "auto"
    POSTGRES = "postgres"
    SQLITE = "sqlite"
    MYSQL = "mysql"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Rule selectors are rule ids, family names, or `ALL`.

    `select`: None = the rules that are on by default. `exclude`: gitignore-style patterns. `sources`: import roots,
    relative to the project root. `relative_imports`: gitignore-style patterns of files in which relative imports are
    allowed. `bases`: declarative bases that are separate on purpose, as `module:name` or `name`. `pins`: images with
    the digests that fixes give them, as `image@sha256:...`. `schema_files`: gitignore-style patterns of the .sql
    files that declare the database; empty = all of them. `gcloud_sdk`: the release that runs gcloud's commands, "" =
    that of the table; `gcloud_table`: a folder with another table, "" = infralint's own. `module_distributions`:
    dotted modules with the distributions any of which provides them; `distribution_requires`: distributions with
    those that they bring along.
    `severity`: selectors with the severity of their findings; see `severity_for`.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sources: tuple[str, ...] = ()
    relative_imports: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    dialect: Dialect = Dialect.AUTO
    schema_files: tuple[str, ...] = ()
    gcloud_sdk: str = ""
    gcloud_table: str = ""
    module_distributions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    distribution_requires: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, Severity], ...] = field(default=())

    def severity_for(self, rule: str, family: str) -> Severity | None:
        """The severity that these settings give a rule: by its id, else its family, else `ALL`, else None."""
        chosen = dict(self.severity)
        return chosen.get(rule) or chosen.get(family) or chosen.get("ALL")
