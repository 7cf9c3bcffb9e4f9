"""The keywords of JSON Schema that the schemas of the documents use."""

from __future__ import annotations

from typing import Any

_KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int}


def errors_of(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> list[str]:
    """What is wrong with a value. `root`: the whole schema, whose `$defs` count."""
    if "$ref" in schema:
        return errors_of(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, where)
    if "anyOf" in schema:
        found = [errors_of(value, each, root, where) for each in schema["anyOf"]]
        return [] if not all(found) else found[0]
    if "const" in schema:
        return [] if value == schema["const"] else [f"{where} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is none of {schema['enum']}"]
    if "type" in schema and type(value) is not _KINDS[schema["type"]]:
        return [f"{where} is no {schema['type']}"]
    if isinstance(value, list):
        items = schema["items"]
        return [error for at, each in enumerate(value) for error in errors_of(each, items, root, f"{where}[{at}]")]
    if isinstance(value, dict):
        known = schema["properties"]
        wrong = [f"{where}.{name} is missing" for name in schema["required"] if name not in value]
        wrong += [f"{where}.{name} is unknown" for name in value if name not in known]
        inside = [name for name in value if name in known]
        return wrong + [e for name in inside for e in errors_of(value[name], known[name], root, f"{where}.{name}")]
    return []
