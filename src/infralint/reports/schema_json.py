"""The schema for programs: one JSON object; docs/schema.md describes every field."""

from __future__ import annotations

import json

from infralint.schema_document import SchemaDocument


def render_schema_json(document: SchemaDocument) -> str:
    """The whole document, in ASCII, so that no encoding on its way can spoil it."""
    return json.dumps(document, indent=2) + "\n"
