"""image-missing-source: one instruction at a time."""

from __future__ import annotations

import pytest
from built_images import PYTHON, project

TREE = {"main.py": "", "app/main.py": "", "docs/a.md": "", "docs/b.md": "", "backend/alembic.ini": ""}


def missing(dockerfile: str, files: dict[str, str] | None = None) -> list[str]:
    """What is reported, as it stands in the Dockerfile."""
    texts = {"Dockerfile": dockerfile, **TREE, **(files or {})}
    found = project(texts).missing_sources
    return [texts[each.source.path][each.source.span.start : each.source.span.end] for each in found]


@pytest.mark.parametrize(
    ("instructions", "written"),
    [
        ("COPY alembic.ini .", ["alembic.ini"]),
        ("COPY ./alembic.ini .", ["./alembic.ini"]),
        ("COPY /alembic.ini .", ["/alembic.ini"]),
        ("ADD alembic.ini .", ["alembic.ini"]),
        ('COPY ["a b", "main.py", "./"]', ["a b"]),
        ("COPY --chown=x a.py main.py b.py ./", ["a.py", "b.py"]),
        ("COPY \\\n  a.py \\\n  .", ["a.py"]),
        ("COPY none/ .", ["none/"]),
        ("COPY app/none.py .", ["app/none.py"]),
        ("ENV D=none\nCOPY $D/x.py .", ["$D/x.py"]),
        ("COPY --parents app/./none.py /x", ["app/./none.py"]),
        ("COPY main.py .", []),
        ("COPY app app", []),
        ("COPY . .", []),
        ("COPY .. .", []),
        ("COPY none* .", []),
        ("COPY app/none?.py .", []),
        ("ADD https://example.com/x.py .", []),
        ("ADD https://github.com/a/b.git x", []),
        ("ADD git@github.com:a/b.git x", []),
        ("ARG D=none\nCOPY $D/x.py .", []),
        ("ARG D\nCOPY ${D:-none}/x.py .", []),
        ("COPY --from=company/image:1 /none /x", []),
        ("COPY <<EOF none.py\nEOF", []),
        ("COPY dist/ dist/", []),
        ("COPY node_modules ./node_modules", []),
        ("COPY app.tar.gz .", []),
        ("COPY *.whl /w/", []),
        ("COPY server.pem .", []),
        ("COPY model.pkl saved_model_v2 ./", []),
        ("COPY weights/ data/train.csv ./", []),
        ("COPY", []),
        ("COPY main.py", []),
    ],
)
def test_sources(instructions: str, written: list[str]) -> None:
    assert missing(f"{PYTHON}{instructions}\n") == written


@pytest.mark.parametrize(
    ("ignored", "source", "is_missing"),
    [
        ("docs", "docs/a.md", True),
        ("docs", "docs", True),
        ("docs/*", "docs", False),
        ("docs/*", "docs/a.md", True),
        ("docs\n!docs/a.md", "docs/a.md", False),
        ("docs\n!docs/a.md", "docs", False),
        ("docs\n!docs/a.md", "docs/b.md", True),
        ("**/*.md", "docs/a.md", True),
        ("*.md", "docs/a.md", False),
        ("*", "main.py", True),
        ("*\n!main.py", "main.py", False),
        ("*\n!main.py", ".", False),
        ("Dockerfile", "Dockerfile", True),
        ("secret.py", "secret.py", True),
        ("*\n!dist/**", "dist", False),
    ],
)
def test_ignore_files(ignored: str, source: str, is_missing: bool) -> None:
    found = missing(f"{PYTHON}COPY {source} x/\n", {".dockerignore": f"{ignored}\n"})
    assert found == ([source] if is_missing else [])


def test_what_is_left_out_is_told_with_its_pattern() -> None:
    text = "# kept small\n.git\n  /docs\n"
    (found,) = project({"Dockerfile": "FROM x\nCOPY docs/a.md .\n", ".dockerignore": text, **TREE}).missing_sources
    assert found.pattern is not None
    path, span = found.pattern
    assert (path, text[span.start : span.end]) == (".dockerignore", "/docs")


def test_a_path_like_it_is_told() -> None:
    (found,) = project({"Dockerfile": "FROM x\nCOPY alembic.ini .\n", **TREE}).missing_sources
    assert found.like == "backend/alembic.ini"


