"""Bad input: each a clear finding or nothing, never a crash, never a lost finding elsewhere."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import infralint
from infralint.cache import decode_facts, encode_facts
from infralint.kinds import Kind
from infralint.readers.dispatch import MAX_BYTES, read_file
from infralint.settings import Settings

ALL = Settings(select=("ALL",))

# Findings that must not be lost, whatever stands beside them: one that needs only its own file, and one that
# says that no class of the whole project has a name.
SCRIPT = "gcloud run jobs deploy x --image a@sha256:0 --timeout 5\n"
WITNESS = {
    "witness/deploy.sh": SCRIPT,
    "witness/models.py": (
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import declarative_base, relationship\n\n"
        "Base = declarative_base()\n\n\n"
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = Column(Integer, primary_key=True)\n"
        '    user = relationship("Usr")\n'
    ),
}
MODEL = WITNESS["witness/models.py"]
SEEN_ALONE = ("gcloud-unknown-flag", "witness/deploy.sh", 1)
SEEN_IN_ALL = ("orm-unresolved-relationship", "witness/models.py", 10)
SEEN = (SEEN_ALONE, SEEN_IN_ALL)

Found = list[tuple[str, str, int, int, str]]


def beside(files: Mapping[str, str | bytes]) -> Found:
    """What is found in files beside the witnesses, whose own findings must be there."""
    report = infralint.lint({**WITNESS, **files}, ALL)
    return others(report)


def on_disk(
    root: Path, files: Mapping[str, str | bytes] | None = None, seen: tuple[tuple[str, str, int], ...] = SEEN
) -> Found:
    for path, data in {**WITNESS, **(files or {})}.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    return others(infralint.lint_project(root, ALL), seen)


def others(report: infralint.Report, seen: tuple[tuple[str, str, int], ...] = SEEN) -> Found:
    assert report.failed == ()
    found = [(f.rule, f.path, f.line, f.column, f.message) for f in report.findings]
    assert set(seen) <= {place[:3] for place in found}
    return [place for place in found if place[:3] not in SEEN]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_open(monkeypatch, "secret.py")
    # Nobody knows which classes are in it, so nothing is said of classes that are nowhere.
    assert on_disk(tmp_path, {"secret.py": "A = 1\n", "z.py": "A = 1\n"}, seen=(SEEN_ALONE,)) == [
        ("file-unreadable", "secret.py", 1, 1, "this cannot be read: Permission denied")
    ]


def refuse_open(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As the system refuses it to users other than root."""
    real = pathlib.Path.open

    def refusing(self: Path, mode: str = "r", *args: object, **kwargs: object) -> object:
        if self.name == name and "r" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, mode, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(pathlib.Path, "open", refusing)


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refusing(path: str | Path) -> object:
        if Path(path).name == "pgdata":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert on_disk(tmp_path, {"pgdata/a.py": "print 1\n", "z.py": "print 1\n"})[0] == (
        "file-unreadable", "pgdata", 1, 1, "this cannot be read: Permission denied",
    )  # fmt: skip


def test_a_file_that_goes_away_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pathlib.Path.stat

    def gone(self: Path, **kwargs: bool) -> os.stat_result:
        if self.name == "gone.py":
            raise FileNotFoundError(2, "No such file or directory", str(self))
        return real(self, **kwargs)

    monkeypatch.setattr(pathlib.Path, "stat", gone)
    assert on_disk(tmp_path, {"gone.py": "A = 1\n"}) == []


def test_ten_megabytes_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_open(monkeypatch, "big.sh")
    large = b"A = 1\n" * 1_700_000
    message = "this file is too large: 10.2 MB, and files over 5 MB are not read"
    assert on_disk(tmp_path, {"big.py": large, "big.sh": large}) == [
        ("file-too-large", "big.py", 1, 1, message),
        ("file-too-large", "big.sh", 1, 1, message),
    ]
    assert infralint.lint({"a.py": b"#" * MAX_BYTES}, ALL).findings == ()


