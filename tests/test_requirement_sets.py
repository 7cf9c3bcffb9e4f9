"""What installs ask for and bring: includes, projects, locks, the table; who provides a module; contradictions."""

from __future__ import annotations

import base64
import hashlib
import itertools
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from infralint.data.distributions import distribution_table, names_like
from infralint.kinds import kind_of
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.project import Project
from infralint.project.requirements import MarkerEnvironment, RequirementSet
from infralint.project.requirements.conflicts import conflicts
from infralint.project.requirements.environment import ANYWHERE, CONTAINER
from infralint.project.requirements.markers import always_together, holds
from infralint.project.requirements.versions import exclude_each_other
from infralint.project.requirements.view import Requirements
from infralint.readers.dispatch import read_file
from infralint.settings import Settings


def requirements_of(files: dict[str, str], settings: Settings | None = None) -> Requirements:
    facts = {}
    for path, text in files.items():
        kind = kind_of(path)
        if kind is not None:
            facts[path] = read_file(text.encode(), kind, "auto")
    return Project(facts, files, settings or Settings()).requirements


def of_file(text: str, **others: str) -> RequirementSet:
    files = {"requirements.txt": text, **{name.replace("__", "/") + ".txt": each for name, each in others.items()}}
    return requirements_of(files).of_file("requirements.txt")


def shown(found: RequirementSet) -> list[str]:
    return [
        f"{'c ' if each.constraint else ''}{each.requirement.name}{each.requirement.specifier}" for each in found.asked
    ]


# Requirement files.


def test_includes_are_relative_to_the_file_that_has_them() -> None:
    files = {
        "deploy/requirements.prod.txt": "-r ../requirements/base.txt\ngunicorn==22\n",
        "requirements/base.txt": "-r sub/web.txt\n-c ../constraints.txt\nredis\n",
        "requirements/sub/web.txt": "flask\n",
        "constraints.txt": "flask<4\n",
    }
    found = requirements_of(files).of_file("deploy/requirements.prod.txt")
    assert shown(found) == ["flask", "c flask<4", "redis", "gunicorn==22"]
    assert [path for path, _ in found.asked[0].includes] == ["deploy/requirements.prod.txt", "requirements/base.txt"]
    assert found.missing == ()
    assert found.open == ()


def test_cycles_end() -> None:
    found = requirements_of(
        {"a.txt": "", "reqs.txt": "-r requirements.txt\nb\n", "requirements.txt": "-r reqs.txt\na\n"}
    )
    assert shown(found.of_file("requirements.txt")) == ["b", "a"]


def test_an_include_in_a_constraint_file_installs() -> None:
    """pip reads `-r` inside of a constraint file as requirements."""
    found = requirements_of({"constraints.txt": "-r requirements.txt\na<1\n", "requirements.txt": "b\n"})
    assert shown(found.of_file("constraints.txt", constraint=True)) == ["b", "c a<1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-r https://h.org/r.txt", "https://h.org/r.txt"),
        ("-r ${X}.txt", "made at run time"),
        ("git+https://h.org/x.git", "behind the URL"),
        ("./lib", "no project of the tree"),
        ("-r ../../outside.txt", "not in the tree"),
        ("no-such-distribution-of-ours", "brings along is not known"),
    ],
)
def test_what_cannot_be_followed_is_open(text: str, reason: str) -> None:
    assert any(reason in each for each in of_file(f"{text}\nflask\n").open)


def test_a_missing_include() -> None:
    found = of_file("-r bas.txt\n-c cons.txt\nflask\n")
    assert [(each.target, each.written, each.constraint) for each in found.missing] == [
        ("bas.txt", "bas.txt", False),
        ("cons.txt", "cons.txt", True),
    ]


