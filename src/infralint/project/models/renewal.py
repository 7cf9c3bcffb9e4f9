"""Modules of models were run again: their classes and tables take the place of the old ones, if nothing else changes.

A change of columns, relationships and constraints is taken. Where a module declares other classes or tables than
before, has a hand in those of others, or says something of the registry, all is to be read anew.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from infralint.project.models.call_kinds import kinds_in
from infralint.project.models.mapping import MappedClass
from infralint.project.models.reading import Reading

# What was replaced stays in memory until all is read anew.
_MOST = 50


def renew(reading: Reading, runs: Collection[str]) -> bool:
    """Read the modules again that were run again. False where that is not enough: then the reading is of no use any
    more."""
    paths = [path for path in reading.paths if path in runs]
    reading.renewals += 1
    if reading.renewals > _MOST or not _stands_apart(reading, runs, paths):
        return False
    return all(_replace(reading, path) for path in paths) and _put_together(reading, paths)


def _stands_apart(reading: Reading, runs: Collection[str], paths: Iterable[str]) -> bool:
    """Whether what these modules said had nothing to do with what others declare."""
    if reading.size != reading.whole or reading.store.was_asked_by_name or not reading.heirs.isdisjoint(runs):
        return False
    if any(kinds.concern_all for kinds in reading.kinds.values()) or _is_noted(reading, runs):
        return False
    if any(declaration.extends for declaration in reading.store.declarations):
        return False
    return not any(
        not reading.spans[path].founds.isdisjoint(runs)
        or reading.kinds[path].concern_others
        or path in reading.entangled
        for path in paths
    )


def _is_noted(reading: Reading, runs: Collection[str]) -> bool:
    """Whether one of these modules is the reason why a registry or MetaData may hold more than is seen."""
    notes = [note for registry in reading.registries.registries for note in registry.open]
    notes += [note for metadata in reading.registries.metadatas for note in metadata.open]
    return any(note.origin.path in runs for note in notes)


def _replace(reading: Reading, path: str) -> bool:
    """Map the classes of a module, and put them where the old ones stand; False where they differ in kind."""
    classes, declarations, span = reading.mapper.classes, reading.store.declarations, reading.spans[path]
    known, tables = len(classes), len(declarations)
    old = [each for each in classes[span.classes] if each.path == path]
    before = [_likeness(reading, path, each) for each in old]
    reading.kinds[path] = kinds_in(reading.interpreter, path)
    if reading.kinds[path].concern_others:
        return False
    now = reading.map_module(path)
    # Who asks for a class first decides where it stands.
    if now.founds or now.asked != span.asked or _is_noted(reading, [path]):
        return False
    new = classes[known:]
    if None in before or before != [_likeness(reading, path, each) for each in new]:
        return False
    fresh = {id(one): other for one, other in zip(old, new, strict=True)}
    # Every class that has a table declares it, as they are alike.
    others = {id(each.cls): each for each in declarations[tables:]}
    classes[span.classes] = [fresh.get(id(each), each) for each in classes[span.classes]]
    declarations[span.declarations] = [
        others[id(fresh[id(each.cls)])] if id(each.cls) in fresh else each for each in declarations[span.declarations]
    ]
    del classes[known:], declarations[tables:]
    for one, other in zip(old, new, strict=True):
        _register(one, other)
    return True


def _likeness(reading: Reading, path: str, mapped: MappedClass) -> Hashable:
    """What must stay of a class; None for one with a table that it does not declare itself."""
    declaration, parent = reading.store.of_class(mapped.value), mapped.inherits
    if not mapped.abstract and (declaration is None or declaration.cls is not mapped):
        return None
    if declaration is not None and (declaration.made is not None or declaration.table.origin.path != path):
        return None
    named = (declaration.table.schema, declaration.table.name) if declaration is not None else ()
    above = (parent.path, parent.value.qualname) if parent is not None else ()
    of = (id(mapped.registry), id(mapped.metadata))
    return (mapped.path, mapped.value.qualname, mapped.value.certain, mapped.abstract, mapped.kind, above, named, of)


def _register(old: MappedClass, new: MappedClass) -> None:
    """Put a class where its registry has the old one; the mapper has added it at the end."""
    if not new.abstract:
        same = new.registry.classes[new.name]
        same.pop()
        same[same.index(old)] = new


def _put_together(reading: Reading, paths: Collection[str]) -> bool:
    """Make what is made of all tables; False where these modules now have a hand in those of others."""
    store = reading.store
    store.forget_terms()
    fresh = [
        each
        for path in paths
        for each in store.declarations[reading.spans[path].declarations]
        if each.cls is not None and each.cls.path == path
    ]
    reading.settle(fresh, [reading.kinds[path] for path in paths])
    for table, column in reading.typeless:
        table.columns[column.name] = column
    for metadata in reading.registries.metadatas:
        metadata.catalog.tables.clear()
        metadata.catalog.enums.clear()
    reading.fill()
    return reading.entangled.isdisjoint(paths) and reading.size == reading.whole
