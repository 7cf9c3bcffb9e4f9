"""Words that the facts of many files have in common, as one object each: to decode makes a new one every time.

Modules, imported names and attributes are the same ones over and over; that is a third of the memory of all facts.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import force_setattr

from infralint.facts.files import FileFacts
from infralint.facts.python import Binding, ClassDef, ClassStub, PythonModule


class SharedWords:
    """The words of the facts that were seen so far. To be let go of when all are read.

    A third of the time that decoding takes goes here: nothing is set that is the same object already.
    """

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def put_into(self, facts: FileFacts) -> FileFacts:
        """The same facts, with words that were seen before in the place of equal ones."""
        if facts.python is not None:
            self._module(facts.python)
        return facts

    def _module(self, module: PythonModule) -> None:
        share = self._words.setdefault
        for statement in module.imports:
            word = statement.module
            if (known := share(word, word)) is not word:
                force_setattr(statement, "module", known)
            for imported in statement.names or ():
                word = imported.name
                if (known := share(word, word)) is not word:
                    force_setattr(imported, "name", known)
        for each in module.classes:
            self._class(each)
        for stub in module.stubs:
            self._field(stub, "name", stub.name)
            self._list(stub, "bases", stub.bases)
        self._bindings(module.bindings)
        if module.loads is not None:
            # Each module has its own: equal ones are not looked for.
            force_setattr(module.loads, "names", self._all(module.loads.names))
            force_setattr(module.loads, "strings", self._all(module.loads.strings))

    def _bindings(self, bindings: Iterable[Binding]) -> None:
        get, share = self._words.get, self._words.setdefault
        for binding in bindings:
            # Most names of modules are their own: those of classes are known by now, and the others are not kept.
            word = binding.name
            known = get(word)
            if known is not None and known is not word:
                force_setattr(binding, "name", known)
            word = binding.value
            if word and (known := share(word, word)) is not word:
                force_setattr(binding, "value", known)

    def _class(self, each: ClassDef) -> None:
        self._field(each, "name", each.name)
        self._field(each, "qualname", each.qualname)
        self._list(each, "bases", each.bases)
        self._list(each, "decorators", each.decorators)
        self._list(each, "attributes", each.attributes)
        self._list(each, "instance", each.instance)
        if each.keywords:
            force_setattr(each, "keywords", tuple(map(self._all, each.keywords)))
        if each.calls:
            force_setattr(each, "calls", tuple(map(self._all, each.calls)))

    def _field(self, holder: ClassDef | ClassStub, field: str, word: str) -> None:
        known = self._words.setdefault(word, word)
        if known is not word:
            force_setattr(holder, field, known)

    def _list(self, holder: ClassDef | ClassStub, field: str, words: tuple[str, ...]) -> None:
        """Of words in the same order, the list as well."""
        if words:
            known = self._lists.get(words)
            if known is None:
                known = self._lists[words] = self._all(words)
            force_setattr(holder, field, known)

    def _all(self, words: tuple[str, ...]) -> tuple[str, ...]:
        share = self._words.setdefault
        return tuple([share(word, word) for word in words])
