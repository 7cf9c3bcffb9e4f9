"""A document for programs: one JSON object; docs/schema.md and docs/services.md describe every field."""

from __future__ import annotations

import json
from collections.abc import Mapping


def render_document(document: Mapping[str, object]) -> str:
    """The whole document, in ASCII, so that no encoding on its way can spoil it."""
    return json.dumps(document, indent=2) + "\n"
