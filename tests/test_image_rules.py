"""image-latest-tag where Markdown is clumsy: one reference, one command, one pair of files at a time."""

from __future__ import annotations

import pytest

import infralint
from infralint.facts.text import HOLE
from infralint.project.image_names import floats, is_name, may_be_same, repository, split
from infralint.settings import Settings

SETTINGS = Settings(select=("image-latest-tag",))
ACTION = "jobs: {x: {steps: [{uses: docker/build-push-action@v6, with: {tags: 'a:1,busybox:1'}}]}}\n"
ARGUMENTS = """\
jobs:
  x:
    steps:
      - uses: docker/build-push-action@v6
        with:
          build-args: |
            A=1
            BASE=python:3.13
"""
PODS = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: %s}]}\n"


def found(files: dict[str, str]) -> list[tuple[str, str]]:
    """The path of every finding, and what the file has at its place."""
    places = []
    for finding in infralint.lint(files, SETTINGS).findings:
        line = files[finding.path].replace("\r\n", "\n").split("\n")[finding.line - 1]
        places.append((finding.path, line[finding.column - 1 : finding.end_column - 1]))
    return places


def in_script(command: str) -> list[str]:
    return [text for _, text in found({"run.sh": command})]


@pytest.mark.parametrize(
    "reference",
    [
        "nginx",
        "nginx:latest",
        "library/nginx",
        "localhost/x",
        "localhost:5000/x",
        "host:5000/a/b",
        "a.b/c_d/e__f.g-h",
        f"{HOLE}/x",
        f"{HOLE}/x:latest",
        f"{HOLE}:latest",
        f"a/{HOLE}/x",
        f"{HOLE}-docker.pkg.dev/a/b:latest",
        f"localhost:{HOLE}/x",
        "Host.io/x",
    ],
)
def test_a_reference_that_floats(reference: str) -> None:
    assert floats(reference)


@pytest.mark.parametrize(
    "reference",
    [
        "nginx:1",
        "nginx:latest-alpine",
        "host:5000/x:1",
        "x@sha256:" + "0" * 64,
        "x:latest@sha256:" + "0" * 64,
        HOLE,
        f"a/{HOLE}",
        f"a:{HOLE}",
        f"a:latest{HOLE}",
        f"a{HOLE}",
        f"{HOLE}a",
        f"a@{HOLE}",
        f"a/x:{HOLE}",
        "0" * 64,
        "",
        "gcr.io/PROJECT/x",
        "your-image:latest",
        "gcr.io/your-project/x",
        "PROJECT/x",
        "IMAGE",
        "IMAGE:latest",
        "ko://x/y",
        "docker://x",
        "a//b",
        "a b",
        ":latest",
        "x:",
        "-x",
        "./x",
        "x/",
        "a:b:latest",
        "<x>",
        "%x%",
        "@x",
    ],
)
def test_a_reference_of_which_nothing_is_said(reference: str) -> None:
    assert not floats(reference)


def test_parts_of_a_reference() -> None:
    assert split("host:5000/a:b") == ("host:5000/a", "b")
    assert split("host:5000/a") == ("host:5000/a", None)
    assert split("a:b@sha256:0") == ("a", "b")
    names = ("docker.io/library/nginx:1", "index.docker.io/library/nginx", "nginx@sha256:0")
    assert {repository(name) for name in names} == {"nginx"}
    assert repository("docker.io/a/b") == "a/b"
    assert not is_name("A")
    assert is_name("A.io/b")


def test_names_that_may_be_one() -> None:
    assert may_be_same("a/b", "a/b")
    assert may_be_same(f"{HOLE}/base", "gcr.io/x/base")
    assert may_be_same("gcr.io/x/base", f"gcr.io/{HOLE}/base")
    assert may_be_same(f"{HOLE}/base", f"{HOLE}/base")
    assert not may_be_same(f"{HOLE}/base", "gcr.io/x/other")
    assert not may_be_same(HOLE, "a")
    assert not may_be_same(HOLE, HOLE)
    assert not may_be_same(f"a/{HOLE}", "a/b")


@pytest.mark.parametrize(
    ("command", "image"),
    [
        ("docker run nginx", "nginx"),
        ("docker run nginx alpine busybox", "nginx"),
        ("docker container run --rm=false -itd -p80:80 -p 80:80 -e A=b -e C nginx", "nginx"),
        ("docker -H tcp://x -D --context=y run nginx", "nginx"),
        ('docker run --name "$X" -v $PWD:/x $REGISTRY/nginx', "$REGISTRY/nginx"),
        ("docker run -- nginx", "nginx"),
        ("/usr/bin/docker pull -q --platform linux/amd64 nginx", "nginx"),
        ("docker image pull nginx", "nginx"),
        ("podman run --replace --pull=always docker.io/nginx", "docker.io/nginx"),
        ("sudo -u x docker create 'nginx'", "nginx"),
        ("gcloud run deploy x --image nginx", "nginx"),
        ("gcloud --project x beta run services update x --image=nginx", "nginx"),
        ("gcloud alpha run jobs create x --image nginx --wait", "nginx"),
        ("gcloud run worker-pools deploy x --image nginx", "nginx"),
        ("gcloud run deploy x --image gcr.io/$P/x", "gcr.io/$P/x"),
        ("kubectl run x --rm -it --image=nginx -- sh", "nginx"),
        ("kubectl -n x create deployment y --image nginx", "nginx"),
        ("kubectl set image -n x deployment/y a=b:1 c=nginx", "nginx"),
        ("oc set image dc/y '*=nginx'", "nginx"),
        ("if docker run nginx; then :; fi", "nginx"),
        ("X=$(docker run nginx)", "nginx"),
        ("bash -c 'docker run nginx'", "nginx"),
    ],
)
def test_a_command_that_uses_an_image(command: str, image: str) -> None:
    assert in_script(command) == [image]


