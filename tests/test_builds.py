"""Which builds files ask for: Dockerfile, context, target, arguments, names."""

from __future__ import annotations

import pytest
from built_images import project

from infralint.project.builds import Build

DOCKER = "FROM python:3 AS base\nFROM base AS dev\nFROM base\n"
TREE = {"Dockerfile": DOCKER, "api/Dockerfile": DOCKER, "api/dev.Dockerfile": DOCKER, "api/main.py": "", "lib/x.py": ""}


def builds(files: dict[str, str], path: str = "") -> list[Build]:
    """The builds that one file asks for, or all but the guesses."""
    found = project({**TREE, **files}).builds.builds
    return [build for build in found if build.kind != "convention" and path in ("", build.path)]


def places(files: dict[str, str]) -> list[tuple[str, str | None]]:
    return [(build.dockerfile, build.context) for build in builds(files)]


def test_compose() -> None:
    text = """\
services:
  a:
    build: api
  b:
    image: shop/b:1
    build:
      context: .
      dockerfile: api/dev.Dockerfile
      target: dev
      args: {A: 1, B: "${X:-y}", C: }
      additional_contexts: [lib=./lib, other=docker-image://x]
      tags: [shop/b:2]
  c:
    build: {context: https://example.com/x.git}
  d:
    build: {context: ., dockerfile_inline: FROM x}
  e:
    build: {context: ./none}
  f:
    build: {context: "${DIR:-api}", args: [A=1, B]}
"""
    found = {build.service: build for build in builds({"compose.yaml": text})}
    assert {name: (build.dockerfile, build.context) for name, build in found.items()} == {
        "a": ("api/Dockerfile", "api"),
        "b": ("api/dev.Dockerfile", ""),
        "f": ("api/Dockerfile", "api"),
    }
    b = found["b"]
    assert (b.target, [name.value for name in b.names], b.contexts) == (
        "dev",
        ["shop/b:1", "shop/b:2"],
        (("lib", "lib"), ("other", None)),
    )
    assert [(name, setting and setting.value.value) for name, setting in b.arguments] == [
        ("A", "1"),
        ("B", "y"),
        ("C", None),
    ]
    assert [(name, setting is None) for name, setting in found["f"].arguments] == [("A", False), ("B", True)]


def test_a_compose_file_of_another_folder_starts_there_or_at_the_root() -> None:
    text = "services: {a: {build: %s}}\n"
    assert places({"deploy/compose.yaml": text % "../api"}) == [("api/Dockerfile", "api")]
    assert places({"deploy/compose.yaml": text % "./api"}) == [("api/Dockerfile", "api")]


def test_compose_takes_variables_from_its_env_file() -> None:
    files = {
        "compose.yaml": "services: {a: {build: {context: './${DIR:-none}', dockerfile: $FILE, target: '${T:-dev}'}}}\n",
        ".env": "DIR=api\nFILE=./dev.Dockerfile\n",
    }
    (build,) = builds(files)
    assert (build.dockerfile, build.context, build.target) == ("api/dev.Dockerfile", "api", "dev")


