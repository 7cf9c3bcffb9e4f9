"""pyproject.toml, Poetry, setup.cfg, setup.py, Pipfile, environment.yml and lock files; poetry-core as a judge."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Lock, LockedRequirement, Requirement, RequirementFacts, RequirementGroup
from infralint.kinds import kind_of
from infralint.readers.dispatch import read_file
from infralint.readers.poetry_versions import specifier_of


def read(path: str, text: str) -> RequirementFacts | None:
    kind = kind_of(path)
    assert kind is not None
    facts = read_file(text.encode(), kind, "auto")
    assert facts.problem is None
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    return facts.requirements


def facts_of(path: str, text: str) -> RequirementFacts:
    found = read(path, text)
    assert found is not None
    return found


def group(facts: RequirementFacts, kind: str, name: str = "") -> RequirementGroup:
    (found,) = [each for each in facts.groups if (each.kind, each.name) == (kind, name)]
    return found


def shown(requirement: Requirement) -> str:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    marker = f"; {requirement.marker}" if requirement.marker else ""
    place = f" @ {requirement.url or requirement.path}" if requirement.url or requirement.path else ""
    return f"{requirement.name}{extras}{requirement.specifier}{place}{marker}"


def names(found: RequirementGroup) -> list[str]:
    return [shown(each) for each in found.requirements]


PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "My.App"
version = "1.2"
requires-python = ">=3.11"
dependencies = [
    "fastapi[standard]>=0.110",  # web
    "tomli ; python_version < \\"3.11\\"",
    'lib @ file:../lib',
]

[project.optional-dependencies]
Dev_Tools = ["ruff"]

[dependency-groups]
test = ["pytest", {include-group = "typing"}]
typing = ["mypy"]
dev = [{include-group = "test"}]

[tool.uv]
constraint-dependencies = ["h11>=0.16"]
override-dependencies = ["idna==3.10"]
default-groups = ["typing"]

[tool.uv.sources]
lib = { path = "../lib", editable = true }
core = { workspace = true }
torch = [{ index = "cpu", marker = "sys_platform == 'linux'" }]
fork = { git = "https://h.org/fork", rev = "abc" }

[tool.uv.workspace]
members = ["packages/*"]
exclude = ["packages/old"]
"""


def test_pyproject() -> None:
    facts = facts_of("pyproject.toml", PYPROJECT)
    assert (facts.tool, facts.name, facts.version, facts.python) == ("project", "my-app", "1.2", ">=3.11")
    assert names(group(facts, "main")) == [
        "fastapi[standard]>=0.110",
        'tomli; python_version < "3.11"',
        "lib @ ../lib",
    ]
    assert names(group(facts, "extra", "dev-tools")) == ["ruff"]
    assert names(group(facts, "group", "test")) == ["pytest"]
    assert [(each.kind, each.target.value) for each in group(facts, "group", "test").includes] == [("group", "typing")]
    assert {each.name: each.default for each in facts.groups if each.kind == "group"} == {
        "test": False,
        "typing": True,
        "dev": False,
    }
    assert names(group(facts, "build")) == ["hatchling>=1.25"]
    assert names(group(facts, "constraint")) == ["h11>=0.16"]
    assert names(group(facts, "override")) == ["idna==3.10"]
    assert facts.members == ("packages/*",)
    assert facts.left_out == ("packages/old",)
    sources = {each.name: each for each in facts.sources}
    assert sources["lib"].path == "../lib"
    assert sources["core"].workspace
    assert (sources["torch"].path, sources["torch"].url, sources["torch"].workspace) == ("", "", False)
    assert sources["fork"].url == "git+https://h.org/fork"


def test_places_in_toml_have_no_quotes_and_know_escapes() -> None:
    facts = facts_of("pyproject.toml", PYPROJECT)
    main = group(facts, "main").requirements
    assert [PYPROJECT[each.name_span.start : each.name_span.end] for each in main] == ["fastapi", "tomli", "lib"]
    assert PYPROJECT[main[1].span.start : main[1].span.end] == 'tomli ; python_version < \\"3.11\\"'
    (included,) = group(facts, "group", "test").includes
    assert PYPROJECT[included.span.start : included.span.end] == "typing"


