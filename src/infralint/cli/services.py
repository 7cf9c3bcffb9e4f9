"""`infralint services`: what is deployed, from which image, with which variables, and where each of it is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.asked_names import refuse_unknown
from infralint.cli.console import route_log, write_document
from infralint.cli.options import run_options

if TYPE_CHECKING:
    from infralint.services_document import ServicesDocument

FORMATS = ("text", "json", "mermaid")


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, readable=False, path_type=Path))
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
@click.option("--service", "services_named", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--show-values", is_flag=True, help="Show values that look like secrets as they stand in the files.")
@run_options
def services(
    path: Path | None,
    output_format: str,
    output: Path | None,
    services_named: tuple[str, ...],
    show_values: bool,
    jobs: int | None,
    no_cache: bool,
    config: Path | None,
) -> None:
    """Print what the project that PATH (or the current folder) belongs to deploys, as infralint understands it.

    Each deployment with its image, entry point, installed distributions and environment, the place of each of these,
    and what could not be read and why. Exit code: 0 printed, 2 infralint could not do its job.
    """
    from infralint import engine
    from infralint.cli.progress import ProgressBar
    from infralint.settings_load import find_root, load_settings

    route_log()
    root = find_root(path or Path())
    settings = load_settings(root, config)
    with ProgressBar(sys.stderr) as progress:
        document = engine.services_of(
            root, settings, show_values=show_values, jobs=jobs, cache=not no_cache, progress=progress
        )
    write_document(_rendered(_limited(document, services_named), output_format), output)


def _limited(document: ServicesDocument, names: tuple[str, ...]) -> ServicesDocument:
    from infralint.services_document import limited_to, service_names

    refuse_unknown("service", names, service_names(document))
    return limited_to(document, names) if names else document


def _rendered(document: ServicesDocument, output_format: str) -> str:
    if output_format == "json":
        from infralint.reports.document_json import render_document

        return render_document(document)
    if output_format == "mermaid":
        from infralint.reports.services_mermaid import render_services_mermaid

        return render_services_mermaid(document)
    from infralint.reports.services_text import render_services_text

    return render_services_text(document)
