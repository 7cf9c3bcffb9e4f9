"""The view `Project.environment`: variables that deployed code reads, against those that its deployments set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from infralint.facts.files import FileFacts
from infralint.project.deployments.model import Deployment, Setting
from infralint.project.deployments.view import Deployments
from infralint.project.environment.local import is_local, serves, service_of
from infralint.project.environment.names import is_for_libraries, slip
from infralint.project.environment.processes import Process, runs_beside
from infralint.project.environment.reached import Reached
from infralint.project.environment.reads import Read, Reads
from infralint.project.environment.settings_classes import SettingsClasses
from infralint.project.interpret import Interpreter
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_example, is_test

# Sources of settings that somebody wrote for this deployment, and no image or platform.
_WRITTEN = frozenset({"literal", "secret", "config-map", "field", "host", "env-file"})
_DEPLOYING = frozenset({"aws", "az", "docker", "docker-compose", "flyctl", "gcloud", "helm", "kubectl", "terraform"})


@dataclass(frozen=True, slots=True)
class Unset:
    """A read that fails in these deployments, which do not set the variable. `certain`: already when they start.
    `near`: a variable that one of them sets, and that may have been meant."""

    read: Read
    deployments: tuple[Deployment, ...]
    certain: bool
    near: Setting | None


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A read of a variable that no deployment sets, where `setting` has a name that is a slip of it."""

    read: Read
    setting: Setting
    deployment: Deployment


@dataclass(frozen=True, slots=True)
class LocalDefault:
    """A default that points at the container itself. `other`: where another deployment of the same program sets the
    variable; None where `beside`, a container of the same file, is what is meant."""

    read: Read
    deployments: tuple[Deployment, ...]
    other: Setting | None
    beside: Deployment | None


@dataclass(frozen=True, slots=True)
class Unused:
    """A variable that a deployment sets, and that nothing in its image reads."""

    setting: Setting
    deployment: Deployment


def _deploys(facts: FileFacts) -> bool:
    """Whether a script sets variables for others: what it mentions are its own."""
    programs = {each.words[0].value.rpartition("/")[2] for each in facts.commands if each.words}
    return not programs.isdisjoint(_DEPLOYING)


class Asked(Protocol):
    """What is asked of a project; of parts those that are named as functions here."""

    files: dict[str, FileFacts]

    @property
    def modules(self) -> ModuleGraph: ...
    @property
    def interpreter(self) -> Interpreter: ...
    @property
    def environment_reads(self) -> Reads: ...
    @property
    def settings_classes(self) -> SettingsClasses: ...
    def part(self, name: str, path: str) -> tuple[Any, ...]: ...


