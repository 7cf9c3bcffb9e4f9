"""Files of SQL that revisions run: `op.execute(Path(__file__).with_name("base.sql").read_text())` and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from infralint.facts.files import FileFacts
from infralint.project.interpret import Argument, AttributeOf, ItemOf, Made, Value
from infralint.project.interpret import Operation as Combined
from infralint.project.replay.ddl import operations_of
from infralint.project.replay.operations import Operation

_READS = frozenset({"read_text", "read", "read_bytes", "decode", "format", "strip"})
_MAX_DEPTH = 30


class SqlFiles:
    """The .sql files of a project."""

    def __init__(self, files: Mapping[str, FileFacts], dialect: str) -> None:
        self.files = files
        self.dialect = dialect
        self._by_name: dict[str, list[str]] = {}
        for path, facts in files.items():
            if facts.sql is not None and facts.python is None:
                self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def named_in(self, value: Value, reader: str) -> str | None:
        """The file whose text a term is, read by the module in `reader`; None where it cannot be told."""
        if not _reads(value):
            return None
        parts = [part for text in _texts(value, 0) for part in text.replace("\\", "/").split("/") if part]
        if not parts or "." not in parts[-1]:
            return None
        ends = [part for part in parts if part not in (".", "..")]
        found = self._by_name.get(ends[-1], [])
        best = [path for path in found if path.endswith("/".join(ends[-2:]))] or found
        near = [path for path in best if _top(path) == _top(reader)] or best
        return near[0] if len(near) == 1 else None

    def operations(self, path: str, certain: bool) -> Iterator[Operation]:
        """What the statements of a file do."""
        sql = self.files[path].sql
        for statement in sql.statements if sql is not None else ():
            yield from operations_of(path, statement, self.dialect, certain)


def _top(path: str) -> str:
    return path.partition("/")[0]


def _reads(value: Value) -> bool:
    """Whether a term is the result of reading."""
    return isinstance(value, Made) and isinstance(value.callee, AttributeOf) and value.callee.name in _READS


def _texts(value: Value, depth: int) -> Iterator[str]:
    """The strings in a term, in the order in which they stand."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Made):
        yield from _texts(value.callee, depth + 1)
        yield from _each(value.args, depth)
    elif isinstance(value, (AttributeOf, ItemOf)):
        yield from _texts(value.value, depth + 1)
    elif isinstance(value, Combined):
        yield from _each(value.operands, depth)


def _each(arguments: Iterable[Argument], depth: int) -> Iterator[str]:
    for argument in arguments:
        yield from _texts(argument.value, depth + 1)