def test_markers_decide_by_the_environment() -> None:
    text = "a; sys_platform == 'win32'\nb; sys_platform == 'linux'\nc; python_version < '3.11'\n"
    requirements = requirements_of({"requirements.txt": text})
    found = requirements.of_file("requirements.txt", dependencies=False)
    assert [(each.requirement.name, each.holds) for each in found.asked] == [("b", True), ("c", False)]
    found = requirements.of_file("requirements.txt", dependencies=False, environment=MarkerEnvironment(python="3.12"))
    assert shown(found) == ["b"]
    found = requirements.of_file("requirements.txt", dependencies=False, environment=ANYWHERE)
    assert [(each.requirement.name, each.holds) for each in found.asked] == [("a", False), ("b", False), ("c", False)]


def test_another_file_system() -> None:
    files = {"requirements/prod.txt": "-r base.txt\nflask\n", "requirements/base.txt": "redis\n"}
    image = {"/app/requirements.txt": "requirements/prod.txt"}

    def find(path: str) -> Lookup[str]:
        return Known(image[path]) if path in image else Absent()

    requirements = requirements_of(files)
    found = requirements.of_file("/app/requirements.txt", find=find)
    assert [(each.path, each.target) for each in found.missing] == [("requirements/prod.txt", "/app/base.txt")]
    image["/app/base.txt"] = "requirements/base.txt"
    assert shown(requirements.of_file("/app/requirements.txt", find=find)) == ["redis", "flask"]


# What comes along.


def test_the_table_brings_along() -> None:
    found = of_file("fastapi==0.110\n")
    assert found.provided["starlette"].because == ("fastapi",)
    assert (found.provided["fastapi"].version, found.provided["starlette"].version) == ("0.110", "")
    assert "uvicorn" not in found.provided
    assert "uvicorn" in of_file("fastapi[standard]\n").provided


def test_without_dependencies() -> None:
    requirements = requirements_of({"requirements.txt": "fastapi\nunknown-thing\n"})
    found = requirements.of_file("requirements.txt", dependencies=False)
    assert (sorted(found.provided), found.open) == (["fastapi", "unknown-thing"], ())


def test_a_compiled_file_is_complete() -> None:
    header = "# This file is autogenerated by pip-compile with Python 3.11\n"
    assert of_file(f"{header}unknown-thing==1\n").open == ()
    assert of_file("unknown-thing==1\n").open != ()


def test_settings_close_what_no_table_knows() -> None:
    settings = Settings(
        module_distributions=(("acme.billing", ("Acme_Billing",)),),
        distribution_requires=(("acme-billing", ("httpx",)),),
    )
    requirements = requirements_of({"requirements.txt": "acme.billing\n"}, settings)
    found = requirements.of_file("requirements.txt")
    assert (found.open, "httpx" in found.provided) == ((), True)
    assert isinstance(requirements.provider("acme.billing.invoices", found), Known)
    assert requirements.candidates("acme.billing") == ("acme-billing",)


def test_local_projects_bring_what_they_ask_for() -> None:
    files = {
        "requirements.txt": "-e ./lib[web]\n",
        "lib/pyproject.toml": '[project]\nname = "lib"\ndependencies = ["redis"]\noptional-dependencies.web = ["flask"]\n',
    }
    found = requirements_of(files).of_file("requirements.txt")
    assert (found.projects, found.open) == (("lib",), ())
    assert {"redis", "flask"} <= found.provided.keys()


def test_projects_of_the_tree_are_known_by_name() -> None:
    files = {
        "requirements.txt": "our-lib\n",
        "libs/ours/setup.cfg": "[metadata]\nname = our_lib\n[options]\ninstall_requires =\n    redis\n",
    }
    found = requirements_of(files).of_file("requirements.txt")
    assert (found.projects, found.open, "redis" in found.provided) == (("libs/ours",), (), True)


PROJECT = """\
[project]
name = "app"
requires-python = ">=3.11"
dependencies = ["fastapi", "tomli; python_version < '3.11'"]
[project.optional-dependencies]
pg = ["asyncpg"]
all = ["app[pg]", "redis"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff"]
"""


