"""What is deployed as a flowchart that GitHub renders: deployments, the images that they run, the modules that start.

Mermaid's grammar of `flowchart` (11.17): a text in double quotes may hold anything but `"`; `#` begins
an entity, and Markdown is read between backquotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.reports.harmless import harmless
from infralint.services_document import ServiceObject, ServicesDocument

# Mermaid draws no text that is longer (`maxTextSize`), and no more edges (`maxEdges`, 11.17).
_LONGEST = 50_000
_MOST_EDGES = 500
_NOT_IN_TEXT = re.compile(r'["`#;<>&\\{}|%\[\]]')


def render_services_mermaid(document: ServicesDocument) -> str:
    """One flowchart; of what is too large to be drawn, the first part and a note."""
    drawn = _Drawing()
    for service in document["services"]:
        if not drawn.add(service):
            break
    return drawn.text()


class _Drawing:
    """Nodes and edges while they are gathered."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.nodes: dict[str, str] = {}
        self.edges: dict[str, None] = {}
        self.length = 0
        self.left_out = False

    def add(self, service: ServiceObject) -> bool:
        """Draw a service; False where the drawing would become too large."""
        number = sum(map(len, self.groups.values()))
        name = f"service{number}"
        nodes, edges = self._lines(service, name)
        length = sum(map(len, (*nodes.values(), *edges))) + 20 * (len(nodes) + len(edges)) + len(service["title"])
        if self.length + length > _LONGEST - 1000 or len(self.edges) + len(edges) > _MOST_EDGES:
            self.left_out = True
            return False
        self.length += length + len(service["span"]["path"]) + 40
        self.groups.setdefault(service["span"]["path"], []).append(f'{name}["{_text(_label(service))}"]')
        self.nodes.update(nodes)
        self.edges.update(dict.fromkeys(edges))
        return True

    def _lines(self, service: ServiceObject, name: str) -> tuple[dict[str, str], list[str]]:
        nodes: dict[str, str] = {}
        edges: list[str] = []
        above = name
        image = _image(service)
        if image is not None:
            above = self._node(image, nodes)
            edges.append(f"{name} --> {above}")
        for start in service["entry_points"]:
            module = self._node(f'(["{_text(start["path"])}"])', nodes)
            edges.append(f"{above} --> {module}" if above != name else f"{name} --> {module}")
        return nodes, edges

    def _node(self, shape: str, nodes: dict[str, str]) -> str:
        known = {**self.nodes, **nodes}
        for name, drawn in known.items():
            if drawn == shape:
                return name
        name = f"node{len(known)}"
        nodes[name] = shape
        return name

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._all_lines())

    def _all_lines(self) -> Iterator[str]:
        yield "flowchart LR"
        if self.left_out:
            yield "    %% too large to draw: the rest is left out"
        for number, (path, members) in enumerate(self.groups.items()):
            yield f'    subgraph file{number}["{_text(path)}"]'
            yield from (f"        {member}" for member in members)
            yield "    end"
        yield from (f"    {name}{shape}" for name, shape in self.nodes.items())
        yield from (f"    {edge}" for edge in self.edges)


def _label(service: ServiceObject) -> str:
    container = service["container"]
    return f"{service['title']}, {container}" if container else service["title"]


def _image(service: ServiceObject) -> str | None:
    """The node of the image: its Dockerfile and stage, else its reference."""
    build, image = service["build"], service["image"]
    if build is not None:
        return f'[["{_text(build["dockerfile"])}, stage {_text(build["stage"])}"]]'
    return f'[("{_text(image["reference"])}")]' if image is not None else None


def _text(text: str) -> str:
    return _NOT_IN_TEXT.sub("_", harmless(text).replace("`", "'")) or "_"
