"""SQLAlchemy in one module: bases, mapped classes, tables, and what is added to classes later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst
import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.orm import (
    ImperativeMapping,
    OrmAddition,
    OrmBase,
    OrmClass,
    OrmFacts,
    OrmForeignKey,
    OrmTable,
)
from infralint.readers.python.context import Handler, PythonFile
from infralint.readers.python.names import dotted_name
from infralint.readers.python.orm_class import read_class
from infralint.readers.python.orm_parts import PartReader, argument, call_name
from infralint.source import Span

_BASE_CALLS = {
    "declarative_base": "declarative_base",
    "automap_base": "automap_base",
    "generate_base": "generate_base",
    "SQLAlchemy": "SQLAlchemy",
    "registry": "registry",
}
_BASE_CLASSES = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_META_CLASSES = frozenset(
    {
        "sqlalchemy.orm.DeclarativeMeta",
        "sqlalchemy.orm.decl_api.DeclarativeMeta",
        "sqlalchemy.ext.declarative.DeclarativeMeta",
        "sqlalchemy.ext.declarative.api.DeclarativeMeta",
    }
)
_MAPPING_CALLS = frozenset({"map_declaratively", "map_imperatively"})
# Calls that put something into a MetaData, or make a base on it.
_DECLARING = frozenset({"Table", "declarative_base", "registry"})
_ENGINE_CALLS = frozenset({"create_engine", "create_async_engine", "engine_from_config", "async_engine_from_config"})


def make(file: PythonFile, dialect: str) -> OrmVisitor:
    """The visitor for one file."""
    return OrmVisitor(file)


class OrmVisitor:
    """Collects the facts of the subject `orm`."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.parts = PartReader(file)
        self.bases: list[OrmBase] = []
        self.classes: list[OrmClass] = []
        self.additions: list[OrmAddition] = []
        self.tables: list[OrmTable] = []
        self.imperative: list[ImperativeMapping] = []
        self.foreign_keys: list[OrmForeignKey] = []
        self.creates_engine = False
        self.metadata_uses: set[str] = set()
        self.metadata_given: set[str] = set()

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        return {
            cst.ClassDef: self._class,
            cst.Call: self._call,
            cst.Assign: self._assign,
            cst.AnnAssign: self._assign,
            cst.Attribute: self._attribute,
        }

    def finish(self, facts: FileFacts) -> FileFacts:
        found = OrmFacts(
            bases=tuple(self.bases),
            classes=tuple(self.classes),
            additions=tuple(self.additions),
            tables=tuple(self.tables),
            imperative=tuple(self.imperative),
            foreign_keys=tuple(self.foreign_keys),
            creates_engine=self.creates_engine,
            metadata_uses=tuple(sorted(self.metadata_uses)),
            metadata_given=tuple(sorted(self.metadata_given)),
        )
        return msgspec.structs.replace(facts, orm=found)

    def _class(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.ClassDef)
        qualname = self._qualname(node.name.value)
        self.classes.append(read_class(node, qualname, self.parts))
        for base in node.bases:
            if self.file.resolve(base.value) in _BASE_CLASSES:
                self.bases.append(self._base_class(node, qualname))
        if not node.bases and any(self._is_meta(keyword) for keyword in node.keywords):
            self.bases.append(self._base_class(node, qualname))
        for decorator in node.decorators:
            self._decorator(node, qualname, decorator.decorator)

    def _is_meta(self, keyword: cst.Arg) -> bool:
        """`class Base(metaclass=DeclarativeMeta)`: SQLAlchemy 1.4 and 2.0, "explicit base non-dynamically"."""
        name = keyword.keyword.value if keyword.keyword else ""
        return name == "metaclass" and self.file.resolve(keyword.value) in _META_CLASSES

    def _decorator(self, node: cst.ClassDef, qualname: str, decorator: cst.BaseExpression) -> None:
        target = decorator.func if isinstance(decorator, cst.Call) else decorator
        arguments = decorator.args if isinstance(decorator, cst.Call) else ()
        last = self.file.resolve(target).rpartition(".")[2]
        if last not in ("as_declarative", "as_declarative_base"):
            return
        base = self._made(qualname, "as_declarative", self.file.span(node.name), arguments)
        if last == "as_declarative_base" and isinstance(target, cst.Attribute):
            base = msgspec.structs.replace(base, registry=dotted_name(target.value))
        self.bases.append(base)

    def _qualname(self, name: str) -> str:
        parts = []
        for ancestor in self.file.ancestors:
            if isinstance(ancestor, cst.ClassDef):
                parts.append(f"{ancestor.name.value}.")
            elif isinstance(ancestor, cst.FunctionDef):
                parts.append(f"{ancestor.name.value}.<locals>.")
        return "".join(parts) + name

    def _base_class(self, node: cst.ClassDef, qualname: str) -> OrmBase:
        given: dict[str, str] = {}
        for name, value in _body_assignments(node):
            given[name] = _written(value)
        return OrmBase(
            qualname,
            "DeclarativeBase",
            self.file.span(node.name),
            metadata=given.get("metadata", ""),
            registry=given.get("registry", ""),
            arguments=tuple(sorted(given)),
        )

    def _made(self, name: str, form: str, span: Span, arguments: Sequence[cst.Arg]) -> OrmBase:
        given: dict[str, str] = {}
        for arg in arguments:
            key = arg.keyword.value if arg.keyword else ("**" if arg.star == "**" else "*")
            given[key] = _written(arg.value)
        return OrmBase(
            name, form, span,
            metadata=given.get("metadata", ""), registry=given.get("registry", ""), arguments=tuple(sorted(given)),
        )  # fmt: skip

    def _call(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Call)
        name = call_name(self.file, node)
        last = name.rpartition(".")[2]
        if last in _ENGINE_CALLS:
            self.creates_engine = True
        elif last in _MAPPING_CALLS or (last == "mapper" and name.startswith("sqlalchemy")):
            self._map(node)
        elif last == "ForeignKeyConstraint":
            self.foreign_keys += self.parts.constraint_targets(node)

    def _attribute(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Attribute)
        if node.attr.value != "metadata" or not (owner := dotted_name(node.value)):
            return
        if isinstance(self.file.ancestors[-1], cst.AssignTarget):
            self.metadata_given.add(owner)
            return
        call = self.file.enclosing(cst.Call)
        declares = isinstance(call, cst.Call) and call_name(self.file, call).rpartition(".")[2] in _DECLARING
        if not declares:
            self.metadata_uses.add(owner)

    def _map(self, node: cst.Call) -> None:
        mapped, table = argument(node, "class_", 0), argument(node, "local_table", 1)
        registry = node.func.value if isinstance(node.func, cst.Attribute) else None
        self.imperative.append(
            ImperativeMapping(
                dotted_name(mapped), dotted_name(table), dotted_name(registry), self.file.span(mapped or node)
            )
        )

    def _assign(self, node: cst.CSTNode) -> None:
        if self.file.enclosing(cst.ClassDef) is not None:
            return
        for target, value in _targets(node):
            if isinstance(value, cst.Call):
                self._assigned_call(target, value)

    def _assigned_call(self, target: cst.BaseExpression, call: cst.Call) -> None:
        # The attribute alone where it is one of a call: `registry().generate_base()`.
        chained = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        last = call_name(self.file, call).rpartition(".")[2] or chained
        owner, _, attribute = dotted_name(target).rpartition(".")
        if (
            isinstance(target, cst.Name)
            and (last in _BASE_CALLS or last.endswith("SQLAlchemy"))
            and self._is_base_call(call, last)
        ):
            self.bases.append(self._base_call(target.value, call, last))
        elif last == "Table":
            self.tables.append(self.parts.table(dotted_name(target), call))
        elif owner and attribute:
            column = self.parts.column(attribute, target, call, None)
            relationship = None if column else self.parts.relationship(attribute, call, None)
            if column or relationship:
                self.additions.append(OrmAddition(owner, column, relationship))

    def _is_base_call(self, call: cst.Call, last: str) -> bool:
        """Whether the call is SQLAlchemy's own: `registry` and `SQLAlchemy` are names that others use too."""
        name = call_name(self.file, call)
        if last == "generate_base":
            return True
        if last.endswith("SQLAlchemy"):
            # Flask-SQLAlchemy's class, or one that the project derives from it: the Project follows `maker`.
            return not name.startswith("sqlalchemy.")
        return name.startswith(("sqlalchemy.", "sqlalchemy_")) or name == last

    def _base_call(self, variable: str, call: cst.Call, last: str) -> OrmBase:
        name = variable
        for ancestor in reversed(self.file.ancestors):
            if isinstance(ancestor, cst.FunctionDef):
                name = f"{ancestor.name.value}.<locals>.{name}"
        base = self._made(name, _BASE_CALLS.get(last, "SQLAlchemy"), self.file.span(call), call.args)
        if base.form == "SQLAlchemy":
            model = argument(call, "model_class")
            given = dotted_name(model) if model is not None else ""
            base = msgspec.structs.replace(base, maker=dotted_name(call.func), registry=given)
        if last == "generate_base" and isinstance(call.func, cst.Attribute):
            base = msgspec.structs.replace(base, registry=dotted_name(call.func.value))
        return base


def _written(value: cst.BaseExpression) -> str:
    """A dotted name as written; with "()" behind it for a call, which makes an object of its own."""
    if isinstance(value, cst.Call):
        return f"{dotted_name(value.func)}()"
    return dotted_name(value) or "<expression>"


def _targets(node: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    if isinstance(node, cst.Assign):
        for target in node.targets:
            yield target.target, node.value
    elif isinstance(node, cst.AnnAssign) and node.value is not None:
        yield node.target, node.value


def _body_assignments(node: cst.ClassDef) -> Iterator[tuple[str, cst.BaseExpression]]:
    for line in node.body.body:
        if isinstance(line, cst.SimpleStatementLine):
            for small in line.body:
                for target, value in _targets(small):
                    if isinstance(target, cst.Name):
                        yield target.value, value