def test_a_project_with_extras_and_groups() -> None:
    requirements = requirements_of({"pyproject.toml": PROJECT})
    assert [each.requirement.name for each in requirements.of_project("", groups=()).asked] == ["fastapi"]
    assert [each.requirement.name for each in requirements.of_project("").asked] == ["fastapi", "pytest", "ruff"]
    found = requirements.of_project("", extras=("all",), groups=())
    assert [each.requirement.name for each in found.asked] == ["fastapi", "asyncpg", "redis"]
    found = requirements.of_project("", groups=("lint",), main=False)
    assert ([each.requirement.name for each in found.asked], found.projects) == (["ruff"], ())


def test_setuptools_files_count_where_pyproject_leaves_it_to_them() -> None:
    setup = 'from setuptools import setup\nsetup(name="a", install_requires=["redis"])\n'
    build = '[build-system]\nrequires = ["setuptools"]\n'
    found = requirements_of({"pyproject.toml": build, "setup.py": setup}).of_project("")
    assert (shown(found), found.open) == (["redis"], ())
    dynamic = f'{build}[project]\nname = "a"\ndynamic = ["dependencies"]\n'
    found = requirements_of({"pyproject.toml": dynamic, "setup.py": setup}).of_project("")
    assert (shown(found), found.open) == (["redis"], ())
    static = f'{build}[project]\nname = "a"\ndependencies = ["flask"]\n'
    assert shown(requirements_of({"pyproject.toml": static, "setup.py": setup}).of_project("")) == ["flask"]


def test_dynamic_dependencies_of_files() -> None:
    text = '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = {file = ["requirements.in"]}\n'
    files = {"a/pyproject.toml": text, "a/requirements.in": "redis>=5\n", "a/requirements.txt": "redis==5.1\n"}
    found = requirements_of(files).of_project("a")
    assert ([each.path for each in found.asked], shown(found)) == (["a/requirements.in"], ["redis>=5"])


def test_a_lock_decides() -> None:
    lock = """\
version = 1
[[package]]
name = "app"
source = { editable = "." }
dependencies = [{ name = "private" }, { name = "other", marker = "sys_platform == 'win32'" }]
[[package]]
name = "private"
version = "2.0"
source = { registry = "https://h.org" }
dependencies = [{ name = "deep", extra = ["x"] }]
[[package]]
name = "deep"
version = "1.1"
source = { registry = "https://h.org" }
[package.optional-dependencies]
x = [{ name = "deeper" }]
[[package]]
name = "deeper"
version = "0.1"
source = { registry = "https://h.org" }
[[package]]
name = "unused"
version = "9"
source = { registry = "https://h.org" }
"""
    project = '[project]\nname = "app"\ndependencies = ["private"]\n'
    requirements = requirements_of({"pyproject.toml": project, "uv.lock": lock})
    found = requirements.of_project("", locked=True)
    assert {name: each.version for name, each in found.provided.items()} == {
        "private": "2.0",
        "deep": "1.1",
        "deeper": "0.1",
    }
    assert (found.open, found.provided["deeper"].because) == ((), ("private", "deep"))
    assert requirements.of_project("").open != ()


def test_a_requirement_that_the_lock_does_not_hold_is_open() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "app"\ndependencies = ["new"]\n',
        "uv.lock": 'version = 1\n[[package]]\nname = "app"\nsource = { editable = "." }\n',
    }
    assert requirements_of(files).of_project("", locked=True).open == ("`uv.lock` does not hold `new`",)


