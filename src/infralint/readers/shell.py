"""Shell scripts: every simple command, with the variables that certainly hold one value followed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import msgspec
import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from infralint.facts.commands import Command, ShellScript
from infralint.facts.files import FileFacts
from infralint.facts.text import Text, plain
from infralint.readers.shell_expansions import expansions
from infralint.readers.shell_input import input_of
from infralint.readers.shell_text import Script
from infralint.readers.shell_variables import VariableTable
from infralint.readers.shell_words import WordReader
from infralint.readers.shell_wrappers import inner_script, unwrapped

# `bash -c "bash -c '...'"`: deeper nesting is not followed.
_MAX_NESTING = 3
# To find what encloses a node costs as much as it is deep: no person nests a tenth of this.
_MAX_LEVELS = 1000
_REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_WRITING = frozenset({">", ">>", ">|", "&>", "&>>"})
_SUBSHELLS = frozenset({"subshell", "command_substitution", "process_substitution", "pipeline"})
_CONDITIONS = frozenset(
    {
        "if_statement",
        "while_statement",
        "for_statement",
        "c_style_for_statement",
        "case_statement",
        "function_definition",
    }
)
_NO_WORDS = frozenset({"variable_assignment", "comment", "subshell", *_REDIRECTS})


def read(text: str, dialect: str) -> FileFacts:
    """The commands of a shell script's file."""
    script = plain(text, 0)
    found = script_of(script)
    return FileFacts(
        commands=found.commands,
        script=ShellScript(found.readable, expansions(text, script, found.commands)),
    )


def commands_in(script: Text) -> tuple[Command, ...]:
    """All simple commands of a script in the order in which they begin.

    Those inside of functions, pipelines, substitutions and `bash -c '...'` are among them; the text
    of a here-document is not. A hole of the script stays a hole in the words. What tree-sitter cannot
    parse is left out.
    """
    return _Reading(script, _MAX_NESTING).commands


@dataclass(frozen=True, slots=True)
class ScriptCommands:
    """The commands of a script. `readable`: all that it runs is among them."""

    commands: tuple[Command, ...]
    readable: bool


def script_of(script: Text) -> ScriptCommands:
    """The commands of a script, as `commands_in` gives them, and whether that is all."""
    reading = _Reading(script, _MAX_NESTING)
    return ScriptCommands(reading.commands, reading.readable)


class _Reading:
    """One pass over a script, and over the scripts that it hands to another shell."""

    def __init__(self, text: Text, nesting: int) -> None:
        script = Script(text)
        data = script.value.encode("utf-8", "replace")
        root = _parser().parse(data).root_node
        self.nesting = nesting
        self.readable = not root.has_error
        placed = list(_nodes(root))
        variables = VariableTable()
        self.words = variables.words = WordReader(script, _char_offset(script.value, data), variables.value)
        for node, _ in placed:
            variables.note(node)
        self.outputs = _Outputs([node for node, _ in placed], self.words)
        self.commands = tuple(command for node, scope in placed for command in self._of(node, scope))

    def _of(self, node: Node, scope: _Scope) -> Iterator[Command]:
        if node.type not in ("command", "declaration_command") or node.has_error:
            return
        written = msgspec.structs.replace(
            _command(node, self.words),
            outputs=self.outputs.of(node),
            subshells=tuple(
                self.words.script.span(self.words.offset(at), self.words.offset(at)).start for at in scope.subshells
            ),
            conditional=scope.conditional,
        )
        command = unwrapped(written)
        if command is None:
            self.readable = False
            return
        yield command
        inner = inner_script(command)
        if inner is not None and self.nesting:
            yield from self._inner(inner, command)

    def _inner(self, script: Text, command: Command) -> Iterator[Command]:
        """The commands of `bash -c script`: they run where that command does."""
        reading = _Reading(script, self.nesting - 1)
        self.readable &= reading.readable
        shells = (*command.subshells, script.span.start)
        for inner in reading.commands:
            yield msgspec.structs.replace(
                inner, subshells=(*shells, *inner.subshells), conditional=command.conditional or inner.conditional
            )


