"""Deployments by commands and by CI: gcloud, docker run, the Cloud Run action, Cloud Build steps, workflow jobs."""

from __future__ import annotations

import pytest
from deploying import deployments, environment, gaps, only, project_of, written

from infralint.project.deployments.platform import is_given
from infralint.project.lookup import Absent, Known, Open


def script(command: str) -> dict[str, str]:
    return {"deploy.sh": f"#!/bin/sh\n{command}\n"}


CREATE = "gcloud run jobs create nightly --image eu/shop/job:1 "


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--set-env-vars A=b,C=d", {"A": "b", "C": "d"}),
        ("--set-env-vars=A=b", {"A": "b"}),
        ("--set-env-vars '^@^A=b,c@D=e'", {"A": "b,c", "D": "e"}),
        ("--set-env-vars '^||^A=b,c||D=e'", {"A": "b,c", "D": "e"}),
        ("--set-env-vars '^::^A=b,c::D=e'", {"A": "b,c", "D": "e"}),
        ("--set-env-vars A=b --set-env-vars C=d", {"A": "b", "C": "d"}),
        ("--set-env-vars A=", {"A": ""}),
        ("--set-env-vars 'A=b=c'", {"A": "b=c"}),
        ('--set-env-vars "A=$X,B=c"', {"A": "?", "B": "c"}),
        ("--set-secrets A=s:1,B=t:latest", {"A": "<secret> s 1", "B": "<secret> t latest"}),
        ("--set-secrets A=s", {"A": "<secret> s"}),
        ("--set-secrets A=projects/1/secrets/s:3", {"A": "<secret> projects/1/secrets/s 3"}),
        ("--set-secrets /etc/key=s:1,A=t:2", {"A": "<secret> t 2"}),
        ("--update-env-vars A=b", {"A": "b"}),
        ("--set-env-vars A=b,C=d --remove-env-vars X", {"A": "b", "C": "d"}),
        ("", {}),
    ],
)
def test_flags(flags: str, expected: dict[str, str]) -> None:
    found = only(script(CREATE + flags))
    assert environment(found) == expected
    assert gaps(found) == []


def test_what_a_job_is() -> None:
    files = {
        **script(CREATE + "--command python --args=-m,shop.main --service-account me@x.com --set-env-vars A=b"),
        "shop/__init__.py": "",
        "shop/main.py": "",
    }
    found = only(files)
    assert (found.kind, found.title, found.name) == ("cloud-run-job", "Cloud Run job `nightly`", "nightly")
    assert found.service_account is not None
    assert found.service_account.value == "me@x.com"
    assert [each.module for each in found.starts] == ["shop/main.py"]
    assert written(files, found.environment["A"]) == "A"


KEPT = "kept: `gcloud run deploy` keeps the variables that are set already"
KEPT_SECRETS = "kept-secret: `gcloud run deploy` keeps the secrets that are mounted already"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gcloud run deploy web --image x/y", [KEPT]),
        ("gcloud run deploy web --image x/y --update-env-vars A=b", [KEPT]),
        ("gcloud run deploy web --image x/y --set-env-vars A=b", [KEPT_SECRETS]),
        ("gcloud run deploy web --image x/y --clear-env-vars", [KEPT_SECRETS]),
        ("gcloud run deploy web --image x/y --set-env-vars A=b --set-secrets C=d:1", []),
        ("gcloud run deploy web --image x/y --clear-env-vars --clear-secrets", []),
        ("gcloud run jobs create web --image x/y", []),
        (
            'gcloud run jobs create web --image x/y --set-env-vars "$ALL"',
            ["unread: the value of `--set-env-vars` is not known"],
        ),
        (
            'gcloud run jobs create web --image x/y --set-env-vars "A=b,$MORE"',
            ["unread: a part of `--set-env-vars` is not known"],
        ),
        (
            "gcloud run jobs create web --image x/y --env-vars-file env.yaml",
            ["env-file: `env.yaml` is not in the tree"],
        ),
        (
            "gcloud run jobs create web --image x/y --flags-file flags.yaml",
            ["unread: the command may have flags that are not seen"],
        ),
        (
            "gcloud run jobs create web --image x/y $FLAGS",
            ["unread: the command may have flags that are not seen"],
        ),
    ],
)
def test_what_is_open(command: str, expected: list[str]) -> None:
    assert gaps(only(script(command))) == expected


def test_a_name_from_variables() -> None:
    files = script('P=APP\ngcloud run jobs create web --image x/y --set-env-vars "${P}_URL=a,${Q}_KEY=b"')
    found = only(files)
    assert environment(found) == {"APP_URL": "a"}
    assert gaps(found) == ["unread: the name of a variable is not known [.*_KEY]"]
    assert isinstance(found.setting("X_KEY"), Open)
    assert isinstance(found.setting("OTHER"), Open), "the image is not built here"


def test_variables_files() -> None:
    files = {
        **script("gcloud run jobs create web --image x/y --env-vars-file env.yaml"),
        "env.yaml": "A: b\nPORT_NUMBER: 8080\nEMPTY: ''\n",
    }
    found = only(files)
    assert environment(found) == {"A": "b", "PORT_NUMBER": "8080", "EMPTY": ""}
    assert (found.environment["A"].path, found.environment["A"].source) == ("env.yaml", "env-file")
    assert gaps(found) == []


def test_a_later_update_adds_what_is_not_certain() -> None:
    files = script(
        "gcloud run deploy web --image x/y --set-env-vars A=b --clear-secrets\n"
        "gcloud run services update web --update-env-vars C=d\n"
        "gcloud run services update other --update-env-vars E=f"
    )
    found = {each.name: environment(each) for each in deployments(files)}
    assert found == {"web": {"A": "b", "C": "d perhaps"}, "other": {"E": "f"}}


