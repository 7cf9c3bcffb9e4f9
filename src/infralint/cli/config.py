"""`infralint config`: about the settings."""

from __future__ import annotations

import json

import click

from infralint.cli.console import emit


@click.group()
def config() -> None:
    """About the settings."""


@config.command()
def schema() -> None:
    """Print the JSON schema of the settings, for editors."""
    from infralint.settings_schema import json_schema

    emit(json.dumps(json_schema(), indent=2) + "\n")
