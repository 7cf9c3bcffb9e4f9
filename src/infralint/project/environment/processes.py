"""What a deployment's process finds in its environment: what is set for it, and what it may set or load itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.commands import Command
from infralint.facts.deployments import Workload
from infralint.facts.environment import DotenvLoad
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.builds.filesystem import FileSystem, FromImage, Opened, Removed, joined, relative
from infralint.project.builds.values import BuiltImage
from infralint.project.deployments.model import Deployment
from infralint.project.deployments.platform import is_given
from infralint.project.environment.names import is_of_platforms
from infralint.project.environment.reads import Read, Reads
from infralint.project.environment.settings_fields import SettingsClass
from infralint.project.import_closure import Closure
from infralint.project.lookup import Absent

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_IN_SCRIPT = re.compile(r"(?:^|[\s;&|(])([A-Za-z_]\w*)=")
_ALL_EXPORT = re.compile(r"-\w*a\w*")
# Programs that start others with variables from a store of theirs.
_STORES = frozenset(
    {"aws-vault", "berglas", "chamber", "credstash", "direnv", "doppler", "dotenv", "dotenvx", "envchain", "envconsul",
     "envkey-source", "envwarden", "infisical", "op", "phase", "run-with-env", "secrethub", "sops", "ssm-env", "summon",
     "teller", "vault-env", "vals", "pamstore", "bws", "akeyless", "fetch-secrets", "gcp-secrets", "with-contenv"}
)  # fmt: skip
# Programs and packages of servers that an image may run beside the project's own process.
_SERVERS = frozenset(
    {"circusd", "cloud-sql-proxy", "cloud_sql_proxy", "foreman", "honcho", "mariadb-server", "mariadbd", "memcached",
     "mongod", "mongodb-org", "mysqld", "nats-server", "ollama", "pg_ctl", "pg_ctlcluster", "postgres", "postgresql",
     "rabbitmq-server", "redis", "redis-server", "runsvdir", "s6-svscan", "service", "supervisor", "supervisord",
     "systemctl", "valkey-server"}
)  # fmt: skip
_PACKAGE_MANAGERS = frozenset({"apk", "apt", "apt-get", "aptitude", "dnf", "microdnf", "yum", "zypper"})
_EXPORTING = frozenset({"export", "declare", "typeset", "readonly"})
_IN_FRONT = frozenset({"command", "env", "exec", "nice", "nohup", "sudo", "time"})
_SOURCING = frozenset({".", "source", "eval"})


@dataclass(frozen=True)
class Process:
    """A deployment with the modules of the tree that it loads.

    `certain`: those that are loaded whenever it starts; `loaded`: those that may be. `scripts`: modules that are run,
    not imported by a server.
    """

    deployment: Deployment
    certain: frozenset[str]
    loaded: Closure
    scripts: frozenset[str]
    files: Mapping[str, FileFacts]
    reads: Reads
    settings: tuple[SettingsClass, ...]

    @property
    def built(self) -> BuiltImage | None:
        """The build of its image, where the tree has it."""
        return self.deployment.built if isinstance(self.deployment.built, BuiltImage) else None

    @cached_property
    def factories(self) -> frozenset[tuple[str, str]]:
        """The functions that a server calls for its application: `gunicorn "app:create_app()"`, `uvicorn --factory`."""
        told = any(word.value == "--factory" for word in self.deployment.command or ())
        found = set()
        for start in self.deployment.starts:
            name = start.written.rpartition(":")[2]
            if start.serves and ":" in start.written and (told or "(" in name):
                found.add((start.module, name.partition("(")[0]))
        return frozenset(found)

    @cached_property
    def start_scripts(self) -> frozenset[str]:
        """The shell scripts by which the process starts."""
        paths = {start.path for start in self.deployment.starts}
        if self.built is not None and self.built.command is not None:
            paths |= {path for path, _ in self.built.command.commands}
        return frozenset(path for path in paths - {self.deployment.path} if path.endswith((".sh", ".bash")))

    @cached_property
    def hands_on(self) -> bool:
        """Whether a module reads variables by names that cannot be told, passes all of them on, or is not read."""
        unread = any(facts.problem is not None for path in self.loaded.paths if (facts := self.files.get(path)))
        return unread or any(self.reads.facts(path).whole for path in self.loaded.paths)

    # What is set

    def lacks(self, read: Read) -> bool:
        """Whether none of the variables that serve a read can be set in any way."""
        if any(self.may_have(name, any_case=read.any_case) for name in read.names):
            return False
        if read.nested and any(_folded(name, read).startswith(read.nested) for name in self.deployment.environment):
            return False
        return not self.loads_unseen

    def may_have(self, name: str, *, any_case: bool = False) -> bool:
        """Whether a variable is set, or may be in a way that the tree does not show."""
        own = self.deployment
        spelt = {name, name.lower(), name.upper()} if any_case else {name}
        if any_case and any(each.casefold() == name.casefold() for each in own.environment):
            return True
        if any(not isinstance(own.setting(each), Absent) for each in spelt):
            return True
        if any(is_given(own.kind, each) or is_of_platforms(each) for each in spelt):
            return True
        return not self.written.isdisjoint({*spelt, HOLE})

    @cached_property
    def written(self) -> frozenset[str]:
        """The variables that the process or its start script sets, HOLE among them for any."""
        found = set(self._by_commands())
        for word in self.deployment.command or ():
            # The script of `sh -c`.
            found |= {match[1] for match in _IN_SCRIPT.finditer(word.value)}
        image = self.built.command if self.built is not None else None
        started = (*self.start_scripts, image.path) if image is not None else tuple(self.start_scripts)
        for path in (*started, *self.loaded.paths):
            facts = self.reads.facts(path)
            found |= {write.name.static or HOLE for write in facts.writes}
            if facts.open:
                found.add(HOLE)
        return frozenset(found)

    def _by_commands(self) -> Iterator[str]:
        for command in self._commands():
            words = [word.value for word in command.words]
            program = words[0].rpartition("/")[2] if words else ""
            for word in words:
                # In front of a program, and behind `env` or `export`.
                match = _ASSIGNMENT.match(word)
                if match is not None:
                    yield match[1]
                elif word == HOLE:
                    # `env $(cat .env | xargs) python main.py`.
                    yield HOLE
                elif program not in _EXPORTING and word not in _IN_FRONT and not word.startswith("-"):
                    break
            if _sets_any(program, words):
                yield HOLE

    def _commands(self) -> Iterator[Command]:
        """The commands that lead to the process: of the image, of the deployment, and of the scripts that they run."""
        own = self.deployment
        if self.built is not None and self.built.command is not None:
            yield from (command for _, command in self.built.command.commands)
        spans = [word.span for word in own.command or ()]
        for command in self._in(own.command_path):
            if any(span.start <= command.span.start and command.span.end <= span.end for span in spans):
                yield command
        for path in {start.path for start in own.starts} - {own.command_path, own.path}:
            yield from self._in(path)

    def _in(self, path: str) -> Sequence[Command]:
        facts = self.files.get(path)
        return facts.commands if facts is not None and facts.python is None else ()

    # What answers at `localhost`

    @property
    def shares_host(self) -> bool:
        """Whether the container has the network of its host or of another container."""
        return any(each.shares_network for each in self._workloads())

    @cached_property
    def runs_services(self) -> bool:
        """Whether the image starts or installs servers beside the process."""
        words = {word.value.rpartition("/")[2] for command in self._commands() for word in command.words[:3]}
        for step in self.built.runs if self.built is not None else ():
            installed = [word.value for word in step.command.words]
            if installed and installed[0].rpartition("/")[2] in _PACKAGE_MANAGERS:
                words |= {word.partition("=")[0] for word in installed}
        return not words.isdisjoint(_SERVERS) or len({start.module for start in self.deployment.starts}) > 1

    def _workloads(self) -> Iterator[Workload]:
        for path in self.deployment.sources:
            facts = self.files.get(path)
            workloads = facts.deployments.workloads if facts and facts.deployments else ()
            yield from (each for each in workloads if each.name.value == self.deployment.name)

    # Files of variables

    @cached_property
    def loads_unseen(self) -> bool:
        """Whether the code takes variables from a file that may be there, and is not in the tree."""
        loads = [(path, load) for path in self.loaded.paths for load in self.reads.facts(path).loads]
        if any(not self._has_no_file(self._places(path, load)) for path, load in loads):
            return True
        files = [name for each in self.settings if each.path in self.loaded.paths for name in each.env_files]
        return any(not self._has_no_file(self._beside_workdir(name)) for name in files)

    def _places(self, path: str, load: DotenvLoad) -> list[str] | None:
        """Paths of the image at which a file is looked for; None where they cannot be told."""
        if load.path is not None:
            return self._beside_workdir(load.path.static)
        if self.built is None:
            return None
        found: list[str] = []
        for place in self.built.files.places_of(path):
            folder = place
            while folder != "/":
                folder = posixpath.dirname(folder)
                found += [posixpath.join(folder, ".env"), posixpath.join(folder, "settings.ini")]
        return found or None

    def _beside_workdir(self, name: str | None) -> list[str] | None:
        if name is None or self.built is None or self.built.workdir is None:
            return None
        return [posixpath.normpath(posixpath.join(self.built.workdir, name))]

    def _has_no_file(self, places: list[str] | None) -> bool:
        """Whether none of these paths of the image holds a file, whoever builds it."""
        if places is None or self.built is None:
            return False
        return not any(self._is_covered(place) or _may_hold(self.built.files, place) for place in places)

    def _is_covered(self, place: str) -> bool:
        """Whether a folder or file of the host is laid over a path of the image."""
        targets = [target.static for each in self._workloads() for _, target in each.mounts]
        return any(target is None or relative(place, target.rstrip("/") or "/") is not None for target in targets)


def _may_hold(files: FileSystem | None, place: str) -> bool:
    """Whether an image may hold a file of variables at a path: installers of programs make none."""
    while files is not None:
        layer, files = files.layer, files.below
        if isinstance(layer, FromImage):
            inside = relative(place, layer.destination)
            if inside is not None and not (inside and layer.excludes.leaves_out(inside)):
                return _may_hold(layer.files_there, joined(layer.source, inside)) or _may_hold(files, place)
        elif layer is not None and not (isinstance(layer, Opened) and not layer.sources):
            answer = layer.find(place)
            if isinstance(answer, Removed):
                return False
            if answer is not None:
                return True
    return False


def _sets_any(program: str, words: Sequence[str]) -> bool:
    """Whether a command sets variables that cannot be told."""
    if program in _SOURCING or any(word.rpartition("/")[2] in _STORES for word in words[:3]):
        return True
    if program == "set":
        return any(word == "allexport" or _ALL_EXPORT.fullmatch(word) for word in words)
    return program in _EXPORTING and any(HOLE in word.partition("=")[0] for word in words[1:])


def _folded(name: str, read: Read) -> str:
    return name.upper() if read.any_case else name


def runs_beside(process: Process, others: Sequence[Deployment]) -> bool:
    """Whether another container shares the process's host name `localhost`: one of the same pod or task."""
    own = process.deployment
    pod = (own.path, own.kind, own.name, own.span)
    return any(other is not own and (other.path, other.kind, other.name, other.span) == pod for other in others)
