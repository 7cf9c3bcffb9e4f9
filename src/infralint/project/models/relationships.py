"""The relationships of mapped classes, as SQLAlchemy has them when its mappers are configured.

Source: SQLAlchemy 1.3 to 2.1, `orm/relationships.py` (RelationshipProperty, _generate_backref). A relationship of a
mixin or of an abstract base is one of every mapped class that has it; a `backref` is a second one, on the class at the
other end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from infralint.facts import program as ir
from infralint.project import catalog
from infralint.project.catalog import Origin, Table
from infralint.project.interpret import (
    AnnotationValue,
    Argument,
    BoundMethod,
    ClassValue,
    FunctionValue,
    Interpreter,
    Unknown,
    Value,
)
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.models.joins import Join, join_of
from infralint.project.models.mapper_properties import is_property
from infralint.project.models.mapping import Attribute, MappedClass
from infralint.project.models.possible import Possible
from infralint.project.models.registry_names import table_named
from infralint.project.models.relationship_calls import RelationDraft, Word, draft_of, place_of, word_of
from infralint.project.models.targets import Target, Targets

TableOf = Callable[[Value], "Table | None"]


@dataclass(eq=False, slots=True)
class Relation:
    """A relationship of a mapped class.

    `secondary`: None where there is none. `given`: names of the arguments that are there and not None; with `open`,
    which says why there may be more, nothing can be said of what is missing. `inverse`: of a backref, what made it.
    """

    owner: MappedClass
    attribute: str
    target: Target
    back_populates: Word | None = None
    backref: Word | None = None
    secondary: Lookup[Table] | None = None
    secondary_word: Word | None = None
    given: frozenset[str] = frozenset()
    viewonly: bool = False
    inverse: Relation | None = None
    open: str = ""
    _join: Join | None = None

    def join(self, target: MappedClass, possible: Possible) -> Join:
        """How its own class and its target may be joined; `possible` as `join_of` takes it.

        Where they are, that stays for as long as these two classes do.
        """
        if self._join is not None:
            return self._join
        found = join_of(self.owner, target, possible)
        if found.links:
            self._join = found
        return found

    @property
    def origin(self) -> Origin:
        """The place of the target's name, or of the call."""
        return self.target.origin

    @property
    def target_class(self) -> MappedClass | None:
        """The class at the other end, if it is known."""
        return self.target.lookup.value if isinstance(self.target.lookup, Known) else None

    @property
    def kind(self) -> str:
        """ "relationship" or "backref"."""
        return "backref" if self.inverse is not None else "relationship"

    @property
    def other_name(self) -> Word | None:
        """The attribute at the other end, by `back_populates` or by `backref`."""
        return self.back_populates or self.backref


@dataclass(slots=True)
class _Backref:
    """A backref before it stands on its class."""

    word: Word
    given: dict[str, Argument] = field(default_factory=dict)


