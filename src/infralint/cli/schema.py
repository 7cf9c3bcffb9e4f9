"""`infralint schema`: what infralint believes the database holds, and where each fact comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.asked_names import refuse_unknown
from infralint.cli.console import route_log, write_document
from infralint.cli.options import run_options

if TYPE_CHECKING:
    from infralint.schema_document import SchemaDocument

FORMATS = ("text", "json", "sql", "mermaid")
SOURCES = ("models", "migrations", "sql", "all")


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--source",
    type=click.Choice(SOURCES),
    default="all",
    show_default=True,
    help="Whose tables: SQLAlchemy's models, what the migrations leave behind, SQL, or one after the other.",
)
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How they are printed.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="Only this table (also `schema.name`); may be repeated."
)
@run_options
def schema(
    path: Path | None,
    source: str,
    output_format: str,
    output: Path | None,
    tables: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    config: Path | None,
) -> None:
    """Print the tables of the project that PATH (or the current folder) belongs to, as infralint understands them.

    Table by table: columns, keys, constraints, indexes and relationships, with the place of each, and what could not
    be read and why. Exit code: 0 printed, 2 infralint could not do its job.
    """
    from infralint import engine
    from infralint.cli.progress import ProgressBar
    from infralint.settings_load import find_root, load_settings

    route_log()
    root = find_root(path or Path())
    settings = load_settings(root, config)
    with ProgressBar(sys.stderr) as progress:
        document = engine.schema_of(root, settings, source=source, jobs=jobs, cache=not no_cache, progress=progress)
    write_document(_rendered(_limited(document, tables), output_format), output)


def _limited(document: SchemaDocument, tables: tuple[str, ...]) -> SchemaDocument:
    from infralint.schema_document import limited_to, table_names

    refuse_unknown("table", tables, table_names(document))
    return limited_to(document, tables) if tables else document


def _rendered(document: SchemaDocument, output_format: str) -> str:
    if output_format == "json":
        from infralint.reports.document_json import render_document

        return render_document(document)
    if output_format == "sql":
        from infralint.reports.schema_sql import render_schema_sql

        return render_schema_sql(document)
    if output_format == "mermaid":
        from infralint.reports.schema_mermaid import render_schema_mermaid

        return render_schema_mermaid(document)
    from infralint.reports.schema_text import render_schema_text

    return render_schema_text(document)
