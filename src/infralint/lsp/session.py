"""The projects that are open in one editor, and what it is told of their findings.

An open document is shown to an editor that asks ("pull"); all else is sent to it ("push"), except to an editor that
asks for the whole workspace. Every function here runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lsprotocol import types

from infralint.lsp.client import ON_TYPE, Client, Wishes
from infralint.lsp.convert import absolute
from infralint.lsp.documents import Document, Documents, path_of, uri_of
from infralint.lsp.outcomes import NOTHING, FileState, Outcome
from infralint.lsp.roots import below, project_of
from infralint.lsp.runs import Host, Progress, ProjectRuns
from infralint.lsp.watching import DELAY, MANY, is_noise
from infralint.settings_load import OWN_FILE, SHARED_FILE

# Somebody who types is let finish the word, seconds.
TYPING_DELAY = 0.2

_log = logging.getLogger("infralint")


class Editor(Protocol):
    """What the session tells the editor."""

    def publish(self, uri: str, diagnostics: tuple[types.Diagnostic, ...], version: int | None) -> None: ...

    def refresh(self) -> None: ...

    def show_progress(self, root: Path) -> tuple[Progress, Callable[[], None]]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A file with its project, and its path there."""

    project: ProjectRuns
    path: str

    @property
    def outcome(self) -> Outcome:
        """What is known of the project."""
        return self.project.outcome

    @property
    def state(self) -> FileState:
        """What is known of the file."""
        return self.project.outcome.state(self.path)


