"""The drawings of the page: nothing overlaps, nothing is lost, and what is broken is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from html_pages import SVG, boxes, page_of, pictures
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.reports.html import schema_picture
from infralint.reports.html.cards import Card, Link, Row, picture
from infralint.reports.html.layered import LANE, Box, Drawing, Edge, components, draw
from infralint.reports.html.schema_picture import MOST_COLUMNS
from infralint.reports.html.services_picture import MOST_VARIABLES
from infralint.settings import Settings

Rectangle = tuple[float, float, float, float]


@st.composite
def graphs(draw_value: st.DrawFn) -> tuple[list[Box], list[Edge]]:
    """Boxes that hang together, with edges that may close cycles, stand side by side, and lead back to their box."""
    number = draw_value(st.integers(1, 14))
    sizes = st.tuples(st.integers(20, 300), st.integers(20, 400))
    found = [Box(f"b{at}", *draw_value(sizes)) for at in range(number)]
    pairs = [(at, draw_value(st.integers(0, at - 1))) for at in range(1, number)]
    pairs += draw_value(st.lists(st.tuples(st.integers(0, number - 1), st.integers(0, number - 1)), max_size=20))
    turned = draw_value(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    edges = []
    for (one, other), turn in zip(pairs, turned, strict=True):
        source, target = (found[other], found[one]) if turn else (found[one], found[other])
        edges.append(Edge(source.name, target.name, draw_value(st.integers(0, 20)), draw_value(st.integers(0, 20))))
    return found, edges


def rectangles(drawn: Drawing, found: list[Box]) -> dict[str, Rectangle]:
    return {box.name: (x, y, x + box.width, y + box.height) for box in found for x, y in (drawn.places[box.name],)}


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def curve(points: tuple[tuple[float, float], ...]) -> Iterator[tuple[float, float]]:
    """Points along a route as it is drawn: from one of its points to the next by a cubic curve that is level at both."""
    for (x, y), (to_x, to_y) in pairwise(points):
        for step in range(1, 20):
            part = step / 20
            bent = 3 * part * part - 2 * part**3
            yield x + (to_x - x) * (1.5 * part * (1 - part) + part**3), y + (to_y - y) * bent


def inside(point: tuple[float, float], rectangle: Rectangle) -> bool:
    return rectangle[0] < point[0] < rectangle[2] and rectangle[1] < point[1] < rectangle[3]


@given(graphs())
@settings(max_examples=120)
def test_boxes_lie_apart_and_edges_go_round_them(graph: tuple[list[Box], list[Edge]]) -> None:
    found, edges = graph
    drawn = draw(found, edges)
    placed = rectangles(drawn, found)
    assert not [pair for pair in combinations(placed.values(), 2) if overlap(*pair)]
    for x, y, right, bottom in placed.values():
        assert x >= 0
        assert y >= 0
        assert right <= drawn.width + 0.01
        assert bottom <= drawn.height + 0.01
    assert len(drawn.routes) == len(edges)
    for edge, route in zip(edges, drawn.routes, strict=True):
        source, target = placed[edge.source], placed[edge.target]
        assert route[0][0] in (source[0], source[2])
        assert route[0][1] == pytest.approx(source[1] + edge.start)
        assert route[-1][0] in (target[0], target[2])
        assert route[-1][1] == pytest.approx(target[1] + edge.end)
        assert not [each for each in placed.values() if any(inside(point, each) for point in curve(route))]
    assert draw(found, edges) == drawn


def test_layers_are_those_of_the_longest_path() -> None:
    found = [Box(name, 50, 30) for name in "abcd"]
    edges = [Edge(one, other, 5, 5) for one, other in ("ab", "bc", "cd", "ad")]
    drawn = draw(found, edges)
    columns = [drawn.places[name][0] for name in "abcd"]
    assert columns == sorted(set(columns))
    # The long edge has a lane in both layers between.
    assert [len(route) for route in drawn.routes] == [3, 3, 3, 7]


def test_fewer_edges_cross() -> None:
    found = [Box(name, 50, 30) for name in ("a1", "a2", "a3", "b3", "b2", "b1")]
    drawn = draw(
        found, [Edge(f"a{at}", f"b{at}", 5, 5) for at in (1, 2, 3)] + [Edge("a1", "b2", 9, 9), Edge("a2", "b3", 9, 9)]
    )
    left = sorted(("a1", "a2", "a3"), key=lambda name: drawn.places[name][1])
    right = sorted(("b1", "b2", "b3"), key=lambda name: drawn.places[name][1])
    assert [name[1] for name in left] == [name[1] for name in right]


def test_a_star_is_folded_to_the_shape_of_a_screen() -> None:
    found = [Box("centre", 200, 300), *(Box(f"leaf{at}", 200, 200) for at in range(90))]
    drawn = draw(found, [Edge(f"leaf{at}", "centre", 14, 14) for at in range(90)])
    assert 0.6 < drawn.width / drawn.height < 4
    # All edges to one place share a lane in each layer.
    lanes = {point for route in drawn.routes for point in route[2:-1]}
    assert len({y for _, y in lanes}) <= len({x for x, _ in lanes})
    assert LANE < 20


def test_what_hangs_together_is_together() -> None:
    found = [Box(name, 10, 10) for name in "abcde"]
    groups = components(found, [Edge("e", "a", 0, 0), Edge("c", "b", 0, 0), Edge("c", "a", 0, 0)])
    assert [[box.name for box in group] for group in groups] == [["a", "b", "c", "e"], ["d"]]


@given(graphs())
@settings(max_examples=25)
def test_pictures_are_well_formed(graph: tuple[list[Box], list[Edge]]) -> None:
    found, edges = graph
    cards = [
        Card(box.name, f"id-{box.name}", "table", f"{box.name}<&\"'", "x", (Row("a", "b", "PK"),)) for box in found
    ]
    links = [Link(edge.source, 0, edge.target, None, "<&>") for edge in edges]
    drawn = ElementTree.fromstring(
        picture([*cards, Card("alone", "id-alone", "table", "alone")], links, "p", "<title>")
    )
    placed = boxes(drawn)
    assert len(placed) == len(cards) + 1
    assert not [pair for pair in combinations(placed.values(), 2) if overlap(*pair)]
    width, height = float(drawn.get("width", "")), float(drawn.get("height", ""))
    assert all(right <= width and bottom <= height for _, _, right, bottom in placed.values())
    assert len([each for each in drawn.iter(f"{SVG}g") if (each.get("class") or "").startswith("link ")]) == len(links)


def models(tables: int, columns: int = 3) -> str:
    """Tables in a chain, each referring to the first one too."""
    lines = [
        "from sqlalchemy import Column, ForeignKey, Integer",
        "from sqlalchemy.orm import declarative_base",
        "Base = declarative_base()",
    ]
    for at in range(tables):
        lines += [
            "",
            "",
            f"class T{at}(Base):",
            f"    __tablename__ = 't{at}'",
            "    id = Column(Integer, primary_key=True)",
        ]
        if at:
            lines += ["    first_id = Column(ForeignKey('t0.id'))", f"    last_id = Column(ForeignKey('t{at - 1}.id'))"]
        lines += [f"    c{number} = Column(Integer)" for number in range(columns)]
    return "\n".join(lines) + "\n"


def schema_of(files: dict[str, str]) -> tuple[ElementTree.Element, str]:
    written, _ = page_of(files, Settings(select=("orm", "sql")))
    (drawn,) = (each for each in pictures(written) if "foreign keys" in (each.findtext(f"{SVG}title") or ""))
    return drawn, written


def cards_of(drawn: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {each.get("data-name", ""): each for each in drawn.iter(f"{SVG}g") if each.get("data-name")}


def texts(node: ElementTree.Element, kind: str) -> list[str]:
    return [each.text or "" for each in node.iter(f"{SVG}text") if each.get("class") == kind]


def links_of(drawn: ElementTree.Element) -> dict[tuple[str, str], str]:
    names = {each.get("id"): name for name, each in cards_of(drawn).items()}
    return {
        (names[each.get("data-from")], names[each.get("data-to")]): (each.get("class") or "").split()[1]
        for each in drawn.iter(f"{SVG}g")
        if each.get("data-from")
    }


def test_tables_with_columns_types_and_foreign_keys() -> None:
    drawn, _ = schema_of({"models.py": models(5)})
    cards = cards_of(drawn)
    assert sorted(cards) == ["t0", "t1", "t2", "t3", "t4"]
    assert texts(cards["t2"], "left") == ["id", "first_id", "last_id", "c0", "c1", "c2"]
    assert texts(cards["t2"], "badge") == ["PK", "FK", "FK"]
    assert texts(cards["t0"], "aside")[0] == "Integer"
    assert links_of(drawn) == {
        **{(f"t{at}", "t0"): "plain" for at in range(1, 5)},
        **{(f"t{at}", f"t{at - 1}"): "plain" for at in range(1, 5)},
    }


def test_two_hundred_tables() -> None:
    drawn, _ = schema_of({"models.py": models(200)})
    placed = boxes(drawn)
    assert len(placed) == 200
    assert not [pair for pair in combinations(placed.values(), 2) if overlap(*pair)]


def test_what_a_finding_breaks_is_marked() -> None:
    broken = models(3).replace("ForeignKey('t1.id')", "ForeignKey('gone.id')")
    drawn, written = schema_of({"models.py": broken, "query.sql": "SELECT nix FROM t1;\n"})
    cards = cards_of(drawn)
    assert links_of(drawn)[("t2", "gone")] == "error"
    assert "ghost" in (cards["gone"].get("class") or "")
    assert "error" in (cards["t2"].get("class") or "").split()
    # The query speaks of the table and stands elsewhere.
    assert "touched" in (cards["t1"].get("class") or "").split()
    hrefs = {each.get("href", "")[1:] for each in drawn.iter(f"{SVG}a")}
    assert len(hrefs) == 2
    assert all(f'<article id="{href}"' in written or f'id="{href}"' in written for href in hrefs)


def test_a_table_of_many_columns_shows_keys_first() -> None:
    drawn, _ = schema_of({"models.py": models(2, columns=40)})
    shown = texts(cards_of(drawn)["t1"], "left")
    assert len(shown) == MOST_COLUMNS
    assert shown[:3] == ["id", "first_id", "last_id"]
    assert texts(cards_of(drawn)["t1"], "quiet") == [f"… {43 - MOST_COLUMNS} more columns"]


def test_tables_without_relations_are_listed() -> None:
    lonely = "\n\nclass Lonely(Base):\n    __tablename__ = 'lonely'\n    id = Column(Integer, primary_key=True)\n"
    drawn, written = schema_of({"models.py": models(2) + lonely})
    assert "lonely" not in cards_of(drawn)
    assert "1 table without foreign keys" in written
    assert "<code>lonely</code>" in written


def test_a_picture_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_picture, "MOST_TABLES", 20)
    drawn, written = schema_of({"models.py": models(27)})
    cards = cards_of(drawn)
    kept = {name for name, card in cards.items() if "ghost" not in (card.get("class") or "")}
    assert len(kept) == 20
    # The table that all others refer to is among them.
    assert "t0" in kept
    assert "7 tables left out: too many to draw." in written


def services(files: dict[str, str]) -> ElementTree.Element:
    written, _ = page_of(files)
    (drawn,) = (each for each in pictures(written) if "deployed" in (each.findtext(f"{SVG}title") or ""))
    return drawn


COMPOSE = """\
services:
  web:
    build: .
    environment:
      DATABASE_URL: postgresql://me:secret@db/shop
      REDIS_URL: redis://cache.example.org:6379/0
      ORDERS_TOPIC: orders
      API_TOKEN: hidden
  worker:
    build: .
    command: python jobs.py
    environment:
      QUEUE_TOPIC: orders
  db:
    image: postgres:latest
