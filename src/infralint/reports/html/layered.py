"""Boxes in layers from left to right, and the curves between them: a layout after Sugiyama, Tagawa and Toda (1981).

The four steps: edges are turned round where they close a cycle; each box goes to the layer that its longest path to a
sink gives, or further left where that one is full (after Coffman and Graham, 1972); boxes change places in their layer
so that fewer edges cross (barycentres of the neighbours); then each gets the place nearest to its neighbours' that
leaves the order as it is. An edge over several layers takes a lane in each, so that it crosses no box. Nothing is left
to chance: the same graph gives the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import sqrt

LAYER_GAP = 72.0
BOX_GAP = 24.0
LANE = 10.0
_ORDER_PASSES = 12
_PLACE_PASSES = 10
# A picture is to be this many times as wide as it is high; below this height a layer is never full.
_ASPECT = 1.6
_LEAST_HEIGHT = 500.0
_MOST_ROOM = 120.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle to be placed. Sizes are in pixels of the picture."""

    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one box to another. `start` and `end`: how far below the boxes' tops it leaves and arrives."""

    source: str
    target: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything is: the boxes' top left corners, and for each edge the points that its curve goes through.

    The first and last point of an edge lie on the sides of its boxes.
    """

    width: float
    height: float
    places: Mapping[str, tuple[float, float]]
    routes: Sequence[tuple[tuple[float, float], ...]]


@dataclass(slots=True)
class _Node:
    """A box, or the lane of an edge through a layer, while it is placed."""

    height: float
    width: float = 0.0
    layer: int = 0
    y: float = 0.0
    before: list[tuple[_Node, float, float]] = field(default_factory=list)
    after: list[tuple[_Node, float, float]] = field(default_factory=list)
    order: int = 0
    weight: float = 0.0


def components(boxes: Sequence[Box], edges: Iterable[Edge]) -> list[list[Box]]:
    """The boxes that hang together, the largest first; in each the order is as given."""
    leader = {box.name: box.name for box in boxes}

    def find(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for edge in edges:
        one, other = sorted((find(edge.source), find(edge.target)))
        leader[other] = one
    found: dict[str, list[Box]] = {}
    for box in boxes:
        found.setdefault(find(box.name), []).append(box)
    return sorted(found.values(), key=lambda group: -len(group))


def draw(boxes: Sequence[Box], edges: Sequence[Edge]) -> Drawing:
    """Place boxes that hang together. Edges name boxes that are there; one from a box to itself goes round its side."""
    nodes = {box.name: _Node(box.height, box.width) for box in boxes}
    turned = _turned([box.name for box in boxes], edges)
    _assign_layers(nodes, edges, turned)
    layers: list[list[_Node]] = [[] for _ in range(1 + max(node.layer for node in nodes.values()))]
    for node in nodes.values():
        layers[node.layer].append(node)
    lanes = _Lanes(nodes, layers)
    ways = [lanes.way(edge, at in turned) for at, edge in enumerate(edges)]
    _order(layers)
    _place(layers)
    columns = _columns(layers)
    places = {name: (columns[node.layer][0], node.y) for name, node in nodes.items()}
    routes = [
        _route(edge, nodes, way, columns, at in turned) for at, (edge, way) in enumerate(zip(edges, ways, strict=True))
    ]
    width = max(columns[node.layer][0] + node.width for node in nodes.values())
    if any(edge.source == edge.target for edge in edges):
        width += LAYER_GAP / 2
    height = max(node.y + node.height for layer in layers for node in layer)
    return Drawing(width, height, places, routes)


def _turned(names: Sequence[str], edges: Sequence[Edge]) -> set[int]:
    """The edges (their places in the list) that are turned round, so that no cycle is left.

    A depth-first search, first from boxes that nothing leads to; an edge back to a box that is still open closes a
    cycle.
    """
    outgoing: dict[str, list[int]] = {name: [] for name in names}
    for at, edge in enumerate(edges):
        if edge.source != edge.target:
            outgoing[edge.source].append(at)
    incoming = {edge.target for edge in edges if edge.source != edge.target}
    done: dict[str, bool] = {}
    turned: set[int] = set()
    for name in sorted(names, key=lambda each: each in incoming):
        stack = [] if name in done else [(name, iter(outgoing[name]))]
        done.setdefault(name, False)
        while stack:
            here, left = stack[-1]
            found = next(left, None)
            if found is None:
                done[here] = True
                stack.pop()
                continue
            target = edges[found].target
            if target not in done:
                done[target] = False
                stack.append((target, iter(outgoing[target])))
            elif not done[target]:
                turned.add(found)
    return turned


def _assign_layers(nodes: dict[str, _Node], edges: Sequence[Edge], turned: set[int]) -> None:
    """Longest path to a sink, counted from the right; a layer that is full sends boxes to the next one on its left.

    Full: as tall as makes the picture about as wide as a screen is.
    """
    before: dict[str, list[str]] = {name: [] for name in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for at, edge in enumerate(edges):
        if edge.source != edge.target:
            source, target = (edge.target, edge.source) if at in turned else (edge.source, edge.target)
            before[target].append(source)
            waiting[source] += 1
    area = sum((node.width + LAYER_GAP) * (node.height + BOX_GAP) for node in nodes.values())
    tallest = max(_LEAST_HEIGHT, sqrt(area / _ASPECT), *(node.height for node in nodes.values()))
    filled: dict[int, float] = {}
    order = {name: at for at, name in enumerate(nodes)}
    ready = [(0, -len(before[name]), order[name], name) for name in nodes if not waiting[name]]
    heapify(ready)
    earliest = dict.fromkeys(nodes, 0)
    while ready:
        level, _, _, name = heappop(ready)
        node = nodes[name]
        while filled.get(level, 0.0) and filled[level] + node.height > tallest:
            level += 1
        filled[level] = filled.get(level, 0.0) + node.height + BOX_GAP
        node.layer = level
        for source in before[name]:
            earliest[source] = max(earliest[source], level + 1)
            waiting[source] -= 1
            if not waiting[source]:
                heappush(ready, (earliest[source], -len(before[source]), order[source], source))
    last = max(node.layer for node in nodes.values())
    for node in nodes.values():
        node.layer = last - node.layer


class _Lanes:
    """Where edges go through the layers between their ends. Edges to the same place of a box share their lanes."""

    def __init__(self, nodes: dict[str, _Node], layers: list[list[_Node]]) -> None:
        self._nodes = nodes
        self._layers = layers
        self._shared: dict[tuple[str, float, bool, int], _Node] = {}
        self._linked: set[tuple[int, int, float, float]] = set()

    def way(self, edge: Edge, turned: bool) -> list[_Node]:
        """The lanes of an edge from left to right, linked to its ends and to each other."""
        if edge.source == edge.target:
            return []
        left, right = (edge.target, edge.source) if turned else (edge.source, edge.target)
        leaves, arrives = (edge.end, edge.start) if turned else (edge.start, edge.end)
        first, last = self._nodes[left], self._nodes[right]
        found = [self._lane(edge, turned, layer) for layer in range(first.layer + 1, last.layer)]
        previous = first
        for lane in found:
            self._link(previous, lane, leaves, LANE / 2)
            previous, leaves = lane, LANE / 2
        self._link(previous, last, leaves, arrives)
        return found

    def _lane(self, edge: Edge, turned: bool, layer: int) -> _Node:
        key = (edge.target, edge.end, turned, layer)
        if key not in self._shared:
            self._shared[key] = _Node(LANE, layer=layer)
            self._layers[layer].append(self._shared[key])
        return self._shared[key]

    def _link(self, left: _Node, right: _Node, leaves: float, arrives: float) -> None:
        key = (id(left), id(right), leaves, arrives)
        if key not in self._linked:
            self._linked.add(key)
            left.after.append((right, leaves, arrives))
            right.before.append((left, arrives, leaves))


def _order(layers: list[list[_Node]]) -> None:
    """Sort each layer by the mean place of its neighbours, to and fro; the order with the fewest crossings stays."""
    for layer in layers:
        layer[:] = _lanes_amid(layer)
        _number(layer)
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers)
    for turn in range(_ORDER_PASSES):
        if not fewest:
            break
        forward = turn % 2 == 0
        for layer in layers[1:] if forward else layers[-2::-1]:
            for node in layer:
                linked = node.before if forward else node.after
                places = [_share(other, at) for other, _, at in linked]
                node.weight = sum(places) / len(places) if places else float(node.order)
            alike: dict[float, list[_Node]] = {}
            for node in layer:
                alike.setdefault(node.weight, []).append(node)
            layer[:] = [node for weight in sorted(alike) for node in _lanes_amid(alike[weight])]
            _number(layer)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order
        _number(layer)


def _lanes_amid(nodes: list[_Node]) -> list[_Node]:
    """Nodes of equal weight, with the boxes half above and half below the lanes: these then run straight on."""
    found = [node for node in nodes if node.width]
    lanes = [node for node in nodes if not node.width]
    half = len(found) // 2
    return [*found[:half], *lanes, *found[half:]]


def _share(node: _Node, at: float) -> float:
    """A place in a layer's order; of two edges at one box the upper one counts less."""
    return node.order + at / (node.height + 1.0)


