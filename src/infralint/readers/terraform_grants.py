"""Terraform's grants of roles: `google_service_account_iam_member` and its kin.

Provider documentation: google 6 (google_service_account_iam, google_project_iam, google_folder_iam,
google_organization_iam). What a reference stands for is found in the file, else it is a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from infralint.facts.accounts import Grant
from infralint.facts.text import Piece, Text, hole
from infralint.readers.found import Found
from infralint.readers.pieces import inner
from infralint.readers.terraform_tree import TerraformTree, children, walk

_RESOURCE = re.compile(r"google_(service_account|project|folder|organization)_iam_(member|binding|policy)")
_ACCOUNT = re.compile(r"google_service_account\.([\w-]+)(?:\[[^\]]*\])?\.(?:name|email|id|account_id|unique_id|member)")
# Roles with which one account acts as another, and that something else than a resource above may give.
_ACTING = re.compile(r"iam\.serviceAccountUser\b|iam\.serviceAccounts\.actAs\b")


def read_grants(tree: TerraformTree, found: Found) -> None:
    """Gather the grants of a file; one of which nothing is known stands for what is given in other ways."""
    accounts = _accounts(tree)
    for block in tree.blocks:
        header = [*tree.header(block), "", ""]
        match = _RESOURCE.fullmatch(header[1]) if header[0] == "resource" else None
        if match is not None:
            found.grants += _grants(tree, block, match[1], accounts)
        elif _ACTING.search(tree.raw(block)):
            unknown = hole(tree.span(block))
            found.grants.append(Grant(unknown, unknown, None, tree.span(block)))


def _accounts(tree: TerraformTree) -> dict[str, Text]:
    """The account that each `google_service_account` of the file makes: its name before the `@`."""
    found = {}
    for block in tree.blocks:
        header = tree.header(block)
        if header[:2] == ["resource", "google_service_account"] and len(header) == 3:
            given = dict(tree.attributes(block)).get("account_id")
            text = tree.text(given) if given is not None else None
            if text is not None:
                found[header[2]] = inner(text)
    return found


def _grants(tree: TerraformTree, block: Node, owner: str, accounts: dict[str, Text]) -> Iterator[Grant]:
    attributes = dict(tree.attributes(block))
    span = tree.span(block)
    role = _value(tree, attributes.get("role"), accounts) or hole(span)
    account = None
    if owner == "service_account":
        account = _value(tree, attributes.get("service_account_id"), accounts) or hole(span)
    for member in _members(tree, attributes, accounts) or [hole(span)]:
        yield Grant(member, role, account, span)


def _members(tree: TerraformTree, attributes: dict[str, Node], accounts: dict[str, Text]) -> list[Text]:
    if "member" in attributes:
        member = _value(tree, attributes["member"], accounts)
        return [member] if member is not None else []
    listed = attributes.get("members")
    if listed is None:
        return []
    tuples = [node for node in walk(listed) if node.type == "tuple"]
    items = children(tuples[0], "expression") if len(tuples) == 1 else []
    return [_value(tree, item, accounts) or hole(tree.span(item)) for item in items]


def _value(tree: TerraformTree, value: Node | None, accounts: dict[str, Text]) -> Text | None:
    """A text in which references to accounts of the file are replaced by their names."""
    if value is None:
        return None
    match = _ACCOUNT.fullmatch(tree.raw(value).strip())
    if match is not None:
        return accounts.get(match[1])
    text = tree.text(value)
    if text is None:
        return None
    return Text(tuple(_with_accounts(tree, inner(text), accounts)), text.span)


def _with_accounts(tree: TerraformTree, text: Text, accounts: dict[str, Text]) -> Iterator[Piece]:
    for piece in text.pieces:
        written = tree.written(piece.span).strip("${} \t") if piece.is_hole else ""
        match = _ACCOUNT.fullmatch(written)
        known = accounts.get(match[1]) if match is not None else None
        if known is None:
            yield piece
        else:
            yield from (Piece(each.text, piece.span) for each in known.pieces)
