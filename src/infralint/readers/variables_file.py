"""YAML files of nothing but variables, as `gcloud run deploy --env-vars-file` takes them."""

from __future__ import annotations

import re

from infralint.facts.deployments import Variable, VariableSet
from infralint.facts.text import Text
from infralint.readers.found import Found
from infralint.readers.workload_values import templated, value_of
from infralint.readers.yaml_nodes import Node, Scalar, YamlFile, entries
from infralint.source import Span

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


def is_variables_file(document: Node) -> bool:
    """Whether a document is a mapping of names in capitals to plain values."""
    found = entries(document)
    return bool(found) and all(
        _NAME.fullmatch(name) and isinstance(entry.value, Scalar) for name, entry in found.items()
    )


def read_variables_file(file: YamlFile, document: Node, found: Found) -> None:
    """Gather the variables of one document."""
    variables = []
    for entry in entries(document).values():
        name = value_of(file, entry.key) or Text((), entry.key.span)
        value = value_of(file, entry.value)
        variables.append(Variable(name, templated(value) if value is not None else None, "literal", name.span))
    found.sets.append(VariableSet("env-file", None, Span(0, 0), tuple(variables)))