def test_an_override_that_says_no_context_takes_that_of_the_service() -> None:
    files = {
        "compose.yaml": "services: {a: {build: {context: ., dockerfile: api/Dockerfile}}}\n",
        "compose.override.yaml": "services: {a: {build: {target: dev}}}\n",
    }
    assert [(build.dockerfile, build.context, build.target) for build in builds(files)] == [
        ("api/Dockerfile", "", None),
        ("api/Dockerfile", "", "dev"),
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker build .", [("Dockerfile", "")]),
        ("docker build api", [("api/Dockerfile", "api")]),
        ("docker build -f api/Dockerfile .", [("api/Dockerfile", "")]),
        ("docker build --file=api/dev.Dockerfile -t x --no-cache api/", [("api/dev.Dockerfile", "api")]),
        ("docker build -tx -fapi/Dockerfile .", [("api/Dockerfile", "")]),
        ("docker --context c buildx build --platform linux/amd64 --push -t x ./api", [("api/Dockerfile", "api")]),
        ("docker image build --pull -q .", [("Dockerfile", "")]),
        ("sudo podman build --layers api", [("api/Dockerfile", "api")]),
        ("buildah bud -t x api", [("api/Dockerfile", "api")]),
        ("DOCKER_BUILDKIT=1 docker build api", [("api/Dockerfile", "api")]),
        ("cd api && docker build .", [("Dockerfile", ""), ("api/Dockerfile", "api")]),
        ("docker build https://example.com/x.git", []),
        ("docker build - < Dockerfile", []),
        ("docker build -f - .", []),
        ("docker build ../x", []),
        ("docker build none", []),
        ("docker build -f api/Dockerfile https://example.com/x.tar.gz", [("api/Dockerfile", None)]),
        ('docker build "$DIR"', []),
        ("docker build ./$DIR/", []),
        ('docker build -f "$NAME/Dockerfile" .', []),
        ("docker build -f $FILE api", []),
        ("docker build ap$X", [("api/Dockerfile", "api")]),
        ("docker build -f ap$X/Dockerfile .", [("api/Dockerfile", "")]),
        ("$ENGINE build -t x api", [("api/Dockerfile", "api")]),
        ("$KUSTOMIZE build api", []),
        ("docker build -f api/$NAME.Dockerfile .", [("api/dev.Dockerfile", "")]),
        ("docker build --unknown-option x api", []),
        ("docker compose build", []),
        ("docker run x build .", []),
        ("docker push x", []),
        ("gcloud builds submit --tag gcr.io/p/x", [("Dockerfile", "")]),
        ("gcloud builds submit api --tag=gcr.io/p/x --project p", [("api/Dockerfile", "api")]),
        ("gcloud builds submit --config x.yaml", []),
        ("gcloud run deploy x --source api --region r", [("api/Dockerfile", "api")]),
        ("gcloud beta run jobs deploy x --source .", [("Dockerfile", "")]),
        ("az acr build -r reg -t x -f Dockerfile api", [("api/Dockerfile", "api")]),
    ],
)
def test_commands(command: str, expected: list[tuple[str, str | None]]) -> None:
    assert places({"build.sh": command + "\n"}) == expected


def test_a_script_starts_in_its_folder_or_above() -> None:
    assert places({"scripts/ci/build.sh": "docker build -f api/Dockerfile .\n"}) == [("api/Dockerfile", "")]
    assert places({"api/build.sh": "docker build .\n"}) == [("Dockerfile", ""), ("api/Dockerfile", "api")]


def test_what_a_command_gives() -> None:
    (build,) = builds(
        {"Makefile": "x:\n\tdocker build --target dev --build-arg A=1 --build-arg B -t shop/a:$(TAG) -t b api\n"}
    )
    assert (build.target, [name for name, _ in build.arguments]) == ("dev", ["A", "B"])
    assert [name.value.split(":")[0] for name in build.names] == ["shop/a", "b"]


def test_python_lists_are_commands() -> None:
    text = 'import subprocess\nsubprocess.run(["docker", "build", "-f", "api/Dockerfile", "."])\n'
    assert places({"tools/build.py": text}) == [("api/Dockerfile", "")]


def test_workflows() -> None:
    text = """\
jobs:
  a:
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: ./api
          tags: |
            shop/a:1
            shop/b:1
          build-args: |
            A=1
            B=${{ github.sha }}
      - uses: docker/build-push-action@v6
        with: {file: api/dev.Dockerfile, target: dev}
      - uses: docker/build-push-action@v6
        with: {context: "ap${{ matrix.folder }}"}
      - uses: docker/build-push-action@v6
        with: {context: "${{ matrix.folder }}"}
      - run: docker build api
"""
    found = builds({".github/workflows/x.yml": text})
    assert sorted((build.dockerfile, build.context, build.target) for build in found if build.target is None) == [
        ("api/Dockerfile", "api", None),
        ("api/Dockerfile", "api", None),
        ("api/Dockerfile", "api", None),
    ]
    assert [(build.dockerfile, build.context) for build in found if build.target == "dev"] == [
        ("api/dev.Dockerfile", "")
    ]
    named = next(build for build in found if build.names)
    assert [name.value for name in named.names] == ["shop/a:1", "shop/b:1"]


