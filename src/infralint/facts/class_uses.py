"""Uses of classes by name: attributes that are asked of them, and keywords that they are made or queried with."""

from __future__ import annotations

import msgspec

from infralint.source import Span


class ClassUse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One use. `kind`: "attribute" (`User.name`), "set" (`User.name = ...`), "keyword" (`User(name=...)`) or "filter"
    (`session.query(User).filter_by(name=...)`). `span` is that of the attribute's or keyword's name.
    """

    kind: str
    name: str
    span: Span


class ImportedHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The import in a function that binds the first part of a dotted name.

    `name` is None for `import module`; `level` counts the dots of a relative import.
    """

    module: str
    level: int
    name: str | None


class ClassUses(msgspec.Struct, frozen=True, array_like=True):
    """The uses of one class in one file. `owner`: its dotted name as written; `head`: None where a name at the top of
    the module is meant."""

    owner: str
    head: ImportedHead | None
    uses: tuple[ClassUse, ...]
