"""COPY and ADD: what they put where.

Dockerfile reference, "COPY" and "ADD" (frontend 1.17); BuildKit 0.26, dockerfile2llb/convert_copy.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infralint.facts.builds import Copy
from infralint.facts.text import Text
from infralint.project.builds.context import Context, source_path
from infralint.project.builds.filesystem import (
    CopiedFolder,
    FileSystem,
    FromImage,
    ImageFile,
    Layer,
    Opened,
    PutFile,
    PutFolder,
    joined,
    relative,
)
from infralint.project.builds.ignores import Ignores, is_glob, pattern_of
from infralint.project.builds.values import BuiltImage, CopySource, CopyStep
from infralint.project.lookup import Absent, Known, Lookup, Open

if TYPE_CHECKING:
    from infralint.project.builds.instructions import Runner

_NAME = re.compile(r"\$\{?(\w+)")
_ADDRESS = re.compile(r"(?:https?|git|ssh|ftp)://|git@[\w.-]+:")
_GIT = re.compile(r"^(?:git|ssh)://|^git@|^https?://[^?#]*\.git(?:[?#]|$)")
# Archives that ADD unpacks (docker/go-archive: by their first bytes; the name tells of most).
_ARCHIVE = re.compile(r"\.(?:tar|tgz|tbz2?|txz|tzst|tar\.\w+|gz|bz2|xz|zst)$")
# Folders that every Linux image has: a file that is copied there lies in them.
_FOLDERS = frozenset(
    {"/", "/bin", "/etc", "/home", "/lib", "/opt", "/root", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin", "/usr/lib",
     "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/usr/sbin", "/usr/share",
     "/usr/src", "/var", "/var/lib", "/var/log", "/var/run"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copied:
    """The files after a COPY, and its step."""

    files: FileSystem
    step: CopyStep


class Copies:
    """One COPY or ADD of a stage."""

    def __init__(self, runner: Runner, copy: Copy) -> None:
        self.runner = runner
        self.copy = copy
        self.files = runner.state.files
        self.path = runner.path
        self.excludes = Ignores(tuple(runner.expanded(each).value for each in copy.excludes))

    def run(self) -> Copied:
        """Apply it."""
        sources = tuple(self.runner.expanded(source) for source in self.copy.sources)
        written = self.runner.expanded(self.copy.destination) if self.copy.destination is not None else None
        folder = self.runner.state.folder(written) if written is not None else None
        origin = self._origin()
        external = self.copy.origin if origin is None and self.copy.origin is not None else None
        step = CopyStep(
            self.path,
            self.copy.span,
            sources,
            folder,
            origin if isinstance(origin, BuiltImage) else None,
            external,
        )
        for source, raw in zip(sources, self.copy.sources, strict=True):
            self._note(source, raw.value, origin)
        if folder is None or written is None:
            self._open("/", "its destination is not known")
        else:
            several = len(sources) + len(self.copy.documents) > 1
            into = several or written.value.endswith("/") or written.value in (".", "..") or self._is_folder(folder)
            self._all(sources, origin, folder, into=into)
        return Copied(self.files, step)

    def _origin(self) -> BuiltImage | Context | None:
        name = self.copy.origin
        if name is None:
            return self.runner.evaluation.context
        return self.runner.origin(name.value) if "$" not in name.value else None

    def _is_folder(self, path: str) -> bool:
        found = self.files.find(path)
        return path in _FOLDERS or (isinstance(found, Known) and found.value.is_folder)

    def _all(self, sources: tuple[Text, ...], origin: BuiltImage | Context | None, folder: str, *, into: bool) -> None:
        for document in self.copy.documents:
            self._put(None, joined(folder, document.name) if into else folder)
        for source in sources:
            for layer in self._layers(source, origin, folder, into):
                self.files = self.files.after(layer)

    def _put(self, tree: str | None, place: str) -> None:
        self.files = self.files.after(PutFile(self.path, self.copy.span, tree, place))

    def _open(self, folder: str, reason: str) -> None:
        self.files = self.files.after(Opened(self.path, self.copy.span, folder, reason))

    def _opened(self, folder: str, reason: str) -> Opened:
        return Opened(self.path, self.copy.span, folder, reason)

    def _layers(self, source: Text, origin: BuiltImage | Context | None, folder: str, into: bool) -> Iterator[Layer]:
        written = source.static
        if written is None or "\\" in written:
            yield self._opened(folder, "what is copied here is not known")
        elif self.copy.adds and _ADDRESS.match(written):
            yield from self._downloaded(written, folder, into)
        elif origin is None:
            yield from self._from_outside(written, folder, into)
        elif self.copy.parents:
            yield from self._with_parents(written, origin, folder)
        elif isinstance(origin, Context):
            yield from self._from_context(source_path(written), origin, folder, into)
        else:
            yield from self._from_stage(joined("/", written), origin.files, folder, into)

    def _note(self, source: Text, raw: str, origin: BuiltImage | Context | None) -> None:
        """Note whether a source is there, for who asks about missing ones. `raw`: with its variables."""
        written = source.static
        if written is None or is_glob(written) or (self.copy.adds and _ADDRESS.match(written)):
            return
        found: Lookup[bool] | Lookup[ImageFile]
        if isinstance(origin, Context):
            found = origin.find(source_path(written.replace("/./", "/")))
        elif origin is not None:
            found = origin.files.find(joined("/", written))
        else:
            found = Open("what it is copied from is not known")
        if self._depends_on_caller(raw):
            found = Open("a build argument decides it")
        context, stage = (origin, "") if isinstance(origin, Context) else (None, origin.stage if origin else "")
        self.runner.evaluation.sources.append(CopySource(self.path, source.span, written, found, context, stage))

    def _depends_on_caller(self, raw: str) -> bool:
        """Whether a path has the default of an argument, which who builds may set."""
        build = self.runner.evaluation.build
        given = {name for name, _ in build.arguments}
        defaults = {name for name in self.runner.state.arguments if name not in given}
        return bool(set(_NAME.findall(raw)) & defaults - set(self.runner.state.environment))

    def _downloaded(self, address: str, folder: str, into: bool) -> Iterator[Layer]:
        name = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
        if _GIT.search(address) or self.copy.unpacks or not name:
            yield self._opened(folder, "what is downloaded here is not known")
        else:
            yield PutFile(self.path, self.copy.span, None, joined(folder, name) if into else folder)

    def _from_outside(self, written: str, folder: str, into: bool) -> Iterator[Layer]:
        """From an image or a context of which nothing is known."""
        yield self._opened(folder, "what it is copied from is not known")
        name = written.rstrip("/").rpartition("/")[2]
        if into and name and not is_glob(name):
            # A file has this name; of a folder the content lies here.
            yield self._opened(joined(folder, name), "what it is copied from is not known")

    def _from_context(self, source: str, context: Context, folder: str, into: bool) -> Iterator[Layer]:
        globs = is_glob(source)
        matches = context.glob(source)
        if not matches and not (globs and isinstance(context.find(source), Absent)):
            yield self._opened(folder, "what is copied here is not in the tree")
        if globs:
            yield from self._may_match(source, context, folder)
        into = into or len(matches) > 1
        for match in matches:
            yield from self._one(match, context, folder, into)

    def _may_match(self, pattern: str, context: Context, folder: str) -> Iterator[Layer]:
        """Files that git leaves out of the tree may match a pattern."""
        above = pattern.rpartition("/")[0]
        if not is_glob(above) and context.tree.may_exist(context.in_tree(pattern.replace("*", "x").replace("?", "x"))):
            yield self._opened(folder, "a build may make what is copied here")

    def _one(self, source: str, context: Context, folder: str, into: bool) -> Iterator[Layer]:
        """A file, or the content of a folder."""
        found = context.find(source)
        name = source.rpartition("/")[2]
        if self.excludes.leaves_out(name):
            return
        tree = context.in_tree(source)
        if tree in context.tree.links:
            yield self._opened(folder, "a link is copied here")
        elif isinstance(found, Known) and found.value:
            yield PutFolder(self.path, self.copy.span, folder)
            yield CopiedFolder(self.path, self.copy.span, source, folder, self.excludes, context)
        elif self.copy.adds and self.copy.unpacks is not False and _ARCHIVE.search(name):
            yield self._opened(folder, "an archive is unpacked here")
        else:
            yield PutFile(self.path, self.copy.span, tree, joined(folder, name) if into else folder)

    def _from_stage(self, source: str, files: FileSystem, folder: str, into: bool) -> Iterator[Layer]:
        if is_glob(source):
            yield from self._matching(source, files, folder)
            return
        found = files.find(source)
        name = source.rpartition("/")[2]
        if isinstance(found, Known) and not found.value.is_folder:
            yield PutFile(self.path, self.copy.span, found.value.tree, joined(folder, name) if into else folder)
            return
        if isinstance(found, Known):
            yield PutFolder(self.path, self.copy.span, folder)
        elif into and name:
            yield FromImage(self.path, self.copy.span, source, joined(folder, name), self.excludes, files)
        yield FromImage(self.path, self.copy.span, source, folder, self.excludes, files)

    def _matching(self, pattern: str, files: FileSystem, folder: str) -> Iterator[Layer]:
        rule = pattern_of(pattern)
        above = pattern[: re.search(r"[*?\[]", pattern).start()].rpartition("/")[0]  # type: ignore[union-attr]
        if not isinstance(files.find(f"{above}/\0"), Absent):
            yield self._opened(folder, "what is copied here is not known")
        tops = {
            path[: match.end()]
            for path in files.files()
            for match in [re.compile(rule.pattern, re.DOTALL).match(path)]
            if match and path[match.end() : match.end() + 1] in ("", "/")
        }
        for top in sorted(tops):
            yield from self._from_stage(top, files, folder, into=True)

    def _with_parents(self, written: str, origin: BuiltImage | Context, folder: str) -> Iterator[Layer]:
        """`--parents` keeps the folders of a source, those behind `/./` if there is one."""
        pivot, separator, pattern = written.partition("/./")
        start = source_path(pivot) if separator else ""
        pattern = source_path(pattern if separator else written)
        if not isinstance(origin, Context):
            yield self._opened(folder, "what is copied here is not known")
            return
        whole = f"{start}/{pattern}".strip("/")
        rule = pattern_of(whole, deep=True)
        matched = False
        for path in origin.files:
            inside = relative(f"/{path}", f"/{start}" if start else "/")
            above = path
            while above and not rule.fullmatch(above):
                above = above.rpartition("/")[0]
            if above and inside and not self.excludes.leaves_out(inside):
                matched = True
                yield PutFile(self.path, self.copy.span, origin.in_tree(path), joined(folder, inside))
        if not matched:
            yield self._opened(folder, "what is copied here is not in the tree")