class _Outputs:
    """The files that redirections write, each at the command that begins before it."""

    def __init__(self, nodes: Sequence[Node], words: WordReader) -> None:
        starts = [node.start_byte for node in nodes if node.type in ("command", "declaration_command")]
        self._found: dict[int, list[Text]] = {}
        for node in nodes:
            if node.type == "file_redirect" and starts and _writes(node):
                at = max(bisect_right(starts, node.start_byte) - 1, 0)
                target = node.child_by_field_name("destination")
                for word in words.words([target] if target is not None else [])[:1]:
                    self._found.setdefault(starts[at], []).append(word.text)

    def of(self, node: Node) -> tuple[Text, ...]:
        return tuple(self._found.get(node.start_byte, ()))


def _writes(redirect: Node) -> bool:
    return any(child.type in _WRITING for child in redirect.children)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _char_offset(value: str, data: bytes) -> Callable[[int], int]:
    """From offsets in the UTF-8 bytes to offsets in the characters."""
    if len(value) == len(data):
        return int
    starts = [0, *accumulate(len(char.encode("utf-8", "replace")) for char in value)]
    chars = {start: index for index, start in enumerate(starts)}
    return chars.__getitem__


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a node stands in: subshells by their first byte, and whether it runs in any case."""

    subshells: tuple[int, ...] = ()
    conditional: bool = False

    def inside(self, node: Node) -> _Scope:
        """The scope of a node's children."""
        if node.type in _SUBSHELLS:
            return _Scope((*self.subshells, node.start_byte), self.conditional)
        if node.type in _CONDITIONS and not self.conditional:
            return _Scope(self.subshells, True)
        return self


def _nodes(root: Node) -> Iterator[tuple[Node, _Scope]]:
    """All named nodes with their scopes, parents first, without those inside of an error.

    Raises RecursionError past _MAX_LEVELS.
    """
    stack = [(root, 0, _Scope())]
    while stack:
        node, level, scope = stack.pop()
        if node.is_error:
            continue
        if level > _MAX_LEVELS:
            raise RecursionError("nested too deeply")
        yield node, scope
        inner = scope.inside(node)
        last = _Scope(inner.subshells, True) if node.type == "list" and _may_skip(node) else inner
        children = [child for child in node.children if child.is_named]
        stack.extend((child, level + 1, last if at else inner) for at, child in reversed(list(enumerate(children))))


def _may_skip(both: Node) -> bool:
    """Whether a list runs its second command only sometimes: behind `||`, or `&&` behind a test.

    Another `&&` fails with its first command, and the script with it.
    """
    first = both.children[0]
    tests = first.type == "test_command" or (
        first.type == "command" and first.text is not None and first.text[:5] == b"test "
    )
    return any(child.type == "||" or (child.type == "&&" and tests) for child in both.children)


def _command(node: Node, words: WordReader) -> Command:
    nodes = [child for child in node.children if child.type not in _NO_WORDS]
    if node.type == "declaration_command":
        nodes = [child for child in node.children if child.type not in _REDIRECTS]
    span = words.script.span(*words.range(node))
    assigned = [child for child in node.children if child.type == "variable_assignment"]
    return Command(
        words.words([*nodes, *_after_redirects(node)]),
        span,
        stdin=input_of(node, words),
        assignments=words.words(assigned) if node.type == "command" else (),
    )


def _after_redirects(node: Node) -> Iterable[Node]:
    """Words behind a redirection (`cmd > file --flag`), which the grammar counts among its targets."""
    parent = node.parent
    if parent is None or parent.type != "redirected_statement" or parent.child_by_field_name("body") != node:
        return
    for redirect in parent.children:
        if redirect.type == "file_redirect":
            targets = [child for child in redirect.children if child.is_named and child.type != "file_descriptor"]
            yield from targets[1:]
        elif redirect.type == "heredoc_redirect" and not redirect.has_error:
            yield from (child for child in redirect.children if child.type in ("word", "string", "raw_string"))
