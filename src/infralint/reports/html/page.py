"""The page: one HTML document with its style and its script in it, and nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from infralint.findings import Finding
from infralint.fingerprints import fingerprints
from infralint.reports.html.entries import Entries, counts_of, silenced
from infralint.reports.html.marks import Marked, Marks
from infralint.reports.html.markup import Markup, count, element, join
from infralint.reports.html.owners import Owners
from infralint.reports.html.parts import Part
from infralint.reports.html.prose import markdown, said
from infralint.reports.html.schema_picture import SchemaPicture, draw_schema, table_list
from infralint.reports.html.services_picture import draw_services
from infralint.reports.rule_texts import RuleText, rule_texts
from infralint.reports.sources import ReadLine
from infralint.schema_document import CatalogObject

_FOLDER = Path(__file__).parent
# How many findings a service's own list names one by one.
_MOST_LISTED = 40


def render_html(
    findings: Sequence[Finding],
    suppressed: Sequence[Finding],
    parts: Sequence[Part],
    read_line: ReadLine,
    *,
    name: str,
    files: int,
) -> str:
    """The page. `name`: of the project; `files`: how many were read."""
    return _Page(findings, suppressed, parts, read_line, name, files).document()


class _Page:
    """The parts of one page."""

    def __init__(
        self,
        findings: Sequence[Finding],
        suppressed: Sequence[Finding],
        parts: Sequence[Part],
        read_line: ReadLine,
        name: str,
        files: int,
    ) -> None:
        self.name = name
        self.files = files
        self.parts = parts
        both = [Marked(finding, mark) for finding, mark in fingerprints([*findings, *suppressed])]
        self.marked, self.silenced = both[: len(findings)], both[len(findings) :]
        self.marks = Marks(self.marked)
        self.rules = {rule.id: rule for rule in rule_texts([*findings, *suppressed])}
        self.owners = Owners(parts, self.marks)
        self.entries = Entries(read_line, self.rules, self.owners)

    def document(self) -> str:
        style = (_FOLDER / "page.css").read_text(encoding="utf-8")
        script = (_FOLDER / "page.js").read_text(encoding="utf-8")
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("meta", name="referrer", content="no-referrer"),
            element("title", f"infralint: {self.name}"),
            element("link", rel="icon", href="data:,"),
            element("style", Markup(style)),
        )
        sections = [section for section in self._sections() if section is not None]
        body = element(
            "body",
            self._header(),
            element("main", *sections, id="main"),
            _HELP,
            element("dialog", element("div", class_="content"), id="panel", aria_label="about the rule"),
            element("script", Markup(script)),
        )
        return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"

    def _header(self) -> Markup:
        counts = counts_of(each.finding for each in self.marked)
        tallies = [
            element("span", count(number, severity.value), class_=f"badge {severity.value}")
            for severity, number in counts.items()
            if number
        ] or [element("span", "nothing found", class_="badge good")]
        views = [
            ("findings", "Findings", len(self.marked)),
            *self._picture_views(),
            ("rules", "Rules", len(self.rules)),
        ]
        if self.silenced:
            views.append(("silenced", "Silenced", len(self.silenced)))
        links = [
            element("a", title, element("span", str(number), class_="tally"), href=f"#{anchor}", data_view=anchor)
            for anchor, title, number in views
        ]
        return element(
            "header",
            element("h1", element("span", "infralint", class_="tool"), " ", self.name),
            element(
                "p", *tallies, element("span", f"{count(self.files, 'file')} read", class_="aside"), class_="badges"
            ),
            element("nav", *links, aria_label="parts of the page"),
            element(
                "button", "Theme", id="theme", type_="button", hidden=True, title="light, dark, or as the system (t)"
            ),
        )

    def _picture_views(self) -> Iterator[tuple[str, str, int]]:
        if self.owners.names:
            yield "services", "Services", len(self.owners.names)
        if tables := sum(len(each["tables"]) for part in self.parts for each in part.schema["catalogs"]):
            yield "tables", "Tables", tables

    def _sections(self) -> Iterator[Markup | None]:
        yield self._findings()
        yield self._services() if self.owners.names else None
        yield self._tables()
        if self.rules:
            yield _view("rules", "Rules", *(self._rule(self.rules[rule]) for rule in sorted(self.rules)))
        if self.silenced:
            yield _view("silenced", "Silenced by comments", silenced(self.entries, self.silenced))

    def _findings(self) -> Markup:
        if not self.marked:
            return _view("findings", "Findings", element("p", "Nothing was found.", class_="note"))
        return _view(
            "findings",
            "Findings",
            self._filters(),
            self._summary(),
            element("div", self.entries.by_family(self.marked), id="groups"),
            element(
                "p",
                "No finding is like that. ",
                element("button", "Show all", type_="button", class_="reset"),
                id="nothing",
                class_="note",
                hidden=True,
            ),
        )

    def _filters(self) -> Markup:
        """The filters, which do nothing without the script and are hidden then."""
        rules = sorted({each.finding.rule for each in self.marked})
        families = sorted({self.entries.family(rule) for rule in rules})
        owners = sorted({owner for each in self.marked for owner in self.owners.of(each)})
        services = [*((str(owner), self.owners.names[owner]) for owner in owners), ("none", "no service")]
        return element(
            "form",
            element(
                "label",
                element("span", "Search"),
                element("input", type_="search", name="q", placeholder="path or text  ( / )", autocomplete="off"),
            ),
            _select("severity", "Severity", [("error", "error"), ("warning", "warning")]),
            _select("family", "Family", [(family, family) for family in families]),
            _select("rule", "Rule", [(rule, rule) for rule in rules]),
            _select("service", "Service", services) if owners else None,
            _select("group", "Group by", [("service", "service"), ("file", "file")], first="family"),
            element("button", "Clear", type_="button", class_="reset"),
            element("output", name="shown"),
            id="filters",
            hidden=True,
            role="search",
        )

    def _summary(self) -> Markup:
        """How often each rule found something, as links to its findings."""
        rows = []
        numbers: dict[str, int] = {}
        for each in self.marked:
            numbers[each.finding.rule] = numbers.get(each.finding.rule, 0) + 1
        for rule in sorted(numbers, key=lambda rule: (-numbers[rule], rule)):
            known = self.rules.get(rule)
            severity = known.severity.value if known else ""
            rows.append(
                element(
                    "tr",
                    element("td", str(numbers[rule]), class_="figure"),
                    element("td", element("span", severity, class_=f"severity {severity}")),
                    element("td", element("a", rule, href=f"#group-{rule}")),
                    element("td", said(known.title) if known else None),
                )
            )
        summary = element("summary", f"{count(len(self.marked), 'finding')} of {count(len(numbers), 'rule')}")
        return element(
            "details", summary, element("table", element("tbody", *rows)), class_="summary", open_=len(rows) <= 12
        )

    def _services(self) -> Markup:
        return _view("services", "Services", *self._maps(), element("div", *self._service_lists(), class_="lists"))

    def _maps(self) -> Iterator[Markup]:
        for at, part in enumerate(self.parts):
            drawn = draw_services(part.services, part.prefix, self.marks, f"map-{at}")
            if drawn.svg is None:
                continue
            note = (
                f"{count(drawn.left_out, 'deployment')} without findings left out: too many to draw."
                if drawn.left_out
                else ""
            )
            yield _picture(f"map-{at}", drawn.svg, part.prefix.rstrip("/"), note, len(drawn.marked), "service")

    def _service_lists(self) -> Iterator[Markup | None]:
        by_owner: dict[int | None, list[Marked]] = {}
        for each in self.marked:
            for owner in self.owners.of(each) or (None,):
                by_owner.setdefault(owner, []).append(each)
        for owner, name in enumerate(self.owners.names):
            yield _listed(name, str(owner), by_owner.get(owner, []))
        yield _listed("Of no service", "none", by_owner.get(None, []))

    def _tables(self) -> Markup | None:
        drawn = [
            (part, catalog, draw_schema(catalog, part.prefix, self.marks, f"schema-{at}-{number}"))
            for at, part in enumerate(self.parts)
            for number, catalog in enumerate(part.schema["catalogs"])
            if catalog["tables"]
        ]
        if not drawn:
            return None
        return _view("tables", "Tables", *(_catalog(at, *each) for at, each in enumerate(drawn)))

    def _rule(self, rule: RuleText) -> Markup:
        severity = element("span", rule.severity.value, class_=f"severity {rule.severity.value}")
        summary = element(
            "summary", severity, " ", element("code", rule.id), element("span", said(rule.title), class_="title")
        )
        back = element("p", element("a", "its findings", href=f"#group-{rule.id}"))
        return element(
            "details",
            summary,
            element("div", back, markdown(rule.explanation, below=3), class_="prose"),
            id=f"rule-{rule.id}",
            class_="rule-page",
        )


def _catalog(at: int, part: Part, catalog: CatalogObject, drawn: SchemaPicture) -> Markup:
    """One catalog: its picture, and the tables that are not in it."""
    tables = len(catalog["tables"])
    said = f"{catalog['source']} {catalog['name']}".strip()
    summary = element(
        "summary",
        element("b", f"{part.prefix}{said}"),
        " ",
        count(tables, "table"),
        element("span", count(len(drawn.marked), "finding"), class_="tally") if drawn.marked else None,
    )
    note = f"{count(drawn.left_out, 'table')} left out: too many to draw." if drawn.left_out else ""
    picture = _picture(f"schema-{at}", drawn.svg, said, note, len(drawn.marked), "table") if drawn.svg else None
    alone = None
    if drawn.alone:
        title = f"{count(len(drawn.alone), 'table')} without foreign keys"
        alone = element(
            "details", element("summary", title), table_list(drawn.alone), open_=drawn.svg is None and tables <= 12
        )
    text = (
        element("details", element("summary", "The tables above as text"), table_list(drawn.drawn))
        if drawn.drawn and len(drawn.drawn) <= 60
        else None
    )
    return element("details", summary, picture, alone, text, class_="catalog", open_=at == 0 or bool(drawn.marked))


def _picture(name: str, svg: Markup, caption: str, note: str, findings: int, what: str) -> Markup:
    tools = element(
        "div",
        element(
            "label",
            element("span", f"Find a {what}"),
            element("input", type_="search", list=f"{name}-names", autocomplete="off"),
        ),
        element("datalist", id=f"{name}-names"),
        element("button", "+", type_="button", data_zoom="in", aria_label="larger"),
        element("button", "−", type_="button", data_zoom="out", aria_label="smaller"),
        element("button", "All", type_="button", data_zoom="fit", aria_label="show all"),
        element("button", "Next finding", type_="button", data_zoom="next") if findings else None,
        class_="tools",
        hidden=True,
    )
    return element(
        "figure",
        tools,
        element("div", svg, class_="canvas", tabindex="0", role="region", aria_label=f"picture: {caption or what}"),
        element("figcaption", f"{note} {_LEGEND if findings else ''}".strip(), class_="note")
        if note or findings
        else None,
        class_="picture",
        id=name,
    )


def _listed(name: str, value: str, marked: list[Marked]) -> Markup | None:
    if not marked:
        return None
    lines = [
        element(
            "li",
            element("a", f"{each.finding.path}:{each.finding.line}", href=f"#{each.anchor}"),
            " ",
            each.finding.rule,
        )
        for each in marked[:_MOST_LISTED]
    ]
    if len(marked) > _MOST_LISTED:
        more = f"and {len(marked) - _MOST_LISTED} more"
        lines.append(element("li", element("a", more, href=f"#?service={value}")))
    summary = element("summary", name, element("span", str(len(marked)), class_="tally"))
    return element("details", summary, element("ul", *lines))


def _view(anchor: str, title: str, *children: Markup | None) -> Markup:
    return element("section", element("h2", title), *children, id=anchor, class_="view")


def _select(name: str, title: str, options: Iterable[tuple[str, str]], first: str = "all") -> Markup:
    choices = [element("option", first, value=""), *(element("option", shown, value=value) for value, shown in options)]
    return element("label", element("span", title), element("select", *choices, name=name))


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and no other style or script than the page's own is obeyed."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


_LEGEND = "Red and amber: a finding stands there. Blue: a finding of another place speaks of it. All are links."
_KEYS = (
    ("/", "search"), ("j, k", "next and previous finding"), ("e", "about its rule"), ("1 to 5", "parts of the page"),
    ("t", "light or dark"), ("+, −, 0, arrows", "in a picture: zoom and move"), ("Esc", "clear the search, close"),
)  # fmt: skip
_HELP = element(
    "footer",
    element("details", element("summary", "Keys"),
            element("dl", *(join([element("dt", element("kbd", key)), element("dd", what)]) for key, what in _KEYS))),
    class_="keys",
    hidden=True,
)  # fmt: skip
