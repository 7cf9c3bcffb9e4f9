"""Code actions, hover and links of the language server, in an editor that can do everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
import pytest_asyncio
from lsp_editor import LATEST, ORM, STRANGE, UNRESOLVED, Editor, capabilities, connected, project, strange_edits
from lsprotocol import types

import infralint
from infralint.lsp.popup import popup
from infralint.rules import rules_by_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_FILE = {
    "pyproject.toml": "[tool.infralint]\n",
    "app/__init__.py": "",
    "app/models.py": (
        "from sqlalchemy import Column, ForeignKey, Integer\n"
        "from sqlalchemy.orm import declarative_base, relationship\n\nBase = declarative_base()\n\n\n"
        'class User(Base):\n    __tablename__ = "users"\n    id = Column(Integer, primary_key=True)\n\n\n'
        'class Order(Base):\n    __tablename__ = "orders"\n    id = Column(Integer, primary_key=True)\n'
        '    user_id = Column(ForeignKey("users.id"))\n    user = relationship("Usr")\n'
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    able = capabilities(everything=True, position_encodings=["utf-8", "utf-16"])
    async with connected(tmp_path_factory.mktemp("nothing"), able, folders=(), configuration={}) as editor:
        yield editor


async def test_a_fix(server: Editor, tmp_path: Path) -> None:
    """Seen, repaired by the action, and seen no more."""
    async with project(server, tmp_path, ONE_FILE) as editor:
        editor.open("app/models.py")
        await editor.until_shown("app/models.py", UNRESOLVED)
        found = editor.shown("app/models.py")[0]
        assert found.code_description is not None
        page = Path(url2pathname(urlparse(found.code_description.href).path))
        assert page.read_text(encoding="utf-8").startswith("# A relationship names a class that is not mapped")
        actions = await editor.actions("app/models.py", "Usr")
        assert list(actions) == [
            "Write `User`",
            f"Ignore {UNRESOLVED} here, with a reason",
            f"Explain {UNRESOLVED}",
        ]
        fix = actions["Write `User`"]
        assert fix.kind == types.CodeActionKind.QuickFix
        assert fix.is_preferred
        assert [diagnostic.code for diagnostic in fix.diagnostics or ()] == [UNRESOLVED]
        assert fix.edit is not None
        expected = ONE_FILE["app/models.py"].replace('"Usr"', '"User"')
        assert editor.applied(fix.edit) == {"app/models.py": expected}
        editor.type("app/models.py", '"Usr"', '"User"')
        await editor.until_shown("app/models.py")
        assert await editor.actions("app/models.py", "User(") == {}


async def test_all_fixes_of_a_file(server: Editor, tmp_path: Path) -> None:
    text = ONE_FILE["app/models.py"] + '    again = relationship("Usr")\n'
    async with project(server, tmp_path, {**ONE_FILE, "app/models.py": text}) as editor:
        editor.open("app/models.py")
        for only in ["source.fixAll.infralint"], ["source.fixAll"], ["source"]:
            actions = await editor.actions("app/models.py", "import", only)
            assert [action.kind for action in actions.values()] == ["source.fixAll.infralint"]
            (action,) = actions.values()
            assert action.edit is not None
            assert editor.applied(action.edit) == {"app/models.py": text.replace('"Usr"', '"User"')}
        assert await editor.actions("app/models.py", "import", ["source.fixAll.ruff"]) == {}
        assert await editor.actions("app/models.py", "Usr", ["refactor"]) == {}
        editor.type("app/models.py", '"Usr"', '"User"')
        editor.type("app/models.py", '"Usr"', '"User"')
        assert await editor.actions("app/models.py", "import", ["source"]) == {}


async def test_a_fix_of_two_files(server: Editor, tmp_path: Path) -> None:
    """Where the second file is not open, it is edited as it is on disk, and only while it is that."""
    files = {
        **ORM,
        "app/other.py": (
            "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base, relationship\n\n"
            "Base = declarative_base()\n\n\n"
            'class Item(Base):\n    __tablename__ = "items"\n    id = Column(Integer, primary_key=True)\n'
            '    user = relationship("User")\n'
        ),
    }
    report = infralint.lint(files)
    fixes = [fix for finding in report.findings if finding.path == "app/other.py" for fix in finding.fixes]
    async with project(server, tmp_path, files) as editor:
        editor.open("app/other.py")
        actions = await editor.actions("app/other.py", "declarative_base()")
        found = [action for action in actions.values() if action.edit is not None and "Ignore" not in action.title]
        assert [action.title.removesuffix(" (look at it afterwards)") for action in found] == [
            fix.title[:1].upper() + fix.title[1:] for fix in fixes
        ]
        for action in found:
            assert action.edit is not None
            repaired = {**files, **editor.applied(action.edit)}
            assert len(infralint.lint(repaired).findings) < len(report.findings)


async def test_ignore_with_a_reason(server: Editor, tmp_path: Path) -> None:
    """The comment goes where it silences the finding, and asks for its reason as long as it has none."""
    async with project(server, tmp_path, {**ONE_FILE, "Dockerfile": "FROM python:latest\n"}) as editor:
        editor.open("Dockerfile")
        actions = await editor.actions("Dockerfile", "python")
        ignore = actions[f"Ignore {LATEST} here, with a reason"]
        assert ignore.edit is not None
        text = editor.applied(ignore.edit)["Dockerfile"]
        assert text == f"# infralint: ignore[{LATEST}] \nFROM python:latest\n"
        editor.type("Dockerfile", "FROM", f"# infralint: ignore[{LATEST}] \nFROM")
        await editor.until_shown("Dockerfile", "suppression-missing-reason")
        editor.type("Dockerfile", "] ", "] the newest on purpose")
        await editor.until_shown("Dockerfile")


async def test_explain(server: Editor, tmp_path: Path) -> None:
    """The page is a document that the editor opens. Hover shows it too, and nothing that the editor shows anyway."""
    async with project(server, tmp_path, ONE_FILE) as editor:
        editor.open("app/models.py")
        actions = await editor.actions("app/models.py", "Usr")
        command = actions[f"Explain {UNRESOLVED}"].command
        assert command is not None
        params = types.ExecuteCommandParams(command.command, arguments=command.arguments)
        text = await editor.client.workspace_execute_command_async(params)
        shown = editor.client.shown_documents.pop()
        page = Path(url2pathname(urlparse(shown.uri).path)).read_text(encoding="utf-8")
        assert page == text
        assert page.startswith(
            "# A relationship names a class that is not mapped\n\n`orm-unresolved-relationship`: error"
        )
        assert "```toml\nseverity" not in page
        at = editor.position(ONE_FILE["app/models.py"], ONE_FILE["app/models.py"].index("Usr"))
        hover = await editor.client.text_document_hover_async(types.HoverParams(editor.item("app/models.py"), at))
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.kind is types.MarkupKind.Markdown
        assert hover.contents.value == popup(rules_by_id()[UNRESOLVED], markdown=True)
        assert editor.said(ONE_FILE["app/models.py"], hover.range) == '"Usr"'
        nowhere = types.HoverParams(editor.item("app/models.py"), types.Position(0, 0))
        assert await editor.client.text_document_hover_async(nowhere) is None


async def test_nothing_is_done_to_a_text_that_was_not_judged(server: Editor, tmp_path: Path) -> None:
    """Where somebody lints when he saves, edits for the text that he saved would go astray in the one that he has."""
    async with project(server, tmp_path, {"infralint.toml": "", "Dockerfile": "FROM python:latest\n"}) as editor:
        editor.configure({"infralint": {"run": "onSave"}})
        editor.open("Dockerfile")
        await editor.until_shown("Dockerfile", LATEST)
        assert await editor.actions("Dockerfile", "python")
        editor.type("Dockerfile", "FROM", "# what is built\nFROM")
        assert await editor.actions("Dockerfile", "python") == {}
        editor.save("Dockerfile")
        assert await editor.actions("Dockerfile", "python")
        editor.configure({"infralint": {}})


async def test_links(server: Editor, tmp_path: Path) -> None:
    async with project(server, tmp_path, {**ORM, "app/user.py": ""}) as editor:
        editor.open("app/order.py")
        params = types.DocumentLinkParams(editor.item("app/order.py"))
        links = await editor.client.text_document_document_link_async(params)
        link = next(link for link in links if editor.said(ORM["app/order.py"], link.range) == '"User"')
        assert link.target == f"{editor.uri('app/base.py')}#L3,8"
        assert link.tooltip == "app/base.py:3: `Order` is mapped on this base"


async def test_what_it_asks_to_watch(server: Editor, tmp_path: Path) -> None:
    async with project(server, tmp_path, {}) as editor:
        (watch,) = [each for each in editor.registered if each.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
        kinds = json.loads(json.dumps(watch.register_options))["watchers"]
        assert {"globPattern": "**/*", "kind": 5} in kinds


async def test_positions(server: Editor, tmp_path: Path) -> None:
    assert server.units == "utf-8"
    async with project(server, tmp_path, STRANGE) as editor:
        await strange_edits(editor)