class Session:
    """The state of the server between two messages."""

    def __init__(self, editor: Editor, client: Client, pool: Executor) -> None:
        self.client = client
        self.documents = Documents()
        self.documents.units = client.units
        self.wishes = Wishes()
        self.is_watching = False
        self._editor = editor
        self._host = Host(pool, client, self._documents_below, self._finished, editor.show_progress)
        self._folders: frozenset[Path] = frozenset()
        self._projects: dict[Path, ProjectRuns] = {}
        # The roots of projects of which nothing is known yet: until then what is shown of their files stands.
        self._new: set[Path] = set()
        # What the editor shows because it was sent: under which URI, and the id of the file's state.
        self._sent: dict[Path, tuple[str, str]] = {}
        # What the editor shows because it asked, and how many of its questions wait.
        self._answered: dict[Path, str] = {}
        self._asking: Counter[Path] = Counter()
        self._pulls_workspace = False
        self._news = asyncio.Event()

    # Folders and projects

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Open and close folders, given by their URIs."""
        gone = {path for uri in removed if (path := path_of(uri)) is not None}
        new = {path for uri in added if (path := path_of(uri)) is not None}
        self._folders = (self._folders - gone) | new
        self._arrange()

    def _arrange(self) -> None:
        """Have those projects that folders and documents need, and no others."""
        if not self.wishes.enable:
            needed: set[Path] = set()
        else:
            found = (project_of(path, self._folders) for path in [*self._folders, *(d.path for d in self.documents)])
            needed = {root for root in found if root is not None}
            # A project inside of a folder that was once asked for stays: its files would be judged by other settings.
            inside = (root for root in self._projects if self._is_inside(root))
            needed |= {root for root in inside if project_of(root, self._folders) == root}
        for root in self._projects.keys() - needed:
            self._projects.pop(root).close()
            self._new.discard(root)
        for root in sorted(needed - self._projects.keys()):
            self._projects[root] = ProjectRuns(root, self._host)
            self._projects[root].request(None)
            self._new.add(root)
        self._show({*self._sent, *self._known()})

    def _is_inside(self, path: Path) -> bool:
        """Whether a path is below a folder of the editor."""
        return any(folder in path.parents for folder in self._folders)

    def _documents_below(self, root: Path) -> dict[str, Document]:
        found = ((below(document.path, root), document) for document in self.documents)
        return {path: document for path, document in found if path is not None}

    def _over(self, path: Path) -> Iterator[tuple[ProjectRuns, str]]:
        """All projects that a file is in, with its path there."""
        for root, project in self._projects.items():
            relative = below(path, root)
            if relative is not None:
                yield project, relative

    def place(self, path: Path) -> Place | None:
        """A file in its own project, the innermost of those that it is in."""
        found = [Place(project, relative) for project, relative in self._over(path)]
        return min(found, key=lambda place: len(place.path), default=None)

    def place_of(self, uri: str) -> Place | None:
        """The same for a URI."""
        path = path_of(uri)
        return self.place(path) if path is not None else None

    # What the editor tells

    def opened(self, document: Document) -> None:
        """A document was opened."""
        self._show([document.path])
        root = project_of(document.path, self._folders) if self.wishes.enable else None
        if root is not None and root not in self._projects:
            self._arrange()
        self._request(document.path)

    def typed(self, document: Document) -> None:
        """A document was changed."""
        if self.wishes.run == ON_TYPE:
            for project, _ in self._over(document.path):
                project.request((), TYPING_DELAY)

    def saved(self, path: Path) -> None:
        """A document was saved."""
        self._request(path)
        if path.name in (OWN_FILE, SHARED_FILE):
            self._arrange()

    def closed(self, document: Document) -> None:
        """A document was closed: what is on disk counts again."""
        self._answered.pop(document.path, None)
        self._request(document.path)
        self._arrange()
        self._show([document.path])

    def changed_on_disk(self, paths: Iterable[Path]) -> None:
        """Files were made, changed or deleted, by whomever."""
        changed: dict[ProjectRuns, set[str]] = {}
        decides_roots = False
        for path in paths:
            is_settings = path.name in (OWN_FILE, SHARED_FILE)
            lost = [project for root, project in self._projects.items() if path == root or path in root.parents]
            decides_roots = decides_roots or is_settings or bool(lost)
            for project in lost:
                project.request(None, DELAY)
            if path in self.documents and not is_settings:
                continue
            for project, relative in self._over(path):
                if not is_noise(relative):
                    changed.setdefault(project, set()).add(relative)
        for project, names in changed.items():
            is_any = len(names) > MANY or any(name.endswith(".gitignore") for name in names)
            project.request(None if is_any else names, DELAY)
        if decides_roots:
            self._arrange()

    def wish(self, wishes: Wishes) -> None:
        """The editor's settings changed."""
        for mistake in wishes.mistakes:
            _log.warning("settings of the editor: %s", mistake)
        if wishes == self.wishes:
            return
        self.wishes = wishes
        self._arrange()
        for project in self._projects.values():
            project.request(())

    def close(self) -> None:
        """End all work."""
        for project in self._projects.values():
            project.close()
        self._projects.clear()
        self._news.set()

    def _request(self, path: Path) -> None:
        """Lint what a file is in; where nobody watches the disk, anything may have changed there."""
        for project, relative in self._over(path):
            project.request({relative} if self.is_watching else None)

    # What the editor is sent

    def _finished(self, project: ProjectRuns) -> None:
        paths = {absolute(project.root, path) for path in project.outcome.changed}
        if project.root in self._new:
            self._new.discard(project.root)
            paths.update(self._sent)
        self._show(paths)

    def _known(self) -> Iterator[Path]:
        for project in self._projects.values():
            for path in project.outcome.files:
                yield absolute(project.root, path)

    def state(self, path: Path) -> FileState:
        """What is to be shown of a file."""
        place = self.place(path)
        return place.state if place is not None and self._is_visible(path) else NOTHING

    def _is_visible(self, path: Path) -> bool:
        """Findings in files that are in no folder are shown while somebody looks at the file."""
        return not self._folders or self._is_inside(path) or path in self.documents

    def _show(self, paths: Iterable[Path]) -> None:
        """Send what is to be sent of files, and tell those who wait for news."""
        paths = list(paths)
        if not paths:
            return
        for path in paths:
            if not self._is_pushed(path):
                self._send(path, NOTHING)
            elif not self._is_awaited(path):
                self._send(path, self.state(path))
        self._news.set()
        self._news = asyncio.Event()
        if self.client.pulls:
            # Answers to questions that wait are on their way, and need no other question.
            asyncio.get_running_loop().call_later(0.01, self._refresh)

    def _is_pushed(self, path: Path) -> bool:
        return not self.client.pulls or not (path in self.documents or self._pulls_workspace)

    def _is_awaited(self, path: Path) -> bool:
        place = self.place(path)
        return place is not None and place.project.root in self._new

    def _send(self, path: Path, state: FileState) -> None:
        """Send a file's state, unless it is what was sent last."""
        document = self.documents.get(path)
        uri = document.uri if document else uri_of(path)
        before = self._sent.get(path, (uri, NOTHING.id))
        if before == (uri, state.id):
            return
        if before[0] != uri and before[1] != NOTHING.id:
            self._editor.publish(before[0], (), None)
        self._sent[path] = (uri, state.id)
        if state.id == NOTHING.id:
            del self._sent[path]
        self._editor.publish(uri, state.diagnostics, document.version if document and self.client.versions else None)

    # What the editor asks

    async def current(self, uri: str, *, hurry: bool = False) -> Place | None:
        """A file's place when everything that the editor told has been looked at.

        `hurry`: for somebody who waits. What is known is enough where it is of the text that he sees; else it is
        looked at without waiting for more edits.
        """
        while (place := self.place_of(uri)) is not None:
            if hurry:
                if self._document_of(place) is not None and self.is_judged(place):
                    break
                place.project.hurry()
            await place.project.settled()
            if self.place_of(uri) == place:
                break
        return place

    def knows(self, uri: str) -> bool:
        """Whether anything is known of a file: its project is not being read for the first time."""
        path = path_of(uri)
        return path is not None and not self._is_awaited(path)

    def is_judged(self, place: Place) -> bool:
        """Whether what is known of a file is of the text that the editor has, which may wait until it is saved."""
        return place.outcome.texts.documents.get(place.path) is self._document_of(place)

    def _document_of(self, place: Place) -> Document | None:
        return self.documents.get(absolute(place.project.root, place.path))

    async def ask(self, uri: str) -> FileState:
        """What is to be shown of a document."""
        path = path_of(uri)
        if path is None:
            return NOTHING
        self._asking[path] += 1
        try:
            await self.current(uri)
        finally:
            self._asking[path] -= 1
        state = self.state(path)
        self._answered[path] = state.id
        return state

    def _refresh(self) -> None:
        """Let the editor ask again where it shows what is not so any more, and does not ask already."""
        shown = {d.path: self._answered.get(d.path, NOTHING.id) for d in self.documents}
        if any(id != self.state(path).id and not self._asking[path] for path, id in shown.items()):
            self._editor.refresh()

    async def ask_workspace(self, known: dict[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """What is to be shown of all files. `known`: the ids that the editor has, by URI.

        Waits until something differs from those, as the protocol lets a server do; an editor that knows nothing yet
        is answered at once.
        """
        self._begin_workspace_pulls()
        while True:
            news = self._news
            for project in list(self._projects.values()):
                await project.settled()
            reports, is_new = self._reports(known)
            if is_new or not known or not self._projects:
                return reports
            await news.wait()

    def _begin_workspace_pulls(self) -> None:
        if not self._pulls_workspace:
            self._pulls_workspace = True
            self._show(list(self._sent))

    def _reports(self, known: dict[str, str]) -> tuple[list[types.WorkspaceDocumentDiagnosticReport], bool]:
        uris: dict[Path, str] = {}
        for uri in known:
            path = path_of(uri)
            if path is not None:
                uris[path] = uri
        reports: list[types.WorkspaceDocumentDiagnosticReport] = []
        is_new = False
        for path in sorted({*uris, *self._known()}):
            state, document = self.state(path), self.documents.get(path)
            uri = uris.get(path) or (document.uri if document else uri_of(path))
            version = document.version if document else None
            if path in uris and known[uri] == state.id:
                reports.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, state.id, version))
            elif path in uris or state.diagnostics:
                items = list(state.diagnostics)
                reports.append(types.WorkspaceFullDocumentDiagnosticReport(uri, items, version, result_id=state.id))
                is_new = True
        return reports, is_new
