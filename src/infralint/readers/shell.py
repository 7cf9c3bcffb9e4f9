"""Shell scripts: every simple command, with the variables that certainly hold one value followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.text import Text, plain
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
_NO_WORDS = frozenset({"variable_assignment", "comment", "subshell", *_REDIRECTS})


def read(text: str, dialect: str) -> FileFacts:
    """The commands of a shell script's file."""
    return FileFacts(commands=commands_in(plain(text, 0)))


def commands_in(script: Text) -> tuple[Command, ...]:
    """All simple commands of a script in the order in which they begin.

    Those inside of functions, pipelines, substitutions and `bash -c '...'` are among them; the text
    of a here-document is not. A hole of the script stays a hole in the words. What tree-sitter cannot
    parse is left out.
    """
    return tuple(_commands(script, _MAX_NESTING))


def _commands(text: Text, nesting: int) -> Iterator[Command]:
    script = Script(text)
    data = script.value.encode("utf-8", "replace")
    root = _parser().parse(data).root_node
    nodes = list(_nodes(root))
    variables = VariableTable()
    variables.words = WordReader(script, _char_offset(script.value, data), variables.value)
    for node in nodes:
        variables.note(node)
    for node in nodes:
        if node.type in ("command", "declaration_command") and not node.has_error:
            command = unwrapped(_command(node, variables.words))
            if command is None:
                continue
            yield command
            inner = inner_script(command)
            if inner is not None and nesting:
                yield from _commands(inner, nesting - 1)


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


def _nodes(root: Node) -> Iterator[Node]:
    """All named nodes, parents first, without those inside of an error. Raises RecursionError past _MAX_LEVELS."""
    stack = [(root, 0)]
    while stack:
        node, level = stack.pop()
        if node.is_error:
            continue
        if level > _MAX_LEVELS:
            raise RecursionError("nested too deeply")
        yield node
        stack.extend((child, level + 1) for child in reversed(node.children) if child.is_named)


def _command(node: Node, words: WordReader) -> Command:
    nodes = [child for child in node.children if child.type not in _NO_WORDS]
    if node.type == "declaration_command":
        nodes = [child for child in node.children if child.type not in _REDIRECTS]
    span = words.script.span(*words.range(node))
    return Command(words.words([*nodes, *_after_redirects(node)]), span, stdin=input_of(node, words))


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
