"""Poetry's version constraints as PEP 440's (Poetry manual, "Dependency specification", "Version constraints")."""

from __future__ import annotations

import re

_PART = re.compile(r"\s*(\^|~(?!=)|===|==|=|!=|<=|>=|<|>|~=)?\s*([^\s,<>=!~^|]+)\s*,?")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")
_WILDCARD = re.compile(r"v?(\d+(?:\.\d+)*)(?:\.[*x])+", re.IGNORECASE)


def specifier_of(constraint: str) -> str | None:
    """The specifier that a constraint means; "" = any version; None = a union, or not understood."""
    if "|" in constraint:
        return None
    parts: list[str] = []
    at = 0
    constraint = constraint.strip()
    while at < len(constraint):
        match = _PART.match(constraint, at)
        translated = _specifier(match[1] or "", match[2]) if match else None
        if match is None or translated is None:
            return None
        parts.extend([translated] if translated else [])
        at = match.end()
    return ",".join(parts)


def _specifier(operator: str, version: str) -> str | None:
    if version in ("*", "x", "X"):
        return "" if operator in ("", "=", "==", ">=", "^", "~") else None
    if wildcard := _WILDCARD.fullmatch(version):
        if operator in ("", "=", "==", "!="):
            return f"{'!=' if operator == '!=' else '=='}{wildcard[1]}.*"
        version = wildcard[1]
    release = _RELEASE.match(version)
    if release is None:
        return None
    if operator in ("^", "~"):
        numbers = [int(number) for number in release[1].split(".")]
        return f">={version},<{_caret(numbers) if operator == '^' else _tilde(numbers)}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _caret(numbers: list[int]) -> str:
    """The first version that changes the leftmost number that is not zero."""
    at = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    return ".".join(map(str, [*numbers[:at], numbers[at] + 1]))


def _tilde(numbers: list[int]) -> str:
    at = min(1, len(numbers) - 1)
    return ".".join(map(str, [*numbers[:at], numbers[at] + 1]))
