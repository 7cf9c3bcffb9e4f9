"""Pictures of cards with rows, and links from row to card: the shape that tables and deployments have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from infralint.reports.frame import cell_width
from infralint.reports.harmless import harmless
from infralint.reports.html.layered import Box, Drawing, Edge, components, draw
from infralint.reports.html.marks import Marked, look, united
from infralint.reports.html.markup import Markup, count, element, join, number

# Sizes in pixels. The fonts are monospaced; 0.602 em is the widest advance among those that systems bring along
# (DejaVu Sans Mono, Menlo; Consolas and Courier New have less).
_ADVANCE = 0.602
_CELL = 12 * _ADVANCE
_SMALL_CELL = 11 * _ADVANCE
_LEADING = 1.12
HEAD = 28.0
ROW = 20.0
_BADGE = 24.0
_PADDING = 10.0
_LEAST_WIDTH = 140.0
_LONGEST_TITLE = 40
_LONGEST_LEFT = 40
_LONGEST_RIGHT = 28
_GAP = 48.0
_MARGIN = 16.0
_ASPECT = 1.7
_CUT = "…"
_MOST_LINES_OF_TITLE = 6
# Links that are broken lie above the others, the worst on top.
_RANKS = {"warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a card: what stands on its left and right, a badge before it, and the findings that speak of it."""

    left: str
    right: str = ""
    badge: str = ""
    marked: tuple[Marked, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A box of the picture. `key` names it in links; `anchor` is its element's id, `kind` what it is drawn as."""

    key: str
    anchor: str
    kind: str
    title: str
    subtitle: str = ""
    rows: tuple[Row, ...] = ()
    marked: tuple[Marked, ...] = ()

    @property
    def all_marked(self) -> tuple[Marked, ...]:
        """The findings that speak of the card or of one of its rows."""
        return united(self.marked, *(row.marked for row in self.rows))


@dataclass(frozen=True, slots=True)
class Link:
    """A line from a row of a card (None: from its head) to a card or one of its rows. `text` is said of it."""

    source: str
    row: int | None
    target: str
    target_row: int | None = None
    text: str = ""
    marked: tuple[Marked, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A group of cards that hang together, with where it stands in the picture."""

    drawing: Drawing
    links: Sequence[Link]
    x: float
    y: float


def size_of(card: Card) -> tuple[float, float]:
    """Width and height of a card."""
    badge = _BADGE if card.all_marked else 0.0
    head = _cells(card.title, _LONGEST_TITLE) * _CELL + 2 * _PADDING + badge
    if card.subtitle:
        head += _cells(card.subtitle, _LONGEST_RIGHT) * _SMALL_CELL + _PADDING
    badges = _BADGE if any(row.badge for row in card.rows) else 0.0
    rows = (
        _cells(row.left, _LONGEST_LEFT) * _CELL
        + (_cells(row.right, _LONGEST_RIGHT) * _SMALL_CELL + 2 * _PADDING if row.right else 0.0)
        + badges
        + 2 * _PADDING
        for row in card.rows
    )
    return max(_LEAST_WIDTH, head, *rows), HEAD + ROW * len(card.rows) + (6.0 if card.rows else 0.0)


def picture(cards: Sequence[Card], links: Sequence[Link], name: str, title: str) -> Markup:
    """The picture as SVG. `name` begins the ids of what it refers to itself; `title` is its name for screen readers."""
    placed, width, height = _arranged(cards, links)
    by_key = {card.key: card for card in cards}
    lines = [_line(link, route, group, name, by_key) for group in placed for link, route in _routes(group)]
    boxes = [
        _card(by_key[key], x + group.x, y + group.y) for group in placed for key, (x, y) in group.drawing.places.items()
    ]
    lines.sort(key=lambda line: line[0])
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("defs", *(_arrow(name, kind) for kind in ("plain", "touched", "warning", "error"))),
        element("g", *(markup for _, markup in lines), class_="links"),
        element("g", *boxes, class_="cards"),
        xmlns="http://www.w3.org/2000/svg",
        role="group",
        aria_labelledby=f"{name}-title",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
    )


def _arranged(cards: Sequence[Card], links: Sequence[Link]) -> tuple[list[_Placed], float, float]:
    """Draw each group of cards that hang together, and put the groups on shelves, the highest first."""
    boxes = [Box(card.key, *size_of(card)) for card in cards]
    edges = [Edge(link.source, link.target, _port(link.row), _port(link.target_row)) for link in links]
    groups = []
    for members in components(boxes, edges):
        names = {box.name for box in members}
        own = [at for at, edge in enumerate(edges) if edge.source in names]
        groups.append((draw(members, [edges[at] for at in own]), [links[at] for at in own]))
    groups.sort(key=lambda group: -group[0].height)
    area = sum((drawing.width + _GAP) * (drawing.height + _GAP) for drawing, _ in groups)
    widest = max(sqrt(area * _ASPECT), *(drawing.width for drawing, _ in groups), 0.0)
    placed = []
    x, y, shelf, right = _MARGIN, _MARGIN, 0.0, 0.0
    for drawing, own_links in groups:
        if x > _MARGIN and x + drawing.width > widest + _MARGIN:
            x, y, shelf = _MARGIN, y + shelf + _GAP, 0.0
        placed.append(_Placed(drawing, own_links, x, y))
        shelf = max(shelf, drawing.height)
        right = max(right, x + drawing.width)
        x += drawing.width + _GAP
    return placed, right + _MARGIN, y + shelf + _MARGIN


def _port(row: int | None) -> float:
    return HEAD / 2 if row is None else HEAD + ROW * row + ROW / 2


def _routes(group: _Placed) -> list[tuple[Link, list[tuple[float, float]]]]:
    return [
        (link, [(x + group.x, y + group.y) for x, y in route])
        for link, route in zip(group.links, group.drawing.routes, strict=True)
    ]


def _line(
    link: Link, points: list[tuple[float, float]], group: _Placed, name: str, cards: Mapping[str, Card]
) -> tuple[int, Markup]:
    """A link's curve, with its rank: the more severe, the later it is drawn."""
    kind = look(link.marked) or "plain"
    path = element("path", d=_curve(points, loop=link.source == link.target), marker_end=f"url(#{name}-{kind})")
    drawn = [element("title", _told(link.text, link.marked)), path]
    if kind in _RANKS:
        x, y = _middle(points)
        drawn.append(element("circle", cx=x, cy=y, r=8, class_="cross"))
        drawn.append(element("path", d=_cross(x, y), class_="cross"))
    ends = {"data_from": cards[link.source].anchor, "data_to": cards[link.target].anchor}
    line = _linked(link.marked, element("g", *drawn, class_=f"link {kind}", **ends))
    return _RANKS.get(kind, 0), line


def _curve(points: list[tuple[float, float]], *, loop: bool) -> str:
    x, y = points[0]
    parts = [f"M{number(x)} {number(y)}"]
    for to_x, to_y in points[1:]:
        if loop:
            out = number(x + 30)
            parts.append(f"C{out} {number(y)} {out} {number(to_y)} {number(to_x)} {number(to_y)}")
        elif abs(to_y - y) < 0.1:
            parts.append(f"H{number(to_x)}")
        else:
            middle = number((x + to_x) / 2)
            parts.append(f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}")
        x, y = to_x, to_y
    return "".join(parts)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """The middle of the first curve, which no other link shares."""
    (x, y), (to_x, to_y) = next((ends for ends in pairwise(points) if ends[0][1] != ends[1][1]), points[:2])
    return (x + to_x) / 2, (y + to_y) / 2


def _cross(x: float, y: float) -> str:
    left, right, top, bottom = number(x - 3), number(x + 3), number(y - 3), number(y + 3)
    return f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"


def _arrow(name: str, kind: str) -> Markup:
    return element(
        "marker",
        element("path", d="M0 0L8 4L0 8z"),
        id=f"{name}-{kind}",
        class_=f"arrow {kind}",
        viewBox="0 0 8 8",
        refX=8,
        refY=4,
        markerWidth=8,
        markerHeight=8,
        markerUnits="userSpaceOnUse",
        orient="auto",
    )


def _card(card: Card, x: float, y: float) -> Markup:
    width, height = size_of(card)
    kind = look(card.all_marked)
    head: list[Markup] = [
        element("title", _told(f"{card.title} {card.subtitle}".strip(), card.marked)),
        element("rect", class_="box", width=width, height=height, rx=6),
        element("path", class_="head", d=_head(width, height, has_rows=bool(card.rows))),
        _text(card.title, _PADDING, 18.5, _LONGEST_TITLE, "name"),
    ]
    if card.subtitle:
        at = width - _PADDING - (_BADGE if kind else 0.0)
        head.append(_text(card.subtitle, at, 18.5, _LONGEST_RIGHT, "aside", anchor="end"))
    if kind:
        head.append(_count_of(card, width))
    rows = [_row(row, at, width, badges=any(each.badge for each in card.rows)) for at, row in enumerate(card.rows)]
    return element(
        "g",
        *head,
        *rows,
        element("rect", class_="frame", width=width, height=height, rx=6),
        _far_label(card.title, width, height),
        id=card.anchor,
        class_=" ".join(filter(None, ("card", card.kind, kind))),
        data_name=harmless(card.title),
        transform=f"translate({number(x)} {number(y)})",
    )


def _far_label(title: str, width: float, height: float) -> Markup:
    """The title as large as the card lets it be, in up to three lines: what is read where the picture is seen whole."""
    best = max((_fitting(lines, width, height), lines) for lines in _broken(_cut(title, _LONGEST_TITLE)))
    size, lines = best
    top = height / 2 - size * _LEADING * (len(lines) - 1) / 2 + size * 0.35
    spans = (element("tspan", line, x=width / 2, y=top + size * _LEADING * at) for at, line in enumerate(lines))
    return element("text", *spans, class_="far", font_size=size, text_anchor="middle", aria_hidden="true")


def _fitting(lines: tuple[str, ...], width: float, height: float) -> float:
    longest = max(1, *(cell_width(line) for line in lines))
    return min(44.0, (width - 12) / (longest * _ADVANCE), (height - 6) / (len(lines) * _LEADING))


def _broken(title: str) -> list[tuple[str, ...]]:
    """A title in one, two and three lines, broken behind `_`, `-`, `.` and `/`."""
    words = re.findall(r"[^_./-]*[_./-]|[^_./-]+", title) or [title]
    found = []
    for number_of in range(1, min(3, len(words)) + 1):
        lines = [""]
        for word in words:
            if lines[-1] and len(lines) < number_of and len(lines[-1] + word) > -(-len(title) // number_of) + 1:
                lines.append("")
            lines[-1] += word
        found.append(tuple(lines))
    return found


def _count_of(card: Card, width: float) -> Markup:
    """How many findings speak of a card, as a link to the first of them."""
    marked = card.all_marked
    x = width - _PADDING - 7
    drawn = element(
        "g",
        element("title", _told(card.title, marked)),
        element("circle", cx=x, cy=HEAD / 2, r=9),
        element("text", str(len(marked)) if len(marked) < 100 else "99", x=x, y=HEAD / 2 + 4, text_anchor="middle"),
        class_="count",
    )
    return _linked(marked, drawn)


def _row(row: Row, at: int, width: float, *, badges: bool) -> Markup:
    y = HEAD + ROW * at + 3
    indent = _PADDING + (_BADGE if badges else 0.0)
    drawn = [
        element("title", _told(f"{row.left}  {row.right}".strip(), row.marked)),
        element("rect", class_="row", x=1, y=y, width=width - 2, height=ROW),
        _text(row.badge, _PADDING, y + 14, 3, "badge") if row.badge else None,
        _text(row.left, indent, y + 14, _LONGEST_LEFT, "quiet" if row.quiet else "left"),
        _text(row.right, width - _PADDING, y + 14, _LONGEST_RIGHT, "aside", anchor="end") if row.right else None,
    ]
    return _linked(row.marked, element("g", *drawn, class_=f"line {look(row.marked)}".strip()))


def _head(width: float, height: float, *, has_rows: bool) -> str:
    """The coloured part of a card: round where the card is."""
    w, h = number(width), number(HEAD if has_rows else height)
    inner = number(width - 6)
    if has_rows:
        return f"M0 {h}V6Q0 0 6 0H{inner}Q{w} 0 {w} 6V{h}z"
    low = number((HEAD if has_rows else height) - 6)
    return f"M0 {low}V6Q0 0 6 0H{inner}Q{w} 0 {w} 6V{low}Q{w} {h} {inner} {h}H6Q0 {h} 0 {low}z"


def _text(value: str, x: float, y: float, longest: int, kind: str, *, anchor: str | None = None) -> Markup:
    return element("text", _cut(value, longest), x=x, y=y, class_=kind, text_anchor=anchor)


def _linked(marked: tuple[Marked, ...], drawn: Markup) -> Markup:
    """What findings speak of is a link to the first of them."""
    if not marked:
        return drawn
    said = f"{count(len(marked), 'finding')}: {marked[0].finding.message}"
    return element("a", drawn, href=f"#{marked[0].anchor}", class_="to-finding", aria_label=said)


def _told(name: str, marked: tuple[Marked, ...]) -> Markup:
    lines = [name, *(f"{each.finding.rule}: {each.finding.message}" for each in marked[:_MOST_LINES_OF_TITLE])]
    if len(marked) > _MOST_LINES_OF_TITLE:
        lines.append(f"and {len(marked) - _MOST_LINES_OF_TITLE} more")
    return join([line for line in lines if line], "\n")


def _cut(value: str, longest: int) -> str:
    shown = harmless(value)
    if cell_width(shown) <= longest:
        return shown
    while cell_width(shown) > longest - 1:
        shown = shown[:-1]
    return shown + _CUT


def _cells(value: str, longest: int) -> int:
    return min(longest, cell_width(harmless(value)))
