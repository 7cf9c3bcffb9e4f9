"""YAML: nodes and scalars with exact places; what compose files, manifests, workflows and builds hold."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.readers import cloudbuild, compose, manifest, workflow, yaml_nodes
from infralint.readers.yaml_nodes import (
    Mapping,
    Scalar,
    YamlFile,
    entries,
    get,
    items,
    read_yaml,
    scalar,
    walk,
)

READERS = (cloudbuild.read, compose.read, manifest.read, workflow.read)


@pytest.fixture(params=[name for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers: that of libyaml, which PyYAML may be built without, and PyYAML's own."""
    monkeypatch.setattr(yaml_nodes, "_LOADER", getattr(yaml, request.param))


def mapped(file: YamlFile) -> list[tuple[str, list[str]]]:
    """Every scalar's value with what the file has at the place of each of its characters."""
    found = []
    for document in file.documents:
        for node in walk(document):
            if isinstance(node, Scalar) and (text := file.text_of(node)):
                spans = [text.locate(at, at + 1) for at in range(len(text.value))]
                found.append((text.value, [file.text[span.start : span.end] for span in spans]))
    return found


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("a: b c", "b c", ["b", " ", "c"]),
        ("é: '𝔸''b'\r\n", "𝔸'b", ["𝔸", "''", "b"]),
        ('a: "\\u00e9\\"\\x41"', 'é"A', ["\\u00e9", '\\"', "\\x41"]),
        ("a: b\r\n  c\r\n\r\n  d", "b c\nd", ["b", "\r\n  ", "c", "\r\n\r\n  ", "d"]),
        ('a: "b \\\n   c"', "b c", ["b", " ", "c"]),
        ("a: |\r\n  b\r\n   c\r\n\r\n", "b\n c\n", ["b", "\r\n", " ", "c", "\r\n"]),
        ("a: |2-\n    b\n", "  b", [" ", " ", "b"]),
        ("a: |+\n  b\n\nc:", "b\n\n", ["b", "\n", "\n"]),
        ("a: >-\n  b\n  c\n\n  d\n", "b c\nd", ["b", "\n", "c", "\n", "d"]),
        ("a: >\n  b\n    c\n  d\n", "b\n  c\nd\n", ["b", "\n", " ", " ", "c", "\n", "d", "\n"]),
        ("a:   b   # c\n", "b", ["b"]),
        ("# \x85 \u2028\na: b", "b", ["b"]),
        ("--- \n...\n---\na: é\n--- \nb: c", "c", ["c"]),
        ("a: x\ufeffy", "x\ufeffy", ["x", "\ufeff", "y"]),
    ],
)
def test_the_last_scalar(text: str, value: str, places: list[str]) -> None:
    assert mapped(read_yaml(text))[-1] == (value, places)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=60))
def test_every_written_form_maps_back(value: str) -> None:
    for style in ("'", '"', "|", ">", None):
        text = yaml.safe_dump([value], default_style=style, allow_unicode=True, width=20)
        file = read_yaml(text)
        assert file.problem is None
        for read, places in mapped(file):
            assert read == value
            blank = " \n"
            assert all(
                character in place or place.startswith("\\") or character in blank
                for character, place in zip(read, places, strict=True)
            )


def test_aliases_merge_keys_and_duplicates() -> None:
    file = read_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{y: 4}, *a]}\nd: 1\nd: 2\ne: *a\nf: {'<<': 1}\n")
    root = file.documents[0]
    assert [scalar(get(root, *path)) for path in (("b", "x"), ("b", "y"), ("c", "x"), ("c", "y"))] == [
        "1",
        "3",
        "1",
        "4",
    ]
    assert scalar(get(root, "d")) == "2"
    assert get(root, "e") is get(root, "a")
    assert list(entries(get(root, "f"))) == ["<<"]
    assert get(root, "a", "nowhere", "x") is None
    assert items(get(root, "a")) == []


