"""What the page is made of, besides findings: each project of the run, as it is linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infralint.schema_document import SchemaDocument
from infralint.services_document import ServicesDocument


@dataclass(frozen=True, slots=True)
class Part:
    """A project of the run. `prefix`: what leads from the folder that findings' paths begin at to the project's root,
    "" or with `/` at its end; the documents' paths begin at that root.

    `owners`: for each file (from that root) that services are made of, their places in `services["services"]`.
    """

    prefix: str
    schema: SchemaDocument
    services: ServicesDocument
    owners: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
