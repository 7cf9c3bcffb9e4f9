"""Who signs in to Google Cloud, and who is allowed what, where a file other than a script says it."""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class SignIn(msgspec.Struct, frozen=True, array_like=True):
    """A service account as which commands run.

    `account` is a hole where it is not known, and stands at `span`. The commands are those of `scope`.
    """

    account: Text
    span: Span
    scope: Span


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """A role that a member gets, on one service account or (`account` None) on all of a project or more.

    What is not known is a hole. `member` is written as in policies: `serviceAccount:x`.
    """

    member: Text
    role: Text
    account: Text | None
    span: Span
