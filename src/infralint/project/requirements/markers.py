"""Markers decided over all environments that are possible: which hold always, never, or never together.

PEP 508 has few variables, and only the values that markers name can be told apart. So all environments are a finite
list of representatives: every version of Python that was or is to be, the platforms there are, and for every other
variable the values that the markers name and one that they do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from infralint.facts.requirements import normalised
from infralint.project.requirements.environment import MarkerEnvironment

_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<word>and|or)\b|(?P<operator>===|==|!=|<=|>=|~=|<|>|not\s+in\b|in\b)"""
    r"""|(?P<value>"[^"]*"|'[^']*')|(?P<name>[A-Za-z_.]+))"""
)
_OTHER = "\0"
_PYTHONS = ("2.7", *(f"3.{minor}" for minor in range(3, 17)))
_PATCHES = ("0", "1", "5", "30")
_VERSIONS = frozenset({"python_version", "python_full_version", "implementation_version"})
# Values that go together (PEP 508, "Environment Markers"; sys, os and platform of CPython's documentation).
_PLATFORMS = (
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    {"sys_platform": "cygwin", "os_name": "posix", "platform_system": "CYGWIN"},
    {"sys_platform": "emscripten", "os_name": "posix", "platform_system": "Emscripten"},
    {"sys_platform": _OTHER, "os_name": "posix", "platform_system": _OTHER},
    {"sys_platform": _OTHER, "os_name": "java", "platform_system": "Java"},
)
_IMPLEMENTATIONS = (
    {"implementation_name": "cpython", "platform_python_implementation": "CPython"},
    {"implementation_name": "pypy", "platform_python_implementation": "PyPy"},
    {"implementation_name": _OTHER, "platform_python_implementation": _OTHER},
)
_TOGETHER = frozenset({*_PLATFORMS[0], *_IMPLEMENTATIONS[0], "python_version", "python_full_version"})
# More combinations than this are not looked through: then nothing is said.
_MOST = 50_000
_ALIASES = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.machine": "platform_machine",
    "platform.version": "platform_version",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`variable operator "value"`; `swapped`: the value stands first."""

    variable: str
    operator: str
    value: str
    swapped: bool

    def holds(self, values: Values) -> bool:
        actual = values.get(self.variable, _OTHER)
        if self.variable in ("extra", "extras", "dependency_groups"):
            actual, wanted = normalised(actual), normalised(self.value)
        else:
            wanted = self.value
        left, right = (wanted, actual) if self.swapped else (actual, wanted)
        if self.operator == "in":
            return left in right
        if self.operator == "not in":
            return left not in right
        if self.variable in _VERSIONS and (answer := _versions_fit(left, self.operator, right)) is not None:
            return answer
        return _strings_fit(left, self.operator, right)


@dataclass(frozen=True, slots=True)
class _Junction:
    """Parts of which all must hold, or any."""

    every: bool
    parts: tuple[_Comparison | _Junction, ...]

    def holds(self, values: Values) -> bool:
        return (all if self.every else any)(part.holds(values) for part in self.parts)


_Marker = _Comparison | _Junction


@lru_cache(maxsize=65536)
def _versions_fit(left: str, operator: str, right: str) -> bool | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(f"{operator}{right}").contains(Version(left), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


_STRINGS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "===": str.__eq__,
    "!=": str.__ne__,
    "<": str.__lt__,
    "<=": str.__le__,
    ">": str.__gt__,
    ">=": str.__ge__,
}


def _strings_fit(left: str, operator: str, right: str) -> bool:
    return operator in _STRINGS and _STRINGS[operator](left, right)


@lru_cache(maxsize=4096)
def holds(marker: str, environment: MarkerEnvironment, extras: tuple[str, ...] = ()) -> bool | None:
    """Whether a marker holds: in all environments that are possible, in none (False), else None; "" holds always.

    `extras`: those that are asked for of the distribution whose requirement it is.
    """
    parsed = _parsed(marker)
    if parsed is None:
        return None if marker.strip() else True
    answers = {
        any(parsed.holds({**values, "extra": extra}) for extra in extras or ("",))
        for values in _environments((parsed,), environment)
    }
    return answers.pop() if len(answers) == 1 else None


@lru_cache(maxsize=4096)
def always_together(first: str, second: str, environment: MarkerEnvironment) -> bool:
    """Whether one of two markers holds never without the other, and holds somewhere at all.

    False where the markers exclude each other, where each may hold alone, and where that cannot be decided.
    """
    left, right = _parsed(first), _parsed(second)
    if (left is None and first.strip()) or (right is None and second.strip()):
        return False
    seen: set[tuple[bool, bool]] = set()
    for values in _environments(tuple(each for each in (left, right) if each is not None), environment):
        seen.add((left is None or left.holds(values), right is None or right.holds(values)))
    return (True, True) in seen and not {(True, False), (False, True)} <= seen


def _environments(markers: tuple[_Marker, ...], environment: MarkerEnvironment) -> Iterator[Values]:
    """Representatives of all environments that the markers can tell apart; none where there are too many."""
    named: dict[str, set[str]] = {}
    for marker in markers:
        for comparison in _comparisons(marker):
            named.setdefault(comparison.variable, set()).add(comparison.value)
    known = dict(environment.variables)
    choices: list[list[Values]] = []
    if {"python_version", "python_full_version"} & named.keys():
        choices.append(list(_pythons(named, environment)))
    for tied in (_PLATFORMS, _IMPLEMENTATIONS):
        if tied[0].keys() & named.keys():
            choices.append(_tied(tied, named, known))
    for variable in named.keys() - _TOGETHER:
        values = [known[variable]] if variable in known else [*sorted(named[variable]), _OTHER]
        choices.append([{variable: value} for value in values])
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= _MOST:
        for combination in product(*choices):
            yield {name: value for part in combination for name, value in part.items()}


def _tied(rows: tuple[Values, ...], named: dict[str, set[str]], known: Values) -> list[Values]:
    """Values that go together, those that a marker names and no row has with all others unknown."""
    found = list(rows)
    for variable in rows[0].keys() & named.keys():
        listed = {row[variable] for row in rows}
        for value in sorted(named[variable] - listed):
            found.append({**dict.fromkeys(rows[0], _OTHER), variable: value})
    return [row for row in found if all(known.get(variable, value) == value for variable, value in row.items())]


def _pythons(named: dict[str, set[str]], environment: MarkerEnvironment) -> Iterator[Values]:
    """Every version of Python, and those that the markers name."""
    if environment.python:
        yield from _known_python(environment.python, named)
        return
    versions = {f"{minor}.{patch}" for minor in _PYTHONS for patch in _PATCHES}
    for value in named.get("python_full_version", set()) | named.get("python_version", set()):
        versions |= _near(value)
    for version in sorted(versions):
        if _is_allowed(version, environment.pythons):
            yield _of_python(version)


def _known_python(python: str, named: dict[str, set[str]]) -> Iterator[Values]:
    """The versions that "3.11" can mean, or the one that "3.11.4" does."""
    if python.count(".") > 1:
        yield _of_python(python)
        return
    versions = {f"{python}.{patch}" for patch in _PATCHES}
    for value in named.get("python_full_version", set()):
        versions |= {version for version in _near(value) if version.startswith(f"{python}.")}
    yield from (_of_python(version) for version in sorted(versions))


def _of_python(version: str) -> Values:
    return {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}


def _near(value: str) -> set[str]:
    """A version of Python as a marker names it, with those before and behind it."""
    numbers = re.findall(r"\d+", value)[:3]
    if len(numbers) < 3:
        return {f"{numbers[0]}.{numbers[1]}.0"} if len(numbers) == 2 else set()
    major, minor, patch = map(int, numbers)
    return {f"{major}.{minor}.{each}" for each in (max(patch - 1, 0), patch, patch + 1)}


@lru_cache(maxsize=65536)
def _is_allowed(version: str, specifier: str) -> bool:
    """Whether a version of Python is one of those that are possible; all are where that is not understood."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def _comparisons(marker: _Marker) -> Iterator[_Comparison]:
    if isinstance(marker, _Comparison):
        yield marker
    else:
        for part in marker.parts:
            yield from _comparisons(part)