def test_classes_in_a_file_that_is_too_large_count() -> None:
    large = b"class Usr(Base):\n    pass\n" + b"A = 1\n" * 1_000_000
    report = infralint.lint({**WITNESS, "big.py": large}, ALL)
    assert [(f.rule, f.path) for f in report.findings] == [
        ("file-too-large", "big.py"), ("gcloud-unknown-flag", "witness/deploy.sh"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "line", "column", "reason"),
    [
        (b"A = 1\nB = '\xff'\n", 2, 6, "byte 11 is not valid utf-8"),
        (b"\xef\xbb\xbfA = '\xff'\n", 1, 6, "byte 5 is not valid utf-8"),
        (b"# coding: ascii\nA = '\xc3\xa9'\n", 2, 6, "byte 21 is not valid ascii"),
        (b"# coding: klingon\nA = 1\n", 1, 1, "unknown encoding 'klingon'"),
        (b"# coding: base64\nA = 1\n", 1, 1, "unknown encoding 'base64'"),
    ],
)
def test_undecodable(data: bytes, line: int, column: int, reason: str) -> None:
    message = f"this file is no text that can be read: {reason}"
    assert beside({"a.py": data}) == [("file-undecodable", "a.py", line, column, message)]


@pytest.mark.parametrize("path", ["a.sql", "a.sh", "Dockerfile", "a.yaml", "compose.yml", "a.tf", "requirements.txt"])
def test_undecodable_in_every_kind(path: str) -> None:
    assert [found[:4] for found in beside({path: b"ok\n\xff\xfe\xfd"})] == [("file-undecodable", path, 2, 1)]


UNPARSABLE = {
    "python 2 print": "def f():\n    print 'x'\n",
    "python 2 raise": "raise ValueError, 'x'\n",
    "python 2 literals": "x = 0777\ny = 10L\n",
    "mixed tabs and spaces": "if 1:\n\tx = 1\n        y = 2\n",
    "an open bracket": "x = (1,\n",
    "an open string": 'x = """\n',
    "a merge conflict": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n",
    "a null byte": "x = 1\0\n",
    "utf-16 without a mark": "x = 1\n".encode("utf-16-le"),
}


@pytest.mark.parametrize("data", UNPARSABLE.values(), ids=list(UNPARSABLE))
@pytest.mark.parametrize("trigger", [False, True], ids=["plain", "with models"])
def test_unparsable_python(data: str | bytes, trigger: bool) -> None:
    encoded = data.encode() if isinstance(data, str) else data
    if trigger:
        encoded += MODEL.encode("utf-16-le") if b"x\0" in encoded else MODEL.encode()
    found = beside({"a.py": encoded})
    assert [(rule, path) for rule, path, *_ in found] == [("file-unparsable", "a.py")]
    assert "internal error" not in found[0][4]


READABLE = {
    "nothing": b"",
    "a mark alone": b"\xef\xbb\xbf",
    "white space": b"\n\t \n\f\n",
    "a comment without a line end": b"# x",
    "a mark": b"\xef\xbb\xbfA = 1\n",
    "CRLF": b"A = 1\r\nB = (\r\n    2,\r\n)\r\n",
    "CR": b"A = 1\rB = 2\r",
    "tabs": b"if 1:\n\tx = 1\n\tif 2:\n\t\ty = 2\n",
    "a form feed": b"A = 1\n\x0c\nclass B:\n    pass\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nA = '\xe9'\n",
    "utf-16": "A = 'é'\n".encode("utf-16"),
    "identifiers": "größe = 1\n名前 = größe\n".encode(),
    "characters of two units": "x = '\U0001f600'; y = 1\n".encode(),
    "newer syntax": b"type X[T] = list[T]\n\ndef f[T](x: T) -> T: ...\n\nclass A[T]: ...\n",
    "newer strings": b"x = {'a': 1}\ny = f'{x['a']}'\n",
    "exception groups": b"try:\n    pass\nexcept* ValueError:\n    pass\n",
    "a warning of the compiler": b"x = '\\d'\nassert (1, 'x')\nif x is 'y': pass\n",
}


