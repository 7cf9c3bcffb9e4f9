"""What the interpreter computes is what Python computes: each text is run by both, and every name compared."""

from __future__ import annotations

import pytest
from interpreting import agrees, interpreter_of, is_plain, names_of, ran, real

TEXTS = {
    "numbers": """
        a = 1 + 2 * 3 - 4 // 3 % 5
        b = -3, ~3, +3, 2 ** 10, 7 / 2, 1 << 4, 5 & 3, 5 ^ 1, 5 | 8, 2 ** -1
        c = 1 < 2 < 3, 3 > 2 >= 2, not 0, None is None, 1 == 1.0, 1 != 2, True is True
        d = abs(-3), round(2.567, 2), divmod(7, 3), int("12"), float("1.5"), bool([]), hex(255), ord("a"), chr(98)
        """,
    "text": """
        a = 7
        b = f"{a:05d}|{a!r}|{'x':>4}|{a:{a}d}" "tail" f'{"q"}'
        c = "%s-%d-%r" % ("x", 3, "y"), "%(k)s" % {"k": 1}, "100%%" % ()
        d = "{}-{name:>5}".format(1, name="q"), "{0}{1}".format("a", "b"), "{x}".format_map({"x": 2})
        e = "a,b,c".split(","), "x".join(["1", "2"]), "abc"[::-1], "abc"[1], "Abc".lower().title()
        f = " a ".strip(), "a-b".replace("-", "_"), "ab".startswith(("x", "a")), "ab".zfill(5), "a".upper() * 3
        g = "é".encode(), b"ab".decode(), str(3), repr("x"), "a" in "abc", "ab" "cd", "x".rjust(3, "."), b"a" + b"b"
        h = "camelCase".isidentifier(), "a_b".partition("_"), "ab".removesuffix("b"), "A".swapcase(), "aXbX".count("X")
        i = "a b  c".split(), "a b c".split(maxsplit=1), "x=1".rpartition("="), format(3.14159, ".2f")
        """,
    "collections": """
        a = [1, *[2, 3], 4]
        b = (0, *a)
        c = {"a": 1, **{"b": 2}, "a": 3}
        d = {1, 2} | {3}
        e = d & {1}, d - {1}, 1 in d, 9 in d
        f, *g, (h, i) = 1, 2, 3, (4, 5)
        [j, k] = "xy"
        l = a[1:], a[-1], a[::2], b + (9,), [0] * 3, a[:] == a
        m = dict(c, z=5), dict([("q", 1)]), list("ab"), tuple([1]), set([1, 1]), len(c), list(c), list(c.items())
        n = dict(a=1); n.update(b=2); n["c"] = 3; del n["a"]
        o = n.pop("b"), n.get("zz", 9), n.setdefault("s", []), "c" in n, list(n.keys()), list(n.values())
        p = [3, 1, 2]; p.sort(); p.append(4); p.insert(0, 0); p.extend([7, 8]); p.remove(7); p.reverse()
        q = p.pop(), p.index(1), p.count(2)
        r = c | {"y": 1}
        s = [1]; s += [2]; t = s; t.append(3)
        p[0] = "first"; del p[1]
        u = (1, 2).index(2), sorted(["b", "a"], key=lambda x: -ord(x)), sorted([3, 1], reverse=True)
        """,
    "comprehensions": """
        a = [x * 2 for x in range(5) if x % 2]
        b = {k: v for k, v in zip("abc", range(3))}
        c = {x for x in "aab"}
        d = [(x, y) for x in (1, 2) for y in "ab" if x > 1]
        e = list(x for x in [1])
        f = [w := 10, w + 1]
        g = [last := x for x in range(3)]
        h = sum(x for x in range(4)), any(x > 2 for x in [1]), all([]), max([1, 2]), min(3, 1)
        x = "outer"
        i = [[y for y in range(x)] for x in range(3)]
        """,
    "builtins": """
        a = list(enumerate("ab", 1)), list(zip([1], [2])), list(reversed([1, 2])), list(map(str, [1]))
        b = list(filter(None, [0, 1])), list(range(5, 0, -2)), sum([[1], [2]], []), isinstance("x", str)
        c = isinstance(1, (str, int)), callable(len), hasattr("x", "lower"), type("x") is str, isinstance([], list)
        d = next(iter([5])), isinstance(None, str), isinstance(True, int)
        """,
    "functions": """
        from functools import partial
        def f(a, b=2, *c, d, e=5, **g):
            return a, b, c, d, e, g
        a = f(1, d=4), f(1, 2, 3, 4, d=5, z=6), f(*[1, 2], **{"d": 3})
        def factorial(n):
            return 1 if n < 2 else n * factorial(n - 1)
        b = factorial(6)
        c = (lambda x, y=2, *z: (x, y, z))(1)
        def outer():
            n = 0
            def inner():
                nonlocal n
                n += 1
                return n
            inner()
            return inner()
        d = outer()
        count = 0
        def add():
            global count
            count += 5
        add()
        e = partial(f, 1, d=2)(9)
        def generate():
            yield 1
            yield from [2, 3]
        g = list(generate()), [*generate()]
        def early(x):
            for each in x:
                if each > 1:
                    return each
            else:
                return "none"
        h = early([1, 2, 3]), early([])
        def default(x=[]):
            x.append(1)
            return x
        default()
        i = len(default())
        def position(a, /, b): return a + b
        j = position(1, b=2)
        def nothing(): pass
        k = nothing()
        """,
    "decorators": """
        import functools
        def plus(fn):
            @functools.wraps(fn)
            def inner(*a, **k):
                return fn(*a, **k) + 1
            return inner
        def times(n):
            def deco(fn):
                return lambda *a: fn(*a) * n
            return deco
        @plus
        @times(3)
        def f(x):
            return x
        a = f(2)
        @functools.lru_cache(maxsize=None)
        def g(x):
            return x + 1
        b = g(1)
        def register(cls):
            SEEN.append(cls.__name__)
            return cls
        SEEN = []
        @register
        class A: pass
        """,
    "flow": """
        a = []
        for x in range(10):
            if x == 2:
                continue
            if x == 5:
                break
            a.append(x)
        else:
            a.append("else")
        b = 0
        while b < 7:
            b += 2
        else:
            b = -b
        try:
            c = 1
        except Exception:
            raise
        else:
            d = 3
        finally:
            e = 4
        if b and a:
            f = 1
        elif a:
            f = 2
        else:
            f = 3
        match ("a", 3):
            case ("b", z):
                g = 1
            case ("a", z) if z > 5:
                g = 2
            case ("a", z):
                g = z
        match 5:
            case 1 | 5 as h: pass
        match None:
            case None: i = 1
            case _: i = 2
        j = 1 if a else 2
        assert a
        del x
        for k, (l, m) in [(1, (2, 3))]:
            pass
        n = 0
        while True:
            n += 1
            if n > 3:
                break
        """,
    "classes": """
        class A:
            x = 1
            y = [x + 1]
            z: int = 5
            def __init__(self, q):
                self.q = q
            def m(self):
                return self.q * 2
            @classmethod
            def c(cls):
                return cls.__name__
            @staticmethod
            def s(v):
                return v + 1
            @property
            def p(self):
                return self.q + 1
        class B(A):
            x = 2
            def m(self):
                return super().m() + 1
        a = B(3).m(), B.c(), B.s(1), B(4).p, B.x, B.y, A.x, B.z, B(1).q
        b = issubclass(B, A), isinstance(B(1), A), hasattr(A, "x"), getattr(A, "nothing", 7), B.__qualname__
        A.later = 9
        setattr(A, "more", 10)
        c = B.later, B.more
        T = type("T", (A,), {"x": 9})
        d = T.x, T.__name__, T.z
        class M1: name = "m1"
        class M2(M1): pass
        class M3(M1): name = "m3"
        class Diamond(M2, M3): pass
        e = Diamond.name, [k.__name__ for k in Diamond.__mro__ if k is not object]
        class Outer:
            class Inner:
                v = 1
            w = Inner.v
        f = Outer.Inner.v, Outer.w, Outer.Inner.__qualname__
        class Callable:
            def __call__(self, x): return x + 1
            def __getitem__(self, k): return k * 2
        g = Callable()(1), Callable()[4]
        class Body:
            names = []
            for n in ("a", "b"):
                names.append(n)
            locals()["made"] = 1
        h = Body.names, Body.made
        """,
    "hooks of classes": """
        class Base:
            def __init_subclass__(cls, prefix="p_", **kw):
                super().__init_subclass__(**kw)
                cls.table = prefix + cls.__name__.lower()
        class One(Base, prefix="q_"): pass
        class Two(Base): pass
        a = One.table, Two.table
        class Described:
            def __get__(self, instance, owner): return owner.__name__.upper()
        class Has:
            name = Described()
        class Heir(Has): pass
        b = Has.name, Heir.name
        """,
    "enums": """
        import enum
        class Color(enum.Enum):
            RED = "r"
            BLUE = "b"
            CRIMSON = "r"
            @property
            def loud(self): return self.value.upper()
        class Number(enum.IntEnum):
            A = enum.auto()
            B = enum.auto()
        class Kind(str, enum.Enum):
            X = "x"
        a = [c.value for c in Color], [c.name for c in Color], Color.RED.value, Color("b").name, len(Color)
        b = [n.value for n in Number], Color["RED"], Color.RED is Color.CRIMSON, Kind.X.value, Color.BLUE.loud
        c = Color.RED == Color.BLUE, Color.RED in (Color.RED,)
        """,
    "data": """
        from dataclasses import dataclass
        from typing import NamedTuple, ClassVar
        from collections import defaultdict, OrderedDict
        @dataclass
        class D:
            kind: ClassVar[str] = "k"
            a: int
            b: str = "z"
        a = D(1).a, D(1, b="k").b, D(1).b, D.kind
        class N(NamedTuple):
            a: int
            b: int = 2
        b = N(1).b, N(1)[0], N(a=5).a
        d = defaultdict(list)
        d["a"].append(1)
        c = list(d.items())
        e = list(OrderedDict([("a", 1)]))
        """,
    "patterns": r"""
        import re
        def snake(name):
            first = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
            return re.sub("([a-z0-9])([A-Z])", r"\1_\2", first).lower()
        a = snake("UserHTTPAddress"), re.sub(r"(?<!^)(?=[A-Z])", "_", "FooBarBaz").lower()
        b = re.sub(r"[A-Z]", lambda m: "_" + m.group(0).lower(), "FooBar"), re.compile("a+").sub("b", "caat")
        c = re.findall(r"[A-Z][^A-Z]*", "FooBar"), re.split("[,;]", "a,b;c"), re.match("a", "abc") is not None, re.match("x", "a")
        d = re.search(r"(\d+)", "ab12").group(1), re.sub("A", "b", "aA", flags=re.I), re.compile("B", re.IGNORECASE).sub("", "abB")
        """,
    "contexts": """
        from contextlib import contextmanager, suppress
        LOG = []
        @contextmanager
        def manager(name):
            LOG.append("in " + name)
            yield name.upper()
            LOG.append("out")
        with manager("x") as given:
            LOG.append(given)
        class Manager:
            def __enter__(self): return 5
            def __exit__(self, *a): return False
        with Manager() as five:
            pass
        """,
    "names": """
        a = __name__
        globals()["made"] = 3
        b = made
        vars()["other"] = 4
        x = 1
        def f():
            x = 2
            class C:
                y = x
            return C.y
        c = f()
        class K:
            x = 5
            def m(self): return x
        d = K().m()
        """,
    "modules": """
        from itertools import chain
        from os.path import join, basename
        import os
        from copy import copy, deepcopy
        a = list(chain([1], [2])), list(chain.from_iterable([[1], [2]])), join("a", "b"), os.path.basename("a/b")
        b = copy([1]), deepcopy({"a": 1})
        from typing import cast
        c = cast("int", 3)
        import sys
        d = sys.version_info >= (3, 8)
        """,
}  # fmt: skip


def _text(name: str) -> str:
    import textwrap

    return textwrap.dedent(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_names_have_the_values_that_python_gives_them(name: str) -> None:
    text = _text(name)
    theirs = ran(text)
    ours = names_of(interpreter_of(text))
    assert set(theirs) <= set(ours)
    compared = 0
    for each, value in theirs.items():
        if is_plain(value) and type(value).__name__ != "defaultdict":
            assert agrees(ours[each], real(value)), each
            assert "?" not in repr(ours[each]), f"`{each}` is told: {ours[each]!r}"
            compared += 1
    assert compared