@lru_cache(maxsize=4096)
def _parsed(written: str) -> _Marker | None:
    """A marker as a tree; None for one that is empty, or not understood."""
    if not written.strip():
        return None
    reader = _Reader(written)
    try:
        marker = reader.either()
    except (ValueError, RecursionError):
        return None
    return marker if reader.at_end else None


class _Reader:
    """Reads a marker from left to right; raises ValueError for what is none."""

    def __init__(self, written: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        written = written.rstrip()
        while at < len(written):
            match = _TOKEN.match(written, at)
            if match is None or match.lastgroup is None:
                raise ValueError(written)
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at == len(self.tokens)

    def next(self) -> tuple[str, str]:
        if self.at_end:
            raise ValueError("ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def takes(self, token: tuple[str, str]) -> bool:
        if not self.at_end and self.tokens[self.at] == token:
            self.at += 1
            return True
        return False

    def either(self) -> _Marker:
        parts = [self.every()]
        while self.takes(("word", "or")):
            parts.append(self.every())
        return parts[0] if len(parts) == 1 else _Junction(False, tuple(parts))

    def every(self) -> _Marker:
        parts = [self.atom()]
        while self.takes(("word", "and")):
            parts.append(self.atom())
        return parts[0] if len(parts) == 1 else _Junction(True, tuple(parts))

    def atom(self) -> _Marker:
        if self.takes(("bracket", "(")):
            inner = self.either()
            if not self.takes(("bracket", ")")):
                raise ValueError("a bracket is not closed")
            return inner
        left, operator, right = self.next(), self.next(), self.next()
        if operator[0] != "operator" or {left[0], right[0]} != {"name", "value"}:
            raise ValueError("no comparison")
        swapped = left[0] == "value"
        name, value = (right[1], left[1]) if swapped else (left[1], right[1])
        spelled = re.sub(r"\s+", " ", operator[1])
        return _Comparison(_ALIASES.get(name, name), spelled, value[1:-1], swapped)