@pytest.mark.parametrize("data", READABLE.values(), ids=list(READABLE))
def test_readable_python(data: bytes) -> None:
    assert beside({"a.py": data}) == []


ENCODINGS = [
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("utf-16"),
    lambda text: ("# größe \U0001f600\n" + text).encode(),
    lambda text: ("# coding: latin-1\n# größe\n" + text).encode("latin-1"),
    lambda text: text.replace("    ", "\t").encode(),
    lambda text: ("type X[T] = list[T]\n" + text).encode(),
    lambda text: text.rstrip("\n").encode(),
]
ENCODED = ["CRLF", "BOM", "UTF-16", "non-ASCII", "latin-1", "tabs", "newer syntax", "no last line end"]


@pytest.mark.parametrize("encode", ENCODINGS, ids=ENCODED)
def test_findings_stay_at_their_place(encode: Callable[[str], bytes]) -> None:
    (finding,) = infralint.lint({"a.py": encode(MODEL)}, Settings(select=("orm-unresolved-relationship",))).findings
    text = MODEL.splitlines()[9]
    tabs = encode(MODEL).count(b"\t") > 0
    expected = text.replace("    ", "\t") if tabs else text
    assert expected[finding.column - 1 : finding.end_column - 1] == '"Usr"'
    assert finding.line in (10, 11, 12)


DEEP = {
    "brackets": "x = " + "(" * 5000 + ")" * 5000 + "\n",
    "lists": "x = " + "[" * 90 + "]" * 90 + "\n",
    "unary": "x = " + "-" * 20_000 + "1\n",
    "sums": "x = " + "1 + " * 20_000 + "1\n",
    "attributes": "x = a" + ".b" * 20_000 + "\n",
    "calls": "x = a" + "()" * 20_000 + "\n",
    "strings": "x = " + "'a' " * 20_000 + "\n",
    "blocks": "".join("    " * depth + "if 1:\n" for depth in range(90)) + "    " * 90 + "pass\n",
    "elif": "if 1:\n    pass\n" + "elif 1:\n    pass\n" * 3000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=list(DEEP))
@pytest.mark.parametrize("trigger", [False, True], ids=["plain", "with a model in it"])
def test_deep_nesting(text: str, trigger: bool) -> None:
    if trigger:
        text = text.replace("x = ", 'x = relationship("A"), ').replace("pass\n", 'relationship("A")\n')
    found = beside({"a.py": text})
    assert [(rule, path) for rule, path, *_ in found] in ([], [("file-unparsable", "a.py")])
    assert not any("internal error" in message for *_, message in found)


OTHERS = {
    "a.yaml": "a: " + "[" * 5000 + "]" * 5000,
    "b.yaml": "".join("  " * depth + "a:\n" for depth in range(2000)),
    "bomb.yaml": "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in pairwise("abcdefghijklmn")),
    "loop.yaml": "a: &a [*a]\n",
    "tabs.yaml": "a:\n\t- b\n",
    "compose.yml": "services:\n  a: [\n",
    "list.compose.yml": "- a\n",
    "cloudbuild.yaml": "steps: 5\n",
    ".github/workflows/a.yml": "jobs:\n  a: null\n  b: [1]\n",
    "a.sql": "SELECT " + "(" * 3000 + "1" + ")" * 3000 + ";",
    "b.sql": "CREATE TABLE t (a int",
    "c.sql": "SELECT 'x",
    "d.sql": "\0" * 100,
    "Dockerfile": "FROM\nRUN [\nCOPY\n\\",
    "a.sh": "if x; then " + "$(" * 500,
    "b.sh": "cat <<EOF\n",
    "c.sh": "echo 'x",
    "Makefile": "x:\n\tdocker run $(\n",
    "a.tf": 'resource "a" {\n' * 500,
    "a.ps1": '@"\nx',
    "a.toml": "x = [",
    "requirements.txt": "-r -r\n== 1\n@\n\\",
    ".env": "=\nA\n'",
    "alembic.ini": "[a\nx",
}


