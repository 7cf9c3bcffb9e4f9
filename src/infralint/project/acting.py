"""Which service account deploys what as which other account, and whether a grant lets it.

To deploy something that runs as an account takes the permission `iam.serviceAccounts.actAs` on it (IAM documentation,
"Attach service accounts to resources", 2025).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.commands import Word
from infralint.facts.files import FileFacts
from infralint.facts.text import Text, hole
from infralint.project.commands import CommandUse
from infralint.project.gcloud import GcloudCommand
from infralint.project.places import is_test
from infralint.project.signing_in import Account, SignIns, account_name
from infralint.source import Span

# Commands that deploy what runs as an account (gcloud reference, SDK 578).
_DEPLOYING = re.compile(
    r"run (?:deploy|services update|worker-pools (?:deploy|update)|jobs (?:deploy|create|update))|functions deploy"
)
_REPLACING = re.compile(r"run (?:services|jobs|worker-pools) replace")
_RUN_AS = ("--service-account", "--run-service-account")
_ON_ACCOUNT = "iam service-accounts add-iam-policy-binding"
_ON_ALL = re.compile(r"(?:projects|organizations|(?:resource-manager )?folders) add-iam-policy-binding")
_SETTING = re.compile(r"(?:.* )?(?:add|set)-iam-policy(?:-binding)?")
# Roles without `iam.serviceAccounts.actAs` (IAM documentation, "Roles and permissions", 2025); any other may have it.
_NOT_ACTING = re.compile(
    r"roles/(?!.*[sS]erviceAgent)(?:run\.(?:admin|developer|invoker|viewer)|browser|viewer|serviceusage\..*|iam\.(?:serviceAccountTokenCreator"
    r"|workloadIdentityUser|serviceAccountOpenIdTokenCreator|serviceAccountViewer|serviceAccountKeyAdmin)"
    r"|cloudbuild\.builds\.(?:editor|viewer)|(?:artifactregistry|storage|secretmanager|logging|monitoring|cloudsql|pubsub"
    r"|cloudtrace|errorreporting|redis|datastore|bigquery|cloudkms|cloudtasks|containeranalysis|vpcaccess)\..*)"
)


@dataclass(frozen=True, slots=True)
class PlacedGrant:
    """A role that a member gets. `account`: on this account; None = on all of a project or more. `acts`: it may let
    the member act as an account; else it is some other role."""

    path: str
    span: Span
    member: Text
    account: Text | None
    acts: bool

    def is_to(self, name: str) -> bool:
        """Whether the member is surely this account."""
        return account_name(self.member) == name

    def is_on(self, name: str) -> bool:
        """Whether the grant is surely on this account."""
        return self.account is not None and account_name(self.account) == name

    def may_let(self, deployer: str, run_as: str) -> bool:
        """Whether the one may act as the other by it, as far as can be seen."""
        return self.acts and _may_be(self.member, deployer) and (self.account is None or _may_be(self.account, run_as))


@dataclass(frozen=True, slots=True)
class Denied:
    """A command line that deploys something as an account which no grant lets the deployer act as.

    `span`: the flag that names the account, or the file that does, which is then at `run_as`. `granted`: grants that
    let the deployer act as other accounts.
    """

    command: GcloudCommand
    span: Span
    deployer: Account
    run_as: Account
    granted: tuple[PlacedGrant, ...]


class Acting:
    """Deployments by one account of what runs as another."""

    def __init__(
        self, files: Mapping[str, FileFacts], uses: Sequence[CommandUse], commands: Iterable[GcloudCommand]
    ) -> None:
        self.files = files
        self.uses = uses
        self.commands = tuple(commands)

    @cached_property
    def denied(self) -> tuple[Denied, ...]:
        """Every command line that must fail, by path and place; each place once."""
        found = {(each.command.use.path, each.span): each for each in self._denied()}
        return tuple(found[place] for place in sorted(found))

    def _denied(self) -> Iterator[Denied]:
        sign_ins = SignIns(self.files, self.commands)
        for command in self.commands:
            if is_test(command.use.path):
                continue
            for span, run_as in self._run_as(command):
                deployer = sign_ins.of(command)
                if deployer is not None and self._is_denied(deployer.name, run_as.name):
                    granted = [each for each in self.grants if each.acts and each.account and each.is_to(deployer.name)]
                    yield Denied(command, span, deployer, run_as, tuple(granted))

    def _is_denied(self, deployer: str, run_as: str) -> bool:
        """Whether the grants are managed in this tree, and none of them may be the one that is needed."""
        if deployer == run_as or any(grant.may_let(deployer, run_as) for grant in self.grants):
            return False
        own = [grant for grant in self.grants if grant.is_to(deployer)]
        acting = any(grant.acts and grant.account is not None for grant in own)
        return acting or (bool(own) and any(grant.is_to(run_as) or grant.is_on(run_as) for grant in self.grants))

    def _run_as(self, command: GcloudCommand) -> Iterator[tuple[Span, Account]]:
        """The accounts that a command's deployments run as, with the place in the command that decides it."""
        path = command.use.path
        if _DEPLOYING.fullmatch(command.path):
            flag = command.flag(*_RUN_AS)
            name = account_name(flag.value) if flag is not None and flag.value is not None else None
            if flag is not None and flag.value is not None and name is not None and not flag.optional:
                yield flag.span, Account(name, flag.value.value, path, flag.span)
        elif _REPLACING.fullmatch(command.path) and len(command.positionals) == 1:
            word = command.positionals[0]
            for account in self._in_file(self._file(word, path)):
                yield word.text.locate(0, len(word.value)), account

    def _in_file(self, path: str | None) -> Iterator[Account]:
        """The accounts that the workloads of a file run as."""
        facts = self.files[path].deployments if path is not None else None
        if path is None or facts is None:
            return
        for workload in facts.workloads:
            given = workload.service_account
            name = account_name(given) if given is not None else None
            if given is not None and name is not None:
                yield Account(name, given.value, path, given.span)

    def _file(self, word: Word, path: str) -> str | None:
        """The file of the tree that a word names: from the root or from the command's own folder, if from one alone."""
        if word.splits or not word.text.is_static:
            return None
        folders = ("", posixpath.dirname(path))
        found = {posixpath.normpath(posixpath.join(folder, word.value)) for folder in folders} & self.files.keys()
        return found.pop() if len(found) == 1 else None

    @cached_property
    def grants(self) -> tuple[PlacedGrant, ...]:
        """All grants of roles. What may be one and cannot be read is one of which nothing is known."""
        return (*self._of_files(), *self._of_commands())

    def _of_files(self) -> Iterator[PlacedGrant]:
        for path, facts in self.files.items():
            for grant in facts.grants:
                yield PlacedGrant(path, grant.span, grant.member, grant.account, _may_act(grant.role))

    def _of_commands(self) -> Iterator[PlacedGrant]:
        read = set()
        for command in self.commands:
            if _SETTING.fullmatch(command.path):
                read.add((command.use.path, command.use.command))
                yield _grant(command)
        for use in self.uses:
            words = {word.value for word in use.command.words}
            binds = "add-iam-policy-binding" in words or "set-iam-policy" in words
            if binds and (use.path, use.command) not in read:
                unknown = hole(use.command.span)
                yield PlacedGrant(use.path, use.command.span, unknown, None, acts=True)


def _grant(command: GcloudCommand) -> PlacedGrant:
    span = command.use.command.span
    member, role = command.value("--member") or hole(span), command.value("--role") or hole(span)
    place = PlacedGrant(command.use.path, span, member, None, acts=False)
    if command.path == _ON_ACCOUNT:
        words = command.positionals
        account = words[0].text if len(words) == 1 and not words[0].splits else hole(span)
        return PlacedGrant(place.path, span, member, account, _may_act(role))
    if _ON_ALL.fullmatch(command.path):
        return PlacedGrant(place.path, span, member, None, _may_act(role))
    if command.path.endswith("set-iam-policy"):
        # The policy stands in a file, and may be anybody's.
        return PlacedGrant(place.path, span, hole(span), None, acts=True)
    return place


def _may_act(role: Text) -> bool:
    return not role.is_static or _NOT_ACTING.fullmatch(role.value) is None


def _may_be(member: Text, name: str) -> bool:
    """Whether a member may be this account, or a group with it."""
    if member.value.startswith("user:"):
        return False
    found = account_name(member)
    return found is None or found == name
