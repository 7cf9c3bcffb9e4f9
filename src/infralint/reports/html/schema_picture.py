"""The tables of a catalog as cards, their foreign keys as links; what findings speak of is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from infralint.reports.html.cards import Card, Link, Row, picture
from infralint.reports.html.marks import Marked, Marks, united
from infralint.reports.html.markup import Markup, count, element
from infralint.schema_document import CatalogObject, ColumnObject, ForeignKeyObject, TableObject, qualified

# A picture of more is slow to open and no longer read; tables with findings come first, then those with most links.
MOST_TABLES = 300
# The columns of a card: keys and what findings speak of, then others up to this many.
MOST_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class SchemaPicture:
    """A catalog as it is drawn. `alone`: the tables that no foreign key links and of which no finding speaks; they are
    listed beside the picture. `left_out`: how many tables were one too many."""

    svg: Markup | None
    drawn: tuple[TableObject, ...]
    alone: tuple[TableObject, ...]
    left_out: int
    marked: tuple[Marked, ...]


def draw_schema(catalog: CatalogObject, prefix: str, marks: Marks, name: str) -> SchemaPicture:
    """Draw a catalog. `name` begins the ids of its elements."""
    makers = {qualified(table): _Table(table, prefix, marks) for table in catalog["tables"]}
    linked = {name for key, maker in makers.items() for name in maker.linked_to(key)}
    shown = [key for key, maker in makers.items() if key in linked or maker.marked]
    degree = Counter(name for key, maker in makers.items() for name in maker.linked_to(key))
    kept = set(sorted(shown, key=lambda key: (not makers[key].marked, -degree[key]))[:MOST_TABLES])
    numbers = {key: f"{name}-table-{at}" for at, key in enumerate(makers)}
    cards = [makers[key].card(key, numbers[key]) for key in shown if key in kept]
    links = [link for card in cards for link in makers[card.key].links(card, {key: makers[key] for key in kept})]
    absent = dict.fromkeys(link.target for link in links if link.target not in kept)
    ghosts = [_ghost(key, f"{name}-absent-{at}", key in makers, links) for at, key in enumerate(absent)]
    title = f"Tables of {catalog['name'] or catalog['source']} and their foreign keys"
    return SchemaPicture(
        picture([*cards, *ghosts], links, name, title) if cards else None,
        tuple(makers[key].table for key in shown if key in kept),
        tuple(maker.table for key, maker in makers.items() if key not in shown),
        len(shown) - len(kept),
        united(*(maker.marked for maker in makers.values())),
    )


class _Table:
    """A table with the findings that speak of it."""

    def __init__(self, table: TableObject, prefix: str, marks: Marks) -> None:
        self.table = table
        self.of_keys = [marks.at(prefix, key["span"]) for key in table["foreign_keys"]]
        own = marks.at(prefix, table["span"])
        self.of_columns = {
            column["name"]: tuple(each for each in marks.at(prefix, column["span"]) if each not in own)
            for column in table["columns"]
        }
        self.of_itself = own
        self.marked = united(own, *self.of_columns.values(), *self.of_keys)

    def linked_to(self, key: str) -> list[str]:
        """The two ends of each foreign key."""
        targets = [_target(each) for each in self.table["foreign_keys"] if each["target_table"]]
        return [name for target in targets for name in (key, target)]

    def card(self, key: str, anchor: str) -> Card:
        columns = self._shown()
        rows = [self._row(column) for column in columns]
        hidden = len(self.table["columns"]) - len(columns)
        if hidden:
            rows.append(Row(f"… {count(hidden, 'more column')}", quiet=True))
        kind = "view" if self.table["kind"] == "view" else "table"
        return Card(key, anchor, kind, key, "view" if kind == "view" else "", tuple(rows), self.of_itself)

    def _shown(self) -> list[ColumnObject]:
        columns = self.table["columns"]
        if len(columns) <= MOST_COLUMNS + 1:
            return columns
        keys = {name for key in self.table["foreign_keys"] for name in key["columns"]}
        first = [column for column in columns if self._matters(column, keys)]
        rest = [column for column in columns if not self._matters(column, keys)]
        kept = {column["name"] for column in [*first, *rest[: max(0, MOST_COLUMNS - len(first))]]}
        return [column for column in columns if column["name"] in kept]

    def _matters(self, column: ColumnObject, keys: set[str]) -> bool:
        return column["primary_key"] or column["name"] in keys or bool(self._marked_in(column))

    def _marked_in(self, column: ColumnObject) -> tuple[Marked, ...]:
        of_keys = [
            marked
            for key, marked in zip(self.table["foreign_keys"], self.of_keys, strict=True)
            if column["name"] in key["columns"]
        ]
        return united(self.of_columns[column["name"]], *of_keys)

    def _row(self, column: ColumnObject) -> Row:
        linked = any(column["name"] in key["columns"] for key in self.table["foreign_keys"])
        badge = "PK" if column["primary_key"] else "FK" if linked else ""
        null = "?" if column["nullable"] and not column["primary_key"] else ""
        return Row(column["name"], (column["type"] or "") + null, badge, self._marked_in(column))

    def links(self, card: Card, drawn: dict[str, _Table]) -> Iterable[Link]:
        """A link for each foreign key; one to a table that is not there goes to a mark of its absence."""
        rows = {row.left: at for at, row in enumerate(card.rows) if not row.quiet}
        for key, marked in zip(self.table["foreign_keys"], self.of_keys, strict=True):
            if not key["target_table"]:
                continue
            target = _target(key)
            start = next((rows[name] for name in key["columns"] if name in rows), None)
            said = f"{card.title} ({', '.join(key['columns'])}) refers to {target}"
            if key["target_columns"]:
                said += f" ({', '.join(key['target_columns'])})"
            yield Link(card.key, start, target, None, said, marked)


def _target(key: ForeignKeyObject) -> str:
    return f"{key['target_schema']}.{key['target_table']}" if key["target_schema"] else key["target_table"]


def _ghost(key: str, anchor: str, left_out: bool, links: list[Link]) -> Card:
    """A table that foreign keys name and that is not drawn: nothing declares it here, or it was one too many."""
    marked = united(*(link.marked for link in links if link.target == key))
    said = "not drawn" if left_out else "not declared here"
    return Card(key, anchor, "ghost", key, said, (), marked)


def table_list(tables: Iterable[TableObject]) -> Markup:
    """Tables with their columns as text."""
    return element("ul", *(_listed(table) for table in tables), class_="tables")


def _listed(table: TableObject) -> Markup:
    columns = [
        element("li", element("b", column["name"]), " ", element("span", column["type"] or "", class_="aside"))
        for column in table["columns"]
    ]
    where = f"{table['span']['path']}:{table['span']['line']}"
    summary = element(
        "summary",
        element("code", qualified(table)),
        element("span", f" {count(len(columns), 'column')}, {where}", class_="aside"),
    )
    return element("li", element("details", summary, element("ul", *columns)))
