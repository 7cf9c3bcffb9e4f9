"""Terms, places, conditions that cannot be told, imports, traced runs: what has no counterpart in a run of Python."""

from __future__ import annotations

import textwrap
from pathlib import PurePosixPath

import pytest
from interpreting import UNTOLD, interpreter_of, names_of, plain

from infralint.project.catalog import Origin
from infralint.project.interpret import (
    NOTHING,
    UNANSWERED,
    AttributeOf,
    ClassValue,
    Event,
    External,
    ForwardValue,
    FunctionValue,
    Hooks,
    InstanceValue,
    Interpreter,
    ItemOf,
    ListValue,
    Made,
    Operation,
    PartialValue,
    Unknown,
    Value,
    same,
)


def made(value: Value) -> Made:
    assert isinstance(value, Made), value
    return value


def class_in(interpreter: Interpreter, name: str, path: str = "m.py") -> ClassValue:
    value = interpreter.name(path, name)
    assert isinstance(value, ClassValue), value
    return value


def written(text: str, origin: Origin) -> str:
    return text[origin.span.start : origin.span.end]


class TestTerms:
    def test_a_call_of_something_external_keeps_its_arguments_and_their_places(self) -> None:
        text = 'import sqlalchemy as sa\nx = sa.Column("é", sa.String(30), nullable=False, *rest, **more)\n'
        term = made(interpreter_of(text).name("m.py", "x"))
        assert term.name == "sqlalchemy.Column"
        assert written(text, term.origin).startswith("sa.Column(")
        assert written(text, term.args[0].origin) == '"é"'
        length = term.argument(1)
        assert length is not None
        assert made(length.value).args[0].value == 30
        nullable = term.argument(-1, "nullable")
        assert nullable is not None
        assert nullable.value is False
        assert term.is_open
        assert [argument.star for argument in term.args] == ["", "", "*", "**"]

    def test_terms_are_one_object_through_imports_and_aliases(self) -> None:
        files = {
            "app/__init__.py": "from .base import Base\n",
            "app/base.py": "from sqlalchemy.orm import declarative_base as make\nBase = Root = make()\n",
            "app/models.py": "from app import Base as B\nfrom .base import *\nX = B\n",
        }
        interpreter = interpreter_of(files)
        first = interpreter.name("app/base.py", "Base")
        assert interpreter.name("app/models.py", "X") is first
        assert interpreter.name("app/models.py", "Root") is first
        assert made(first).name == "sqlalchemy.orm.declarative_base"

    def test_attributes_of_terms_are_the_same_by_name(self) -> None:
        text = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\na = db.Model.metadata\nb = db.Model.metadata\nc = db.x\n"
        interpreter = interpreter_of(text)
        a, b, c = (interpreter.name("m.py", name) for name in "abc")
        assert isinstance(a, AttributeOf)
        assert same(a, b)
        assert not same(a, c)

    def test_an_attribute_assigned_to_a_term_is_found_again(self) -> None:
        text = (
            "import sqlalchemy\nm = sqlalchemy.MetaData()\nm.naming_convention = {'ix': 'x'}\nn = m.naming_convention\n"
        )
        interpreter = interpreter_of(text)
        assert plain(interpreter.name("m.py", "n")) == {"ix": "x"}
        bound = interpreter.assigned(interpreter.name("m.py", "m"), "naming_convention")
        assert bound is not None
        assert plain(bound.value) == {"ix": "x"}

    def test_operators_and_subscripts(self) -> None:
        text = "from x import A, Mapped\na = A.id == A.other\nb = Mapped[int | None]\nc = ~A.id\nd = A.t['k']\n"
        interpreter = interpreter_of(text)
        equal = interpreter.name("m.py", "a")
        assert isinstance(equal, Operation)
        assert [repr(each) for each in equal.operands] == ["External('x.A.id')", "External('x.A.other')"]
        item = interpreter.name("m.py", "b")
        assert isinstance(item, ItemOf)
        union = item.indexes[0].value
        assert isinstance(union, Operation)
        assert union.operator == "|"
        assert isinstance(interpreter.name("m.py", "c"), Operation)
        assert isinstance(interpreter.name("m.py", "d"), ItemOf)

    def test_a_class_with_a_base_from_outside_makes_terms(self) -> None:
        text = "from x import Base\nclass M(Base):\n    id = 1\n    def f(self): return self.other\nm = M(3)\na = m.id\nb = m.f()\n"
        interpreter = interpreter_of(text)
        term = made(interpreter.name("m.py", "m"))
        assert term.callee is interpreter.name("m.py", "M")
        a = interpreter.name("m.py", "a")
        assert isinstance(a, AttributeOf)
        assert a.target is not None
        assert a.target.value == 1
        b = interpreter.name("m.py", "b")
        assert isinstance(b, AttributeOf)
        assert b.value is term

    def test_attributes_of_models_are_terms_and_constants_are_values(self) -> None:
        text = (
            "from x import Base, Column\nclass M(Base):\n    __tablename__ = 't'\n    id = Column()\n    n: int = 3\n"
            "class P:\n    id = Column()\na = M.id\nb = M.__tablename__\nc = M.n\nd = P.id\n"
        )
        interpreter = interpreter_of(text)
        a = interpreter.name("m.py", "a")
        assert isinstance(a, AttributeOf)
        assert a.target is class_in(interpreter, "M").lookup("id")
        assert interpreter.name("m.py", "b") == "t"
        assert isinstance(interpreter.name("m.py", "c"), AttributeOf)
        assert interpreter.name("m.py", "d") is class_in(interpreter, "P").namespace["id"].value

    def test_partial(self) -> None:
        text = "from functools import partial\nfrom x import Column\nrequired = partial(Column, nullable=False)\nc = required(1)\n"
        interpreter = interpreter_of(text)
        assert isinstance(interpreter.name("m.py", "required"), PartialValue)
        assert repr(interpreter.name("m.py", "c")) == "x.Column(1, nullable=False)"