@pytest.mark.parametrize(
    "command",
    [
        "docker",
        "docker run",
        "docker run --rm",
        "docker run -p",
        "docker ps nginx",
        "docker exec x nginx",
        "docker logs nginx",
        "docker run --unknown nginx",
        "docker run -X nginx",
        "docker run $OPTIONS nginx",
        'docker run "$@"',
        "docker --unknown run nginx",
        "docker build nginx",
        "docker build -t nginx .",
        "docker push nginx",
        "docker tag a:1 nginx:latest",
        "docker pull -a nginx",
        "docker pull --all-tags nginx",
        "docker run $IMAGE",
        'docker run "$IMAGE"',
        "docker run nginx:$TAG",
        "docker run x@$DIGEST",
        "docker compose run nginx",
        "docker stack deploy nginx",
        "docker rmi nginx",
        "echo docker run nginx",
        "# docker run nginx",
        "gcloud run deploy x --source .",
        "gcloud run services describe --image nginx",
        "gcloud builds submit --tag nginx",
        "gcloud compute instances create --image debian",
        "gcloud artifacts docker tags add a/b:1 a/b:latest",
        "kubectl set image -l app=nginx deployment/y a=b:1",
        "kubectl set image --unknown x=y d/y a=nginx",
        "kubectl get pod nginx",
        "kubectl set env deployment/y a=nginx",
        "gcloud run deploy x --args=--image,nginx --image x:1",
        "kubectl run x --image y:1 -- --image z",
    ],
)
def test_a_command_of_which_nothing_is_said(command: str) -> None:
    assert in_script(command) == []


@pytest.mark.parametrize(
    "other",
    [
        {"build.sh": "docker build -t busybox ."},
        {"build.sh": "docker buildx build -t docker.io/library/busybox:1 ."},
        {"build.sh": "docker commit x busybox"},
        {"Makefile": "ENGINE ?= docker\nx:\n\t$(ENGINE) build -t busybox .\n"},
        {"build.sh": '"$ENGINE" push busybox'},
        {"build.sh": "pack build busybox --builder x:1"},
        {"compose.yaml": "services: {x: {image: busybox, build: .}}\n"},
        {"compose.yaml": "services: {x: {image: 'y:1', build: {context: ., tags: [busybox]}}}\n"},
        {"cloudbuild.yaml": "steps: []\nimages: [busybox]\n"},
        {"build.sh": "docker buildx build --build-context busybox=../base ."},
        {"compose.yaml": "services: {x: {build: {additional_contexts: [busybox=../base]}}}\n"},
        {
            ".github/workflows/x.yml": ACTION,
        },
    ],
)
def test_an_image_that_the_project_builds(other: dict[str, str]) -> None:
    assert found({"Dockerfile": "FROM busybox\n", **other}) == []
    assert found({"Dockerfile": "FROM debian\n", **other}) == [("Dockerfile", "debian")]


def test_a_name_with_an_unknown_registry_may_be_the_one_that_is_built() -> None:
    build = {"build.sh": 'docker build --tag="$REGISTRY/base:$TAG" .'}
    assert found({"Dockerfile": "FROM gcr.io/shop/base\n", **build}) == []
    assert found({"Dockerfile": "FROM gcr.io/shop/other\n", **build}) == [("Dockerfile", "gcr.io/shop/other")]


@pytest.mark.parametrize(
    "other",
    [
        {"build.sh": "docker build --build-arg BASE=python:3.13 ."},
        {"build.sh": "docker build --build-arg=BASE ."},
        {".github/workflows/x.yml": ARGUMENTS},
        {"compose.yaml": "services: {x: {build: {args: [BASE=python:3.13]}}}\n"},
        {"compose.yaml": "services: {x: {build: {args: {BASE: 'python:3.13'}}}}\n"},
    ],
)
def test_an_argument_that_a_build_sets(other: dict[str, str]) -> None:
    dockerfile = "ARG BASE=python\nFROM $BASE\n"
    assert found({"Dockerfile": dockerfile}) == [("Dockerfile", "$BASE")]
    assert found({"Dockerfile": dockerfile, **other}) == []


