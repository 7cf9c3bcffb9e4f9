"""The page in a real browser. Collected where there is one (see conftest.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser, found
from html_pages import page_of
from test_html_pictures import models
from test_html_report import HOSTILE_PROJECT, SHOP

from infralint.settings import Settings

SHOWN = (
    "[...document.querySelectorAll('#groups .finding')].filter((e) => e.checkVisibility()).map((e) => e.dataset.path)"
)
VIEW = "document.querySelector('.view.shown').id"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = found()
    assert program is not None
    running = Browser(program, tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "shop.html"
    file.write_text(page_of(SHOP)[0], encoding="utf-8")
    return file


@pytest.fixture
def page(browser: Browser, shop: Path) -> Iterator[Browser]:
    browser.complaints.clear()
    browser.open(shop)
    yield browser
    assert browser.complaints == []
    assert {url.partition(":")[0] for url in browser.requests} <= {"file", "data", "about"}


def test_filters_and_the_address(page: Browser, shop: Path) -> None:
    everything = page.run(SHOWN)
    assert len(everything) >= 5
    page.run("document.querySelector('#filters [name=family]').value = 'sql'")
    page.run("document.querySelector('#filters').dispatchEvent(new Event('input', {bubbles: true}))")
    page.wait(f"{SHOWN}.length === 1")
    assert page.run("location.hash") == "#?family=sql"
    page.press("/")
    page.write("nothing is like this")
    page.wait(f"{SHOWN}.length === 0")
    assert page.run("!document.querySelector('#nothing').hidden")
    page.click("#nothing .reset")
    page.wait(f"{SHOWN}.length === {len(everything)}")
    page.open(shop, "#?q=DOCKER&severity=warning")
    assert set(page.run(SHOWN)) == {"Dockerfile", "docker-compose.yml"}
    assert page.run("document.querySelector('#filters [name=severity]').value") == "warning"
    page.open(shop, "#?service=none")
    assert "query.sql" in page.run(SHOWN)
    assert "models.py" not in page.run(SHOWN)


def test_groups(page: Browser, shop: Path) -> None:
    headings = (
        "[...document.querySelectorAll('#groups h3')].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    )
    before = page.run(headings)
    page.open(shop, "#?group=service")
    assert page.run(headings) == ["compose service db", "compose service worker", "of no service"]
    everything = page.run(SHOWN)
    page.open(shop, "#?group=file&severity=error")
    assert page.run(headings) == sorted(set(page.run(SHOWN)))
    page.click(".reset")
    page.wait(f"JSON.stringify({headings}) === {json.dumps(json.dumps(before, separators=',:'))}")
    assert sorted(page.run(SHOWN)) == sorted(everything)


def test_permalinks_lead_to_findings_that_filters_hide(page: Browser, shop: Path) -> None:
    mark = page.run("document.querySelector('[data-path=\"query.sql\"]').id")
    page.open(shop, "#?family=image")
    assert page.run(SHOWN)
    page.run(f"location.hash = '#{mark}'")
    page.wait(f"document.getElementById('{mark}').checkVisibility() && document.activeElement.id === '{mark}'")


def test_from_a_picture_to_the_finding(page: Browser) -> None:
    page.press("3")
    page.wait(f"{VIEW} === 'tables'")
    page.click(".card[data-name=orders] .line.error text")
    page.wait(f"{VIEW} === 'findings' && document.activeElement.dataset.rule === 'orm-unresolved-foreign-key'")
    page.run("history.back()")
    page.wait(f"{VIEW} === 'tables'")
    page.press("2")
    page.wait(f"{VIEW} === 'services'")
    page.click(".card[data-name=db] .count")
    page.wait(f"{VIEW} === 'findings' && document.activeElement.dataset.rule === 'image-latest-tag'")


def test_pictures_are_searched_and_moved(page: Browser) -> None:
    page.press("3")
    page.wait(f"{VIEW} === 'tables'")
    box = "document.querySelector('#tables svg').getAttribute('viewBox').split(' ').map(Number)"
    page.wait("document.querySelector('#tables .canvas.live') !== null")
    page.press("/")
    page.write("users")
    page.wait("document.querySelector('.card.chosen')?.dataset.name === 'users'")
    assert page.run("[...document.querySelectorAll('.card.near')].map((e) => e.dataset.name).sort()") == [
        "orders",
        "users",
    ]
    page.press("Escape")
    page.wait("!document.querySelector('.focused')")
    page.run("document.querySelector('#tables .canvas').focus()")
    before = page.run(box)
    page.press("+")
    closer = page.run(box)
    assert closer[2] < before[2]
    page.press("ArrowRight")
    assert page.run(box)[0] > closer[0]
    page.press("0")
    page.click("#tables [data-zoom=next]")
    page.wait("document.querySelector('.card.chosen')?.dataset.name === 'orders'")


def test_keys(page: Browser) -> None:
    page.press("j")
    page.press("j")
    at = "[...document.querySelectorAll('.finding')].indexOf(document.activeElement)"
    assert page.run(at) == 1
    page.press("k")
    assert page.run(at) == 0
    page.press("e")
    page.wait("document.querySelector('#panel').open")
    assert page.run("document.querySelector('#panel').textContent").startswith("Close")
    assert page.run("document.querySelector('#panel pre') !== null")
    page.press("Escape")
    page.wait("!document.querySelector('#panel').open")
    grounds = []
    for _ in range(3):
        page.press("t")
        grounds.append(page.run("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] == "rgb(255, 255, 255)"
    assert grounds[1] == "rgb(20, 23, 28)"


def test_nothing_is_wider_than_a_telephone(page: Browser) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    for key in ("1", "2", "3", "4"):
        page.press(key)
        page.wait("document.querySelector('nav [aria-current]') !== null")
        assert page.run("document.documentElement.scrollWidth") <= 390
    page.call("Emulation.clearDeviceMetricsOverride")


def test_without_the_script_everything_is_there(browser: Browser, shop: Path) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(shop)
    visible = "[...document.querySelectorAll('.view')].every((e) => e.checkVisibility())"
    assert browser.run(visible)
    assert browser.run(
        "!document.querySelector('#filters').checkVisibility() && !document.querySelector('.tools').checkVisibility()"
    )
    assert browser.run("document.querySelector('#schema-0 svg').getBoundingClientRect().width") > 100
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_hostile_texts_do_nothing(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(page_of(HOSTILE_PROJECT)[0], encoding="utf-8")
    browser.complaints.clear()
    browser.call("Page.addScriptToEvaluateOnNewDocument", source="window.alert = () => { window.alerted = true; };")
    browser.open(file)
    assert browser.run("window.alerted") is None
    assert browser.complaints == []


def test_texts_fit_into_their_cards(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "cards.html"
    file.write_text(page_of({**SHOP, "models.py": models(30)}, Settings(select=("ALL",)))[0], encoding="utf-8")
    browser.open(file, "#tables")
    wide = browser.run(
        "[...document.querySelectorAll('.shown .card')].flatMap((card) => {"
        " const frame = card.querySelector('rect.frame').getBBox();"
        " return [...card.querySelectorAll('text')].map((t) => t.getBBox())"
        "  .filter((b) => b.x < 0 || b.x + b.width > frame.width + 0.5 || b.y + b.height > frame.height + 4); }).length"
    )
    assert wide == 0


def test_an_address_that_nobody_wrote(page: Browser) -> None:
    """A share sign that begins no escape; a search for one."""
    page.run("location.hash = '#f-100%'")
    page.wait(f"{VIEW} === 'findings'")
    page.run("location.hash = '#?q=100%'")
    page.wait("document.querySelector('#filters [name=q]').value === '100%'")