class TestPlaces:
    def test_a_helper_points_at_its_calls(self) -> None:
        files = {
            "a.py": "from b import make\nx = make('n')\n",
            "b.py": "from sa import Column\ndef make(name):\n    return Column(name)\n",
        }
        term = made(interpreter_of(files).name("a.py", "x"))
        assert term.origin.path == "b.py"
        assert [(each.path, written(files[each.path], each)) for each in term.via] == [("a.py", "make('n')")]
        assert (
            written(files["a.py"], term.args[0].frame.via[0] if term.args[0].frame.via else term.via[0]) == "make('n')"
        )

    def test_bindings_know_their_names_and_values(self) -> None:
        text = "class A:\r\n    x: int = 1\r\n    def f(self): pass\r\n    a, b = 'p', 'q'\r\n"
        names = class_in(interpreter_of(text), "A").namespace
        assert written(text, names["x"].origin) == "1"
        assert written(text, names["x"].name_origin) == "x"
        assert written(text, names["f"].origin) == "f"
        assert written(text, names["b"].origin) == "'q'"
        assert written(text, names["b"].name_origin) == "b"
        assert names["x"].annotation is not None
        assert names["x"].annotation.text == "int"

    @pytest.mark.parametrize("text", ["x = 'é' + 'ü'\ny = f('ä', z)\n", "# ü\r\nx = 'é' + 'ü'\r\ny = f('ä', z)\r\n"])
    def test_columns_are_characters(self, text: str) -> None:
        term = interpreter_of("from q import f\n" + text).name("m.py", "y")
        assert written("from q import f\n" + text, made(term).args[1].origin) == "z"

    def test_items_of_lists_have_places(self) -> None:
        text = "x = ['a', *('b',)]\n"
        value = interpreter_of(text).name("m.py", "x")
        assert isinstance(value, ListValue)
        assert [written(text, item.origin) for item in value.items] == ["'a'", "'b'"]


