"""Relationships as they are written: `relationship(...)`, `backref(...)`, SQLModel's `Relationship(...)`.

Sources: SQLAlchemy 1.3 to 2.1, `orm/relationships.py` (RelationshipProperty.__init__), `orm/_orm_constructors.py`
(relationship, backref, dynamic_loader); SQLModel 0.0.14 to 0.0.50, `main.py` (Relationship, SQLModelMetaclass).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.project.interpret import Argument, AttributeOf, ClassValue, DictValue, Made, Value
from infralint.project.models.vocabulary import called_name

_CALLS = frozenset(
    {
        "sqlalchemy.relationship", "sqlalchemy.relation", "sqlalchemy.dynamic_loader",
        "sqlalchemy.RelationshipProperty", "sqlalchemy.Relationship",
    }
)  # fmt: skip
_SQLMODEL = "sqlmodel.Relationship"
# What may be given by position too (1.3 and 1.4; 2.x takes the first two so).
_POSITIONS = ("argument", "secondary", "primaryjoin", "secondaryjoin", "foreign_keys")


@dataclass(frozen=True, slots=True)
class Word:
    """A text that was written, and where."""

    text: str
    origin: Origin


@dataclass(slots=True)
class RelationDraft:
    """A call that makes a relationship, its arguments by name.

    `target`: the argument that names the class, None where an annotation does. `link`: SQLModel's `link_model`.
    `open`: why there may be arguments that nobody sees, "" for none. `sqlmodel`: made by SQLModel's own function.
    """

    made: Made
    given: dict[str, Argument] = field(default_factory=dict)
    open: str = ""
    sqlmodel: bool = False

    @property
    def target(self) -> Argument | None:
        """The argument that names the class."""
        found = self.given.get("argument")
        return found if found is not None and found.value is not None else None

    @property
    def backref(self) -> tuple[Argument, dict[str, Argument]] | None:
        """The name that the other side gets, and what it is made with; None where it gets none."""
        given = self.given.get("backref")
        if given is None or given.value is None:
            return None
        inner = given.value
        if isinstance(inner, Made) and called_name(inner) == "sqlalchemy.backref":
            name = inner.argument(0, "name")
            return (name, inner.kwargs) if name is not None else None
        return given, {}

    @property
    def is_plain(self) -> bool:
        """Whether nothing need be called to read it: no argument is a function."""
        back, other = self.given.get("back_populates"), self.backref
        words = [each.value for each in (back, other[0] if other is not None else None) if each is not None]
        target = self.target
        return (
            all(isinstance(word, str) for word in words)
            and "secondary" not in self.given
            and "link_model" not in self.given
            and (target is None or isinstance(target.value, (str, ClassValue)))
        )

    def is_given(self, *names: str) -> bool:
        """Whether one of these arguments is there and not None, or may be there."""
        return bool(self.open) or any(name in self.given and self.given[name].value is not None for name in names)


def draft_of(value: Value) -> RelationDraft | None:
    """The relationship that a value is; None for everything else."""
    if not isinstance(value, Made):
        return None
    name = called_name(value)
    if name in _CALLS:
        return _draft(value)
    if name == _SQLMODEL:
        return _sqlmodel(value)
    if name == "dataclasses.field":
        return _dataclass_field(value)
    return None


def _draft(made: Made) -> RelationDraft:
    draft = RelationDraft(made)
    if made.is_open:
        draft.open = "its arguments cannot be read"
    for name, argument in zip(_POSITIONS, made.positional(), strict=False):
        draft.given[name] = argument
    draft.given.update(made.kwargs)
    return draft


def _sqlmodel(made: Made) -> RelationDraft | None:
    whole = made.kwargs.get("sa_relationship")
    if whole is not None and whole.value is not None:
        return draft_of(whole.value)
    draft = _draft(made)
    draft.sqlmodel = True
    draft.given.pop("argument", None)
    further = made.kwargs.get("sa_relationship_kwargs")
    if further is not None and further.value is not None:
        _spread(draft, further.value)
    if (arguments := made.kwargs.get("sa_relationship_args")) is not None and arguments.value is not None:
        draft.open = draft.open or "its arguments are given as a list"
    return draft


def _spread(draft: RelationDraft, value: Value) -> None:
    """Arguments that stand in a dictionary."""
    if not isinstance(value, DictValue) or value.open:
        draft.open = draft.open or "its arguments cannot be read"
    if isinstance(value, DictValue):
        for key, argument in value.pairs():
            if isinstance(key.value, str):
                draft.given[key.value] = argument


def _dataclass_field(made: Made) -> RelationDraft | None:
    """`field(metadata={"sa": relationship(...)})` of a dataclass that is mapped (1.4)."""
    metadata = made.kwargs.get("metadata")
    if metadata is None or not isinstance(metadata.value, DictValue):
        return None
    drafts = (draft_of(argument.value) for _, argument in metadata.value.pairs())
    return next((draft for draft in drafts if draft is not None), None)


def word_of(argument: Argument | None) -> Word | None:
    """A name that was given as a text, or as an attribute of a class (2.1: `back_populates=lambda: User.posts`).

    An empty text counts as none.
    """
    value = argument.value if argument is not None else None
    if argument is None or not value:
        return None
    if isinstance(value, str):
        return Word(value, place_of(argument))
    if isinstance(value, AttributeOf):
        return Word(value.name, place_of(argument))
    return None


def place_of(argument: Argument) -> Origin:
    """Where the reader finds an argument: a literal where it stands, a helper function's parameter at its call."""
    if not isinstance(argument.node, ir.Name):
        return argument.origin
    found, frame = argument.origin, argument.frame
    while frame.caller is not None:
        if isinstance(frame.call, ir.Call):
            found = Origin(frame.caller.path, frame.call.span)
        frame = frame.caller
    return found