@pytest.mark.parametrize(
    ("stage", "source", "is_missing"),
    [
        ("COPY main.py /x/", "/x/main.py", False),
        ("COPY main.py /x/", "/x/other.py", True),
        ("COPY main.py /x/", "/y", True),
        ("COPY main.py /x/\nRUN make", "/y", False),
        ("COPY main.py /x/\nRUN rm -rf /x", "/x/main.py", True),
        ("RUN pip install --prefix=/install x", "/install", False),
        ("RUN python -m venv /venv", "/venv", False),
        ("RUN mkdir /out && touch /out/a", "/out", False),
        ("RUN apt-get install -y x", "/usr/bin/x", False),
        ("WORKDIR /y", "/y", False),
    ],
)
def test_stages(stage: str, source: str, is_missing: bool) -> None:
    found = missing(f"FROM python:3 AS a\n{stage}\nFROM python:3\nCOPY --from=a {source} /to\n")
    assert found == ([source] if is_missing else [])


def test_a_stage_that_no_build_needs_is_not_judged() -> None:
    text = "FROM x AS a\nCOPY none.py .\nFROM x AS b\nCOPY main.py .\n"
    assert missing(text) == []
    assert missing(text, {"a.sh": "docker build --target a .\n"}) == ["none.py"]


def test_only_what_all_builds_miss_is_missing() -> None:
    text = "FROM x\nCOPY main.py none.py ./\n"
    files = {"a.sh": "docker build -f Dockerfile app\n", "b.sh": "docker build -f Dockerfile docs\n"}
    assert missing(text, files) == ["none.py"]
    assert missing(text, {"b.sh": files["b.sh"]}) == ["main.py", "none.py"]
    assert missing(text, {**files, "c.sh": "docker build https://example.com/x.git -f Dockerfile\n"}) == []


def test_arguments_that_the_builds_give_are_known() -> None:
    text = "FROM x\nARG D\nCOPY $D/main.py .\n"
    compose = "services: {a: {build: {context: ., args: {D: %s}}}}\n"
    assert missing(text, {"compose.yaml": compose % "app"}) == []
    assert missing(text, {"compose.yaml": compose % "lib"}) == ["$D/main.py"]
    assert missing(text, {"compose.yaml": compose % "${D}"}) == []


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": "none.py\n"},
        {".gitignore": "*.py\n!main.py\n"},
        {"build.sh": "cp backend/none.py none.py\ndocker build .\n"},
        {"build.sh": "python make.py > none.py\n"},
        {"Makefile": "x:\n\tcurl -o none.py https://example.com\n"},
        {".github/workflows/x.yml": "jobs: {a: {steps: [{uses: actions/download-artifact@v4}]}}\n"},
        {".gitmodules": '[submodule "none.py"]\n'},
    ],
)
def test_what_may_be_made_before_the_build(files: dict[str, str]) -> None:
    assert missing(PYTHON + "COPY none.py .\n", files) == []


def test_an_artifact_of_another_folder_makes_nothing_here() -> None:
    text = "jobs: {a: {steps: [{uses: actions/download-artifact@v4, with: {path: wheels}}]}}\n"
    assert missing(PYTHON + "COPY none.py .\n", {".github/workflows/x.yml": text}) == ["none.py"]


def test_sources_of_a_named_context() -> None:
    text = "FROM x\nCOPY --from=lib main.py other.py /x/\n"
    compose = "services: {a: {build: {context: ., additional_contexts: {lib: %s}}}}\n"
    assert missing(text, {"compose.yaml": compose % "./app"}) == ["other.py"]
    assert missing(text, {"compose.yaml": compose % "https://example.com/x.git"}) == []


def test_an_instruction_that_waits_is_judged_in_the_build_upon_it() -> None:
    files = {
        "base/Dockerfile": "FROM x\nONBUILD COPY none.py .\n",
        "app/Dockerfile": "FROM shop/base\n",
        "Makefile": "x:\n\tdocker build -t shop/base base\n\tdocker build app\n",
    }
    assert project(files).missing_sources == ()


def test_tests_and_examples_are_left_alone() -> None:
    text = "FROM x\nCOPY main.py none.py ./\n"
    compose = {"examples/a/compose.yaml": "services: {a: {build: .}}\n", "examples/a/main.py": ""}
    assert project({"examples/a/Dockerfile": text, **compose}).missing_sources == ()
    assert project({"tests/Dockerfile": text, "examples/a/Dockerfile": text}).missing_sources == ()