class TestAnnotations:
    TEXT = textwrap.dedent(
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING, Annotated, Literal
        from orm import Mapped
        if TYPE_CHECKING:
            from .other import User
        class A:
            a: Mapped[int]
            b: "Mapped[list[User]]"
            c: Mapped["User"]
            d: Mapped[Literal["x"]]
            e: Annotated["User", "text"]
            f: Mapped["not an expression"] = 1
        """
    )

    def value(self, name: str) -> tuple[Interpreter, Value]:
        interpreter = interpreter_of({"p/__init__.py": "", "p/m.py": self.TEXT, "p/other.py": "class User: pass\n"})
        bound = class_in(interpreter, "A", "p/m.py").namespace[name]
        assert bound.annotation is not None
        return interpreter, interpreter.annotation(bound.annotation)

    def test_names_for_type_checkers_are_seen(self) -> None:
        interpreter, value = self.value("b")
        assert isinstance(value, ItemOf)
        inner = value.indexes[0].value
        assert isinstance(inner, ItemOf)
        assert inner.value == External("builtins.list")
        assert inner.indexes[0].value is interpreter.name("p/other.py", "User")

    def test_a_string_inside_is_kept_and_can_be_evaluated(self) -> None:
        interpreter, value = self.value("c")
        assert isinstance(value, ItemOf)
        forward = value.indexes[0].value
        assert isinstance(forward, ForwardValue)
        assert forward.text == "User"
        assert interpreter.forward(forward) is interpreter.name("p/other.py", "User")

    def test_strings_that_are_values_stay_strings(self) -> None:
        _, value = self.value("d")
        assert isinstance(value, ItemOf)
        literal = value.indexes[0].value
        assert isinstance(literal, ItemOf)
        assert literal.index == "x"
        _, annotated = self.value("e")
        assert isinstance(annotated, ItemOf)
        assert isinstance(annotated.indexes[0].value, ForwardValue)
        assert annotated.indexes[1].value == "text"

    def test_only_annotated_names_have_no_value(self) -> None:
        interpreter, value = self.value("f")
        names = class_in(interpreter, "A", "p/m.py").namespace
        assert names["a"].value is NOTHING
        assert names["f"].value == 1
        assert isinstance(value, ItemOf)
        forward = value.indexes[0].value
        assert isinstance(forward, ForwardValue)
        assert isinstance(interpreter.forward(forward), Unknown)

    def test_places_inside_of_strings(self) -> None:
        _, value = self.value("b")
        assert isinstance(value, ItemOf)
        assert written(self.TEXT, value.indexes[0].origin) == "list[User]"

    def test_arguments_that_sqlalchemy_evaluates(self) -> None:
        text = (
            "from orm import relationship\nr = relationship('User', primaryjoin='A.id == User.a_id', order_by='A.x')\n"
        )
        interpreter = interpreter_of(text)
        term = made(interpreter.name("m.py", "r"))
        join = term.kwargs["primaryjoin"]
        expression = interpreter.parsed(join)
        assert expression is not None
        assert written(text, Origin("m.py", expression.span)) == "A.id == User.a_id"
        value = interpreter.evaluate(expression, "m.py", {"A": External("one"), "User": External("two")})
        assert isinstance(value, Operation)
        assert [each.value for each in value.operands] == [External("one.id"), External("two.a_id")]
        assert interpreter.parsed(term.args[0]) is not None


class TestConditions:
    TEXT = textwrap.dedent(
        """
        import ext
        a = 1
        if ext.flag:
            a = 2
            b = 3
        c = [1]
        if ext.flag:
            c.append(2)
        d = []
        for each in ext.items:
            d.append(each)
        def f(x):
            if ext.flag:
                return 1
            return x
        e = f(1), f(2)
        def g():
            if ext.flag:
                raise ValueError
            return 5
        h = g()
        try:
            i = ext.load()
        except Exception:
            i = None
        try:
            import fast as j
        except ImportError:
            j = None
        k = {}
        for each in ("x", "y"):
            if ext.flag:
                continue
            k[each] = 1
        l = 1 if ext.flag else 1
        class C:
            if ext.flag:
                m = 1
            n = 2
        while ext.more():
            o = 1
        p = [x for x in (1, 2) if ext.test(x)]
        q = ext.flag and 1
        """
    )

    def test_what_differs_is_not_told(self) -> None:
        interpreter = interpreter_of(self.TEXT)
        names = names_of(interpreter)
        assert {name: names[name] for name in "abcdikopq"} == dict.fromkeys("abcdikopq", UNTOLD)
        assert names["e"] == (1, UNTOLD)
        assert names["h"] == 5
        assert names["l"] == 1
        assert interpreter.name("m.py", "j") == External("fast")
        a = interpreter.name("m.py", "a")
        assert isinstance(a, Unknown)
        assert set(a.candidates) == {1, 2}
        namespace = class_in(interpreter, "C").namespace
        assert isinstance(namespace["m"].value, Unknown)
        assert namespace["n"].value == 2

    def test_a_class_under_a_condition_is_not_certain(self) -> None:
        interpreter = interpreter_of("import ext\nif ext.flag:\n    class A: pass\nclass B: pass\n")
        assert [(cls.name, cls.certain) for cls in interpreter.classes("m.py")] == [("A", False), ("B", True)]

    def test_attributes_set_under_a_condition(self) -> None:
        interpreter = interpreter_of("import ext\nclass A: x = 1\nif ext.flag:\n    A.x = 2\n    A.y = 3\n")
        namespace = class_in(interpreter, "A").namespace
        assert isinstance(namespace["x"].value, Unknown)
        assert isinstance(namespace["y"].value, Unknown)

    def test_names_whose_names_are_not_known_open_the_class(self) -> None:
        interpreter = interpreter_of("import ext\nclass A: pass\nfor n in ext.names:\n    setattr(A, n, 1)\n")
        assert class_in(interpreter, "A").open is not None

    def test_a_metaclass_of_the_tree_opens_the_class(self) -> None:
        text = "class Meta(type):\n    def __new__(m, *a): return type.__new__(m, *a)\nclass A(metaclass=Meta): pass\nclass B(A): pass\n"
        assert class_in(interpreter_of(text), "B").open is not None


class TestImports:
    def test_modules_are_looked_up_when_they_are_used(self) -> None:
        files = {
            "app/__init__.py": "from ext import SQLAlchemy\ndb = SQLAlchemy()\nfrom app import models\n",
            "app/models.py": "from app import db\nclass User(db.Model):\n    pass\n",
        }
        for first in files:
            interpreter = interpreter_of(files)
            interpreter.module(first)
            user = interpreter.name("app/models.py", "User")
            assert isinstance(user, ClassValue)
            base = user.bases[0].value
            assert isinstance(base, AttributeOf)
            assert base.value is interpreter.name("app/__init__.py", "db")

    def test_circles_are_unknown_and_end(self) -> None:
        files = {"a.py": "from b import x\ny = x\n", "b.py": "from a import y\nx = y\n", "c.py": "from c import z\n"}
        interpreter = interpreter_of(files)
        assert isinstance(interpreter.name("a.py", "y"), Unknown)
        assert isinstance(interpreter.name("c.py", "z"), Unknown)

    def test_forms(self) -> None:
        files = {
            "pkg/__init__.py": "",
            "pkg/one.py": "X = 1\n_hidden = 2\n",
            "pkg/listed.py": "__all__ = ['_x']\n_x = 5\ny = 6\n",
            "space/inner.py": "Y = 7\n",
            "m.py": (
                "import pkg.one\nimport pkg.one as o\nfrom pkg import one\nfrom pkg.one import *\nfrom pkg.listed import *\n"
                "import space.inner\nfrom space import inner\nimport os.path as p\n"
                "a = pkg.one.X, o.X, one.X, X, _x, space.inner.Y, inner.Y\nb = p.x\n"
            ),
        }
        interpreter = interpreter_of(files)
        assert plain(interpreter.name("m.py", "a")) == (1, 1, 1, 1, 5, 7, 7)
        assert interpreter.name("m.py", "b") == External("os.path.x")
        assert isinstance(interpreter.name("m.py", "y"), Unknown)
        assert isinstance(interpreter.name("m.py", "_hidden"), Unknown)

    def test_a_star_import_from_outside(self) -> None:
        one = interpreter_of("from sa import *\nx = Column\n")
        assert one.name("m.py", "x") == External("sa.Column")
        two = interpreter_of("from sa import *\nfrom sb import *\nx = Column\n").name("m.py", "x")
        assert isinstance(two, Unknown)
        assert two.candidates == (External("sa.Column"), External("sb.Column"))

    def test_a_module_that_was_not_read_is_unknown(self) -> None:
        interpreter = interpreter_of({"a.py": "from .nowhere import x\nfrom b import y\n", "b.py": "y = (\n"})
        assert isinstance(interpreter.name("a.py", "x"), Unknown)
        assert isinstance(interpreter.name("a.py", "y"), Unknown)
        assert interpreter.module("b.py").problem

    def test_newer_syntax_costs_its_statement_alone(self) -> None:
        text = "from sa import Column\nclass A:\n    x = Column()\ntype Y[T] = list[T]\ndef f[T](a: T) -> T: return a\nz = 1\n"
        interpreter = interpreter_of(text)
        assert plain(interpreter.name("m.py", "z")) == 1
        assert made(class_in(interpreter, "A").namespace["x"].value).name == "sa.Column"


class TestRecords:
    def test_classes_and_calls_of_a_modules_own_run(self) -> None:
        files = {
            "a.py": "from b import make\nfrom sa import Table\nfor n in ('x', 'y'):\n    Table(n)\nC = make('D')\n",
            "b.py": "from sa import Column\nColumn('own')\ndef make(name):\n    return type(name, (), {'c': Column(name)})\n",
        }
        interpreter = interpreter_of(files)
        assert [repr(call) for call in interpreter.calls("a.py")] == [
            "sa.Table('x')",
            "sa.Table('y')",
            "sa.Column('D')",
        ]
        assert [cls.name for cls in interpreter.classes("a.py")] == ["D"]
        assert [repr(call) for call in interpreter.calls("b.py")] == ["sa.Column('own')"]

    def test_large_bodies_are_not_followed(self) -> None:
        body = "".join(f"    x{n} = 'some text to make the function long'\n" for n in range(1000))
        text = f"from sqlalchemy import Column\nc = Column()\ndef small(): return 1\ndef large():\n{body}    return 1\na = small()\nb = large()\n"
        interpreter = interpreter_of(text)
        assert plain(interpreter.name("m.py", "a")) == 1
        assert isinstance(interpreter.name("m.py", "b"), Unknown)


class Answers(Hooks):
    def call(self, call: Made) -> Value:
        return "postgresql" if call.name == "alembic.op.dialect" else UNANSWERED

    def attribute(self, value: Value, name: str) -> Value:
        return "postgresql" if name == "dialect_name" else UNANSWERED


class TestTraces:
    TEXT = textwrap.dedent(
        """
        from alembic import op
        import sqlalchemy as sa
        from contextlib import contextmanager
        TABLES = ("a", "b")
        def helper(table):
            op.create_table(table, sa.Column("id"))
        @contextmanager
        def guarded(name):
            op.execute("SET " + name)
            yield op.get_bind()
            op.execute("RESET " + name)
        def upgrade():
            for table in TABLES:
                helper(table)
            if op.dialect() == "postgresql":
                op.only_postgres()
            else:
                op.not_postgres()
            if op.get_bind().dialect_name == "postgresql":
                op.also_postgres()
            with op.batch_alter_table("a") as batch:
                batch.add_column(sa.Column("x"))
            with guarded("y") as bind:
                bind.run()
            if op.maybe():
                op.perhaps()
            for name in op.names():
                op.drop_table(name)
            try:
                op.risky()
            except Exception:
                pass
            if op.done():
                return
            op.last()
        def downgrade():
            raise NotImplementedError("no way back")
        def unread():
            nothing_known()
        """
    )

    def events(self, name: str) -> list[Event]:
        interpreter = interpreter_of(self.TEXT)
        function = interpreter.name("m.py", name)
        assert isinstance(function, FunctionValue)
        return interpreter.trace(function, hooks=Answers())

    def test_calls_in_order_with_their_certainty(self) -> None:
        told = {}
        for event in self.events("upgrade"):
            assert event.call is not None
            callee = event.call.callee
            name = callee.name.rpartition(".")[2] if isinstance(callee, (External, AttributeOf)) else ""
            told.setdefault(name, []).append(event.certain)
        told.pop("Column")
        assert told == {
            "create_table": [True, True], "dialect": [True], "only_postgres": [True], "get_bind": [True, True],
            "also_postgres": [True], "batch_alter_table": [True], "add_column": [True], "execute": [True, True],
            "run": [True], "maybe": [True], "perhaps": [False], "names": [True], "drop_table": [False],
            "risky": [False], "done": [True], "last": [False],
        }  # fmt: skip

    def test_the_cause_is_the_condition(self) -> None:
        last = self.events("upgrade")[-1]
        assert last.cause is not None
        assert written(self.TEXT, last.cause).startswith("if op.done()")

    def test_places_of_inlined_calls(self) -> None:
        calls = [
            event.call for event in self.events("upgrade") if event.call and event.call.name.endswith("create_table")
        ]
        assert [call.args[0].value for call in calls if call] == ["a", "b"]
        assert [written(self.TEXT, call.via[-1]) for call in calls if call] == ["helper(table)", "helper(table)"]

    def test_a_run_that_raises(self) -> None:
        assert [(event.kind, event.certain) for event in self.events("downgrade")] == [("raise", True)]

    def test_what_cannot_be_followed_is_said(self) -> None:
        assert [event.kind for event in self.events("unread")] == ["unread"]

    def test_a_trace_leaves_no_trace(self) -> None:
        text = "from alembic import op\nSEEN = []\ndef upgrade():\n    op.run()\n"
        interpreter = interpreter_of(text)
        function = interpreter.name("m.py", "upgrade")
        assert [event.kind for event in interpreter.trace(function)] == ["call"]
        assert [event.kind for event in interpreter.trace(function)] == ["call"]
        assert interpreter.calls("m.py") == []


class TestCalls:
    def test_declared_attributes_are_run_with_the_class(self) -> None:
        text = (
            "from sqlalchemy.orm import declared_attr\nfrom ext import Base\nclass Mixin:\n    @declared_attr\n"
            "    def __tablename__(cls):\n        return cls.__name__.lower() + 's'\nclass User(Mixin, Base): pass\n"
        )
        interpreter = interpreter_of(text)
        user = class_in(interpreter, "User")
        bound = user.lookup("__tablename__")
        assert bound is not None
        function = bound.value
        assert isinstance(function, FunctionValue)
        assert [each.value for each in function.decorators] == [External("sqlalchemy.orm.declared_attr")]
        assert interpreter.call(function, [user]) == "users"

    def test_the_constructor_of_a_base_outside_is_a_call(self) -> None:
        text = "from sa import Column\nclass Mine(Column):\n    def __init__(self, *a, **k):\n        k.setdefault('nullable', False)\n        super().__init__(*a, **k)\n"
        interpreter = interpreter_of(text)
        init = class_in(interpreter, "Mine").namespace["__init__"].value
        calls = [event.call for event in interpreter.trace(init, [None, "x"])]
        assert [repr(call) for call in calls] == ["sa.Column.__init__('x', nullable=False)"]

    def test_instances(self) -> None:
        interpreter = interpreter_of("class A:\n    def __init__(self, x): self.x = x\na = A(5)\n")
        a = interpreter.name("m.py", "a")
        assert isinstance(a, InstanceValue)
        assert interpreter.attribute(a, "x") == 5


@pytest.mark.parametrize(
    "text",
    [
        "def f(n): return f(n + 1)\nx = f(0)\n",
        "def f(n): return [f(n), f(n)]\nx = f(0)\n",
        "x = 'a' * 10 ** 9\n",
        "x = 2 ** 2 ** 2 ** 2 ** 2 ** 9\n",
        "x = [0] * 10 ** 9\n",
        "x = range(10 ** 12)\ny = list(x)\n",
        "x = '%1000000000d' % 1\n",
        "x = f'{1:1000000000}'\n",
        "import re\nx = re.sub('(a+)+b', '', 'a' * 40)\n",
        "import re\nx = re.match('(a|a)*b', 'a' * 40)\ny = re.match('a*a*a*a*a*a*a*b', 'a' * 900)\n",
        "x = 0\nwhile True:\n    x += 1\n",
        "x = []\nfor i in range(99999):\n    for j in range(99999):\n        x.append(j)\n",
        "x = " + "(" * 90 + "1" + ")" * 90 + "\n",
        "x = " + " + ".join(["'a'"] * 3000) + "\n",
        "x = " + "f(" * 80 + "1" + ")" * 80 + "\n",
        "x = y" + ".z" * 500 + "\n",
        "".join(f"{'    ' * n}if x{n}:\n" for n in range(60)) + "    " * 60 + "y = 1\n",
        "x = [[[[y for y in range(99)] for x in range(99)] for z in range(99)] for w in range(99)]\n",
        "def g():\n    while True:\n        yield 1\nx = list(g())\n",
        "a = []\na.append(a)\nb = a == a\nc = str(a)\nd = sorted([a, a])\n",
        "d = {}\nd['d'] = d\nx = '%s' % d\n",
        "class A(A): pass\nclass B(B, B): pass\n",
        "x = lambda: x()\ny = x()\n",
        "import sys\nsys.exit()\nx = 1\n",
        "x = 'a'\nfor i in range(100):\n    x = x + x\n",
        "x = [1]\nfor i in range(100):\n    x = x + x\n",
        "x = 1\nfor i in range(1000):\n    x = x * 99999999999\n",
    ],
)
def test_hostile_programs_end(text: str) -> None:
    module = interpreter_of("import ext\n" + text).module("m.py")
    assert module.problem or "ext" in module.names


def test_paths_are_those_of_the_project() -> None:
    interpreter = interpreter_of({"a/b.py": "X = 1\n"})
    assert PurePosixPath(interpreter.module("a/b.py").path).name == "b.py"
    assert interpreter.module("a/b.py").dotted == "b"
