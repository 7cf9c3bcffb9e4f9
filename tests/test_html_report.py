"""The page of `--format html`: what it holds, that it needs nothing else, and that nothing of a project gets out."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from html_pages import elements, page, page_of, parsed, text_of, with_class
from hypothesis import given, settings
from markdown_it import MarkdownIt
from test_report_formats import ERROR, WARNING, hostile_findings

from infralint.cli import main
from infralint.findings import Applicability, Edit, Finding, Fix, Related
from infralint.fingerprints import fingerprints
from infralint.reports.harmless import harmless
from infralint.reports.html.prose import markdown
from infralint.rules import all_rules

SHOP = {
    "models.py": """\
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    shop_id = Column(ForeignKey("shops.id"))
""",
    "query.sql": "SELECT naem FROM users;\n",
    "Dockerfile": "FROM python:3.12-slim\nCOPY worker.py /app/\nCMD python /app/worker.py\n",
    "worker.py": "import models\nimport time\n\nMagicMock()\n",
    "redis.Dockerfile": "# infralint: ignore[image-latest-tag] a toy\nFROM redis:latest\n",
    "docker-compose.yml": """\
services:
  worker:
    build: .
    environment:
      DATABASE_URL: postgresql://shop:hunter2@db:5432/shop
  db:
    image: postgres:latest
