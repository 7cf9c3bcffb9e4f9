"""What a container of an image starts: ENTRYPOINT and CMD, and what the scripts among them run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from infralint.facts.commands import Command, Expansion, ShellScript, Word
from infralint.facts.text import HOLE, hole
from infralint.project.builds.filesystem import joined
from infralint.project.builds.state import PlacedStart, State
from infralint.project.builds.values import ImageCommand, StartedCommand
from infralint.project.builds.words import with_variables
from infralint.project.lookup import Known, Open
from infralint.source import Span

# The commands of a shell script of the tree; None for a file that is none.
Scripts = Callable[[str], "tuple[tuple[Command, ...], ShellScript] | None"]

# Programs that run the words behind them; their own options and a user's name may stand between.
_PASSING = frozenset(
    {"tini", "dumb-init", "catatonit", "gosu", "su-exec", "setpriv", "exec", "env", "nice", "nohup", "time", "timeout",
     "stdbuf", "chpst", "s6-setuidgid", "sh", "bash", "dash", "ash", "ksh", "zsh"}
)  # fmt: skip
# POSIX and Debian: where an image without a PATH of its own looks for programs.
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_MAX_SCRIPTS = 8
# A script stands at the start of a command, behind few wrappers.
_MAX_WORDS = 8
_ARGUMENTS = frozenset({"@", "*"})


class _Arguments(NamedTuple):
    """What a script is started with: its words, the file that holds them, and the commands of a `sh -c` among them."""

    words: tuple[Word, ...]
    path: str
    inner: tuple[StartedCommand, ...]


_NO_ARGUMENTS = _Arguments((), "", ())


def started(state: State, scripts: Scripts) -> ImageCommand | None:
    """The command of an image; None where neither ENTRYPOINT nor CMD is given."""
    first = state.entrypoint or state.cmd
    if first is None:
        return None
    reader = _Reader(state, scripts)
    words, commands = reader.read(first, state.cmd if state.entrypoint is not None else None)
    return ImageCommand(
        first.path,
        Command(words, _cover(words)) if words else None,
        commands,
        state.entrypoint.start.span if state.entrypoint else None,
        state.cmd.start.span if state.cmd else None,
        reader.open,
    )


class _Reader:
    def __init__(self, state: State, scripts: Scripts) -> None:
        self.state = state
        self.scripts = scripts
        self.scope = state.scope(running=True)
        self.open = ""
        self.followed: set[str] = set()

    def read(self, first: PlacedStart, cmd: PlacedStart | None) -> tuple[tuple[Word, ...], tuple[StartedCommand, ...]]:
        """The words of the container's process, and all commands that it runs. `cmd`: that behind an ENTRYPOINT."""
        if not first.start.readable or (cmd is not None and not cmd.start.readable):
            self.open = "what runs it is not read"
        own = first.start.words
        given = first.start.commands
        if own is None or (given and tuple(word.text for word in given[0].words) != own):
            # `sh -c script` leaves a CMD behind it unused.
            commands = tuple(self._shell(first))
            if own is not None:
                return tuple(Word(text) for text in own), commands
            return commands[0].command.words if len(commands) == 1 else (), commands
        words = tuple(Word(text) for text in own)
        arguments = self._arguments(cmd)
        whole = (*words, *arguments.words) if arguments.path in ("", first.path) else words
        if not whole:
            return (), ()
        placed = StartedCommand(first.path, Command(whole, _cover(whole)), self.state.workdir)
        return whole, tuple(self._follow(placed, len(words), arguments))

    def _arguments(self, cmd: PlacedStart | None) -> _Arguments:
        """The words that CMD adds to an ENTRYPOINT; its shell form is `sh -c` with a text."""
        if cmd is None:
            return _NO_ARGUMENTS
        inner = tuple(self._shell(cmd))
        if cmd.start.words is None:
            return _Arguments((Word(hole(cmd.start.span)),), cmd.path, inner)
        words = tuple(Word(text) for text in cmd.start.words)
        script = cmd.start.commands and cmd.start.commands[0].words != words
        return _Arguments(words, cmd.path, inner if script else ())

    def _shell(self, placed: PlacedStart) -> Iterator[StartedCommand]:
        """The commands of a shell form, or of a list of words alone."""
        start = placed.start
        yield from self._run(placed.path, start.commands, start.expansions, self.state.workdir, _NO_ARGUMENTS)

    def _run(
        self,
        path: str,
        commands: Sequence[Command],
        variables: Sequence[Expansion],
        workdir: str | None,
        arguments: _Arguments,
    ) -> Iterator[StartedCommand]:
        """Commands that run one after another in one shell, and the scripts that they run."""
        passed = {each.span for each in variables if each.name in _ARGUMENTS}
        places: dict[tuple[int, ...], str | None] = {(): workdir}
        for written in commands:
            command = with_variables(written, variables, self.scope)
            shells = command.subshells
            folder = next(places[shells[:count]] for count in range(len(shells), -1, -1) if shells[:count] in places)
            last = written.words[-1].text if written.words else None
            if last is not None and len(last.pieces) == 1 and last.pieces[0].span in passed:
                yield from self._passed_on(path, command, folder, arguments)
                continue
            placed = StartedCommand(path, command, folder)
            if command.words and command.words[0].value == "cd":
                places[shells] = self._changed(command, folder)
                yield placed
            else:
                yield from self._follow(placed, len(command.words), _NO_ARGUMENTS)

    def _changed(self, command: Command, folder: str | None) -> str | None:
        target = command.words[1].text.static if len(command.words) == 2 else None
        if target is None or command.conditional or (folder is None and not target.startswith("/")):
            return None
        return joined(folder or "/", target)

    def _passed_on(
        self, path: str, command: Command, folder: str | None, arguments: _Arguments
    ) -> Iterator[StartedCommand]:
        """`exec "$@"`, `exec gosu app "$@"`: the arguments of a script are a command; else they belong to one."""
        before = command.words[:-1]
        if before and before[0].value.rpartition("/")[2] not in _PASSING:
            cut = msgspec.structs.replace(command, words=before, complete=False)
            yield from self._follow(StartedCommand(path, cut, folder), len(before), _NO_ARGUMENTS)
            return
        if arguments.inner:
            for each in arguments.inner:
                yield replace(each, command=_if(each.command, command))
        elif arguments.words:
            own = Command(arguments.words, _cover(arguments.words), conditional=command.conditional)
            yield from self._follow(StartedCommand(arguments.path, own, folder), len(arguments.words), _NO_ARGUMENTS)

    def _follow(self, placed: StartedCommand, own: int, arguments: _Arguments) -> Iterator[StartedCommand]:
        """A command, and those of the script that it runs. `own`: how many of its words are not `arguments`."""
        words = placed.command.words
        for at, word in enumerate(words[: min(own, _MAX_WORDS)]):
            tree = self._script_of(word, placed.workdir)
            if tree is not None:
                yield replace(placed, script=tree)
                given = (*words[at + 1 : own], *arguments.words)
                rest = _Arguments(given, arguments.path or placed.path, arguments.inner if at + 1 >= own else ())
                yield from self._script(tree, placed, rest)
                return
            if words[0].value.rpartition("/")[2] not in _PASSING:
                yield placed
                return
        yield placed
        # `tini --` and its like run the CMD themselves.
        yield from arguments.inner

    def _script(self, tree: str, placed: StartedCommand, arguments: _Arguments) -> Iterator[StartedCommand]:
        found = self.scripts(tree)
        if found is None or tree in self.followed or len(self.followed) >= _MAX_SCRIPTS:
            return
        self.followed.add(tree)
        commands, script = found
        if not script.readable:
            self.open = f"not all of {tree} is read"
        for each in self._run(tree, commands, script.expansions, placed.workdir, arguments):
            yield replace(each, command=_if(each.command, placed.command))

    def _script_of(self, word: Word, workdir: str | None) -> str | None:
        """The file of the tree that a word names as a program."""
        written = word.text.static
        if not written or word.splits:
            return None
        for path in self._candidates(written, workdir):
            found = self.state.files.find(path)
            if isinstance(found, Known) and found.value.tree is not None:
                return found.value.tree if not found.value.is_folder and self.scripts(found.value.tree) else None
            if isinstance(found, Open) and "/" in written and written.endswith(".sh"):
                self.open = self.open or f"{written} is not known: {found.reason}"
        return None

    def _candidates(self, written: str, workdir: str | None) -> Iterator[str]:
        if written.startswith("/"):
            yield joined("/", written)
            return
        if workdir is not None and ("/" in written or written.endswith(".sh")):
            yield joined(workdir, written)
        if "/" not in written:
            setting = self.state.environment.get("PATH")
            own = setting.value.value.split(":") if setting is not None else []
            for folder in (*own, *_PATH):
                if folder.startswith("/") and HOLE not in folder:
                    yield joined(folder, written)


def _if(command: Command, outer: Command) -> Command:
    """A command that runs only if another one does."""
    return msgspec.structs.replace(command, conditional=True) if outer.conditional else command


def _cover(words: Sequence[Word]) -> Span:
    spans = [word.span for word in words]
    return Span(min(span.start for span in spans), max(span.end for span in spans))
