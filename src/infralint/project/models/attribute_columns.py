"""The columns of a mapped class's attributes, with what their annotations say.

Source: SQLAlchemy 2.0 and 2.1, `orm/decl_base.py` (_extract_mappable_attributes), `orm/properties.py`
(MappedColumn), `orm/descriptor_props.py` (CompositeProperty).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from infralint.facts import program as ir
from infralint.project.interpret import (
    NOTHING,
    AnnotationValue,
    Argument,
    ClassValue,
    FunctionValue,
    Made,
    Unknown,
    Value,
)
from infralint.project.models.annotations import Annotations, MappedAnnotation, PythonType
from infralint.project.models.columns import ColumnDraft, column_in, draft_of, is_column, merge
from infralint.project.models.mapping import Attribute, Registry
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import called_name

_MAPPED = frozenset({"sqlalchemy.mapped_column", "sqlalchemy.MappedColumn", "sqlalchemy.unmapped_column"})


class AttributeColumns:
    """Reads the columns that attributes make."""

    def __init__(self, annotations: Annotations, types: Types) -> None:
        self.annotations = annotations
        self.types = types

    def drafts(self, attribute: Attribute, registry: Registry, taken: Collection[int]) -> tuple[ColumnDraft, ...]:
        """The columns of one attribute: none, one, or those of a composite.

        `taken`: ids of the Columns that are attributes of their own, which a composite may name.
        """
        value, bound = attribute.value, attribute.bound
        if isinstance(value, Made) and called_name(value) == "sqlalchemy.composite":
            return tuple(self._composite(value, attribute, registry, taken))
        if value is not bound.value:
            return tuple(self._plain(attribute, registry))
        types, found = self.annotations.interpreter.keep(
            ("columns", attribute.name),
            bound,
            attribute.owner.born,
            lambda: (registry.types, tuple(self._plain(attribute, registry))),
        )
        return found if types == registry.types else tuple(self._plain(attribute, registry))

    def _plain(self, attribute: Attribute, registry: Registry) -> Iterator[ColumnDraft]:
        """The column of an attribute that is no composite."""
        value = attribute.value
        column = column_in(value)
        if column is not None:
            yield self._named(attribute, self._column(column, attribute, registry, column is value))
        elif value is NOTHING:
            annotation = self._annotation(attribute)
            if annotation and annotation.container in ("Mapped", "Unmapped") and annotation.inner is not None:
                draft = ColumnDraft(attribute.bound.name_origin, mapped=annotation.container == "Mapped")
                self._apply(draft, self.annotations.python_type(annotation.inner), registry)
                yield self._named(attribute, draft)

    def _named(self, attribute: Attribute, draft: ColumnDraft) -> ColumnDraft:
        draft.attribute = attribute.name if draft.mapped else ""
        draft.name = draft.name or attribute.name
        draft.key = draft.key or attribute.name
        draft.origin = attribute.bound.name_origin
        return draft

    def _column(self, column: Made, attribute: Attribute, registry: Registry, bare: bool) -> ColumnDraft:
        draft = draft_of(column)
        # Inside of `deferred()` and `column_property()` a column has nothing of the annotation.
        annotation = self._annotation(attribute) if bare and called_name(column) in _MAPPED else None
        if annotation and annotation.container in ("Mapped", "Unmapped") and annotation.inner is not None:
            self._apply(draft, self.annotations.python_type(annotation.inner), registry)
        elif draft.has_type:
            draft.type = self.types.read(draft.type_value)
        return draft

    def _annotation(self, attribute: Attribute) -> MappedAnnotation | None:
        value = attribute.bound.value
        if isinstance(value, FunctionValue):
            returns = value.definition.returns if isinstance(value.definition, ir.Function) else None
            annotation = AnnotationValue(returns, value.scope, value.frame) if returns else None
        else:
            annotation = attribute.bound.annotation
        return self.annotations.mapped(annotation) if annotation is not None else None

    def _apply(self, draft: ColumnDraft, python: PythonType, registry: Registry) -> None:
        """What an annotation adds to a column: nullability, Annotated's column, and a type where none is given."""
        for value in python.metadata:
            if isinstance(value, Made) and is_column(value):
                merge(draft_of(value), draft)
                break
            if isinstance(value, Unknown):
                # It may be a column: `mapped_column(...) if condition else mapped_column(...)`.
                draft.open = draft.open or value.reason
        draft.from_annotation = python.nullable
        if draft.has_type:
            draft.type = self.types.read(draft.type_value)
        elif not draft.foreign_keys:
            draft.type = self.annotations.sql_type(python, registry.types)
            draft.type_value = python.value

    # Composites

    def _composite(
        self, made: Made, attribute: Attribute, registry: Registry, taken: Collection[int]
    ) -> Iterator[ColumnDraft]:
        given = list(made.positional())
        cls = self._composite_class(given, attribute)
        fields = self._fields(cls) if cls else []
        items: list[Argument | None] = [*given] if given else [None for _ in fields]
        for index, item in enumerate(items):
            if item is not None and id(item.value) in taken:
                continue
            name, annotation = fields[index] if index < len(fields) else ("", None)
            draft = self._composite_column(item.value if item else None, annotation, registry)
            if draft is not None and (draft.name or name):
                draft.name = draft.name or name
                draft.key = draft.attribute = draft.key or draft.name
                if draft.term is None:
                    draft.origin = attribute.bound.name_origin
                yield draft

    def _composite_class(self, given: list[Argument], attribute: Attribute) -> ClassValue | None:
        """The class of a composite: its first argument, else its annotation's."""
        if given and not is_column(given[0].value) and not isinstance(given[0].value, str):
            first = given.pop(0).value
            return first if isinstance(first, ClassValue) else None
        annotation = self._annotation(attribute)
        value = self.annotations.python_type(annotation.inner).value if annotation else None
        return value if isinstance(value, ClassValue) else None

    def _fields(self, cls: ClassValue) -> list[tuple[str, AnnotationValue]]:
        """The fields of a dataclass with their annotations."""
        return [(name, bound.annotation) for name, bound in cls.namespace.items() if bound.annotation is not None]

    def _composite_column(
        self, value: Value, annotation: AnnotationValue | None, registry: Registry
    ) -> ColumnDraft | None:
        if is_column(value) and isinstance(value, Made):
            draft = draft_of(value)
        elif value is None and annotation is not None:
            draft = ColumnDraft(annotation.origin)
        else:
            return None
        if annotation is not None and (value is None or called_name(value) in _MAPPED):
            inner = self.annotations.mapped(annotation).inner
            self._apply(draft, self.annotations.python_type(inner), registry)
        elif draft.has_type:
            draft.type = self.types.read(draft.type_value)
        return draft