@pytest.mark.parametrize(
    ("text", "files", "is_open"),
    [
        ('[tool.setuptools.dynamic]\ndependencies = {file = ["a.txt", "b.txt"]}', ["a.txt", "b.txt"], False),
        ('[tool.setuptools.dynamic.dependencies]\nfile = "a.txt"', ["a.txt"], False),
        ('[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ["a.txt"]', ["a.txt"], False),
        ("", [], True),
    ],
)
def test_dynamic_dependencies(text: str, files: list[str], is_open: bool) -> None:
    facts = facts_of("pyproject.toml", f'[project]\nname = "a"\ndynamic = ["dependencies"]\n{text}\n')
    found = group(facts, "main")
    assert [each.target.value for each in found.includes] == files
    assert bool(found.open) is is_open


def test_dynamic_extras() -> None:
    text = '[project]\nname = "a"\ndynamic = ["optional-dependencies"]\n[tool.setuptools.dynamic]\noptional-dependencies.dev = {file = "dev.txt"}\n'
    found = group(facts_of("pyproject.toml", text), "extra", "dev")
    assert [each.target.value for each in found.includes] == ["dev.txt"]


def test_flit_pdm_and_hatch() -> None:
    flit = facts_of(
        "pyproject.toml",
        '[tool.flit.metadata]\nmodule = "a"\nrequires = ["b"]\n[tool.flit.metadata.requires-extra]\nx = ["c"]\n',
    )
    assert flit.tool == "flit"
    assert (names(group(flit, "main")), names(group(flit, "extra", "x"))) == (["b"], ["c"])
    text = (
        '[project]\nname = "a"\n[tool.pdm.dev-dependencies]\nt = ["pytest", "-e file:///${PROJECT_ROOT}/../b#egg=b"]\n'
    )
    pdm = facts_of("pyproject.toml", text)
    assert [each.name for each in group(pdm, "group", "t").requirements] == ["pytest", "b"]
    hatch = facts_of("pyproject.toml", '[project]\nname = "a"\n[tool.hatch.envs.docs]\ndependencies = ["mkdocs"]\n')
    assert names(group(hatch, "group", "hatch-docs")) == ["mkdocs"]


POETRY = """\
[tool.poetry]
name = "app"
version = "1.0"
[tool.poetry.dependencies]
python = "^3.10"
fastapi = "^0.110"
Flask_Login = "~2.1"
any = "*"
exact = "1.2.3"
wild = "1.*"
both = ">=1,<2"
union = "^1 || ^2"
tab = { version = "^1", extras = ["x", "Y_z"], markers = "sys_platform == 'linux'" }
lib = { path = "../lib", develop = true }
fork = { git = "https://h.org/fork.git", branch = "main" }
opt = { version = "^3", optional = true }
multi = [
    { version = "<2", python = "<3.12" },
    { version = ">=2", python = ">=3.12" },
]
[tool.poetry.extras]
more = ["opt"]
[tool.poetry.group.test.dependencies]
pytest = "^8"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
mkdocs = "*"
[tool.poetry.dev-dependencies]
black = "*"
"""


def test_poetry() -> None:
    facts = facts_of("pyproject.toml", POETRY)
    assert (facts.tool, facts.name, facts.python) == ("poetry", "app", ">=3.10,<4")
    assert names(group(facts, "main")) == [
        "fastapi>=0.110,<0.111",
        "flask-login>=2.1,<2.2",
        "any",
        "exact==1.2.3",
        "wild==1.*",
        "both>=1,<2",
        "union",
        "tab[x,y-z]>=1,<2; sys_platform == 'linux'",
        "lib @ ../lib",
        "fork @ git+https://h.org/fork.git",
        'multi<2; python_full_version < "3.12"',
        'multi>=2; python_full_version >= "3.12"',
    ]
    assert [each.name for each in group(facts, "main").requirements if each.open] == ["union"]
    assert names(group(facts, "extra", "more")) == ["opt>=3,<4"]
    defaults = {each.name: each.default for each in facts.groups if each.kind == "group"}
    assert defaults == {"test": True, "docs": False, "dev": True}


def test_poetry_with_a_project_table() -> None:
    text = '[project]\nname = "a"\ndependencies = ["b>=1"]\n[tool.poetry]\n[tool.poetry.dependencies]\nb = {source = "x"}\n'
    assert names(group(facts_of("pyproject.toml", text), "main")) == ["b>=1"]
    text = '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nb = "^1"\n'
    assert names(group(facts_of("pyproject.toml", text), "main")) == ["b>=1,<2"]