def test_cloud_build_and_kaniko() -> None:
    text = """\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, x, -f, api/Dockerfile, .]
  - name: gcr.io/kaniko-project/executor:v1
    args: [--dockerfile=dev.Dockerfile, --context=dir:///workspace/api, --destination=gcr.io/p/x, --build-arg=A=1]
  - name: gcr.io/kaniko-project/executor:v1
    args: [--destination=gcr.io/p/y]
"""
    assert places({"ci/cloudbuild.yaml": text}) == [
        ("Dockerfile", ""),
        ("api/Dockerfile", ""),
        ("api/dev.Dockerfile", "api"),
    ]


def test_steps_that_run_in_a_folder() -> None:
    workflow = "jobs: {a: {steps: [{run: docker build ., working-directory: api}]}}\n"
    assert places({".github/workflows/x.yml": workflow}) == [("api/Dockerfile", "api")]
    whole = "jobs: {a: {defaults: {run: {working-directory: ./api}}, steps: [{run: docker build .}]}}\n"
    assert places({".github/workflows/x.yml": whole}) == [("api/Dockerfile", "api")]
    steps = "steps: [{name: gcr.io/cloud-builders/docker, dir: api, args: [build, .]}]\n"
    assert places({"cloudbuild.yaml": steps}) == [("api/Dockerfile", "api")]
    assert places({"build.sh": "(cd api && docker build .)\n"}) == [("api/Dockerfile", "api")]


def test_skaffold() -> None:
    text = """\
apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - image: a
      context: api
      docker: {dockerfile: dev.Dockerfile, target: dev, buildArgs: {A: "1"}}
    - image: b
    - image: c
      context: api
      buildpacks: {builder: x}
"""
    found = builds({"skaffold.yaml": text})
    assert [(build.dockerfile, build.context, build.target) for build in found] == [
        ("Dockerfile", "", None),
        ("api/dev.Dockerfile", "api", "dev"),
    ]


@pytest.mark.parametrize(
    ("files", "context"),
    [
        ({"Dockerfile": "FROM x\nCOPY none .\n"}, ""),
        ({"a/Dockerfile": "FROM x\nCOPY main.py .\n", "a/main.py": ""}, "a"),
        ({"a/Dockerfile": "FROM x\nCOPY a/main.py .\n", "a/main.py": ""}, ""),
        ({"a/b/Dockerfile": "FROM x\nCOPY b/main.py .\n", "a/b/main.py": ""}, "a"),
        ({"a/Dockerfile": "FROM x\nCOPY main.py .\n", "a/main.py": "", "main.py": ""}, None),
        ({"a/Dockerfile": "FROM x\nCOPY . .\n", "a/main.py": ""}, None),
        ({"a/Dockerfile": "FROM x\n", "a/main.py": ""}, None),
        ({"a/Dockerfile": "FROM x\nCOPY m.py n.py none.py ./\n", "a/m.py": "", "a/n.py": ""}, None),
        ({"a/Dockerfile": "FROM x\nCOPY m.py none.py ./\n", "a/m.py": ""}, None),
        ({"a/Dockerfile": "FROM x\nCOPY m.py n.py b/c.py ./\n", "a/m.py": "", "a/n.py": "", "b/c.py": ""}, None),
    ],
)
def test_the_context_of_a_dockerfile_that_nothing_builds(files: dict[str, str], context: str | None) -> None:
    (build,) = project(files).builds.builds
    assert (build.kind, build.context) == ("convention", context)


def test_images_by_name_and_service() -> None:
    found = project(
        {
            **TREE,
            "compose.yaml": "services: {a: {image: 'shop/a:1', build: api}}\n",
            "compose.dev.yaml": "services: {a: {build: {context: api, target: dev}}}\n",
            "Makefile": "x:\n\tdocker build -t docker.io/shop/a:2 .\n",
        }
    ).builds
    assert [(image.build.dockerfile, image.stage) for image in found.named("shop/a:latest")] == [
        ("Dockerfile", "2"),
        ("api/Dockerfile", "2"),
    ]
    assert [image.stage for image in found.of_service("compose.dev.yaml", "a")] == ["dev"]
    assert [image.stage for image in found.of_service("compose.test.yaml", "a")] == ["2", "dev"]
    assert found.of_service("x/compose.yaml", "a") == ()
    assert len(found.of_dockerfile("api/Dockerfile")) == 2