def test_a_mapping_that_merges_itself() -> None:
    root = read_yaml("a: &a\n  <<: *a\n  b: 1\n").documents[0]
    assert list(entries(get(root, "a"))) == ["b"]


def test_null_is_no_text() -> None:
    file = read_yaml("a:\nb: ~\nc: ''\nd: 'null'\n")
    values = [file.text_of(get(file.documents[0], key)) for key in "abcd"]
    assert [value and value.value for value in values] == [None, None, None, "null"]


@pytest.mark.parametrize(
    ("text", "documents", "at"),
    [("a: 1\n---\nb: [\n", 1, 14), ("a: b: c\n", 0, 4), ("a: \x07\n", 0, None), ("[" * 5000, 0, 100)],
)
def test_a_problem_keeps_the_documents_before_it(text: str, documents: int, at: int | None) -> None:
    file = read_yaml(text)
    assert len(file.documents) == documents
    assert file.problem is not None
    assert file.problem.kind == "unparsable"
    assert at is None or file.problem.span.start in (at, at - 1, len(text))


@pytest.mark.parametrize("text", ["image: {{ .Values.x }}: y: z\n", "a: 1\n{% if x %}\nb: 2\n"])
def test_a_template_is_no_problem(text: str) -> None:
    assert read_yaml(text).problem is None


def test_a_github_expression_is_no_template() -> None:
    assert read_yaml("a: ${{ x }}: b: c\n").problem is not None


def test_bombs_cost_no_more_than_their_length() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 60)
    ]
    started = time.perf_counter()
    file = read_yaml("\n".join(lines))
    assert len(entries(get(file.documents[0], "a59"))) == 60
    assert sum(1 for _ in walk(file.documents[0])) < 1000
    assert read_yaml("[" * 1_000_000).problem is not None
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("reader", READERS)
@given(text=st.text(alphabet="services:imagestprnu -{}[]&*<|>'\"\n\r\t$%#é𝔸\x00\x85", max_size=150))
def test_nothing_is_refused(reader: Callable[[str, str], FileFacts], text: str) -> None:
    facts = reader(text, "postgres")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def images(reader: Callable[[str, str], FileFacts], text: str) -> list[tuple[str, str]]:
    """Every image's value, and what the file has at its place."""
    return [(use.image.value, text[use.span.start : use.span.end]) for use in reader(text, "postgres").images]


def commands(reader: Callable[[str, str], FileFacts], text: str) -> list[list[str]]:
    return [[word.value for word in command.words] for command in reader(text, "postgres").commands]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("redis", "redis"),
        ('"redis:7"', "redis:7"),
        ('"${X}"', HOLE),
        ("a:$X", f"a:{HOLE}"),
        ("a:${X:-7}", "a:7"),
        ("a:${X-${Y:-7}}", "a:7"),
        ("a:${X:?none}", f"a:{HOLE}"),
        ("a:${X:+b}", f"a:{HOLE}"),
        ("a$$b", "a$b"),
    ],
)
def test_compose_interpolation(written: str, value: str) -> None:
    text = f"services:\n  é:\n    image: {written}\n"
    assert images(compose.read, text) == [(value, written.strip('"'))]


def test_compose_services() -> None:
    text = (
        "services:\n"
        "  a: {image: x, build: .}\n"
        "  b: {image: x, extends: a}\n"
        "  c: {image: x, extends: {service: a, file: y}}\n"
        "  d: {image: x, pull_policy: build}\n"
        "  e: {image: x, extends: e}\n"
        "  f: {image: x, command: [a, '$$B', $C], entrypoint: d e}\n"
    )
    facts = compose.read(text, "postgres")
    built = {use.owner: use.built for use in facts.images}
    assert built == {"a": True, "b": True, "f": False}
    assert commands(compose.read, text) == [["a", "$B", HOLE], ["d", "e"]]
    assert [(override.kind, override.name.value) for override in facts.image_overrides] == [("service", "a")]


