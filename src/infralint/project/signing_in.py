"""As which service account a command of gcloud runs, where the tree says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.gcloud import GcloudCommand
from infralint.source import Span

# A member of a policy, a resource name, or an address; the part before the `@` is the account's own name.
_ACCOUNT = re.compile(r"(?:serviceAccount:)?(?:projects/[^/]*/serviceAccounts/)?([^@:/]+)(?:@.*)?", re.DOTALL)
_IMPERSONATING = "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT="
_PROPERTY = "auth/impersonate_service_account"


@dataclass(frozen=True, slots=True)
class Account:
    """A service account: the part before the `@`, all that is written, and where."""

    name: str
    written: str
    path: str
    span: Span

    @property
    def address(self) -> str:
        """The whole address, where it is known, else the name."""
        return self.name if HOLE in self.written else re.split("[:/]", self.written)[-1]


def account_name(text: Text) -> str | None:
    """The name of a service account, without the project; None where it is not known, or is no account."""
    match = _ACCOUNT.fullmatch(text.value)
    return match[1] if match is not None and HOLE not in match[1] else None


class SignIns:
    """Who runs which command: by its flags, by what stands before it, or by the file's own sign-in."""

    def __init__(self, files: Mapping[str, FileFacts], commands: Iterable[GcloudCommand]) -> None:
        self.files = files
        self._signing: dict[str, list[GcloudCommand]] = {}
        for command in commands:
            if command.path in ("auth activate-service-account", "auth login", "config set", "config unset"):
                self._signing.setdefault(command.use.path, []).append(command)

    def of(self, command: GcloudCommand) -> Account | None:
        """The service account as which a command runs; None where it is not known."""
        given = self._given(command)
        if given is None:
            given = self._signed_in(command)
        name = account_name(given) if given is not None else None
        return (
            Account(name, given.value, command.use.path, given.span) if given is not None and name is not None else None
        )

    def _given(self, command: GcloudCommand) -> Text | None:
        """The account that the command line itself names."""
        flag = command.flag("--impersonate-service-account")
        if flag is not None and flag.value is not None:
            return _last_of_chain(flag.value)
        for word in command.use.command.assignments:
            if word.value.startswith(_IMPERSONATING):
                return sliced(word.text, len(_IMPERSONATING), len(word.value))
        account = command.value("--account")
        return account if account is not None and "gserviceaccount.com" in account.value else None

    def _signed_in(self, command: GcloudCommand) -> Text | None:
        path, span = command.use.path, command.use.command.span
        facts = self.files[path]
        earlier = [each for each in self._signing.get(path, []) if each.use.command.span.start < span.start]
        if facts.sign_ins:
            around = [each for each in facts.sign_ins if each.scope.start <= span.start < each.scope.end]
            return around[-1].account if around and not earlier else None
        # Only the lines of a shell script run in the order in which they stand.
        return _by_script(earlier) if facts.script is not None else None


def _by_script(commands: Iterable[GcloudCommand]) -> Text | None:
    """The account after these commands; None where one of them cannot be followed."""
    account = impersonated = None
    for command in commands:
        if command.use.command.conditional or command.use.command.subshells:
            return None
        words = [word.text for word in command.positionals]
        if command.path == "auth login":
            account = None
        elif command.path == "auth activate-service-account":
            account = words[0] if len(words) == 1 else None
        elif words and words[0].value == _PROPERTY:
            impersonated = words[1] if command.path == "config set" and len(words) == 2 else None
        elif words and words[0].value in ("account", "core/account"):
            account = words[1] if command.path == "config set" and len(words) == 2 else None
    return _last_of_chain(impersonated) if impersonated is not None else account


def _last_of_chain(value: Text) -> Text:
    """The account that is impersonated, after those that are on the way to it."""
    return sliced(value, value.value.rfind(",") + 1, len(value.value))
