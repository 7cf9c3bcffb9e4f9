"""What a run's findings become, for editors that can do more and less; and what is made anew in the next run."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from folder_edits import write
from lsp_editor import LATEST, ORM, UNRESOLVED
from lsprotocol import types

import infralint
from infralint.findings import Edit
from infralint.lsp.actions import Actions
from infralint.lsp.client import Client, Wishes
from infralint.lsp.documents import Document, uri_of
from infralint.lsp.outcomes import Outcome, Texts, outcome_of
from infralint.lsp.positions import Units

EVERYTHING = Client(
    related=True,
    tags=frozenset(types.DiagnosticTag),
    data=True,
    document_changes=True,
    action_literals=True,
    snippet_edits=True,
)
FILES = {**ORM, "app/user.py": "", "Dockerfile": "FROM python:latest\n"}


def outcome(root: Path, client: Client, before: Outcome | None = None, **buffers: str) -> Outcome:
    """The outcome for the files on disk with these buffers over them, `_` for `/` and `.` in their names."""
    paths = {path.replace("/", "_").replace(".", "_"): path for path in FILES}
    documents = {
        paths[name]: Document(uri_of(root / paths[name]), 7, text, root / paths[name]) for name, text in buffers.items()
    }
    report = infralint.lint({**FILES, **{path: document.text for path, document in documents.items()}})
    texts = Texts(root, documents, client.units)
    return outcome_of(report, (), texts, before or Outcome({}, Texts(root, {}, client.units)), client)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


def test_an_editor_that_can_little(root: Path) -> None:
    found = outcome(root, Client())
    diagnostic = next(each for each in found.state("app/order.py").diagnostics if each.code == UNRESOLVED)
    assert (diagnostic.related_information, diagnostic.tags, diagnostic.data) == (None, None, None)
    assert "app/base.py:3:8: `Order` is mapped on this base" in diagnostic.message
    where = types.CodeActionParams(
        types.TextDocumentIdentifier(""), diagnostic.range, types.CodeActionContext([diagnostic])
    )
    actions = Actions(Client(), found, "app/order.py").of(where)
    assert {type(action) for action in actions} == {types.Command}


def test_tags() -> None:
    text = f"# infralint: ignore[{LATEST}] as agreed\nFROM python:3.12\n"
    report = infralint.lint({"Dockerfile": text})
    texts = Texts(Path.cwd(), {}, Units.UTF16)
    found = outcome_of(report, (), texts, Outcome({}, texts), EVERYTHING).state("Dockerfile").diagnostics
    assert [(each.code, each.tags) for each in found] == [("suppression-unused", [types.DiagnosticTag.Unnecessary])]


@pytest.mark.parametrize("snippets", [True, False])
def test_the_reason_is_asked_for(root: Path, snippets: bool) -> None:
    client = replace(EVERYTHING, snippet_edits=snippets)
    found = outcome(root, client, Dockerfile="FROM python:latest\n")
    (diagnostic,) = found.state("Dockerfile").diagnostics
    where = types.CodeActionParams(types.TextDocumentIdentifier(""), diagnostic.range, types.CodeActionContext([]))
    ignore = next(each for each in Actions(client, found, "Dockerfile").of(where) if each.title.startswith("Ignore"))
    assert isinstance(ignore, types.CodeAction)
    assert ignore.edit is not None
    (change,) = ignore.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 7
    (edit,) = change.edits
    if snippets:
        assert isinstance(edit, types.SnippetTextEdit)
        assert edit.snippet.value == f"# infralint: ignore[{LATEST}] ${{1:reason}}\n"
    else:
        assert isinstance(edit, types.TextEdit)
        assert edit.new_text == f"# infralint: ignore[{LATEST}] \n"


def test_only_what_changed_is_made_anew(root: Path) -> None:
    first = outcome(root, EVERYTHING)
    assert first.changed == first.files.keys()
    second = outcome(root, EVERYTHING, first)
    assert second.changed == frozenset()
    assert all(second.files[path] is state for path, state in first.files.items())
    third = outcome(root, EVERYTHING, second, Dockerfile="FROM python:latest\n# more\n")
    # The same findings in a text that changed: made anew, and nothing to tell.
    assert third.changed == frozenset()
    assert third.files["app/order.py"] is second.files["app/order.py"]
    fourth = outcome(root, EVERYTHING, third, Dockerfile="FROM python:3.12\n")
    assert fourth.changed == {"Dockerfile"}


def test_characters_of_another_width(root: Path) -> None:
    """The place counts the same characters and other units: that is told, also of a place that a finding relates to."""
    one = "from sqlalchemy.orm import declarative_base\n\nx = 'é'; Base = declarative_base()\n"
    first = outcome(root, EVERYTHING, app_base_py=one)
    second = outcome(root, EVERYTHING, first, app_base_py=one.replace("é", "\U0001f40d"))
    assert [state.findings for state in first.files.values()] == [state.findings for state in second.files.values()]
    assert second.changed == {"app/order.py"}


@pytest.mark.parametrize(
    ("given", "run", "enable", "mistakes"),
    [
        (None, "onType", True, 0),
        ({}, "onType", True, 0),
        ({"settings": {"run": "onSave"}}, "onSave", True, 0),
        ({"infralint": {"run": "onSave", "enable": False}}, "onSave", False, 0),
        ({"run": "onSave"}, "onSave", True, 0),
        ({"settings": {"infralint": {"enable": False}}}, "onType", False, 0),
        ({"run": 3, "enable": "no", "more": 1}, "onType", True, 3),
        ([1], "onType", True, 1),
    ],
)
def test_wishes(given: object, run: str, enable: bool, mistakes: int) -> None:
    wishes = Wishes().over(given)
    assert (wishes.run, wishes.enable, len(wishes.mistakes)) == (run, enable, mistakes)


@pytest.mark.parametrize("given", [None, {}, {"infralint": {}}, {"settings": {}}, {"run": 3}, {"enable": False}])
def test_what_is_not_said_again_stays(given: object) -> None:
    assert Wishes("onSave", True).over(given).run == "onSave"


def test_what_is_inserted_comes_before_what_is_replaced(root: Path) -> None:
    """The order of edits that begin at one place counts (LSP 3.17, "TextEdit[]")."""
    path = "app/order.py"
    found = outcome(root, EVERYTHING)
    replaced = Edit(path, 1, 1, 1, 5, "b")
    inserted = Edit(path, 1, 1, 1, 1, "a")
    for edits in itertools.permutations((replaced, inserted, replaced)):
        edit = Actions(EVERYTHING, found, path)._edit(edits)
        assert edit is not None
        assert edit.document_changes is not None
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert [each.new_text for each in change.edits if isinstance(each, types.TextEdit)] == ["a", "b"]
