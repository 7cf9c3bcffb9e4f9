"""Brings distributions up to date in src/infralint/data/distributions: modules, and what they require.

`python scripts/refresh_distributions.py PATH...`: each path is a wheel, a folder with wheels or with installed
distributions (`pip download --no-deps -d DIR NAME`, `pip install --target DIR NAME`), or a lock file (`*.lock`). Of
wheels and copies `METADATA` and `RECORD` are read, and replace what the tables had. Lock files of uv, Poetry and pdm
add what other versions required, and distributions that the tables do not have. All other entries stay.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import tomli
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from infralint.facts.requirements import LockedPackage, LockedRequirement, normalised
from infralint.project.requirements.environment import MarkerEnvironment
from infralint.project.requirements.markers import holds
from infralint.readers.lock_files import lock_in

DATA = Path(__file__).parents[1] / "src" / "infralint" / "data" / "distributions"
_MODULE = re.compile(r"([A-Za-z_]\w*)(?:\.(?:abi3|cpython-\S+|pypy\S+|cp\d+-\S+))?\.(?:py|so|pyd)")
_LEFT_OUT = re.compile(
    r"__pycache__|tests?|testing|docs?|examples?|benchmarks?|scripts|bin|.*__mypyc|.*-stubs|conftest"
)
_DEVELOPMENT = re.compile(
    r"(?:.*[-_.])?(?:dev|develop|test|tests|testing|doc|docs|lint|mypy|typing|ci|release)(?:[-_.].*)?"
)
_LONGEST_MARKER = 160
_PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
_PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)


@dataclass
class Distribution:
    """What a distribution's own files tell."""

    name: str
    version: str
    requires: list[str]
    modules: list[str] = field(default_factory=list)