@pytest.mark.parametrize("path", OTHERS)
def test_broken_files_of_other_kinds(path: str) -> None:
    found = beside({path: OTHERS[path]})
    assert {rule for rule, *_ in found} <= {"file-unparsable", "sql-syntax", "suppression-unused"}
    assert not any("internal error" in message for *_, message in found)


def test_links_that_loop(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").symlink_to("..", target_is_directory=True)
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    assert on_disk(tmp_path) == []


def test_environments_and_snapshots_are_nobodys_findings() -> None:
    copies = {
        "myenv/pyvenv.cfg": "home = /usr/bin\n",
        "myenv/lib/python3.11/site-packages/bad.py": "print 1\n",
        "backup_20240101/witness/models.py": MODEL.replace("Usr", "Usrr"),
        "backup/witness/models.py": MODEL.replace("Usr", "Usrr"),
        "witness/models copy.py": MODEL,
        "witness/models.py.bak": MODEL,
    }
    assert beside(copies) == []


def test_everything_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"u{number}.py": data for number, data in enumerate(UNPARSABLE.values())}
    files.update({f"r{number}.py": data for number, data in enumerate(READABLE.values())})
    files.update({f"d{number}.py": data for number, data in enumerate(DEEP.values())})
    files.update(OTHERS)
    found = on_disk(tmp_path, files)
    assert {path for rule, path, *_ in found if path.startswith("u")} == {f"u{n}.py" for n in range(len(UNPARSABLE))}
    again = infralint.lint_project(tmp_path, ALL)
    assert others(again) == found
    assert again.re_read == ()


VALID = {
    Kind.PYTHON: MODEL + "cur.execute('SELECT a FROM orders WHERE id=%s', (1,))\nrun(['gcloud'])\n",
    Kind.SQL: "CREATE TABLE t (a int NOT NULL, b text CHECK (b = 'x'));\nSELECT a -- infralint: ignore[x]\n",
    Kind.DOCKERFILE: "FROM python:3.12 AS a\nARG X=1\nCOPY . .\nRUN pip install x \\\n  && y\nCMD ['a']\n",
    Kind.COMPOSE: "services:\n  a:\n    image: a:${TAG:-latest}\n    build: .\n    environment: [A=b]\n",
    Kind.WORKFLOW: "on: push\njobs:\n  a:\n    steps:\n    - run: |\n        docker pull a\n",
    Kind.CLOUDBUILD: "steps:\n- name: gcr.io/x\n  args: ['run', 'deploy', '--timeout', '1']\nimages: [a]\n",
    Kind.YAML: "kind: Pod\nspec:\n  containers:\n  - image: a\n    env: [{name: A, value: b}]\n---\nb: 1\n",
    Kind.SHELL: '#!/bin/bash\nX=$(gcloud run jobs deploy "$A" --image=a)\nfor i in a; do $i; done\n',
    Kind.MAKEFILE: "X := 1\nall: a\n\tdocker build -t $(X) . \\\n\t  --push\n",
    Kind.POWERSHELL: "$x = 'a'\ndocker run \"$x\" `\n  --rm\n",
    Kind.TERRAFORM: 'resource "a" "b" {\n  image = "x:${var.y}" # c\n  env { name = "A" }\n}\n',
    Kind.REQUIREMENTS: "a==1 ; python_version < '3'\n-r b.txt\n-e ./x[y]\nb @ https://c/${D} \\\n --hash=sha256:e\n",
    Kind.PIPFILE_LOCK: '{"_meta": {}, "default": {"a": {"version": "==1", "extras": ["b"]}}}',
    Kind.TOML: "[project]\ndependencies = ['a']\n",
    Kind.DOTENV: "A=b\nexport C='d'\n",
    Kind.INI: "[alembic]\nscript_location = a\n",
    Kind.PROCFILE: "web: uvicorn app.main:app\n",
}
BITS = [
    "(", ")", "'", '"', '"""', "\\", "\n", "\r", "\t", "\0", "{", "}", "${", "$(", "<<EOF\n", "#", "-- ",
    "/*", "\ufeff", "é", "\U0001f600", "\u2028", ";", "|", ":", "&a", "*a", "@", "=", "[", "]",
    " infralint: ignore[", "# infralint: ignore-file[a] b\n",
]  # fmt: skip