"""


def test_what_is_deployed_and_what_links_it() -> None:
    drawn = services(
        {
            "docker-compose.yml": COMPOSE,
            "Dockerfile": "FROM python:3.12\nCOPY . /\nCMD python web.py\n",
            "web.py": "",
            "jobs.py": "",
        }
    )
    found = links_of(drawn)
    assert set(found) == {
        ("web", "Dockerfile"), ("web", "web.py"), ("web", "db"), ("web", "cache.example.org"), ("web", "orders"),
        ("worker", "Dockerfile"), ("worker", "jobs.py"), ("worker", "orders"),
    }  # fmt: skip
    cards = cards_of(drawn)
    kinds = {name: (card.get("class") or "").split()[1] for name, card in cards.items()}
    assert kinds["cache.example.org"] == "database"
    assert kinds["orders"] == "resource"
    assert "warning" in (cards["db"].get("class") or "").split()
    assert "secret" not in ElementTree.tostring(drawn, encoding="unicode")


def test_a_card_of_many_variables_has_an_end() -> None:
    variables = "".join(f"      A{at:02}_TOPIC: topic{at}\n" for at in range(MOST_VARIABLES + 6))
    drawn = services({"docker-compose.yml": f"services:\n  web:\n    image: redis:7\n    environment:\n{variables}"})
    assert len(links_of(drawn)) == MOST_VARIABLES
    assert texts(cards_of(drawn)["web"], "quiet") == ["… 6 more variables"]


def test_an_image_that_the_project_builds_is_its_build() -> None:
    compose = "services:\n  a:\n    image: shop\n    build: .\n  b:\n    image: shop\n  c:\n    image: redis:7\n  d:\n    image: redis:7\n  e:\n    image: nginx:1\n"
    drawn = services({"docker-compose.yml": compose, "Dockerfile": "FROM python:3.12\n"})
    assert set(links_of(drawn)) == {("a", "Dockerfile"), ("b", "Dockerfile"), ("c", "redis:7"), ("d", "redis:7")}


def test_a_link_that_is_broken() -> None:
    files: dict[str, Any] = {
        "docker-compose.yml": "services:\n  web:\n    build: .\n    command: python gone.py\n",
        "Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY web.py .\n",
        "web.py": "",
    }
    drawn = services(files)
    web = cards_of(drawn)["web"]
    assert "error" in (web.get("class") or "").split()
    assert [
        re.sub(r"\s+", " ", each.get("class") or "")
        for each in web.iter(f"{SVG}g")
        if (each.get("class") or "").startswith("line error")
    ]