CONSTRAINTS = [
    "^1.2.3", "^1.2", "^1", "^0.2.3", "^0.0.3", "^0.0", "^0", "~1.2.3", "~1.2", "~1", "~=1.4.2", "*", "1.*", "1.2.*",
    "==1.2.*", "!=1.2.*", "1.2.3", "=1.2", "==1.2", ">=1.2,<2", ">= 1.2 <2", ">1.2", "!=1.2.3", "^1.0rc1", ">=1.2,!=1.5",
    "^2.0.0.1", "<=1.2.3",
]  # fmt: skip
GRID = [Version(text) for text in (
    "0", "0.0.3", "0.0.4", "0.1", "0.2.2", "0.2.3", "0.2.9", "0.3", "1", "1.0rc1", "1.0", "1.1.9", "1.2", "1.2.1",
    "1.2.3", "1.2.4", "1.3", "1.4.1", "1.4.2", "1.4.9", "1.5", "1.9.9", "2", "2.0.0.1", "2.0.1", "2.1", "3", "10",
)]  # fmt: skip


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_poetry_allows_the_same_versions(constraint: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from poetry.core.constraints.version import Version as PoetryVersion
        from poetry.core.constraints.version import parse_constraint

        theirs = parse_constraint(constraint)
    ours = specifier_of(constraint)
    assert ours is not None
    for version in GRID:
        allowed = SpecifierSet(ours).contains(version, prereleases=True)
        assert allowed == theirs.allows(PoetryVersion.parse(str(version))), version


@pytest.mark.parametrize("constraint", ["^1 || ^2", "nonsense", "^", ">=", "1.2 or 3"])
def test_what_is_no_one_range_is_not_guessed(constraint: str) -> None:
    assert specifier_of(constraint) is None


SETUP_CFG = """\
[metadata]
name = My_App
version = attr: my_app.__version__

[options]
packages = find:
python_requires = >=3.9
install_requires =
    fastapi>=0.110
    # a comment
    tomli; python_version < "3.11"

    file: extra.txt, more.txt
[options.extras_require]
dev = ruff; mypy
"""


def test_setup_cfg() -> None:
    facts = facts_of("setup.cfg", SETUP_CFG)
    assert (facts.tool, facts.name, facts.version, facts.python) == ("setup", "my-app", "", ">=3.9")
    main = group(facts, "main")
    assert names(main) == ["fastapi>=0.110", 'tomli; python_version < "3.11"']
    assert [SETUP_CFG[each.name_span.start : each.name_span.end] for each in main.requirements] == ["fastapi", "tomli"]
    assert [each.target.value for each in main.includes] == ["extra.txt", "more.txt"]
    assert names(group(facts, "extra", "dev")) == ["ruff", "mypy"]


def test_setuptools_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = SETUP_CFG.replace("    file: extra.txt, more.txt\n", "").replace("attr: my_app.__version__", "1")
    Path("setup.cfg").write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from setuptools.config.setupcfg import read_configuration

        theirs = read_configuration("setup.cfg")["options"]
    facts = facts_of("setup.cfg", text)
    assert [each.replace("; ", ";") for each in names(group(facts, "main"))] == [
        each.replace("; ", ";") for each in theirs["install_requires"]
    ]
    assert sorted(theirs["extras_require"]["dev"]) == sorted(names(group(facts, "extra", "dev")))


def setup_of(body: str) -> RequirementFacts | None:
    return read("setup.py", "from setuptools import setup\n" + textwrap.dedent(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('setup(name="a", install_requires=["b>=1", "c"])', ["b>=1", "c"]),
        ('R = ["b"]\nsetup(install_requires=R + ["c"])', ["b", "c"]),
        ('R = ("b",)\nsetup(install_requires=[*R, "c"])', ["b", "c"]),
        ('setup(**{"install_requires": ["b"]})', ["b"]),
        ('K = dict\nkw = {"name": "a", "install_requires": ["b"]}\nsetup(**kw)', ["b"]),
        ('setup(name="a", install_requires=["b" ">=1"])', ["b>=1"]),
        ('setup(name="a")', []),
    ],
)
def test_setup_py(body: str, expected: list[str]) -> None:
    facts = setup_of(body)
    assert facts is not None
    assert names(group(facts, "main")) == expected
    assert group(facts, "main").open == ""


@pytest.mark.parametrize(
    "body",
    [
        'setup(name="a", install_requires=open("requirements.txt").read().splitlines())',
        'R = [l for l in open("requirements.txt") if l]\nsetup(install_requires=R)',
        'with open("requirements.txt") as f:\n    R = f.read().splitlines()\nsetup(install_requires=R)',
        'def reqs(p):\n    return open(p).read().split()\nsetup(install_requires=reqs("requirements.txt"))',
        "setup(pbr=True)",
    ],
)
def test_setup_py_reads_a_file(body: str) -> None:
    facts = setup_of(body)
    assert facts is not None
    found = group(facts, "main")
    assert ([each.target.value for each in found.includes], found.open) == (["requirements.txt"], "")


@pytest.mark.parametrize(
    "body",
    [
        'R = ["b"]\nR.append("c")\nsetup(install_requires=R)',
        'R = ["b"]\nif x:\n    R += ["c"]\nsetup(install_requires=R)',
        "setup(install_requires=make())",
        "setup(name='a', **more())",
        'setup(install_requires=open("a.txt").read() + open("b.txt").read() + f())',
        'setup(install_requires="b\\nc")',
    ],
)
def test_setup_py_that_is_made_at_run_time(body: str) -> None:
    facts = setup_of(body)
    assert facts is not None
    assert group(facts, "main").open


def test_what_is_no_setup_call_says_nothing() -> None:
    assert setup_of("def setup(x): ...\nsetup(1)") is None
    assert read("a.py", 'X = dict(install_requires=["b"])') is None


PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
[packages]
fastapi = ">=0.110"
Any_Thing = "*"
tab = {version = "==1.*", extras = ["x"], markers = "python_version < '3.12'", sys_platform = "== 'linux'"}
lib = {path = "./lib", editable = true}
fork = {git = "https://h.org/fork.git", ref = "main"}
[dev-packages]
pytest = "*"
[docs]
mkdocs = "1.6"
[requires]
python_version = "3.11"
"""


def test_pipfile() -> None:
    facts = facts_of("Pipfile", PIPFILE)
    assert (facts.tool, facts.python) == ("pipenv", "==3.11.*")
    assert names(group(facts, "main")) == [
        "fastapi>=0.110",
        "any-thing",
        "tab[x]==1.*; (python_version < '3.12') and (sys_platform == 'linux')",
        "lib @ ./lib",
        "fork @ git+https://h.org/fork.git",
    ]
    assert names(group(facts, "group", "dev")) == ["pytest"]
    assert names(group(facts, "group", "docs")) == ["mkdocs==1.6"]


def test_environment_yml() -> None:
    text = "name: a\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- conda-forge::numpy>=1.20=py*\n- pip\n- pip:\n  - fastapi>=0.110\n  - -r base.txt\n"
    facts = facts_of("environment.yml", text)
    assert facts.tool == "conda"
    assert names(group(facts, "conda")) == ["python==3.11.*", "numpy>=1.20", "pip"]
    main = group(facts, "main")
    assert names(main) == ["fastapi>=0.110"]
    assert [text[each.span.start : each.span.end] for each in main.requirements] == ["fastapi>=0.110"]
    assert [each.target.value for each in main.includes] == ["base.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v2\nname: chart\ndependencies:\n- name: x\n",
        "dependencies:\n  a: b\n",
        "dependencies: [a]\nother: 1\n",
    ],
)
def test_other_yaml_is_no_environment(text: str) -> None:
    assert read("environment.yml", text) is None


UV = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "fastapi", extra = ["standard"] },
    { name = "tomli", marker = "python_full_version < '3.11'" },
]

[package.optional-dependencies]
more = [{ name = "idna" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[package.metadata]
requires-dist = [{ name = "fastapi", extras = ["standard"] }]

[[package]]
name = "fastapi"
version = "0.110.0"
source = { registry = "https://pypi.org/simple" }

[package.optional-dependencies]
standard = [{ name = "uvicorn" }]
"""
POETRY_LOCK = """\
# This file is automatically @generated by Poetry 2.1.1 and should not be changed by hand.
[[package]]
name = "Fastapi"
version = "0.110.0"
description = "x"
optional = false
python-versions = ">=3.8"
groups = ["main", "dev"]
files = []

[package.dependencies]
pydantic = ">=1.7"
uvicorn = {version = ">=0.12", extras = ["standard"], optional = true, markers = "extra == \\"all\\""}
typing-extensions = {version = ">=4", markers = "python_version < \\"3.12\\""}

[package.extras]
all = ["uvicorn[standard] (>=0.12.0)"]

[[package]]
name = "lib"
version = "0.1"
[package.source]
type = "directory"
url = "../lib"

[metadata]
lock-version = "2.1"
content-hash = "x"
"""
PDM_LOCK = """\
[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"

[[package]]
name = "uvicorn"
version = "0.30"
requires_python = ">=3.8"
groups = ["default"]
dependencies = ["click>=7", "h11>=0.8; python_version < '3.12'"]

[[package]]
name = "uvicorn"
version = "0.30"
extras = ["standard"]
groups = ["default"]
dependencies = ["uvicorn==0.30", "uvloop"]
"""
PYLOCK = """\
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "fastapi"
version = "0.110"
marker = "sys_platform == 'linux'"

[[packages]]
name = "lib"
directory = { path = "lib" }
"""
PIPFILE_LOCK = '{"_meta": {"sources": []}, "default": {"fastapi": {"version": "==0.110", "markers": "python_version >= \'3.8\'"}}, "develop": {"pytest": {"version": "==8"}}}'


def lock_of(path: str, text: str) -> Lock:
    lock = facts_of(path, text).lock
    assert lock is not None
    for package in lock.packages:
        assert text[package.span.start : package.span.end].lower() == package.name
    return lock


def test_uv_lock() -> None:
    lock = lock_of("uv.lock", UV)
    app, fastapi = lock.packages
    assert (lock.tool, app.source, app.path, fastapi.source) == ("uv", "editable", ".", "registry")
    assert [(each.name, each.extras, each.marker) for each in app.requires] == [
        ("fastapi", ("standard",), ""),
        ("tomli", (), "python_full_version < '3.11'"),
    ]
    assert [each.name for each in app.extras["more"]] == ["idna"]
    assert [each.name for each in app.groups["dev"]] == ["pytest"]
    assert [each.name for each in fastapi.extras["standard"]] == ["uvicorn"]


def test_poetry_lock() -> None:
    lock = lock_of("poetry.lock", POETRY_LOCK)
    fastapi, lib = lock.packages
    assert [(each.name, each.marker) for each in fastapi.requires] == [
        ("pydantic", ""),
        ("typing-extensions", 'python_version < "3.12"'),
    ]
    assert fastapi.extras["all"] == (LockedRequirement("uvicorn", ("standard",), 'extra == "all"'),)
    assert (fastapi.members, lib.source, lib.path) == (("main", "dev"), "path", "../lib")


def test_pdm_lock() -> None:
    lock = lock_of("pdm.lock", PDM_LOCK)
    plain, standard = lock.packages
    assert [(each.name, each.marker) for each in plain.requires] == [("click", ""), ("h11", 'python_version < "3.12"')]
    assert [each.name for each in standard.extras["standard"]] == ["uvicorn", "uvloop"]
    assert standard.requires == ()


def test_pylock_and_pipfile_lock() -> None:
    lock = lock_of("pylock.toml", PYLOCK)
    assert (lock.tool, lock.edges, lock.packages[1].path) == ("pylock", False, "lib")
    lock = lock_of("Pipfile.lock", PIPFILE_LOCK)
    assert [(each.name, each.version, each.members) for each in lock.packages] == [
        ("fastapi", "0.110", ("default",)),
        ("pytest", "8", ("dev",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[[package]]\nname = "serde"\nversion = "1"\nsource = "registry+x"\n',
        "[tool.black]\nline-length = 1\n",
        '[[packages]]\nname = "x"\n',
    ],
)
def test_other_toml_is_nothing(text: str) -> None:
    found = read("a.toml", text)
    assert found is None or not found.groups


FILES = {
    "pyproject.toml": PYPROJECT,
    "a/pyproject.toml": POETRY,
    "setup.cfg": SETUP_CFG,
    "Pipfile": PIPFILE,
    "Pipfile.lock": PIPFILE_LOCK,
    "uv.lock": UV,
    "poetry.lock": POETRY_LOCK,
    "pdm.lock": PDM_LOCK,
    "setup.py": 'from setuptools import setup\nR = ["b"]\nsetup(name="a", install_requires=R + ["c"])\n',
}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(FILES)),
    st.integers(0, 900),
    st.integers(0, 12),
    st.text(alphabet="\"[]{}=,\n ax1\\'", max_size=4),
)
def test_broken_files_never_raise(path: str, start: int, length: int, new: str) -> None:
    text = FILES[path]
    text = text[:start] + new + text[start + length :]
    kind = kind_of(path)
    assert kind is not None
    facts = read_file(text.encode(), kind, "auto")
    assert facts.problem is None or "internal error" not in facts.problem.reason
    for found in facts.requirements.groups if facts.requirements else ():
        for each in found.requirements:
            assert 0 <= each.span.start <= each.span.end <= len(text)