@pytest.mark.parametrize(
    "other",
    [
        {"k/kustomization.yaml": "kind: Kustomization\nimages: [{name: shop/web, digest: 'sha256:0'}]\n"},
        {"k/kustomization.yaml": "resources: [x.yaml]\nimages: [{name: shop/web, newTag: v1}]\n"},
        {"skaffold.yaml": "apiVersion: skaffold/v4\nbuild: {artifacts: [{image: shop/web}]}\n"},
        {"deploy.sh": "kustomize edit set image shop/web=shop/web:$TAG"},
        {"deploy.sh": "gcloud deploy releases create x --images=shop/web=shop/web:$TAG"},
        {"deploy.sh": "kubectl set image pod/p c=$IMAGE"},
        {"deploy.sh": 'kubectl set image deployment/x c=shop/web@"$DIGEST"'},
        {"deploy.sh": 'sed -i "s|image: shop/web.*|image: $IMAGE|" pod.yaml'},
    ],
)
def test_a_manifest_whose_image_is_replaced(other: dict[str, str]) -> None:
    manifest = PODS % "shop/web"
    assert found({"pod.yaml": manifest}) == [("pod.yaml", "shop/web")]
    assert found({"pod.yaml": manifest, **other}) == []


def test_a_name_without_a_registry_is_local_where_the_project_builds_it() -> None:
    build = {"build.sh": "docker build -t web . && docker build -t shop/web ."}
    assert found({"pod.yaml": PODS % "web", **build}) == []
    assert found({"pod.yaml": PODS % "shop/web", **build}) == [("pod.yaml", "shop/web")]


def test_the_place_of_the_build_is_told() -> None:
    files = {
        "build.sh": "docker push a/b:latest\ndocker push a/b:1\n",
        "run.sh": "gcloud run deploy x --image a/b:latest",
    }
    (finding,) = infralint.lint(files, SETTINGS).findings
    assert [(place.path, place.message) for place in finding.related] == [("build.sh", "the project publishes it here")]
    assert finding.help == "use the digest of the build: `a/b@sha256:<digest>`"


def test_commands_in_python_and_makefiles() -> None:
    python = 'import subprocess\n\nsubprocess.run(["docker", "run", "--rm", "nginx:latest"], check=True)\n'
    assert found({"deploy.py": python}) == [("deploy.py", "nginx:latest")]


def test_argument_lists_of_tests_are_compared_and_not_run() -> None:
    python = 'def test_it():\n    assert command() == ["docker", "run", "nginx:latest"]\n'
    assert found({"tests/test_deploy.py": python}) == []


@pytest.mark.parametrize("name", ["src", "shop-web", "root:latest", "localhost/web", "localhost:5000/web:latest"])
@pytest.mark.parametrize("file", [("Dockerfile", "FROM %s\n"), ("run.sh", "docker run %s"), ("pod.yaml", PODS)])
def test_an_image_that_no_registry_elsewhere_has(name: str, file: tuple[str, str]) -> None:
    path, text = file
    assert found({path: text % name}) == []
    assert found({path: text % "registry"}) == [(path, "registry")]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:5000", "127.1.2.3", "k3d.localhost:5000"])
def test_a_registry_of_this_machine(host: str) -> None:
    assert found({"compose.yaml": f"services: {{x: {{image: '{host}/shop/web'}}}}\n"}) == []
    for other in (f"eu.{host.partition(':')[0].lower()}.example.com", "localhosts:5000", "128.0.0.1", "local.host"):
        name = f"{other}/shop/web"
        assert found({"compose.yaml": f"services: {{x: {{image: '{name}'}}}}\n"}) == [("compose.yaml", name)]


def test_a_name_of_docker_hub_said_in_full_is_one_of_docker_hub() -> None:
    assert found({"Dockerfile": "FROM docker.io/library/newest\n"}) == [("Dockerfile", "docker.io/library/newest")]


def test_a_step_that_runs_in_an_image_of_the_same_file() -> None:
    steps = "steps:\n- {name: 'x:1', args: [build]}\n- {name: a/b, args: [c]}\n"
    assert found({"cloudbuild.yaml": steps + "images: [a/b]\n"}) == []
    assert found({"cloudbuild.yaml": steps, "build.sh": "docker push a/b"}) == [("cloudbuild.yaml", "a/b")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_with_a_byte_order_mark_and_both_line_ends(end: str) -> None:
    text = "# é𝔸\nservices:\n  x:\n    image: 'nginx'\n".replace("\n", end)
    data = {"compose.yaml": b"\xef\xbb\xbf" + text.encode()}
    (finding,) = infralint.lint(data, SETTINGS).findings
    assert (finding.line, finding.column, finding.end_column) == (4, 13, 18)


def test_a_documentation_folder_is_left_out() -> None:
    assert found({"docs/x/Dockerfile": "FROM redis\n", "mydocs/Dockerfile": "FROM bash\n"}) == [
        ("mydocs/Dockerfile", "bash")
    ]
