"""environment.yml of conda (conda user guide, "Managing environments", "Creating an environment file manually")."""

from __future__ import annotations

import re

from infralint.facts.requirements import Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.facts.text import Text
from infralint.readers.requirement_files import Lines
from infralint.readers.yaml_nodes import YamlFile, entries, get, items

_ENVIRONMENT = re.compile(r"^dependencies[ \t]*:", re.MULTILINE)
_KEYS = frozenset({"name", "channels", "dependencies", "prefix", "variables", "platforms", "category"})
# conda, "Package match specifications": `channel::name=version=build`, `name>=version`.
_SPEC = re.compile(r"(?:[^:\s]+::)?([A-Za-z0-9_][\w.-]*)\s*(?:\[[^\]]*\]|([=<>!~][^=\s]*(?:=[^=\s]+)?)(?:=\S*)?)?")
_ONE_LINE = re.compile(r"=\d[\w.]*")
_PEP440 = re.compile(r"(?:(?:==|>=|<=|!=|<|>)\d[\w.]*,?)+")


def may_be_environment(text: str) -> bool:
    """Whether a YAML text is worth a look: Helm's charts and others have dependencies too."""
    return _ENVIRONMENT.search(text) is not None and "apiVersion" not in text


def environment_in(file: YamlFile) -> RequirementFacts | None:
    """What an environment file asks for; None for another kind of YAML.

    The packages of conda are a group of their own kind: their names are conda's, mostly those of PyPI.
    """
    keys = entries(file.documents[0]) if len(file.documents) == 1 else {}
    if "dependencies" not in keys or not keys.keys() <= _KEYS or not items(keys["dependencies"].value):
        return None
    lines = Lines()
    packages: list[Requirement] = []
    for node in items(keys["dependencies"].value):
        text = file.text_of(node)
        if text is not None:
            packages.append(_package(text))
        for line in file.texts(get(node, "pip")):
            lines.add(line)
    span = keys["dependencies"].key.span
    pip = RequirementGroup("main", span, requirements=tuple(lines.requirements), includes=tuple(lines.includes))
    conda = RequirementGroup("conda", span, requirements=tuple(packages), open="conda brings along what it needs")
    return RequirementFacts("conda", (pip, conda), options=tuple(lines.options))


def _package(text: Text) -> Requirement:
    match = _SPEC.fullmatch(text.value)
    if match is None:
        return Requirement(text.span, text.span, open="it is no name of a package")
    specifier = _specifier(match[2] or "")
    return Requirement(text.span, text.locate(*match.span(1)), normalised(match[1]), specifier=specifier)


def _specifier(written: str) -> str:
    """A version of conda as PEP 440 has it: `=1.2` is any 1.2, `==1.2` is 1.2 alone; "" where it has no such form."""
    if _ONE_LINE.fullmatch(written):
        return f"=={written[1:]}.*"
    return written if _PEP440.fullmatch(written) else ""