def distributions_in(path: Path) -> Iterator[Distribution]:
    """The distributions of a wheel, or of a folder of wheels or installed copies."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            metadata = next(name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
            yield _distribution(wheel.read(metadata).decode("utf-8", "replace"), names)
        return
    for wheel_path in sorted(path.glob("*.whl")):
        yield from distributions_in(wheel_path)
    for info in sorted(path.glob("*.dist-info")):
        record = (info / "RECORD").read_text(encoding="utf-8").splitlines() if (info / "RECORD").exists() else []
        names = [line.rpartition(",")[0].rpartition(",")[0].strip('"') for line in record]
        yield _distribution((info / "METADATA").read_text(encoding="utf-8", errors="replace"), names)


def _distribution(metadata: str, names: Iterable[str]) -> Distribution:
    headers = HeaderParser().parsestr(metadata)
    requires = [str(line) for line in headers.get_all("Requires-Dist", [])]
    return Distribution(normalised(str(headers["Name"])), str(headers["Version"]), requires, sorted(modules_of(names)))


def modules_of(names: Iterable[str]) -> set[str]:
    """Importable modules of a list of files: the top ones, and below a folder without `__init__.py` those in it."""
    files = [name.split("/") for name in names if not name.startswith(("..", "/")) and ".dist-info/" not in name]
    files = [
        parts[2:] if parts[0].endswith(".data") and parts[1:2] in (["purelib"], ["platlib"]) else parts
        for parts in files
    ]
    return set(_modules(files, ""))


def _modules(files: list[list[str]], prefix: str) -> Iterator[str]:
    for parts in files:
        match = _MODULE.fullmatch(parts[0]) if len(parts) == 1 else None
        if match and match[1] != "__init__" and not _LEFT_OUT.fullmatch(match[1]):
            yield f"{prefix}{match[1]}"
    folders: dict[str, list[list[str]]] = {}
    for parts in files:
        if len(parts) > 1 and parts[0].isidentifier() and not _LEFT_OUT.fullmatch(parts[0]):
            folders.setdefault(parts[0], []).append(parts[1:])
    for folder, inner in folders.items():
        if any(len(parts) == 1 and _is_init(parts[0]) for parts in inner):
            yield f"{prefix}{folder}"
        elif any(_MODULE.fullmatch(parts[-1]) for parts in inner):
            yield from _modules(inner, f"{prefix}{folder}.")


def _is_init(name: str) -> bool:
    match = _MODULE.fullmatch(name)
    return match is not None and match[1] == "__init__"


def told_of(distribution: Distribution, known: dict[str, list[str]]) -> set[str]:
    """The modules that the table tells of a distribution: its public ones, private ones where it had them before.

    Of a package that another distribution begins (`sqlglot` and its compiled twin) the package alone.
    """
    found = set()
    for module in distribution.modules:
        parts = module.split(".")
        shared = (".".join(parts[:length]) for length in range(1, len(parts)))
        found.add(next((each for each in shared if each in known), module))
    public = {module for module in found if not any(part.startswith("_") for part in module.split("."))}
    return {module for module in found if module in public or not public or distribution.name in known.get(module, ())}


def entry_of(distribution: Distribution) -> dict[str, Any]:
    """The entry of requires.json."""
    entry: dict[str, Any] = {"v": distribution.version, "requires": [], "src": "m"}
    conditional: dict[str, str] = {}
    linux: list[str] = []
    extras: dict[str, list[str]] = {}
    for written in distribution.requires:
        try:
            requirement = Requirement(written)
        except InvalidRequirement:
            continue
        name = _with_extras(requirement)
        extra = _extra_of(requirement.marker)
        if extra:
            if not _DEVELOPMENT.fullmatch(extra):
                extras.setdefault(extra, []).append(name)
            continue
        answers = [_holds(requirement.marker, environment) for environment in environments()]
        if all(answers):
            entry["requires"].append(name)
        elif any(answers):
            marker = str(requirement.marker)
            conditional[name] = marker if len(marker) <= _LONGEST_MARKER else "complex"
            if all(_holds(requirement.marker, each) for each in environments() if each["sys_platform"] == "linux"):
                linux.append(name)
    entry["requires"].sort()
    for key, value in (
        ("conditional", conditional),
        ("linux", linux),
        ("extras", _expanded(extras, distribution.name)),
    ):
        if value:
            entry[key] = value
    return entry


def _with_extras(requirement: Requirement) -> str:
    extras = ",".join(sorted(map(normalised, requirement.extras)))
    return normalised(requirement.name) + (f"[{extras}]" if extras else "")


def _extra_of(marker: Marker | None) -> str:
    match = re.search(r"extra == [\"']([^\"']+)[\"']", str(marker or ""))
    return normalised(match[1]) if match else ""


def environments() -> Iterator[dict[str, str]]:
    """Those that a requirement must hold in to be unconditional."""
    for python in _PYTHONS:
        for platform in _PLATFORMS:
            yield {
                **platform, "python_version": python, "python_full_version": f"{python}.5", "extra": "",
                "implementation_name": "cpython", "platform_python_implementation": "CPython",
            }  # fmt: skip


def _holds(marker: Marker | None, environment: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(environment)


def _expanded(extras: dict[str, list[str]], own: str) -> dict[str, list[str]]:
    """Extras with those of the same distribution that they ask for put in their place."""
    found: dict[str, list[str]] = {}
    for extra in extras:
        names: list[str] = []
        seen, waiting = {extra}, [extra]
        while waiting:
            for name in extras.get(waiting.pop(0), []):
                match = re.fullmatch(rf"{re.escape(own)}\[(.*)\]", name)
                if match is None:
                    names.append(name)
                else:
                    new = [each for each in match[1].split(",") if each not in seen]
                    seen.update(new)
                    waiting += new
        found[extra] = list(dict.fromkeys(names))
    return found


def replace(modules: dict[str, Any], requires: dict[str, Any], distribution: Distribution) -> None:
    """Put what a distribution's own files tell in the place of what the tables had."""
    before = requires["distributions"].get(distribution.name, {})
    entry = entry_of(distribution)
    gone = {*before.get("requires", ()), *before.get("earlier", ())} - set(entry["requires"])
    if gone - set(entry.get("conditional", ())):
        entry["earlier"] = sorted(gone - set(entry.get("conditional", ())))
    requires["distributions"][distribution.name] = entry
    told = told_of(distribution, modules["modules"])
    if not told:
        return
    for module, names in list(modules["modules"].items()):
        if distribution.name in names and module not in told:
            names.remove(distribution.name)
            if not names:
                del modules["modules"][module]
    for module in sorted(told):
        names = modules["modules"].setdefault(module, [])
        if distribution.name not in names:
            names.append(distribution.name)
    for marked in modules["verified"].values():
        if distribution.name in marked:
            marked.remove(distribution.name)
    modules["verified"]["w"] = sorted({*modules["verified"]["w"], distribution.name})


# Versions before those of this Python are nobody's any more.
_NO_VERSION = Version("0.dev0")
_LINUX = MarkerEnvironment(pythons=">=3.10,<3.15")