def _number(layer: list[_Node]) -> None:
    for order, node in enumerate(layer):
        node.order = order


def _crossings(layers: list[list[_Node]]) -> int:
    """How many pairs of edges cross between neighbouring layers: inversions, counted by a Fenwick tree."""
    total = 0
    for layer in layers[:-1]:
        ends = [
            _share(other, arrives)
            for node in layer
            for other, _, arrives in sorted(node.after, key=lambda link: (link[1], _share(link[0], link[2])))
        ]
        ranks = {value: rank for rank, value in enumerate(sorted(set(ends)), start=1)}
        tree = [0] * (len(ranks) + 1)
        for seen, end in enumerate(ends):
            at = rank = ranks[end]
            above = 0
            while at > 0:
                above += tree[at]
                at -= at & -at
            total += seen - above
            while rank < len(tree):
                tree[rank] += 1
                rank += rank & -rank
    return total


def _place(layers: list[list[_Node]]) -> None:
    """Give each node a height that its order allows, as near as can be to the mean of what its neighbours ask for."""
    for layer in layers:
        y = 0.0
        for node in layer:
            node.y = y
            y += node.height + _gap(node)
    for turn in range(_PLACE_PASSES):
        forward = turn % 2 == 0
        for layer in layers[1:] if forward else layers[-2::-1]:
            wishes = [_wish(node, node.before if forward else node.after) for node in layer]
            _settle(layer, wishes)
    top = min(node.y for layer in layers for node in layer)
    for layer in layers:
        for node in layer:
            node.y -= top


