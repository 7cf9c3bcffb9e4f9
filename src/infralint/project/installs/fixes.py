"""What to add where, so that an image holds what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Requirement
from infralint.findings import Applicability, TextEdit, TitledFix
from infralint.project.installs.missing import Lacking
from infralint.project.installs.values import PlacedInstall
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Addition:
    """A requirement to add. `known`: another file of the project asks for this distribution."""

    distribution: str
    written: str
    known: bool


def additions(files: Mapping[str, FileFacts], lacking: Lacking) -> tuple[Addition, ...]:
    """What the image needs: of several distributions the one that the project asks for elsewhere, with the version
    that it pins there; without a version where it pins none, or several."""
    asked = _asked(files)
    found = {}
    for module in lacking.modules:
        name = next((each for each in module.distributions if each in asked), module.distributions[0])
        pins = {each.specifier for each in asked.get(name, ())}
        pin = pins.pop() if len(pins) == 1 else ""
        pinned = pin if pin.startswith("==") and "," not in pin and "*" not in pin else ""
        found[name] = Addition(name, f"{name}{pinned}", name in asked)
    return tuple(found[name] for name in sorted(found))


def _asked(files: Mapping[str, FileFacts]) -> dict[str, list[Requirement]]:
    """The requirements of the project's files by distribution."""
    found: dict[str, list[Requirement]] = {}
    for facts in files.values():
        for group in facts.requirements.groups if facts.requirements is not None else ():
            if group.kind != "constraint":
                for requirement in group.requirements:
                    found.setdefault(requirement.name, []).append(requirement)
    return found


def fixes_of(files: Mapping[str, FileFacts], lacking: Lacking) -> Iterator[TitledFix]:
    """The repair: a line for each distribution in the requirement file that the image installs, or a word for each in
    the command that does."""
    install = lacking.install
    if install is None:
        return
    added = additions(files, lacking)
    edits = tuple(_in_file(files, install, added)) or tuple(_in_command(install, added))
    if edits:
        certain = all(each.known for each in added)
        names = ", ".join(f"`{each.written}`" for each in added)
        applicability = Applicability.SAFE if certain else Applicability.UNSAFE
        yield TitledFix(f"Add {names} to `{edits[0].path}`", edits, applicability)


def _in_file(files: Mapping[str, FileFacts], install: PlacedInstall, added: tuple[Addition, ...]) -> Iterator[TextEdit]:
    """Each before the first requirement of a later name, or before the last of all."""
    listed = [
        (asked.path, asked.requirement)
        for asked in install.brings.asked
        if not (asked.includes or asked.constraint) and asked.path != install.path
    ]
    if not listed or not _is_edited_by_hand(files, listed[-1][0]):
        return
    path = listed[-1][0]
    lines = [each for where, each in listed if where == path and each.span.start == each.name_span.start]
    by_place: dict[int, list[str]] = {}
    for addition in added:
        if lines:
            later = [each for each in lines if each.name > addition.distribution]
            before = (later if later and _is_sorted(lines) else lines[-1:])[0]
            by_place.setdefault(before.span.start, []).append(addition.written)
    for start, names in by_place.items():
        yield TextEdit(path, Span(start, start), "".join(f"{name}\n" for name in names))


def _is_edited_by_hand(files: Mapping[str, FileFacts], path: str) -> bool:
    facts = files[path].requirements if path in files else None
    if facts is None or facts.tool != "pip" or facts.compiled:
        return False
    return not any(each.hashes for group in facts.groups for each in group.requirements)


def _is_sorted(requirements: list[Requirement]) -> bool:
    names = [each.name for each in requirements]
    return names == sorted(names)


def _in_command(install: PlacedInstall, added: tuple[Addition, ...]) -> Iterator[TextEdit]:
    """Words before the first requirement that the command names without quotes."""
    if install.request.files or install.request.projects or install.request.tool not in ("pip", "uv"):
        return
    for text in install.request.requirements:
        if text.is_static and len(text.span) == len(text.value) and text.value[0].isalnum():
            words = "".join(f"{each.written} " for each in added)
            yield TextEdit(install.path, Span(text.span.start, text.span.start), words)
            return
