"""Words that the facts of many files have in common, as one object each: to decode makes a new one every time.

Modules, imported names and attributes are the same ones over and over; that is a third of the memory of all facts.
"""

from __future__ import annotations

from msgspec.structs import force_setattr

from infralint.facts.files import FileFacts
from infralint.facts.python import ClassDef, PythonModule


class SharedWords:
    """The words of the facts that were seen so far. To be let go of when all are read."""

    def __init__(self) -> None:
        self._words = _Words()

    def put_into(self, facts: FileFacts) -> FileFacts:
        """The same facts, with words that were seen before in the place of equal ones."""
        if facts.python is not None:
            self._module(facts.python)
        return facts

    def _module(self, module: PythonModule) -> None:
        words = self._words
        for statement in module.imports:
            force_setattr(statement, "module", words[statement.module])
            for imported in statement.names or ():
                force_setattr(imported, "name", words[imported.name])
        for each in module.classes:
            self._class(each)
        for stub in module.stubs:
            force_setattr(stub, "name", words[stub.name])
            force_setattr(stub, "bases", self._all(stub.bases))
        for binding in module.bindings:
            # Most names of modules are their own: those of classes are known by now, and the others are not kept.
            force_setattr(binding, "name", words.get(binding.name, binding.name))
            force_setattr(binding, "value", words[binding.value])
        if module.loads is not None:
            force_setattr(module.loads, "names", self._all(module.loads.names))
            force_setattr(module.loads, "strings", self._all(module.loads.strings))

    def _class(self, each: ClassDef) -> None:
        words = self._words
        force_setattr(each, "name", words[each.name])
        force_setattr(each, "qualname", words[each.qualname])
        for field in ("bases", "decorators", "attributes", "instance"):
            force_setattr(each, field, self._all(getattr(each, field)))
        for field in ("keywords", "calls"):
            pairs: tuple[tuple[str, str], ...] = getattr(each, field)
            force_setattr(each, field, tuple((words[name], words[value]) for name, value in pairs))

    def _all(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self._words.__getitem__, words))


class _Words(dict[str, str]):
    """The first of equal words for each of them."""

    def __missing__(self, word: str) -> str:
        self[word] = word
        return word