""",
}


@pytest.fixture(scope="module")
def shop() -> tuple[str, Any]:
    return page_of(SHOP)


def findings_of(document: Any) -> list[Any]:
    return [each for each in elements(document.root) if each.name == "article"]


def test_every_finding_is_there_under_its_fingerprint(shop: tuple[str, Any]) -> None:
    written, report = shop
    assert len(report.findings) >= 4
    assert report.suppressed
    marks = [f"f-{mark}" for _, mark in fingerprints([*report.findings, *report.suppressed])]
    articles = findings_of(parsed(written))
    assert sorted(each.attrs["id"] for each in articles) == sorted(marks)
    shown = [re.sub(r"\s+", " ", text_of(each)) for each in articles]
    for finding in (*report.findings, *report.suppressed):
        place = f"{finding.path}:{finding.line}:{finding.column}"
        assert any(finding.message.replace("`", "") in each and place in each for each in shown)


def test_findings_carry_what_the_filters_ask_for(shop: tuple[str, Any]) -> None:
    written, report = shop
    document = parsed(written)
    by_id = {each.attrs["id"]: each.attrs for each in findings_of(document)}
    for finding, mark in fingerprints(report.findings):
        attributes = by_id[f"f-{mark}"]
        wanted = (finding.rule, finding.severity.value, finding.path)
        assert (attributes["data-rule"], attributes["data-severity"], attributes["data-path"]) == wanted
    (services,) = (each for each in elements(document.root) if each.attrs.get("name") == "service")
    names = {each.attrs["value"]: text_of(each) for each in elements(services) if each.name == "option"}
    owned = {each["data-path"]: names[each["data-services"]] for each in by_id.values() if each.get("data-services")}
    # The worker imports the models; the line of the database's image is the database's; the query is nobody's.
    assert owned["models.py"] == "compose service worker"
    assert owned["docker-compose.yml"] == "compose service db"
    assert "query.sql" not in owned


def test_the_source_with_its_underline(shop: tuple[str, Any]) -> None:
    document = parsed(shop[0])
    marked = {text_of(each) for each in elements(document.root) if each.name == "mark"}
    assert {"naem", "postgres:latest"} <= marked
    (query,) = (each for each in findings_of(document) if each.attrs["data-path"] == "query.sql")
    (frame, *others) = with_class(query, "frame")
    assert text_of(frame).splitlines() == ["1SELECT naem FROM users;"]
    assert any("users" in text_of(each) for each in others)


def test_the_rules_are_explained(shop: tuple[str, Any]) -> None:
    written, report = shop
    document = parsed(written)
    ids = {each.attrs.get("id") for each in elements(document.root)}
    assert {f"rule-{finding.rule}" for finding in report.findings} <= ids
    (rule,) = (each for each in elements(document.root) if each.attrs.get("id") == "rule-image-latest-tag")
    assert "FROM " in text_of(rule)


def test_silenced_findings_are_apart(shop: tuple[str, Any]) -> None:
    (view,) = (each for each in elements(parsed(shop[0]).root) if each.attrs.get("id") == "silenced")
    assert "silenced: a toy" in text_of(view)
    assert [each.attrs["data-rule"] for each in findings_of(type("View", (), {"root": view}))] == ["image-latest-tag"]


def test_every_link_leads_somewhere(shop: tuple[str, Any]) -> None:
    everything = list(elements(parsed(shop[0]).root))
    ids = [each.attrs["id"] for each in everything if each.attrs.get("id")]
    assert len(ids) == len(set(ids))
    targets = {each.attrs["href"] for each in everything if each.name == "a"}
    assert {href for href in targets if href.startswith("#") and not href.startswith("#?")} <= {
        f"#{each}" for each in ids
    }
    named = {
        each.attrs[name] for each in everything for name in ("for", "list", "aria-labelledby") if each.attrs.get(name)
    }
    assert named <= set(ids)


def test_nothing_is_fetched(shop: tuple[str, Any]) -> None:
    everything = list(elements(parsed(shop[0]).root))
    for each in everything:
        assert "src" not in each.attrs
        assert not any(name.startswith("on") or name == "style" for name in each.attrs)
        if each.name == "link":
            assert each.attrs["href"] == "data:,"
    assert not {"img", "iframe", "object", "embed", "image", "use", "base"} & {each.name for each in everything}
    styles = "".join(text_of(each) for each in everything if each.name == "style")
    assert not re.search(r"url\(|@import|@font-face", styles)
    scripts = "".join(text_of(each) for each in everything if each.name == "script")
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|eval\(", scripts)


def test_only_the_own_style_and_script_are_obeyed(shop: tuple[str, Any]) -> None:
    everything = list(elements(parsed(shop[0]).root))
    (policy,) = (each.attrs["content"] for each in everything if each.attrs.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (content,) = (text_of(each) for each in everything if each.name == name)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_the_same_input_gives_the_same_bytes(shop: tuple[str, Any]) -> None:
    assert page_of(SHOP)[0] == shop[0]


def test_no_order_is_left_to_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, content in SHOP.items():
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)
    options = ["check", "--no-cache", "--format", "html", "--jobs", "1"]
    # The hashes of this process are of another seed.
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    other = subprocess.run(
        [sys.executable, "-m", "infralint", *options], env=environment, capture_output=True, check=False
    )
    assert other.stdout.decode() == CliRunner().invoke(main, options).stdout


def test_many_findings_stay_within_bounds() -> None:
    many = [replace(ERROR, path=f"jobs/{at}.sql", message=f"table `t{at}` has no column `naem`") for at in range(1700)]
    files = {
        "app/models.py": "class User(Base):\n" * 12,
        **{each.path: "--\nSELECT naem FROM users\n" for each in many},
    }
    written = page(many, (), (), files)
    assert written.count("<article ") == 1700
    assert len(written) < 1700 * 3000


def test_nothing_found() -> None:
    document = parsed(page([]))
    assert "Nothing was found." in text_of(document.root)
    assert not findings_of(document)


HOSTILE_NAME = "a<img src=x onerror=alert(1)>&\"'\u202egpj.py"


def test_hostile_texts_are_texts() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    finding = replace(
        ERROR,
        path=HOSTILE_NAME,
        message=f"{hostile} `{hostile}`",
        help=hostile,
        related=(Related(HOSTILE_NAME, 1, 1, 1, 5, hostile),),
        fixes=(Fix(hostile, Applicability.SAFE, (Edit(HOSTILE_NAME, 1, 1, 1, 5, hostile),)),),
    )
    written = page(
        [finding], [replace(finding, suppressed=hostile)], (), {HOSTILE_NAME: f"{hostile}\n\u2066{hostile}\n"}, hostile
    )
    document = parsed(written)
    assert len([each for each in elements(document.root) if each.name == "script"]) == 1
    assert not [each for each in elements(document.root) if each.name == "img"]
    assert hostile in text_of(findings_of(document)[0])
    assert "\\u202egpj.py" in text_of(findings_of(document)[0])
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", written)


HOSTILE_PROJECT = {
    "models.py": SHOP["models.py"].replace('"orders"', '"</svg><script>alert(1)</script>"').replace('"shops.id"', '"<b>.id"'),
    "docker-compose.yml": "services:\n  '<i onclick=x>':\n    image: 'redis:latest'\n    environment:\n"
    "      Q_TOPIC: '</g></svg>&lt;b'\n      '<u>_URL': 'redis://\"><b>/0'\n",
    "x.sql": 'CREATE TABLE "<!--" (id int PRIMARY KEY, "a]]>" int REFERENCES "&lt;" (id));\nSELECT nix FROM "<!--";\n',
}  # fmt: skip


def test_hostile_names_in_pictures() -> None:
    document = parsed(page_of(HOSTILE_PROJECT)[0])
    everything = list(elements(document.root))
    assert len([each for each in everything if each.name == "script"]) == 1
    assert not {"i", "u"} & {each.name for each in everything}
    said = {each.attrs.get("data-name") for each in everything}
    assert {
        "</svg><script>alert(1)</script>",
        "<!--",
        "&lt;",
        "<i onclick=x>",
        "</g></svg>&lt;b",
    } <= said


@given(hostile_findings())
@settings(max_examples=12)
def test_anything_can_be_shown(findings: list[Finding]) -> None:
    document = parsed(page(findings))
    assert len(findings_of(document)) == len(findings)
    shown = text_of(document.root)
    assert all(harmless(finding.path) in shown for finding in findings)


LINES = {"a.py": "from .b import c\nx = 1\ny = 2\n"}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(1, 6, 1, 8, "a.b")], ["- from .b import c", "+ from a.b import c"]),
        ([(2, 1, 2, 1, "import z\n")], ["+ import z", "  x = 1"]),
        ([(2, 1, 3, 1, "")], ["- x = 1", "  y = 2"]),
        ([(2, 1, 2, 2, "q"), (2, 5, 2, 6, "7")], ["- x = 1", "+ q = 7"]),
        *(
            ([(2, 1, 2, 2, text), (2, 1, 2, 1, "(")], ["- x = 1", f"+ ({text} = 1"])
            for text in ("a", "b", "c", "d", "e")
        ),
    ],
)
def test_fixes_are_small_diffs(edits: list[tuple[int, int, int, int, str]], expected: list[str]) -> None:
    fix = Fix("Repair", Applicability.UNSAFE, tuple(Edit("a.py", *edit) for edit in edits))
    document = parsed(page([replace(WARNING, path="a.py", fixes=(fix,))], (), (), LINES))
    (diff,) = with_class(document.root, "diff")
    assert text_of(diff).splitlines() == expected


def test_a_line_of_a_megabyte_is_cut_around_the_underline() -> None:
    long = "x" * 500_000 + "HERE" + "y" * 500_000
    finding = replace(WARNING, path="a.sql", column=500_001, end_column=500_005)
    written = page([finding], (), (), {"a.sql": long})
    assert len(written) < 100_000
    assert [text_of(each) for each in elements(parsed(written).root) if each.name == "mark"] == ["HERE"]


def test_pages_of_rules_are_rendered_as_commonmark() -> None:
    for rule in all_rules():
        shown = re.sub(r"<(/?)h[4-6]>", r"<\1h>", markdown(rule.page.explanation, below=3))
        judged = MarkdownIt("commonmark", {"html": False}).enable("table").render(rule.page.explanation)
        assert shown == re.sub(r"<(/?)h[1-6]>", r"<\1h>", judged)
        assert "<h1" not in shown


def colours(theme: str) -> dict[str, tuple[int, ...]]:
    style = (Path(infralint_html()) / "page.css").read_text(encoding="utf-8")
    block = style[style.index(theme) :].partition("{")[2].partition("}")[0]
    return {
        name: tuple(int(value[at : at + 2], 16) for at in (0, 2, 4))
        for name, value in re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block)
    }


def infralint_html() -> Path:
    import infralint.reports.html

    return Path(infralint.reports.html.__file__ or "").parent


def luminance(colour: tuple[int, ...]) -> float:
    """The relative luminance of WCAG 2.2."""
    linear = [value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root {", ":root:not([data-theme", ':root[data-theme="dark"] {'])
def test_texts_can_be_read_on_their_grounds(theme: str) -> None:
    found = colours(theme)
    plain = [
        (text, ground)
        for text in ("text", "quiet", "link", "error", "warning", "good")
        for ground in ("ground", "raised")
    ]
    heads = [
        (text, ground)
        for text in ("text", "quiet")
        for ground in ("head", "build", "module", "host", "secret", "ghost")
    ]
    own = [
        ("error", "error-ground"),
        ("warning", "warning-ground"),
        ("added", "added-ground"),
        ("text", "error-ground"),
    ]
    counts = [("ground", "error"), ("ground", "warning")]
    for one, other in (*plain, *heads, *own, *counts):
        light, dark = sorted((luminance(found[one]), luminance(found[other])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{one} on {other}"


def test_the_two_dark_themes_are_one() -> None:
    assert colours(":root:not([data-theme") == colours(':root[data-theme="dark"] {')


def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "shop"
    for path, content in SHOP.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(content)
    (root / "infralint.toml").write_text("")
    monkeypatch.chdir(root)
    result = CliRunner().invoke(main, ["check", "--format", "concise", "--output-file", "html=report.html"])
    assert result.exit_code == 1
    written = (root / "report.html").read_text(encoding="utf-8")
    document = parsed(written)
    assert (
        len(findings_of(document)) > len([line for line in result.stdout.splitlines() if not line.startswith(" ")]) - 1
    )
    assert {"schema-0", "map-0"} <= {each.attrs.get("id") for each in elements(document.root)}
    assert str(tmp_path) not in written
    again = CliRunner().invoke(main, ["check", "--no-cache", "--format", "html"])
    assert again.stdout == written


def test_several_projects_in_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "infralint.toml").write_text("")
        (tmp_path / name / "models.py").write_text(SHOP["models.py"])
    (tmp_path / "two" / "pyproject.toml").write_text('[project]\nname = "second"\n')
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["check", "--format", "html", "one", "two"])
    document = parsed(result.stdout)
    assert "infralint one, second" in text_of(document.root)
    links = [each for each in elements(document.root) if each.attrs.get("class") == "to-finding"]
    paths = {each.attrs["id"]: each.attrs["data-path"] for each in findings_of(document)}
    assert {paths[each.attrs["href"][1:]] for each in links} == {"one/models.py", "two/models.py"}
