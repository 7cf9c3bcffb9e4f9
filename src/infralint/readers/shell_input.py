"""What a script itself hands to a command's standard input."""

from __future__ import annotations

from tree_sitter import Node

from infralint.facts.text import Piece, Text
from infralint.readers.shell_words import WordReader

_PRINTERS = frozenset({"echo", "printf"})


def input_of(node: Node, words: WordReader) -> Text | None:
    """The text that a command reads; None where the script does not hold it.

    A redirection of its own comes before the pipe, as in the shell (POSIX.1-2017, Shell Command Language 2.7).
    """
    redirected = _redirected(node, words)
    if redirected is not None:
        return redirected
    inner, pipeline = node, node.parent
    if pipeline is not None and pipeline.type == "redirected_statement":
        inner, pipeline = pipeline, pipeline.parent
    if pipeline is None or pipeline.type != "pipeline":
        return None
    before = _before(pipeline, inner)
    if before is not None:
        return _printed(before, words)
    # `cat <<EOF | psql`: the grammar has the rest of the pipeline inside of the redirection.
    outer = pipeline.parent
    if outer is not None and outer.type == "heredoc_redirect" and outer.parent is not None:
        body = outer.parent.child_by_field_name("body")
        return _document(outer, words) if body is not None and _name(body) == "cat" else None
    return None


def _redirected(node: Node, words: WordReader) -> Text | None:
    own = [child for child in node.children if child.type == "herestring_redirect"]
    parent = node.parent
    if parent is not None and parent.type == "redirected_statement" and parent.child_by_field_name("body") == node:
        own += [child for child in parent.children if child.type in ("heredoc_redirect", "herestring_redirect")]
    if not own or own[-1].has_error:
        return None
    last = own[-1]
    if last.type == "heredoc_redirect":
        return _document(last, words)
    value = [child for child in last.children if child.is_named]
    return words.value(value[:1]).text if value else None


def _document(redirect: Node, words: WordReader) -> Text | None:
    start = next((child for child in redirect.children if child.type == "heredoc_start"), None)
    body = next((child for child in redirect.children if child.type == "heredoc_body"), None)
    if start is None or body is None or start.text is None:
        return None
    return words.document(body, expands=not any(quote in start.text for quote in b"'\"\\"))


def _before(pipeline: Node, node: Node) -> Node | None:
    """The command before one in a pipeline."""
    named = [child for child in pipeline.children if child.is_named]
    at = next((index for index, child in enumerate(named) if child == node), 0)
    return named[at - 1] if at else None


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    return name.text.decode("utf-8", "replace") if name is not None and name.text is not None else ""


def _printed(node: Node, words: WordReader) -> Text | None:
    """What `echo` and `printf` print, and `cat` of a here-document."""
    if node.type == "redirected_statement":
        body = node.child_by_field_name("body")
        return _redirected(body, words) if body is not None and _name(body) == "cat" else None
    if node.type != "command" or _name(node) not in _PRINTERS:
        return None
    arguments = [word for word in words.words(node.children[1:]) if word.value not in ("-e", "-n", "-E")]
    pieces: list[Piece] = []
    for at, word in enumerate(arguments):
        if at:
            pieces.append(Piece(" ", word.span))
        pieces += word.text.pieces
    return Text(tuple(pieces), words.script.span(*words.range(node))) if pieces else None