class Relationships:
    """All relationships of all mapped classes. `table_of` gives the Table that a value is.

    `before`: those before some of the classes were replaced by others of the same names.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        classes: Iterable[MappedClass],
        table_of: TableOf,
        possible: Possible,
        before: Relationships | None = None,
    ) -> None:
        self.interpreter = interpreter
        self.classes = [mapped for mapped in classes if not mapped.abstract]
        self.table_of = table_of
        self.targets = Targets(interpreter, {id(mapped.value): mapped for mapped in self.classes}, possible)
        self._of: dict[int, dict[str, Relation]] = {}
        # Names that backrefs give to classes that cannot be told.
        self.unplaced: set[str] = set()
        # Relationships that may have a backref whose name cannot be read.
        self.unnamed: list[Relation] = []
        # Backrefs that find their name taken, with what has it.
        self.taken: list[tuple[Relation, Relation | Origin]] = []
        self._descendants: dict[int, list[MappedClass]] = {}
        for mapped in self.classes:
            for parent in mapped.lineage[1:]:
                self._descendants.setdefault(id(parent), []).append(mapped)
        backrefs: list[tuple[Relation, _Backref]] = []
        current = {id(mapped) for mapped in self.classes} if before is not None else set()
        for mapped in self.classes:
            known = before.own(mapped) if before is not None else {}
            kept = {name: each for name, each in known.items() if id(each.target_class) in current}
            self._of[id(mapped)] = dict(self._declared(mapped, kept, backrefs))
        for relation, backref in backrefs:
            self._expand(relation, backref)

    @property
    def all(self) -> list[Relation]:
        """Every relationship on the class that declares it, in order, backrefs too."""
        return [relation for mapped in self.classes for relation in self._of[id(mapped)].values()]

    def of(self, mapped: MappedClass) -> dict[str, Relation]:
        """The relationships of a class by name, inherited ones too."""
        found: dict[str, Relation] = {}
        for each in mapped.lineage:
            for name, relation in self._of.get(id(each), {}).items():
                found.setdefault(name, relation)
            if each.kind == "concrete":
                break
        return found

    def own(self, mapped: MappedClass) -> dict[str, Relation]:
        """The relationships of a class by name, without those of the mapped class that it extends."""
        return self._of.get(id(mapped), {})

    # Reading

    def _declared(
        self, mapped: MappedClass, kept: Mapping[str, Relation], backrefs: list[tuple[Relation, _Backref]]
    ) -> Iterable[tuple[str, Relation]]:
        """The relationships of a class. `kept`: those whose target has not been replaced since they were made."""
        if mapped.relations is None:
            drafts = ((name, draft_of(attribute.value)) for name, attribute in mapped.attributes.items())
            mapped.relations = tuple((name, draft) for name, draft in drafts if draft is not None)
        for name, draft in mapped.relations:
            attribute = mapped.attributes[name]
            relation = kept.get(name)
            if relation is None or not self._is_steady(relation, attribute, draft):
                relation = self._relation(mapped, name, attribute, draft)
            yield name, relation
            if relation.backref is not None:
                given = draft.backref
                backrefs.append((relation, _Backref(relation.backref, given[1] if given else {})))
            elif draft.is_given("backref"):
                self.unnamed.append(relation)

    def _is_steady(self, known: Relation, attribute: Attribute, draft: RelationDraft) -> bool:
        """Whether a relationship of the same class would be made as it is once more."""
        if known.inverse is not None or not draft.is_plain:
            return False
        if draft.target is not None:
            return True
        annotation = self._annotation(attribute)
        return annotation is not None and self.targets.named_class(annotation) is known.target.of

    def _relation(self, mapped: MappedClass, name: str, attribute: Attribute, draft: RelationDraft) -> Relation:
        secondary, word = self._secondary(mapped, draft)
        given = frozenset(key for key, argument in draft.given.items() if argument.value is not None)
        backref = draft.backref
        return Relation(
            mapped,
            name,
            self._target(mapped, attribute, draft),
            back_populates=self._word(draft.given.get("back_populates")),
            backref=self._word(backref[0]) if backref else None,
            secondary=secondary,
            secondary_word=word,
            given=given,
            viewonly="viewonly" in given and draft.given["viewonly"].value is not False,
            open=draft.open,
        )

    def _word(self, argument: Argument | None) -> Word | None:
        """A name, which a function may give in 2.1."""
        if argument is not None and isinstance(argument.value, (FunctionValue, BoundMethod)):
            argument = Argument(self.interpreter.call(argument.value), argument.node, argument.frame)
        return word_of(argument)

    def _target(self, mapped: MappedClass, attribute: Attribute, draft: RelationDraft) -> Target:
        if draft.target is not None:
            return self.targets.given(mapped, draft.target)
        annotation = self._annotation(attribute)
        if annotation is None or draft.open:
            return Target(Open("the class is named by nothing that can be read"), draft.made.origin)
        return self.targets.annotated(mapped, annotation)

    def _annotation(self, attribute: Attribute) -> AnnotationValue | None:
        return attribute.bound.annotation or self._returned(attribute.bound.value)

    def _returned(self, value: Value) -> AnnotationValue | None:
        """What a declared_attr says that it returns."""
        if not isinstance(value, FunctionValue) or not isinstance(value.definition, ir.Function):
            return None
        returns = value.definition.returns
        return AnnotationValue(returns, value.scope, value.frame) if returns is not None else None

    def _secondary(self, mapped: MappedClass, draft: RelationDraft) -> tuple[Lookup[Table] | None, Word | None]:
        link = draft.given.get("link_model")
        if draft.sqlmodel and link is not None and link.value is not None:
            return self._linked(link.value), None
        argument = draft.given.get("secondary")
        if argument is None or argument.value is None:
            return None, None
        value = argument.value
        if isinstance(value, str):
            word = Word(value, place_of(argument))
            return table_named(mapped.metadata, mapped.registry, value, self.targets.possible), word
        if isinstance(value, (FunctionValue, BoundMethod)):
            value = self.interpreter.call(value)
            if isinstance(value, str):
                return Open("a function gives the name"), None
        table = self.table_of(value)
        if table is None:
            return Open(value.reason if isinstance(value, Unknown) else "`secondary` cannot be read"), None
        return Known(table), None

    def _linked(self, value: Value) -> Lookup[Table]:
        mapped = self.targets.mapped_of(value) if isinstance(value, ClassValue) else None
        if mapped is None or mapped.table is None:
            return Open("the link model cannot be read")
        return Known(mapped.table)

    # Backrefs

    def _expand(self, relation: Relation, backref: _Backref) -> None:
        """Put the other side of a relationship on its class, if the name is free there."""
        if relation.back_populates is not None:
            return
        target = relation.target_class
        if target is None:
            self.unplaced.add(backref.word.text)
            return
        there = self._taken_by(target, backref.word.text)
        if there is not None:
            self.taken.append((relation, there))
            return
        self._of[id(target)][backref.word.text] = Relation(
            target,
            backref.word.text,
            Target(Known(relation.owner), backref.word.origin),
            back_populates=Word(relation.attribute, relation.origin),
            secondary=relation.secondary,
            given=relation.given & {"primaryjoin", "secondaryjoin", "foreign_keys", "secondary", "viewonly"}
            | frozenset(backref.given),
            viewonly=relation.viewonly,
            inverse=relation,
            open=relation.open,
        )

    def _taken_by(self, target: MappedClass, name: str) -> Relation | Origin | None:
        """What has a name already among the mapped attributes of a class, its parents and its children."""
        for each in (*target.lineage, *self._descendants.get(id(target), ())):
            if each.kind == "concrete":
                continue
            relation = self._of.get(id(each), {}).get(name)
            if relation is not None:
                return relation
            if name in each.columns or (name in each.attributes and is_property(each.attributes[name].value)):
                found = each.attributes.get(name)
                place: Origin = found.bound.origin if found else each.origin
                return place
        return None


def catalog_entry(relation: Relation, name_of: dict[int, str]) -> catalog.Relationship:
    """A relationship as the catalog has it; `name_of` gives the dotted names of classes by identity."""
    target = relation.target_class
    lookup = relation.target.lookup
    secondary = relation.secondary
    return catalog.Relationship(
        owner=name_of[id(relation.owner)],
        attribute=relation.attribute,
        target=name_of.get(id(target), "") if target is not None else "",
        origin=relation.origin,
        kind=relation.kind,
        back_populates=relation.back_populates.text if relation.back_populates else "",
        backref=relation.backref.text if relation.backref else "",
        secondary=secondary.value.qualified if isinstance(secondary, Known) else "",
        open=_why_open(relation, lookup),
    )


def _why_open(relation: Relation, lookup: Lookup[MappedClass]) -> str:
    if isinstance(lookup, Open):
        return lookup.reason
    if isinstance(lookup, Absent):
        return f"no class `{relation.target.name}` is mapped"
    if isinstance(relation.secondary, Open):
        return relation.secondary.reason
    return relation.open