def test_members_of_a_workspace_share_its_lock() -> None:
    lock = """\
version = 1
[[package]]
name = "api"
source = { editable = "services/api" }
dependencies = [{ name = "core" }]
[[package]]
name = "core"
source = { editable = "packages/core" }
dependencies = [{ name = "private" }]
[[package]]
name = "private"
version = "1"
source = { registry = "https://h.org" }
"""
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*", "packages/*"]\nexclude = ["services/old"]\n',
        "uv.lock": lock,
        "services/api/pyproject.toml": '[project]\nname = "api"\ndependencies = ["core"]\n[tool.uv.sources]\ncore = { workspace = true }\n',
        "packages/core/pyproject.toml": '[project]\nname = "core"\ndependencies = ["private"]\n',
        "services/old/pyproject.toml": '[project]\nname = "old"\ndependencies = ["private"]\n',
    }
    requirements = requirements_of(files)
    found = requirements.of_project("services/api", locked=True)
    assert (sorted(found.provided), found.open) == (["core", "private"], ())
    assert set(found.projects) == {"services/api", "packages/core"}
    assert requirements.of_project("services/old", locked=True).open != ()


def test_pipfile_lock_by_category() -> None:
    files = {
        "Pipfile": '[packages]\nprivate = "*"\n[dev-packages]\npytest = "*"\n',
        "Pipfile.lock": '{"_meta": {}, "default": {"private": {"version": "==1"}, "deep": {}}, "develop": {"pytest": {}}}',
    }
    requirements = requirements_of(files)
    assert sorted(requirements.of_project("", locked=True).provided) == ["deep", "private"]
    assert sorted(requirements.of_project("", locked=True, groups=("dev",)).provided) == ["deep", "private", "pytest"]


def test_together() -> None:
    requirements = requirements_of(
        {"requirements.txt": "flask; python_version < '3.11'\n", "reqs.txt": "flask\nredis\n"}
    )
    found = requirements.together([requirements.of_file("requirements.txt"), requirements.of_file("reqs.txt")])
    assert found.provided["flask"].certain
    assert found.provided["flask"].path == "reqs.txt"
    assert "redis" in found.provided


# Who provides a module.


@pytest.mark.parametrize(
    ("module", "names", "text"),
    [
        ("jwt", (), "pyjwt"),
        ("jwt", (), "jwt"),
        ("yaml", (), "PyYAML"),
        ("cv2", (), "opencv-python-headless"),
        ("psycopg2.extras", (), "psycopg2-binary"),
        ("google.cloud", ("storage",), "google-cloud-storage"),
        ("google.cloud.storage.blob", (), "google-cloud-storage"),
        ("starlette.requests", (), "fastapi"),
        ("pydantic", (), "fastapi"),
        ("uvicorn", (), "fastapi[standard]"),
        ("some_private_thing", (), "some-private-thing"),
        ("google.cloud", ("workflows_v1",), "google-cloud-workflows"),
    ],
)
def test_providers(module: str, names: tuple[str, ...], text: str) -> None:
    requirements = requirements_of({"requirements.txt": text})
    assert isinstance(requirements.provider(module, requirements.of_file("requirements.txt"), names), Known)


@pytest.mark.parametrize(
    ("module", "names", "text", "answer"),
    [
        ("loguru", (), "fastapi", Absent),
        ("uvicorn", (), "fastapi", Absent),
        ("google.cloud", ("storage", "bigquery"), "google-cloud-storage", Absent),
        ("loguru", (), "fastapi\nprivate-thing", Open),
        ("no_such_module_of_anybody", (), "fastapi", Open),
        ("google.cloud", (), "google-cloud-storage", Open),
    ],
)
def test_who_is_not_there(module: str, names: tuple[str, ...], text: str, answer: type) -> None:
    requirements = requirements_of({"requirements.txt": text})
    assert isinstance(requirements.provider(module, requirements.of_file("requirements.txt"), names), answer)


@pytest.mark.parametrize("stranger", ["acme-loguru-shim", "acmeloguru", "guruloop"])
def test_a_stranger_with_a_like_name_may_provide_it(stranger: str) -> None:
    header = "# This file is autogenerated by pip-compile with Python 3.11\n"
    requirements = requirements_of({"requirements.txt": f"{header}{stranger}==1\n"})
    assert isinstance(requirements.provider("loguru", requirements.of_file("requirements.txt")), Open)


def test_a_fork_provides_what_the_original_did() -> None:
    requirements = requirements_of({"requirements.txt": "libpass==1.9.4\n"})
    installed = requirements.of_file("requirements.txt", dependencies=False)
    assert isinstance(requirements.provider("passlib", installed), Known)


def test_the_table() -> None:
    table = distribution_table()
    assert table.date == "2026-11-22"
    assert table.providers("google.cloud") == ()
    assert not any(module in sys.stdlib_module_names for module in ("yaml", "loguru") if table.providers(module) == ())
    assert names_like("google.cloud.workflows_v1")[0] == "google-cloud-workflows"
    assert names_like("backports.zoneinfo")[0] == "backports-zoneinfo"


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        ("fastapi==0.111.0", True),
        ("fastapi==0.110.0", False),
        ("fastapi==0.115.0", False),
        ("fastapi>=0.100", False),
        ("fastapi>=0.111,<0.112", True),
        ("fastapi[standard]==0.115.0", True),
    ],
)
def test_what_other_versions_required(text: str, brought: bool) -> None:
    """FastAPI 0.111 came with its server; the versions before and after did not."""
    assert ("uvicorn" in of_file(f"{text}\n").provided) is brought


def test_an_extra_that_the_table_does_not_have_is_open() -> None:
    assert of_file("fastapi[no-such-extra]\n").open == ("what `fastapi[no-such-extra]` brings along is not known",)


# Markers and versions: packaging as the judge.

VARIABLES = {
    "python_version": ["3.8", "3.10", "3.11", "3.12", "3.13"],
    "python_full_version": ["3.10.4", "3.11.0", "3.12"],
    "sys_platform": ["linux", "win32", "darwin"],
    "platform_system": ["Linux", "Windows"],
    "platform_machine": ["x86_64", "aarch64"],
    "implementation_name": ["cpython", "pypy"],
}
REAL = [
    {
        "python_version": python,
        "python_full_version": f"{python}.{patch}",
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
        "platform_system": system,
        "platform_machine": machine,
        "implementation_name": implementation.lower(),
        "platform_python_implementation": implementation,
        "extra": "",
    }
    for python in ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
    for patch in (0, 4, 9)
    for platform, system in (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin"))
    for machine in ("x86_64", "riscv64")
    for implementation in ("CPython", "PyPy")
]


@st.composite
def markers(draw: st.DrawFn) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        variable = draw(st.sampled_from(sorted(VARIABLES)))
        operators = ["<", ">=", "==", "!=", ">", "<="] if "python" in variable else ["==", "!="]
        value = draw(st.sampled_from(VARIABLES[variable]))
        parts.append(f"{variable} {draw(st.sampled_from(operators))} '{value}'")
    joined = parts[0]
    for part in parts[1:]:
        joined = f"({joined}) {draw(st.sampled_from(['and', 'or']))} {part}"
    return joined


@settings(max_examples=40, deadline=None)
@given(markers())
def test_markers_hold_as_packaging_says(marker: str) -> None:
    answers = {Marker(marker).evaluate(environment) for environment in REAL}
    found = holds(marker, ANYWHERE)
    assert found is None or answers == {found}
    for environment in REAL[::7]:
        variables = tuple((name, value) for name, value in environment.items() if not name.startswith("python"))
        known = MarkerEnvironment(environment["python_full_version"], "", variables)
        assert holds(marker, known) is Marker(marker).evaluate(environment)


@settings(max_examples=25, deadline=None)
@given(markers(), markers())
def test_markers_that_hold_together(first: str, second: str) -> None:
    both = {(Marker(first).evaluate(each), Marker(second).evaluate(each)) for each in REAL}
    if always_together(first, second, ANYWHERE):
        assert not {(True, False), (False, True)} <= both
    elif (True, True) in both and len(both - {(False, False)}) == 1:
        # Only what is told apart by environments that the list above does not have.
        assert "platform" in first + second or "python" in first + second or "implementation" in first + second


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("", "", True),
        ("python_version < '3.12'", "python_version >= '3.12'", False),
        ("python_version < '3.11'", "python_version < '3.12'", True),
        ("python_version >= '3.9'", "python_version < '3.12'", False),
        ("sys_platform == 'linux'", "platform_system == 'Linux'", True),
        ("sys_platform == 'win32'", "os_name == 'posix'", False),
        ("platform_machine == 'x86_64'", "", True),
        ("sys_platform == 'linux' and garbage", "", False),
        ("'linux' in sys_platform", "sys_platform == 'linux'", True),
    ],
)
def test_pairs_of_markers(first: str, second: str, together: bool) -> None:
    assert always_together(first, second, ANYWHERE) is together
    assert always_together(second, first, ANYWHERE) is together


def test_in_a_container_windows_is_not_possible() -> None:
    assert not always_together("sys_platform == 'win32'", "", CONTAINER)
    assert always_together("sys_platform == 'win32'", "", ANYWHERE)


NUMBERS = ["1", "1.0", "1.2", "1.2.3", "2", "2.0", "1.2.0", "1.2rc1", "2.0.dev1", "1.2.post1", "1!1", "0"]
GRID = [
    Version(text)
    for text in (
        *NUMBERS, "0.9", "1.0.1", "1.1", "1.1.9", "1.2.1", "1.2.2", "1.2.4", "1.2a1", "1.2.post2", "1.2.3.post1", "1.3",
        "1.9", "1.9.9", "2.0a1", "2.0rc1", "2.0.1", "2.1", "3", "1.2+local", "2.0.dev2", "1!0.5", "1!2", "0.0.1", "1.2.3rc1",
    )
]  # fmt: skip


@st.composite
def specifiers(draw: st.DrawFn) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 2))):
        number = draw(st.sampled_from(NUMBERS))
        operator = draw(st.sampled_from(["==", "!=", ">=", "<=", "<", ">", "~=", "==*", "!=*"]))
        if operator == "~=" and number.count(".") == 0:
            number += ".0"
        if operator.endswith("*"):
            number = ".".join(number.split("!")[-1].split(".")[:2]).split("rc")[0].replace(".dev1", "")
            parts.append(f"{operator[:2]}{number}.*")
        else:
            parts.append(f"{operator}{number}")
    return ",".join(parts)


@settings(max_examples=120, deadline=None)
@given(specifiers(), specifiers())
def test_versions_that_exclude_each_other(first: str, second: str) -> None:
    fits = [
        version
        for version in GRID
        if SpecifierSet(first).contains(version, prereleases=True)
        and SpecifierSet(second).contains(version, prereleases=True)
    ]
    if fits:
        assert not exclude_each_other(first, second), fits


@pytest.mark.parametrize(
    ("first", "second", "excluded"),
    [
        ("==1.0", "==2.0", True),
        ("==1.0", "==1.0.0", False),
        ("==1.0", "==1.*", False),
        ("==1.0+cpu", "==1.0", False),
        ("<2", ">1.9", False),
        (">=2", "<2", True),
        (">=2", "<=2", False),
        ("==1.2.*", "<1.2", True),
        ("~=1.4", "==2.0", True),
        ("===1.0", "==1.0", False),
        ("===foo", "===bar", True),
        ("===foo", "==1", False),
        ("!=1.0", ">=1.0,<=1.0", True),
        ("!=1.*", ">=1,<2", True),
        (">1.0", "<1.0.post1", True),
        ("nonsense", "==1", False),
    ],
)
def test_pairs_of_versions(first: str, second: str, excluded: bool) -> None:
    assert exclude_each_other(first, second) is excluded
    assert exclude_each_other(second, first) is excluded


# pip's resolver as the judge of contradictions, with wheels of our own and no index.


def wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with nothing in it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}\n"
        for path, text in files.items()
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "1.5", "2.0", "2.1rc1"):
        wheel(folder, "foo", version)
    return folder


@pytest.mark.parametrize(
    ("files", "contradict"),
    [
        ({"requirements.txt": "foo==1.0\nfoo==2.0\n"}, True),
        ({"requirements.txt": "foo==1.0\nFoo>=1.0\n"}, False),
        ({"requirements.txt": "-r reqs.txt\nfoo<2\n", "reqs.txt": "foo>=2\n"}, True),
        ({"requirements.txt": "-c constraints.txt\nfoo==2.0\n", "constraints.txt": "foo<2\n"}, True),
        ({"requirements.txt": "-c constraints.txt\nfoo\n", "constraints.txt": "foo<2\nfoo>1\n"}, False),
        ({"requirements.txt": "foo==1.0; python_version<'3'\nfoo==2.0; python_version>='3'\n"}, False),
        ({"requirements.txt": "foo==1.*\nfoo!=1.0\n"}, False),
        ({"requirements.txt": "foo===2.0\nfoo==2.0\n"}, False),
    ],
)
def test_pip_agrees(files: dict[str, str], contradict: bool, tmp_path: Path, wheels: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--find-links", str(wheels), "--no-cache-dir",
        "--disable-pip-version-check", "--ignore-installed", "-qr", "requirements.txt",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is contradict, done.stderr
    found = conflicts([requirements_of(files).of_file("requirements.txt", dependencies=False)])
    assert bool(found) is contradict


def test_of_two_places_one_is_refused() -> None:
    first = of_file("foo @ git+https://h.org/foo.git@a\nfoo @ git+https://user:x@h.org/foo.git@a\n")
    assert conflicts([first]) == ()
    second = of_file("foo @ git+https://h.org/foo.git@a\nfoo @ git+https://h.org/foo.git@b\n")
    assert len(conflicts([second])) == 1


def test_what_is_not_known_contradicts_nothing() -> None:
    assert conflicts([of_file("foo==1\nfoo==${V}\nfoo>=1.0.*\nfoo @ https://${H}/f.zip\n")]) == ()


def test_contradictions_between_files_of_one_command() -> None:
    requirements = requirements_of({"requirements.txt": "foo==1\n", "reqs.txt": "foo==2\n"})
    sets = [requirements.of_file(path, dependencies=False) for path in ("requirements.txt", "reqs.txt")]
    (found,) = conflicts(sets)
    assert (found.first.path, found.second.path) == ("requirements.txt", "reqs.txt")
    assert all(conflicts([each]) == () for each in sets)


def test_every_pair_of_a_long_file_is_judged_quickly() -> None:
    text = "".join(f"p{number}=={number}\n" for number in range(2000))
    found = conflicts([of_file(text + "p1999==0\n")])
    assert [each.second.requirement.specifier for each in found] == ["==0"]


def test_pairs_of_many_pins_of_one_name() -> None:
    text = "".join(f"foo=={number}; python_version == '3.{number}'\n" for number in range(8, 14))
    assert conflicts([of_file(text)]) == ()
    assert len(list(itertools.islice(conflicts([of_file(text + "foo==99\n")]), 2))) == 1


def test_sources_of_uv_lead_into_the_tree() -> None:
    """`redis` is a distribution of PyPI too; the project of the tree is meant."""
    files = {
        "api/pyproject.toml": '[project]\nname = "api"\ndependencies = ["redis"]\n[tool.uv.sources]\nredis = { path = "../redis" }\n',
        "redis/pyproject.toml": '[project]\nname = "redis"\ndependencies = ["flask"]\n',
    }
    found = requirements_of(files).of_project("api")
    assert (set(found.projects), "flask" in found.provided) == ({"api", "redis"}, True)