NAMES = {
    Kind.PYTHON: "a.py",
    Kind.SQL: "a.sql",
    Kind.DOCKERFILE: "Dockerfile",
    Kind.COMPOSE: "compose.yml",
    Kind.WORKFLOW: ".github/workflows/a.yml",
    Kind.CLOUDBUILD: "cloudbuild.yaml",
    Kind.YAML: "a.yaml",
    Kind.SHELL: "a.sh",
    Kind.MAKEFILE: "Makefile",
    Kind.POWERSHELL: "a.ps1",
    Kind.TERRAFORM: "a.tf",
    Kind.REQUIREMENTS: "requirements.txt",
    Kind.PIPFILE_LOCK: "Pipfile.lock",
    Kind.TOML: "a.toml",
    Kind.DOTENV: ".env",
    Kind.INI: "setup.cfg",
    Kind.PROCFILE: "Procfile",
}


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Kind, bytes]:
    """A valid file with pieces cut out, doubled and put in."""
    kind = draw(st.sampled_from(sorted(VALID)))
    text = VALID[kind]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        new = draw(st.one_of(st.sampled_from(BITS), st.text(max_size=3), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return kind, text.encode("utf-8", "surrogatepass")


def check(kind: Kind, data: bytes) -> None:
    for program in (False, True):
        facts = read_file(data, kind, "postgres", program=program)
        assert decode_facts(encode_facts(facts)) == facts
        if facts.problem is not None:
            assert "internal error" not in facts.problem.reason


bounded = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@bounded
@given(mutated())
def test_mutated_files_never_raise(case: tuple[Kind, bytes]) -> None:
    check(*case)


@bounded
@given(st.sampled_from(sorted(Kind)), st.binary(max_size=300))
@example(Kind.PYTHON, b"\\")
@example(Kind.PYTHON, b'x = "\\ud800\\udc00 ForeignKey("')
def test_random_bytes_never_raise(kind: Kind, data: bytes) -> None:
    check(kind, data)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(mutated(), min_size=1, max_size=5))
def test_projects_of_mutated_files_never_raise(cases: list[tuple[Kind, bytes]]) -> None:
    beside({f"d{number}/{NAMES[kind]}": data for number, (kind, data) in enumerate(cases)})


DECLARING = {
    "database.py": 'DDL = "CREATE TABLE results (id int, result text)"\n',
    "main.py": 'def f(c):\n    c.execute("INSERT INTO results (id, sum) VALUES (1, 2)")\n',
}


@pytest.mark.parametrize("name", ["broken.py", "huge.py", "latin.py"])
@pytest.mark.parametrize("table", ["results", "others"])
def test_a_broken_file_opens_the_tables_that_it_names_and_no_others(name: str, table: str) -> None:
    texts = {
        "broken.py": f'def f(:\n    run("ALTER TABLE {table} ADD sum int")\n'.encode(),
        "huge.py": f'X = "ALTER TABLE {table} ADD sum int"\n'.encode() + b"# filler\n" * 700_000,
        "latin.py": f'X = "ALTER TABLE {table} ADD sum int \xe9"\n'.encode("latin-1"),
    }
    found = [finding.rule for finding in infralint.lint({**DECLARING, name: texts[name]}).findings]
    assert ("sql-unknown-column" in found) == (table == "others")
    assert len([rule for rule in found if rule.startswith("file-")]) == 1


def test_templates_of_python_are_no_findings_and_open_what_they_name() -> None:
    template = "{% if auth %}\nclass User(Base):\n    run('ALTER TABLE results ADD sum int')\n{% endif %}\n"
    assert infralint.lint({**DECLARING, "template/models.py": template}).findings == ()
    assert infralint.lint({"template/version.py": "from app.{{ module }} import run\n"}).findings == ()
    assert infralint.lint({"app.py": "x = f'{{a}}'\ndef f(:\n"}).findings
