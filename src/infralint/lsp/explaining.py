"""The rules' pages in the editor, and links to the other places of findings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from infralint.lsp.client import Client
from infralint.lsp.convert import Converter
from infralint.lsp.outcomes import Outcome
from infralint.lsp.popup import popup
from infralint.rules import Rule, rules_by_id


def page_text(rule: Rule) -> str:
    """A rule's page with its id and its settings in a line."""
    page = rule.page
    title, _, rest = page.explanation.strip().partition("\n")
    default = "on" if page.default else "off"
    about = f"`{rule.id}`: {page.severity.value}, {default} by default, fix: {page.fix}, since {page.since}"
    return f"{title}\n\n{about}\n{rest}\n"


def hover(client: Client, outcome: Outcome, path: str, position: types.Position) -> types.Hover | None:
    """The pages of the rules that found something at a position."""
    converter = Converter(client, outcome.texts.uri, outcome.texts.located)
    found = [
        (finding, place)
        for finding in outcome.state(path).findings
        if (place := converter.range(finding)).start <= position <= place.end
    ]
    known = rules_by_id()
    rules = [known[name] for name in dict.fromkeys(finding.rule for finding, _ in found) if name in known]
    if not rules:
        return None
    # What was found, and what helps, the editor shows beside this: it has the diagnostic.
    pages = [popup(rule, markdown=client.markdown) for rule in rules]
    kind = types.MarkupKind.Markdown if client.markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, "\n\n---\n\n".join(pages)), found[0][1])


def links(client: Client, outcome: Outcome, path: str) -> Iterator[types.DocumentLink]:
    """From each finding, a link to the first of its other places; editors show one link at one place."""
    converter = Converter(client, outcome.texts.uri, outcome.texts.located)
    seen: set[tuple[int, int]] = set()
    for finding in outcome.state(path).findings:
        if not finding.related or (finding.line, finding.column) in seen:
            continue
        seen.add((finding.line, finding.column))
        place = finding.related[0]
        # VS Code goes to the line of such a fragment; others open the file.
        target = f"{outcome.texts.uri(place.path)}#L{place.line},{place.column}"
        tooltip = f"{place.path}:{place.line}: {place.message}" if client.link_tooltips else None
        yield types.DocumentLink(converter.range(finding), target, tooltip)


@dataclass
class Pages:
    """Pages as files that an editor can open; they go away with the server."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def file(self, rule: Rule) -> Path:
        """The file with a rule's page. Raises OSError."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="infralint-pages-", ignore_cleanup_errors=True)
        file = Path(self._folder.name) / f"{rule.id}.md"
        file.write_text(page_text(rule), encoding="utf-8", newline="\n")
        return file

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