def seen_in(text: str) -> Iterator[tuple[LockedPackage, str]]:
    """The packages of PyPI that a lock file holds, and the tool that wrote it."""
    document = tomli.loads(text)
    tables = document.get("package")
    if not isinstance(tables, list):
        return
    document["package"] = [table for table in tables if _is_public(table.get("source"))]
    lock = lock_in(text, document)
    for package in lock.packages if lock else ():
        if package.version and _version(package.version) != _NO_VERSION:
            yield package, lock.tool if lock else ""


Seen = dict[str, dict[str, tuple[LockedPackage, str]]]


def learn(entries: dict[str, Any], seen: Seen) -> None:
    """Add what lock files tell: distributions that the tables do not have, and what other versions required."""
    for name, versions in seen.items():
        newest = max(versions, key=_version)
        entry = entries.setdefault(name, {"v": "", "requires": [], "src": ""})
        if not entry["v"] or (entry["src"] != "m" and _version(newest) > _version(entry["v"])):
            extras = entry.get("extras", {})
            before = {key: entry[key] for key in ("earlier", "before") if key in entry}
            entry = entries[name] = {**before, **_learnt(*versions[newest])}
            if extras:
                entry["extras"] = {**extras, **entry.get("extras", {})}
        _add_before(entry, versions)


def _add_before(entry: dict[str, Any], versions: dict[str, tuple[LockedPackage, str]]) -> None:
    """Note what only other versions required: `[the last version without it, the last with it, the first without]`."""
    known = {*entry["requires"], *entry.get("conditional", ()), *entry.get("earlier", ())}
    by_version = {entry["v"]: known}
    for version, (package, _) in versions.items():
        held = {_spelled(each) for each in package.requires if holds(each.marker, _LINUX) is not False}
        by_version[version] = held | (by_version.get(version, set()))
    before = dict(entry.get("before", {}))
    for name in sorted(set().union(*by_version.values()) - known):
        holding = sorted((_version(each), each) for each in by_version if name in by_version[each])
        others = sorted((_version(each), each) for each in by_version if name not in by_version[each])
        since = [each for version, each in others if version < holding[0][0]]
        until = [each for version, each in others if version > holding[-1][0]]
        before[name] = [since[-1] if since else "", holding[-1][1], until[0] if until else ""]
    if before:
        entry["before"] = before


def _is_public(source: object) -> bool:
    """Whether a locked package is PyPI's: uv names the index, Poetry and pdm name only others."""
    if not isinstance(source, dict):
        return source is None
    return set(source) == {"registry"} and str(source["registry"]).startswith("https://pypi.org/simple")


def _version(written: str) -> Version:
    try:
        return Version(written)
    except InvalidVersion:
        return _NO_VERSION


def _learnt(package: LockedPackage, tool: str) -> dict[str, Any]:
    """An entry for a distribution that the tables do not have."""
    entry: dict[str, Any] = {"v": package.version, "requires": [], "src": tool[:1]}
    conditional: dict[str, str] = {}
    for each in package.requires:
        if not each.marker:
            entry["requires"].append(_spelled(each))
        elif holds(each.marker, _LINUX) is not False:
            conditional[_spelled(each)] = each.marker if len(each.marker) <= _LONGEST_MARKER else "complex"
    entry["requires"].sort()
    if conditional:
        entry["conditional"] = conditional
    extras = {
        name: list(map(_spelled, listed)) for name, listed in package.extras.items() if not _DEVELOPMENT.fullmatch(name)
    }
    if extras:
        entry["extras"] = extras
    return entry


def _spelled(requirement: LockedRequirement) -> str:
    return requirement.name + (f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else "")


def main(arguments: list[str]) -> int:
    """Update the tables; how many distributions were read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the tables")
    options = parser.parse_args(arguments)
    tables = {
        name: json.loads(gzip.decompress((options.data / f"{name}.json.gz").read_bytes()))
        for name in ("modules", "requires")
    }
    count = 0
    seen: Seen = {}
    for path in options.paths:
        if path.suffix == ".lock":
            for package, tool in seen_in(path.read_text(encoding="utf-8")):
                seen.setdefault(package.name, {})[package.version] = (package, tool)
            continue
        for distribution in distributions_in(path):
            replace(tables["modules"], tables["requires"], distribution)
            count += 1
    learn(tables["requires"]["distributions"], seen)
    count += len(seen)
    for name, table in tables.items():
        table["date"] = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        written = json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        (options.data / f"{name}.json.gz").write_bytes(gzip.compress(written, 9, mtime=0))
    print(f"{count} distributions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
