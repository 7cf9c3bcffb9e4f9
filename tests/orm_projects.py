"""Small projects on SQLAlchemy for its judge: each is one text, with `### path` before every file.

`IDS` stands for the imports and `KEY` for a primary key, so that a project shows what it is about alone.
"""

from __future__ import annotations

_IMPORTS = """\
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.orm import (
    DeclarativeBase, DynamicMapped, Mapped, MappedAsDataclass, WriteOnlyMapped, backref, declarative_base,
    declared_attr, mapped_column, registry, relationship,
)
"""


def files_of(project: str) -> dict[str, str]:
    """The files of a project's text, in order."""
    found: dict[str, str] = {}
    for part in project.lstrip("\n").split("### ")[1:]:
        path, _, text = part.partition("\n")
        found[path.strip()] = text.replace("IDS\n", _IMPORTS)
    return found


# Everything that SQLAlchemy 2 configures. By what they show.
SOUND = {
    "string": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User")
""",
    "dotted path": """
### app/__init__.py
### app/base.py
IDS
class Base(DeclarativeBase):
    pass
### app/people.py
IDS
from app.base import Base
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/posts.py
IDS
from app.base import Base
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    one = relationship("app.people.User", viewonly=True)
    two = relationship("people.User", viewonly=True)
    three = relationship(lambda: User, viewonly=True)
from app.people import User
""",
    "future annotations and typing-only imports": """
### app/__init__.py
### app/base.py
IDS
class Base(DeclarativeBase):
    pass
### app/users.py
from __future__ import annotations
from typing import TYPE_CHECKING, List, Optional
IDS
from app.base import Base
if TYPE_CHECKING:
    from app.posts import Post
    import app.posts as posts
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[List[Post]] = relationship(viewonly=True)
    more: Mapped[list["Post"]] = relationship(viewonly=True)
    all: Mapped[List[posts.Post]] = relationship("Post", viewonly=True)
### app/posts.py
from __future__ import annotations
import typing
IDS
from app.base import Base
if typing.TYPE_CHECKING:
    from .users import User as Author
    from .users import User
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(viewonly=True)
    maybe: Mapped[User | None] = relationship(viewonly=True)
    author: Mapped[Author] = relationship("User", viewonly=True)
""",
    "mixins": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Owned:
    @declared_attr
    def owner_id(cls):
        return Column(ForeignKey("users.id"))
    @declared_attr
    def owner(cls):
        return relationship("User")
class OwnedToo:
    @declared_attr
    def other_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("users.id"))
    @declared_attr
    def other(cls) -> Mapped["User"]:
        return relationship("User", foreign_keys=f"{cls.__name__}.other_id")
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
class Post(Owned, Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
class Note(OwnedToo, Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "a mixin that no mapped class has": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Owned:
    @declared_attr
    def owner(cls):
        return relationship("Nobody")
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "a declared_attr of an abstract base overridden in the only child": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Owned(Base):
    __abstract__ = True
    @declared_attr
    def owner(cls):
        return relationship("Nobody")
class User(Owned):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner = None
""",
    "the name that a function makes": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Linked:
    __target__ = None
    @declared_attr
    def other_id(cls):
        return Column(ForeignKey("users.id"))
    @declared_attr
    def other(cls):
        target = cls.__target__
        return relationship(target)
    @declared_attr
    def third(cls):
        return relationship(f"{cls.__target__}", viewonly=True)
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
class Post(Linked, Base):
    __tablename__ = "posts"
    __target__ = "User"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "single-table child in a module without a trigger word": """
### app/__init__.py
### app/people.py
IDS
class Base(DeclarativeBase):
    pass
class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    boss_id = Column(ForeignKey("people.id"))
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "p"}
    boss = relationship("Manager", remote_side="Person.id")
### app/managers.py
from app.people import Person

class Manager(Person):
    __mapper_args__ = {"polymorphic_identity": "m"}
""",
    "single-table child by a relative import and an alias": """
### app/__init__.py
from .people import Person as Human
### app/people.py
IDS
class Base(DeclarativeBase):
    pass
class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    boss_id = Column(ForeignKey("people.id"))
    boss = relationship("Manager", remote_side="Person.id")
### app/managers.py
from . import Human
import app

class Chief(Human):
    pass

class Manager(Chief):
    pass
""",
    "joined inheritance": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
class Engineer(Person):
    __tablename__ = "engineers"
    id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
class Machine(Base):
    __tablename__ = "machines"
    id: Mapped[int] = mapped_column(primary_key=True)
    engineer_id = Column(ForeignKey("engineers.id"))
    engineer = relationship("Engineer", backref="machines")
""",
    "registry().mapped": """
### m.py
IDS
reg = registry()
@reg.mapped
class User:
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post")
@reg.mapped
class Post:
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
""",
    "registry().mapped_as_dataclass": """
### m.py
from __future__ import annotations
IDS
reg = registry()
mapper_registry = reg
@mapper_registry.mapped_as_dataclass
class User:
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    posts: Mapped[list[Post]] = relationship(default_factory=list)
@reg.mapped_as_dataclass(kw_only=True)
class Post:
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
""",
    "registry.generate_base": """
### app/__init__.py
### app/db.py
IDS
mapper_registry = registry()
Base = mapper_registry.generate_base()
Other = mapper_registry.generate_base()
### app/m.py
IDS
from app.db import Base, Other, mapper_registry
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post")
class Post(Other):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    note = relationship("Note", primaryjoin="foreign(Post.id) == Note.id")
@mapper_registry.mapped
class Note:
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
""",
    "as_declarative": """
### m.py
IDS
from sqlalchemy.orm import as_declarative
@as_declarative()
class Base:
    id = Column(Integer, primary_key=True)
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()
class User(Base):
    pass
class Post(Base):
    user_id = Column(ForeignKey("user.id"))
    user = relationship("User")
""",
    "registry.as_declarative_base": """
### m.py
IDS
reg = registry()
@reg.as_declarative_base()
class Base:
    id = Column(Integer, primary_key=True)
class User(Base):
    __tablename__ = "user"
class Post(Base):
    __tablename__ = "post"
    user_id = Column(ForeignKey("user.id"))
    user = relationship("User")
""",
    "MappedAsDataclass": """
### app/__init__.py
### app/base.py
IDS
class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    pass
### app/m.py
from __future__ import annotations
import typing as t
IDS
from .base import Base as ModelBase
class User(ModelBase):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    post: Mapped[t.Optional[Post]] = relationship(default=None)
class Post(ModelBase):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
""",
    "one registry for two DeclarativeBase classes": """
### m.py
IDS
reg = registry()
class One(DeclarativeBase):
    registry = reg
class Two(DeclarativeBase):
    registry = reg
class Three(One):
    __abstract__ = True
class User(One):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
class Post(Two):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id = Column(ForeignKey(User.id))
    user = relationship("User")
class Note(Three):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id = Column(ForeignKey(Post.id))
    post = relationship("Post")
""",
    "the registry of another base": """
### app/__init__.py
### app/one.py
IDS
class One(DeclarativeBase):
    pass
### app/two.py
IDS
from app import one
class Two(DeclarativeBase):
    registry = one.One.registry
class User(one.One):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
class Post(Two):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id = Column(ForeignKey(User.id))
    user = relationship("User")
""",
    "declarative_base(cls=...), constants as names": """
### app/__init__.py
### app/names.py
USER = "User"
### app/m.py
IDS
from app.names import USER
class Common:
    id = Column(Integer, primary_key=True)
Base = declarative_base(cls=Common)
POST = "Post"
PREFIX = "app.m."
class User(Base):
    __tablename__ = "users"
    post = relationship(POST, viewonly=True)
    post2 = relationship(PREFIX + "Post", viewonly=True)
    post3 = relationship("Po" "st", viewonly=True)
    post4 = relationship(f"{POST}", viewonly=True)
class Post(Base):
    __tablename__ = "posts"
    user_id = Column(ForeignKey("users.id"))
    user = relationship(USER)
""",
    "added later": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
User.posts = relationship("Post")
Post.user = relationship(User, viewonly=True)
""",
    "backref and self reference": """
### m.py
IDS
Base = declarative_base()
class Node(Base):
    __tablename__ = "nodes"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("nodes.id"))
    children = relationship("Node", backref=backref("parent", remote_side=[id]))
    again: Mapped["Node"] = relationship(remote_side="Node.id", viewonly=True)
    often: Mapped[list["Node"]] = relationship(viewonly=True)
""",
    "an alias of Base through two re-exports": """
### app/__init__.py
from .db import Base as Model
### app/db/__init__.py
from app.db.core import *
### app/db/core.py
IDS
__all__ = ["Base"]
class Base(DeclarativeBase):
    pass
### app/users.py
IDS
import app
class User(app.Model):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/posts.py
IDS
from app import db
Mother = db.Base
class Post(Mother):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User")
""",
    "names that clash with dataclasses": """
### app/__init__.py
### app/schemas.py
from dataclasses import dataclass
@dataclass
class User:
    id: int
### app/models.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User")
""",
    "imperative mapping": """
### m.py
IDS
reg = registry()
class User:
    pass
class Post:
    pass
users = Table("users", reg.metadata, Column("id", Integer, primary_key=True))
posts = Table("posts", reg.metadata, Column("id", Integer, primary_key=True), Column("u", ForeignKey("users.id")))
reg.map_imperatively(User, users, properties={"posts": relationship("Post")})
reg.map_imperatively(Post, posts)
""",
    "a class made by type()": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
    tag = relationship("UserTag", viewonly=True, primaryjoin="User.id == foreign(UserTag.id)")
Post = type("Post", (Base,), {"__tablename__": "posts", "id": Column(Integer, primary_key=True)})
def make(cls):
    return type(cls.__name__ + "Tag", (Base,), {"__tablename__": "t", "id": Column(Integer, primary_key=True)})
make(User)
""",
    "a class made in a function": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
def make():
    class Post(Base):
        __tablename__ = "posts"
        id = Column(Integer, primary_key=True)
    return Post
make()
""",
    "a class renamed by a decorator or a base from a function": """
### m.py
IDS
Base = declarative_base()
def mixin():
    return Base
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
class Post(mixin()):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
""",
    "nested class": """
### m.py
IDS
Base = declarative_base()
class Outer:
    class Post(Base):
        __tablename__ = "posts"
        id = Column(Integer, primary_key=True)
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
""",
    "a child of a generic base and an abstract one with a mixin": """
### app/__init__.py
### app/generic.py
IDS
from typing import Generic, TypeVar
T = TypeVar("T")
class Base(DeclarativeBase):
    pass
class Model(Base):
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
class Repository(Generic[T]):
    pass
### app/m.py
IDS
from app.generic import Model, Repository
class User(Model):
    __tablename__ = "users"
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
class Users(Repository[User]):
    pass
class Post(Model):
    __tablename__ = "posts"
""",
    "several statements on a line, decorators, conditions": """
### m.py
IDS
import sys
Base = declarative_base()
def keep(cls): return cls
if sys.version_info >= (3, 8):
    class Post(Base):
        __tablename__ = "posts"; id = Column(Integer, primary_key=True)
else:
    Post = None
try:
    @keep
    class Note(Base):
        __tablename__ = "notes"; id = Column(Integer, primary_key=True)
except ImportError:
    pass
@keep
class User(Base):
    __tablename__ = "users"; id = Column(Integer, primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
    note = relationship("Note", viewonly=True, primaryjoin="User.id == foreign(Note.id)")
""",
    "no mapper is configured for a class without a table": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Extra:
    note = relationship
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    @property
    def posts(self):
        relationship("Nothing")
        return []
""",
    "a relationship that is overwritten": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Nothing")
    post = None
""",
    "somebody else's relationship": """
### m.py
IDS
Base = declarative_base()
class Graph:
    def relationship(self, name): return name
graph = Graph()
def link(name): return name
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = graph.relationship("Nothing")
    other = link("Nobody")
""",
    "a project's own function called relationship": """
### m.py
IDS
from functools import partial
def relationship(target, **kw):
    from sqlalchemy.orm import relationship as real
    return real(target + "Model", viewonly=True, **kw)
Base = declarative_base()
class UserModel(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Post", primaryjoin="UserModel.id == foreign(PostModel.id)")
class PostModel(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
""",
    "names made by the class registry": """
### m.py
IDS
names = {}
Base = declarative_base(class_registry=names)
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("Alias", viewonly=True, primaryjoin="User.id == foreign(Alias.id)")
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
names["Alias"] = Post
""",
    "the class name from __name__ set later": """
### m.py
IDS
class Meta(type(DeclarativeBase)):
    def __new__(mcs, name, bases, body, **kw):
        return super().__new__(mcs, name.removesuffix("Row"), bases, body, **kw)
class Base(DeclarativeBase, metaclass=Meta):
    pass
class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    post = relationship("Post", viewonly=True, primaryjoin="User.id == foreign(Post.id)")
class PostRow(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "annotation names that the module binds": """
### app/__init__.py
### app/users.py
IDS
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/posts.py
IDS
import app.users
import app.users as users
from app.users import Base
from app.users import User as Author
from app import users as people
Writer = Author
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    a: Mapped["Author"] = relationship(viewonly=True)
    b: Mapped["Writer"] = relationship(viewonly=True)
    c: Mapped["users.User"] = relationship(viewonly=True)
    d: Mapped["app.users.User"] = relationship(viewonly=True)
    e: Mapped["people.User"] = relationship(viewonly=True)
    f: Mapped[list["Author"]] = relationship(viewonly=True, uselist=True)
""",
}

# Each of these misses names, all of which begin with `No`.
BROKEN = {
    "string": """
### m.py
IDS
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    a = relationship("NoA")
    b = relationship(argument="NoB")
    d = relationship("No" "D")
    e: Mapped["NoE"] = relationship()
    f = relationship('NoF', back_populates="x")
    g = sa.orm.relationship("m.NoG")
""",
    "the class is on another base": """
### app/__init__.py
### app/one.py
IDS
class Base(DeclarativeBase):
    pass
class NoUser(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/two.py
IDS
Base = declarative_base()
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user = relationship("NoUser")
""",
    "only a dataclass has that name": """
### app/__init__.py
### app/schemas.py
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypedDict, Protocol, Generic, TypeVar
T = TypeVar("T")
@dataclass
class NoUser:
    id: int
class NoPlan(Enum):
    A = 1
class NoPoint(NamedTuple):
    x: int
class NoRepository(Protocol): ...
class NoGeneric(Generic[T]): ...
class NoMistake(Exception): ...
### app/models.py
IDS
from app.schemas import NoUser
Base = declarative_base()
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user = relationship("NoUser")
    plan = relationship("NoPlan")
    point = relationship("NoPoint")
    repository = relationship("NoRepository")
    generic = relationship("NoGeneric")
    mistake = relationship("NoMistake")
""",
    "an abstract class, a mixin, the base": """
### m.py
IDS
class NoBase(DeclarativeBase):
    pass
class NoModel(NoBase):
    __abstract__ = True
class NoMixin:
    x = Column(Integer)
class Post(NoMixin, NoModel):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = relationship("NoModel")
    b = relationship("NoMixin")
    c = relationship("NoBase")
""",
    "mixins and abstract bases": """
### app/__init__.py
### app/base.py
IDS
class Base(DeclarativeBase):
    pass
class Owned:
    @declared_attr
    def owner(cls):
        return relationship("NoOwner")
    @declared_attr
    def other(cls) -> Mapped["NoOther"]:
        return relationship()
    @declared_attr
    @classmethod
    def third(cls) -> "Mapped[NoThird]":
        return relationship()
class Model(Base):
    __abstract__ = True
    @declared_attr
    def tenant(cls):
        return relationship("NoTenant")
### app/m.py
IDS
from app.base import Model, Owned
class Post(Owned, Model):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
    "typing-only imports": """
### app/__init__.py
### app/base.py
IDS
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/m.py
from __future__ import annotations
from typing import TYPE_CHECKING, List, Optional
IDS
from app.base import Base
if TYPE_CHECKING:
    from app.base import User as NoAlias
    from app.missing import NoSuch
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[NoAlias] = relationship()
    b: Mapped[List[NoSuch]] = relationship()
    c: Mapped[Optional["NoOne"]] = relationship()
    d: Mapped[NoTwo] = relationship()
""",
    "the wrong path": """
### app/__init__.py
from app.people import User
### app/people.py
IDS
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
### app/m.py
IDS
from app.people import Base
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = relationship("app.User")
    b = relationship("app.m.User")
    c = relationship("eople.User")
""",
    "added later, in a child, on a registry": """
### m.py
IDS
reg = registry()
@reg.mapped
class User:
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    post = relationship("NoPost")
Base = reg.generate_base()
class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
class Child(Person):
    post = relationship("NoChildPost")
Person.toys = relationship("NoToys")
""",
    "two aliases of one base, nothing else open": """
### app/__init__.py
from .db import Base as Model
### app/db/__init__.py
from app.db.core import *
### app/db/core.py
IDS
__all__ = ["Base"]
class Base(DeclarativeBase):
    pass
### app/posts.py
IDS
import app
from app import db
Mother = db.Base
class Post(Mother):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user = relationship("NoUser")
class Tag(app.Model):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    user = relationship("NoTagUser")
""",
    "a constant": """
### app/__init__.py
### app/names.py
USER = "NoImported"
### app/m.py
IDS
Base = declarative_base()
USER = "NoUser"
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user = relationship(USER)
    more = relationship(f"{USER}More")
""",
    "MappedAsDataclass and as_declarative": """
### m.py
IDS
from sqlalchemy.orm import as_declarative
class Base(MappedAsDataclass, DeclarativeBase):
    pass
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user: Mapped["NoUser"] = relationship(default=None)
@as_declarative()
class Other:
    id = Column(Integer, primary_key=True)
class Tag(Other):
    __tablename__ = "tags"
    user = relationship("NoTagUser")
""",
    "imperative beside declarative": """
### m.py
IDS
reg = registry()
Base = reg.generate_base()
class User:
    pass
reg.map_imperatively(User, Table("users", reg.metadata, Column("id", Integer, primary_key=True)))
class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user = relationship("NoUser")
""",
    "a class deleted, and one that is never imported by name": """
### m.py
IDS
class Base(DeclarativeBase):
    pass
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user: Mapped["NoUser"] = relationship(
        "NoUser",  # a comment
        lazy="selectin",
    )
    many: Mapped[list["NoMany"]] = relationship(
        back_populates="post",
    )
""",
}

# Annotations of a relationship; `X` is the class.
SHAPES = (
    'Mapped["X"]',
    "Mapped[X]",
    'Mapped[List["X"]]',
    'Mapped["List[X]"]',
    'Mapped[list["X"]]',
    'Mapped["list[X]"]',
    "Mapped[List[X]]",
    "Mapped[list[X]]",
    'Mapped[Set["X"]]',
    'Mapped[Sequence["X"]]',
    'Mapped[t.List["X"]]',
    'Mapped["t.List[X]"]',
    'Mapped[Optional["X"]]',
    'Mapped["Optional[X]"]',
    'Mapped["X | None"]',
    'Mapped["None | X"]',
    'Mapped[Union["X", None]]',
    'Mapped["Union[X, None]"]',
    'Mapped["Union[None, X]"]',
    'Mapped[Dict[str, "X"]]',
    'WriteOnlyMapped["X"]',
    "WriteOnlyMapped[X]",
    'DynamicMapped["X"]',
    "DynamicMapped[X]",
    '"Mapped[X]"',
    '"Mapped[List[X]]"',
    "\"Mapped[List['X']]\"",
    "\"Mapped[Optional['X']]\"",
    "\"Mapped['X']\"",
    "\"Mapped['X | None']\"",
    'so.Mapped["X"]',
    'so.Mapped[so.Any["X"]]',
    '"so.Mapped[X]"',
    '"DynamicMapped[X]"',
    '"WriteOnlyMapped[List[X]]"',
    "Mapped['X']",
    'Mapped[Annotated["X", "note"]]',
    'Mapped["Annotated[X, 1]"]',
    'Mapped[Tuple["X", ...]]',
    'Mapped["m.X"]',
    'Mapped["Sequence[X]"]',
    'Mapped["t.Optional[X]"]',
    "Mapped[X | None]",
    "Mapped[Optional[X]]",
    "Mapped[Union[X, None]]",
    'Mapped["Set[X]"]',
    'Mapped["""X"""]',
    'Mapped[r"X"]',
    'Mapped[" X"]',
    'Mapped["X "]',
    'Mapped["X|None"]',
    'Mapped[ "X" ]',
)