def test_compose_and_cloud_build_are_known_by_content() -> None:
    assert images(manifest.read, "x-a: 1\nservices:\n  a: {image: b}\n") == [("b", "b")]
    assert images(manifest.read, "steps:\n- name: a\n  args: [b]\n") == [("a", "a")]
    assert images(manifest.read, "services:\n  a: {image: b}\nother: 1\n") == []
    assert images(manifest.read, "steps:\n- name: a\n") == []


def test_manifest_of_a_list_and_its_command() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n"
        "    - image: a\n      command: [sh, -c]\n      args: ['b $(C) && d']\n"
    )
    assert images(manifest.read, text) == [("a", "a")]
    assert commands(manifest.read, text) == [["b", HOLE], ["d"]]


WORKFLOW = """\
defaults: {run: {shell: %s}}
jobs:
  é:
    runs-on: %s
    steps:
      - run: |
          a ${{ x }} \\
            b

          c "é" d
      - {run: e, shell: bash}
      - {run: f, shell: python}
"""


@pytest.mark.parametrize(
    ("shell", "runner", "expected"),
    [
        ("''", "ubuntu-latest", [["a", HOLE, "b"], ["c", "é", "d"], ["e"]]),
        ("'bash -e {0}'", "windows-latest", [["a", HOLE, "b"], ["c", "é", "d"], ["e"]]),
        ("''", "[self-hosted, windows]", [["e"]]),
        ("pwsh", "ubuntu-latest", [["e"]]),
    ],
)
def test_workflow_scripts(shell: str, runner: str, expected: list[list[str]]) -> None:
    text = WORKFLOW % (shell, runner)
    found = workflow.read(text, "postgres").commands
    assert [[word.value for word in command.words] for command in found] == expected
    for command in found:
        for word in command.words:
            assert word.value == HOLE or word.value in text[word.span.start : word.span.end]


def test_actions() -> None:
    assert images(workflow.read, "runs: {using: docker, image: 'docker://a:1'}\n") == [("a:1", "a:1")]
    assert images(workflow.read, "runs: {using: docker, image: Dockerfile}\n") == []
    text = "runs:\n  using: composite\n  steps:\n  - {run: a, shell: bash}\n  - {run: b}\n  - {uses: docker://c}\n"
    assert commands(workflow.read, text) == [["a"]]
    assert images(workflow.read, text) == [("c", "c")]


BUILD = """\
steps:
- name: gcr.io/cloud-builders/docker
  args: [build, -t, "a/$PROJECT_ID:$_TAG", .]
- name: gcr.io/google.com/cloudsdktool/cloud-sdk:$_TAG
  entrypoint: gcloud
  args: [run, deploy, $$X]
- name: ubuntu
  entrypoint: bash
  args:
  - -ceu
  - |
    a $${B} ${_C}
- name: ubuntu
  args: [bash, -c, d]
- name: unknown
  args: [e]
- name: alpine
  script: |
    f $G
- name: alpine
  script: |
    #!/usr/bin/env python
    g
- name: gcr.io/kaniko-project/executor:v1
  args: ["--destination=h:latest"]
substitutions: {_TAG: latest}
images: [i]
"""


def test_cloud_build() -> None:
    found = commands(cloudbuild.read, BUILD)
    assert found[:2] == [
        ["docker", "build", "-t", f"a/{HOLE}:{HOLE}", "."],
        ["gcloud", "run", "deploy", "$X"],
    ]
    assert [words[0] for words in found[2:]] == ["a", "d", "f"]
    facts = cloudbuild.read(BUILD, "postgres")
    assert [use.image.value for use in facts.images if use.pushed] == ["h:latest", "i"]
    assert [(use.image.value, use.defaults) for use in facts.images if use.defaults] == [
        ("gcr.io/google.com/cloudsdktool/cloud-sdk:latest", ("_TAG",))
    ]


def test_mapping_nodes_are_compared_by_place() -> None:
    first, second = items(read_yaml("- {a: 1}\n- {a: 1}\n").documents[0])
    assert isinstance(first, Mapping)
    assert first != second