def _wish(node: _Node, linked: list[tuple[_Node, float, float]]) -> float:
    if not linked:
        return node.y
    return sum(other.y + theirs - own for other, own, theirs in linked) / len(linked)


def _gap(node: _Node) -> float:
    return BOX_GAP if node.width else LANE / 2


def _settle(layer: list[_Node], wishes: list[float]) -> None:
    """The places with the least squares of distance from the wishes that keep the order and the gaps.

    The pool of adjacent violators: nodes that would overlap form a block, which goes where its members' mean is.
    """
    blocks: list[list[float]] = []
    offsets = []
    offset = 0.0
    for node, wish in zip(layer, wishes, strict=True):
        offsets.append(offset)
        blocks.append([wish - offset, 1.0])
        offset += node.height + _gap(node)
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            place, size = blocks.pop()
            before, count = blocks[-1]
            blocks[-1] = [(before * count + place * size) / (count + size), count + size]
    places = [place for place, size in blocks for _ in range(int(size))]
    for node, place, below in zip(layer, places, offsets, strict=True):
        node.y = place + below


def _columns(layers: list[list[_Node]]) -> list[tuple[float, float]]:
    """Where each layer begins and ends. Between layers with many edges there is more room for them."""
    found = []
    left = 0.0
    for layer in layers:
        width = max(node.width for node in layer)
        found.append((left, left + width))
        left += width + LAYER_GAP + min(_MOST_ROOM, 1.5 * sum(len(node.after) for node in layer))
    return found


def _route(
    edge: Edge, nodes: dict[str, _Node], way: list[_Node], columns: list[tuple[float, float]], turned: bool
) -> tuple[tuple[float, float], ...]:
    source, target = nodes[edge.source], nodes[edge.target]
    left, column_right = columns[source.layer]
    start, end = source.y + edge.start, target.y + edge.end
    if edge.source == edge.target:
        return ((left + source.width, start), (left + source.width, end))
    through = [(side, lane.y + LANE / 2) for lane in way for side in columns[lane.layer]]
    target_left, target_right = columns[target.layer]
    # Beside a box that is narrower than its layer a line runs straight, so that it passes behind no wider one.
    if turned:
        return ((left, start), *reversed(through), (target_right, end), (target_left + target.width, end))
    return ((left + source.width, start), (column_right, start), *through, (target_left, end))
