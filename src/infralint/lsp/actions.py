"""Code actions: what can be done about a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lsprotocol import types

from infralint.findings import Applicability, Edit, Finding, Fix
from infralint.fixes import apply_fixes
from infralint.kinds import SHEBANG_BYTES, Kind, kind_of, kind_of_shebang
from infralint.lsp.client import Client
from infralint.lsp.convert import Converter
from infralint.lsp.ignores import Insertion, insertion
from infralint.lsp.outcomes import Outcome
from infralint.lsp.positions import Located

EXPLAIN = "infralint.explain"
FIX_ALL = "source.fixAll.infralint"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)

Action = types.CodeAction | types.Command
DocumentEdit = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done in one file, as it was when its findings were made."""

    client: Client
    outcome: Outcome
    path: str

    def of(self, params: types.CodeActionParams) -> list[Action]:
        """The actions at a range, of the kinds that are asked for."""
        wants = _wants(params.context.only)
        found: list[Action] = []
        if wants(types.CodeActionKind.QuickFix):
            for finding in self._at(params.range):
                found += self._about(finding)
        if wants(FIX_ALL) and self.client.action_literals:
            # Nobody who looks at one finding is offered to repair all, but who asks for it by its name.
            found += self._fix_all(is_asked=params.context.only is not None)
        return found

    def _at(self, range: types.Range) -> Iterator[Finding]:
        converter = self._converter
        for finding in self.outcome.state(self.path).findings:
            place = converter.range(finding)
            if place.start <= range.end and range.start <= place.end:
                yield finding

    @property
    def _converter(self) -> Converter:
        return Converter(self.client, self.outcome.texts.uri, self.outcome.texts.located)

    def _about(self, finding: Finding) -> Iterator[Action]:
        explain = types.Command(f"Explain {finding.rule}", EXPLAIN, arguments=[finding.rule])
        if not self.client.action_literals:
            yield explain
            return
        diagnostic = self._converter.diagnostic(finding)
        preferred = True
        for fix in finding.fixes:
            edit = self._edit(fix.edits)
            if edit is None:
                continue
            is_safe = fix.applicability is Applicability.SAFE
            title = fix.title[:1].upper() + fix.title[1:]
            yield types.CodeAction(
                title if is_safe else f"{title} (look at it afterwards)",
                types.CodeActionKind.QuickFix,
                [diagnostic],
                is_preferred=(preferred and is_safe) if self.client.preferred else None,
                edit=edit,
            )
            preferred = preferred and not is_safe
        yield from self._ignore(finding, diagnostic)
        yield types.CodeAction(explain.title, types.CodeActionKind.QuickFix, [diagnostic], command=explain)

    def _ignore(self, finding: Finding, diagnostic: types.Diagnostic) -> Iterator[types.CodeAction]:
        located = self.outcome.texts.located(finding.path)
        kind = self._kind(finding.path)
        found = insertion(located.source.text, kind, finding) if kind is not None else None
        if found is None:
            return
        edits = [_insert(located, found, snippet=self.client.snippet_edits and self.client.document_changes)]
        title = f"Ignore {finding.rule} here, with a reason"
        edit = self._workspace_edit({finding.path: edits})
        yield types.CodeAction(title, types.CodeActionKind.QuickFix, [diagnostic], edit=edit)

    def _kind(self, path: str) -> Kind | None:
        return kind_of(path) or kind_of_shebang(self.outcome.texts.data(path)[:SHEBANG_BYTES])

    def _edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit | None:
        """The edits of a fix; None where a file is not any more what they were made for."""
        # Of edits that begin at one place the order counts (LSP 3.17, "TextEdit[]").
        by_path: dict[str, list[Edit]] = {}
        for edit in sorted(set(edits), key=lambda each: each.sort_key):
            by_path.setdefault(edit.path, []).append(edit)
        texts = self.outcome.texts
        if any(not texts.is_unchanged(path, self.outcome.digests.get(path)) for path in by_path):
            return None
        return self._workspace_edit({path: [*map(self._text_edit, found)] for path, found in by_path.items()})

    def _text_edit(self, edit: Edit) -> types.TextEdit:
        located = self.outcome.texts.located(edit.path)
        place = located.range(edit.line, edit.column, edit.end_line, edit.end_column)
        return types.TextEdit(place, edit.text.replace("\n", located.source.newline))

    def _workspace_edit(self, edits: dict[str, list[types.TextEdit | types.SnippetTextEdit]]) -> types.WorkspaceEdit:
        texts = self.outcome.texts
        if not self.client.document_changes:
            plain = {
                texts.uri(path): [edit for edit in found if isinstance(edit, types.TextEdit)]
                for path, found in edits.items()
            }
            return types.WorkspaceEdit(changes=plain)
        changes: list[DocumentEdit] = []
        for path, found in edits.items():
            document = texts.documents.get(path)
            name = types.OptionalVersionedTextDocumentIdentifier(
                texts.uri(path), document.version if document else None
            )
            changes.append(types.TextDocumentEdit(name, list(found)))
        return types.WorkspaceEdit(document_changes=changes)

    def _fix_all(self, *, is_asked: bool) -> Iterator[types.CodeAction]:
        findings = [replace(each, fixes=tuple(self._own(each))) for each in self.outcome.state(self.path).findings]
        texts = self.outcome.texts
        if not is_asked or not texts.is_unchanged(self.path, self.outcome.digests.get(self.path)):
            return
        located = texts.located(self.path)
        _, fixed = apply_fixes({self.path: located.source.text}, findings)
        edits = [edit for finding in fixed for edit in finding.fixes[0].edits]
        edit = self._edit(edits) if fixed else None
        if edit is not None:
            yield types.CodeAction("Fix all that infralint can fix safely in this file", FIX_ALL, edit=edit)

    def _own(self, finding: Finding) -> Iterator[Fix]:
        """The safe fixes of a finding that change this file alone: nobody sees others while he saves one."""
        for fix in finding.fixes:
            if fix.applicability is Applicability.SAFE and all(edit.path == self.path for edit in fix.edits):
                yield fix


def _wants(only: Iterable[types.CodeActionKind | str] | None) -> Callable[[str], bool]:
    """Whether a kind of action is asked for: it, or a kind that it is one of (`source` has `source.fixAll`)."""
    if only is None:
        return lambda kind: True
    asked = [each.value if isinstance(each, types.CodeActionKind) else each for each in only]
    return lambda kind: any(not each or kind == each or kind.startswith(f"{each}.") for each in asked)


def _insert(located: Located, found: Insertion, *, snippet: bool) -> types.TextEdit | types.SnippetTextEdit:
    at = located.at(found.offset)
    place = types.Range(at, at)
    if not snippet:
        # Without a reason, which infralint asks for then: a word in its place would pass for one.
        return types.TextEdit(place, found.text())
    before, after = (text.replace("\\", "\\\\").replace("$", "\\$") for text in (found.before, found.after))
    return types.SnippetTextEdit(place, types.StringValue(f"{before}${{1:reason}}{after}"))
