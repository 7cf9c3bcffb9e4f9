"""HTML and SVG as values: what is text is escaped where it is put in, so that nothing of a project can be markup."""

from __future__ import annotations

import html
from collections.abc import Iterable

from infralint.reports.harmless import harmless

# Elements of HTML that have no end tag (HTML standard, 13.1.2 "void elements") and are used here.
_VOID = frozenset({"br", "hr", "input", "link", "meta"})
_ATTRIBUTE_NAMES = {"class_": "class", "for_": "for", "open_": "open", "type_": "type"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | None


def text(value: str) -> Markup:
    """A text of the project as people see it: no markup, no control characters, no marks that turn the direction."""
    return Markup(html.escape(harmless(value), quote=True))


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """An element. Children that are no Markup are escaped, as attributes are; one that is None or False is left out.

    The names of attributes are written with `_` for `-`; `class_` is `class`.
    """
    start = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in _VOID:
        return Markup(start)
    return Markup(f"{start}{join(children)}</{name}>")


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Children one after the other."""
    parts = (child if isinstance(child, Markup) else text(child) for child in children if child is not None)
    return Markup(between.join(parts))


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = _ATTRIBUTE_NAMES.get(key, key.replace("_", "-"))
    if value is True:
        return f' {name}=""'
    return f' {name}="{text(number(value) if isinstance(value, (int, float)) else value)}"'


def number(value: float) -> str:
    """A number of SVG: at most one decimal, no exponent, no `-0`."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def count(number_of: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number_of} {one if number_of == 1 else many or f'{one}s'}"