def test_several_containers() -> None:
    files = script(
        "gcloud beta run deploy web --container app --image x/app --set-env-vars A=b --clear-secrets "
        "--container proxy --image x/proxy --set-env-vars C=d --clear-secrets"
    )
    found = {each.container: environment(each) for each in deployments(files)}
    assert found == {"app": {"A": "b"}, "proxy": {"C": "d"}}


def test_lists_in_python() -> None:
    text = """\
        import subprocess

        def deploy(image, url):
            command = ["gcloud", "run", "jobs", "create", "nightly", "--image", image]
            command += ["--set-env-vars", f"URL={url},MODE=all"]
            subprocess.run(command, check=True)
        """
    assert environment(only({"deploy.py": text})) == {"URL": "?", "MODE": "all"}
    assert deployments({"tests/test_deploy.py": text}) == (), "a test compares lists as often as it runs them"


WORKFLOW = """\
    on: push
    env:
      STAGE: test
    jobs:
      deploy:
        runs-on: ubuntu-latest
        env:
          TOKEN: ${{ secrets.TOKEN }}
        services:
          postgres:
            image: postgres:16
            env: {POSTGRES_PASSWORD: x}
        steps:
          - uses: google-github-actions/deploy-cloudrun@v3
            with:
              service: web
              image: eu/shop/web:${{ github.sha }}
              env_vars: |-
                A=b,C=d
                # a comment
                E=${{ vars.E }}
              secrets: |-
                KEY=key:3
              env_vars_update_strategy: overwrite
    """


def test_the_cloud_run_action() -> None:
    found = only({".github/workflows/deploy.yml": WORKFLOW})
    assert (found.title, found.name) == ("Cloud Run service `web`", "web")
    assert environment(found) == {"A": "b", "C": "d", "E": "?", "KEY": "<secret> key 3"}
    assert gaps(found) == ["kept-secret: the action keeps the secrets that are mounted already"]


def test_jobs_are_checks() -> None:
    checks = project_of({".github/workflows/deploy.yml": WORKFLOW}).deployments.checks
    assert [(each.title, environment(each)) for each in checks] == [
        ("job `deploy`", {"STAGE": "test", "TOKEN": "<secret> TOKEN"}),
        ("service `postgres` of job `deploy`", {"POSTGRES_PASSWORD": "x"}),
    ]
    assert isinstance(checks[0].setting("GITHUB_SHA"), Known)


def test_build_steps_are_checks() -> None:
    text = """\
        steps:
          - name: gcr.io/cloud-builders/docker
            args: [build, -t, x, .]
          - id: migrate
            name: eu/shop/migrate:$SHORT_SHA
            entrypoint: alembic
            args: [upgrade, head]
            env: ['STAGE=prod', 'URL=${_URL}']
            secretEnv: [PASSWORD]
        options:
          env: [ALL=1]
        """
    checks = project_of({"cloudbuild.yaml": text}).deployments.checks
    assert [(each.title, environment(each)) for each in checks] == [
        ("build step 1", {"ALL": "1"}),
        ("build step `migrate`", {"ALL": "1", "STAGE": "prod", "URL": "?", "PASSWORD": "<secret>"}),
    ]


RUN = {
    "Dockerfile": 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["python", "main.py"]\n',
    "main.py": "",
    "web.env": "E=f\n",
}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-e A=b --env C=d --env=G=h", {"A": "b", "C": "d", "G": "h"}),
        ("-eA=b -d --rm -p 80:80", {"A": "b"}),
        ("-e A -it", {"A": "<host> perhaps"}),
        ("--env-file web.env -e A=b", {"E": "f", "A": "b"}),
        ('-e "A=$X" -v "$PWD:/data"', {"A": "?"}),
    ],
)
def test_docker_run(options: str, expected: dict[str, str]) -> None:
    files = {**RUN, **script(f"docker build -t shop .\ndocker run --name web {options} shop")}
    found = only(files)
    assert (found.title, environment(found)) == ("container `web`", expected)
    assert [each.module for each in found.starts] == ["main.py"]
    assert isinstance(found.setting("X"), Absent)


@pytest.mark.parametrize(
    "command",
    [
        "docker run --rm postgres psql",
        "docker run $OPTIONS shop",
        "docker run --unknown x shop",
        "docker run -e",
        "docker",
    ],
)
def test_containers_that_run_nothing_of_the_tree(command: str) -> None:
    assert deployments({**RUN, **script(f"docker build -t shop .\n{command}")}) == ()


def test_containers_that_ci_starts_are_checks() -> None:
    text = "on: push\njobs:\n  x:\n    steps:\n      - run: |\n          docker build -t shop .\n          docker run shop\n"
    found = project_of({**RUN, ".github/workflows/test.yml": text}).deployments
    assert found.all == ()
    assert [each.title for each in found.checks] == ["job `x`", "container `shop`"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PATH", "container"),
        ("HOSTNAME", "compose"),
        ("PORT", "cloud-run-service"),
        ("CLOUD_RUN_TASK_INDEX", "cloud-run-job"),
        ("KUBERNETES_SERVICE_HOST", "kubernetes"),
        ("POSTGRES_SERVICE_PORT", "kubernetes"),
    ],
)
def test_what_the_platform_sets(name: str, kind: str) -> None:
    assert is_given(kind, name)
    assert not is_given(kind, "DATABASE_URL")
