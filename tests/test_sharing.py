"""Words that facts have in common: one object each, and the same facts."""

from __future__ import annotations

from infralint.cache import decode_facts, encode_facts
from infralint.facts.files import FileFacts
from infralint.facts.sharing import SharedWords
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file

MODULE = b'''"""A module."""
import os.path as paths, json
from app.models import User as Person, Order
from . import other

LIMIT = json.loads("1")
ALIAS = Person.name


@decorated
class Invoice(Order, metaclass=Meta):
    total = field()

    def __init__(self):
        self.total_amount = 1


def work():
    import app.models
'''


def test_the_facts_are_the_same() -> None:
    read = read_file(MODULE, Kind.PYTHON, "postgres")
    assert read.python is not None
    assert read.python.classes
    assert SharedWords().put_into(decode_facts(encode_facts(read))) == read
    assert SharedWords().put_into(FileFacts()) == FileFacts()


def test_words_of_two_files_are_one_object() -> None:
    encoded = encode_facts(read_file(MODULE, Kind.PYTHON, "postgres"))
    words = SharedWords()
    one, other = (words.put_into(decode_facts(encoded)).python for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.imports is not other.imports
    for left, right in zip(one.imports, other.imports, strict=True):
        assert left.module is right.module
        assert (left.scope, left.runs) == (right.scope, right.runs)
        assert left.scope is right.scope
        assert all(a.name is b.name for a, b in zip(left.names or (), right.names or (), strict=True))
    assert one.classes[0].qualname is other.classes[0].qualname is one.bindings[-2].name
    assert one.classes[0].attributes[0] is other.classes[0].attributes[0]
    assert one.classes[0].bases is other.classes[0].bases
    assert one.classes[0].keywords[0][1] is other.classes[0].keywords[0][1]
    assert one.bindings[0].kind is other.bindings[0].kind
