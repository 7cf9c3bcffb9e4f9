"""From requests to builds: the Dockerfiles and contexts of the tree that they mean, and guesses where nothing asks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from infralint.facts.builds import Assignment, Copy, Dockerfile, Stage
from infralint.facts.text import HOLE
from infralint.project.builds.context import TreeIndex, source_path
from infralint.project.builds.ignores import is_glob
from infralint.project.builds.requests import Request
from infralint.project.builds.values import Build, Setting

_DEFAULTS = ("Dockerfile", "Containerfile")
_ADDRESS = re.compile(r"(?:https?|git|ssh|ftp)://|git@")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Looks for what requests mean. `dockerfiles`: those of the tree by path."""

    tree: TreeIndex
    dockerfiles: Mapping[str, Dockerfile]

    def builds(self, requests: Sequence[Request]) -> list[Build]:
        """All builds, sorted; those of requests, and one for each Dockerfile that nothing asks for by name."""
        definite = [request for request in requests if not request.names_nothing]
        found = [build for request in _merged(definite) for build in self._of(request)]
        asked = {build.dockerfile for build in found}
        found += [self._guess(path) for path in sorted(self.dockerfiles) if path not in asked]
        unique = {(build.path, build.span, build.dockerfile, build.context, build.service): build for build in found}
        return sorted(unique.values(), key=lambda build: (build.dockerfile, build.target or "", build.path, build.span))

    # Requests.

    def _of(self, request: Request) -> Iterator[Build]:
        seen = set()
        for folder in request.folders:
            for dockerfile, context in self._places(request, folder):
                if (dockerfile, context) not in seen:
                    seen.add((dockerfile, context))
                    yield self._build(request, dockerfile, context, folder)
            if seen and request.kind != "command":
                return

    def _build(self, request: Request, dockerfile: str, context: str | None, folder: str) -> Build:
        target = request.target.value if request.target is not None else None
        unknown = target is not None and HOLE in target
        return Build(
            dockerfile,
            None if unknown else context,
            request.path,
            request.span,
            request.kind,
            None if unknown else target or None,
            tuple(_argument(each, request.path) for each in request.arguments),
            tuple((each.name.value, self._named_context(each, folder)) for each in request.contexts),
            request.names,
            request.service,
            request.open or any(HOLE in each.name.value for each in request.arguments),
        )

    def _named_context(self, given: Assignment, folder: str) -> str | None:
        value = given.value.static if given.value is not None else None
        path = _inside(folder, value) if value and not _ADDRESS.match(value) and ":" not in value else None
        return path if path is not None and path in self.tree.folders else None

    def _places(self, request: Request, folder: str) -> Iterator[tuple[str, str | None]]:
        """The Dockerfiles that a request may mean when it starts in a folder, each with its context."""
        written = request.context if request.context is not None else "."
        if request.dockerfile is None or (request.within and not request.remote):
            for found in self._contexts(request, folder, written):
                yield from ((path, found) for path in self._dockerfiles(request.dockerfile, found))
            return
        context = None if request.remote or HOLE in written else _inside(folder, written)
        if context is not None and context not in self.tree.folders:
            return
        for path in self._dockerfiles(request.dockerfile, folder):
            yield path, context

    def _contexts(self, request: Request, folder: str, written: str) -> Iterator[str]:
        if request.remote:
            return
        if HOLE not in written:
            context = _inside(folder, written)
            if context is not None and context in self.tree.folders:
                yield context
            return
        pattern = _pattern(folder, written)
        for context in sorted({path.rpartition("/")[0] for path in self.dockerfiles}):
            if pattern.fullmatch(context):
                yield context

    def _dockerfiles(self, written: str | None, folder: str) -> Iterator[str]:
        """The Dockerfiles of a name seen from a folder; None is the usual name."""
        if written is None:
            usual = (_inside(folder, name) for name in _DEFAULTS)
            yield from [path for path in usual if path is not None and path in self.dockerfiles][:1]
        elif HOLE not in written:
            path = _inside(folder, written)
            if path is not None and path in self.dockerfiles:
                yield path
        else:
            pattern = _pattern(folder, written)
            yield from (path for path in sorted(self.dockerfiles) if pattern.fullmatch(path))

    # Guesses.

    def _guess(self, path: str) -> Build:
        """The build of a Dockerfile that nothing asks for: from the one folder that has what it copies."""
        dockerfile = self.dockerfiles[path]
        span = dockerfile.stages[0].origin.span
        return Build(path, self._likely_context(path, dockerfile), path, span, "convention")

    def _likely_context(self, path: str, dockerfile: Dockerfile) -> str | None:
        folders = [path.rpartition("/")[0]]
        while folders[-1]:
            folders.append(folders[-1].rpartition("/")[0])
        if len(folders) == 1:
            return ""
        sources = sorted(set(_plain_sources(dockerfile)))
        whole = [folder for folder in folders if sources and all(self._has(folder, source) for source in sources)]
        return whole[0] if len(whole) == 1 else None

    def _has(self, folder: str, source: str) -> bool:
        path = f"{folder}/{source}" if folder else source
        return path in self.tree.files or path in self.tree.folders


def _merged(requests: Sequence[Request]) -> Iterator[Request]:
    """Requests, a compose service that says no context as the one that it adds to."""
    own = {
        (request.path.rpartition("/")[0], request.service): request
        for request in reversed(requests)
        if request.kind == "compose" and request.context is not None
    }
    for request in requests:
        base = own.get((request.path.rpartition("/")[0], request.service)) if request.kind == "compose" else None
        if base is not None and request.context is None:
            request = replace(
                request,
                context=base.context,
                dockerfile=request.dockerfile or base.dockerfile,
                arguments=(*base.arguments, *request.arguments),
                names=request.names or base.names,
            )
        yield request


def _plain_sources(dockerfile: Dockerfile) -> Iterator[str]:
    """What the stages copy from the context, as far as it names something."""
    for stage in dockerfile.stages:
        for copy in _copies(stage):
            for source in copy.sources:
                path = source_path(source.value)
                if path and "$" not in path and not is_glob(path) and not _ADDRESS.match(source.value):
                    yield path


def _copies(stage: Stage) -> Iterator[Copy]:
    for instruction in stage.instructions:
        if isinstance(instruction, Copy) and instruction.origin is None:
            yield instruction


def _argument(given: Assignment, path: str) -> tuple[str, Setting | None]:
    if given.value is None:
        return given.name.value, None
    return given.name.value, Setting(given.value, path, given.name.span)


def _inside(folder: str, written: str) -> str | None:
    """A path of the tree; None for one that leaves it."""
    if written.startswith(("/", "~")) or HOLE in written:
        return None
    path = posixpath.normpath(posixpath.join(folder or ".", written))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _pattern(folder: str, written: str) -> re.Pattern[str]:
    """A pattern for the paths that a text with holes may mean, seen from a folder."""
    parts = [re.escape(part) for part in written.removeprefix("./").rstrip("/").split(HOLE)]
    if len(parts) > 1 and parts[0] == "":
        # A variable at the start mostly holds the folder of the script or of the checkout.
        rest = ".*".join(parts[1:])
        return re.compile(f"(?:.*/)?{rest[1:]}" if rest.startswith("/") else f".*{rest}")
    start = re.escape(f"{folder}/") if folder else ""
    return re.compile(start + ".*".join(parts))