class Environment:
    """What the processes of a project find in their environment."""

    def __init__(self, project: Asked, deployments: Deployments) -> None:
        self.files = project.files
        self.deployments = deployments
        self.reads = project.environment_reads
        self.settings = project.settings_classes
        self._project = project
        self._reached = Reached(project.files, project.modules, project.interpreter)
        self._functions: dict[object, frozenset[tuple[str, str]]] = {}

    # Who reads what

    @cached_property
    def by_module(self) -> dict[str, list[Read]]:
        """All reads by the module that holds them, those of settings classes among them."""
        found: dict[str, list[Read]] = defaultdict(list)
        for path, reads in self.reads.by_module.items():
            found[path] += reads
        for read in self.settings.reads:
            found[read.path].append(read)
        return found

    @cached_property
    def names_read(self) -> frozenset[str]:
        """The names of all variables that anything in the tree reads or mentions as one, in capitals."""
        found = {name.upper() for reads in self.by_module.values() for read in reads for name in read.names}
        for path in self.reads.paths:
            facts = self.files[path]
            if facts.environment is not None and not _deploys(facts):
                found |= {name.upper() for name in facts.environment.mentions}
        return frozenset(found)

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The deployments whose modules are known."""
        found = []
        for deployment in self.deployments.all:
            starts = {start.module for start in deployment.starts}
            if not starts or is_test(deployment.path) or is_example(deployment.path):
                continue
            always = {start.module for start in deployment.starts if not start.conditional}
            certain = self._certain(always)
            scripts = frozenset(start.module for start in deployment.starts if not start.serves)
            (loaded,) = self._project.part("possibly_started", "\n".join(sorted(starts)))
            found.append(Process(deployment, certain, loaded, scripts, self.files, self.reads, self.settings.all))
        return tuple(found)

    def _certain(self, starts: Iterable[str]) -> frozenset[str]:
        sets = [self._project.part("certainly_started", start)[0] for start in starts]
        return sets[0] if len(sets) == 1 else frozenset().union(*sets)

    def _reads_of(self, process: Process) -> Iterator[Read]:
        """The reads of modules that are loaded for certain, and of the scripts that start them."""
        for path in sorted(process.certain | process.start_scripts):
            for read in self.by_module.get(path, ()):
                if not read.loaders or process.certain.intersection(read.loaders):
                    yield read

    @cached_property
    def _lacking(self) -> list[tuple[Read, list[Process]]]:
        """Reads with the processes that certainly come to them and do not have the variable."""
        found: dict[Read, list[Process]] = {}
        for process in self.processes:
            for read in self._reads_of(process):
                if not read.conditional and not read.asked and process.lacks(read):
                    found.setdefault(read, []).append(process)
        return sorted(found.items(), key=lambda item: (item[0].path, item[0].span))

    # What is wrong

    @cached_property
    def misspelt(self) -> tuple[Misspelt, ...]:
        """Reads of variables that are set under a name that nobody reads."""
        return tuple(sorted(self._misspelt(), key=lambda each: (each.read.path, each.read.span)))

    def _misspelt(self) -> Iterator[Misspelt]:
        seen: set[tuple[str, object]] = set()
        for read, processes in self._lacking:
            if self._is_set_elsewhere(read, processes):
                continue
            for process in processes:
                setting = self._near(read, process)
                if setting is not None and (read.path, read.span) not in seen:
                    seen.add((read.path, read.span))
                    yield Misspelt(read, setting, process.deployment)

    def _near(self, read: Read, process: Process) -> Setting | None:
        """The setting of a deployment that nothing reads and whose name is a slip of the read one."""
        if process.hands_on:
            return None
        deployment = process.deployment
        unread = {
            name: setting
            for name, setting in deployment.environment.items()
            if setting.source in _WRITTEN and name.upper() not in self.names_read and not is_for_libraries(name)
        }
        found = slip(read.name, unread)
        return unread[found] if found is not None else None

    @cached_property
    def unset(self) -> tuple[Unset, ...]:
        """Reads that fail since nothing sets the variable, misspelt ones aside."""
        misspelt = {(each.read.path, each.read.span) for each in self.misspelt}
        found = [each for each in self._unset() if (each.read.path, each.read.span) not in misspelt]
        return tuple(found)

    def _unset(self) -> Iterator[Unset]:
        for read, processes in self._lacking:
            if not read.required or is_test(read.path) or is_example(read.path):
                continue
            failing = [process for process in processes if self._is_reached(read, process)]
            if not failing or self._is_set_elsewhere(read, failing):
                continue
            certain = read.function in ("", "__main__") or any(self._runs(read, each) for each in failing)
            if not certain and (self._is_set_anywhere(read) or not self._is_used(read, failing)):
                continue
            near = next((near for each in failing if (near := self._near(read, each))), None)
            yield Unset(read, tuple(each.deployment for each in failing), certain, near)

    def _runs(self, read: Read, process: Process) -> bool:
        """Whether the function of a read certainly runs when the process starts."""
        key = (process.certain, process.scripts, process.factories)
        if key not in self._functions:
            self._functions[key] = self._reached.by(*key)
        return read.within in self._functions[key]

    def _is_used(self, read: Read, processes: Sequence[Process]) -> bool:
        """Whether one of the processes loads something that may call the function of a read."""
        return any(self._reached.is_used(read.within, process.loaded.paths) for process in processes)

    def _is_reached(self, read: Read, process: Process) -> bool:
        """Whether a read below `if __name__ == "__main__"` is in a module that is run."""
        return read.function != "__main__" or read.path in process.scripts

    def _is_set_elsewhere(self, read: Read, processes: Sequence[Process]) -> bool:
        """Whether another deployment of one of the same programs sets the variable, or may do so unseen."""
        starts = {start.module for process in processes for start in process.deployment.starts}
        return any(
            not process.lacks(read)
            for process in self.processes
            if process not in processes and starts & {start.module for start in process.deployment.starts}
        )

    def _is_set_anywhere(self, read: Read) -> bool:
        """Whether any deployment of the tree sets the variable, whatever it runs."""
        names = {name.upper() for name in read.names}
        every = (*self.deployments.all, *self.deployments.checks)
        return any(names & {name.upper() for name in deployment.environment} for deployment in every)

    @cached_property
    def local_defaults(self) -> tuple[LocalDefault, ...]:
        """Defaults that point at the container itself, where something else is meant."""
        return tuple(self._local_defaults())

    def _local_defaults(self) -> Iterator[LocalDefault]:
        for read, processes in self._lacking:
            if read.default is None or not is_local(read.name, read.default) or is_test(read.path):
                continue
            alone = [each for each in processes if self._is_alone(each)]
            by_other: list[Deployment] = []
            other: Setting | None = None
            for process in alone:
                setting = self._set_by_twin(read, process)
                if setting is not None:
                    by_other.append(process.deployment)
                    other = other or setting
            if other is not None:
                yield LocalDefault(read, tuple(by_other), other, None)
                continue
            for process in alone:
                beside = self._service_beside(read, process)
                if beside is not None:
                    yield LocalDefault(read, (process.deployment,), None, beside)
                    break

    def _is_alone(self, process: Process) -> bool:
        """Whether nothing else answers at the process's `localhost`."""
        return not (runs_beside(process, self.deployments.all) or process.shares_host or process.runs_services)

    def _set_by_twin(self, read: Read, process: Process) -> Setting | None:
        """Where another deployment of the same program sets the variable to something else."""
        starts = {start.module for start in process.deployment.starts}
        for other in self.processes:
            if other is process or not starts & {start.module for start in other.deployment.starts}:
                continue
            for name in read.names:
                setting = other.deployment.environment.get(name)
                if setting is not None and not (setting.value and is_local(name, setting.value)):
                    return setting
        return None

    def _service_beside(self, read: Read, process: Process) -> Deployment | None:
        """The container of the same compose file that a default means."""
        wanted = service_of(read.name, read.default or "")
        if not wanted or process.deployment.kind != "compose":
            return None
        same = [each for each in self.deployments.all if each.path == process.deployment.path]
        found = {each.name: each for each in same if each.image is not None and serves(each.image.value, wanted)}
        if len(found) != 1 or any(name in each.environment for each in same for name in read.names):
            return None
        known = process.deployment.environment
        if any(service_of(name, setting.value or "") == wanted for name, setting in known.items()):
            # The service is told in another way.
            return None
        return next(iter(found.values()))

    @cached_property
    def unused(self) -> tuple[Unused, ...]:
        """Variables that are set and that nothing in the image reads."""
        return tuple(self._unused())

    def _unused(self) -> Iterator[Unused]:
        meant = {each.setting for each in self.misspelt}
        for process in self.processes:
            own = process.deployment
            if not process.loaded.is_closed or process.hands_on:
                continue
            for name, setting in sorted(own.environment.items()):
                written = setting.source in _WRITTEN and setting not in meant
                if written and not self._is_read(name) and not is_for_libraries(name):
                    yield Unused(setting, own)

    def _is_read(self, name: str) -> bool:
        upper = name.upper()
        if upper in self.names_read:
            return True
        nested = {read.nested.upper() for reads in self.by_module.values() for read in reads if read.nested}
        return any(upper.startswith(each) for each in nested) or any(each.open for each in self.settings.all)
