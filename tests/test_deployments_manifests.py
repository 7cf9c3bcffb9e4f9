"""Kubernetes, Cloud Run and kustomize: variables, objects that they come from, and what is open."""

from __future__ import annotations

import textwrap

import pytest
from deploying import deployments, environment, gaps, only, written

POD = textwrap.dedent(
    """\
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
    spec:
      template:
        spec:
          serviceAccountName: web-account
          containers:
            - name: app
              image: registry/shop:1
    """
)
INDENT = " " * 10


def pod(body: str, **files: str) -> dict[str, str]:
    indented = "".join(f"{INDENT}{line}\n" for line in body.splitlines())
    return {"k8s/web.yaml": POD + indented, **files}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("env:\n- {name: A, value: b}\n", {"A": "b"}),
        ("env:\n- name: A\n", {"A": ""}),
        ("env:\n- {name: A, value: ''}\n", {"A": ""}),
        ('env:\n- {name: A, value: "1"}\n', {"A": "1"}),
        ("env:\n- {name: A, value: '$(B)/x'}\n", {"A": "?/x"}),
        ("env:\n- {name: A, value: '${B}'}\n", {"A": "?"}),
        (
            "env:\n- name: A\n  valueFrom: {secretKeyRef: {name: s, key: k}}\n",
            {"A": "<secret> s k"},
        ),
        (
            "env:\n- name: A\n  valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}\n",
            {"A": "<secret> s k perhaps"},
        ),
        ("env:\n- name: A\n  valueFrom: {configMapKeyRef: {name: c, key: k}}\n", {"A": "<config-map> c k"}),
        ("env:\n- name: A\n  valueFrom: {fieldRef: {fieldPath: status.podIP}}\n", {"A": "<field>"}),
        ("env:\n- name: A\n  valueFrom: {resourceFieldRef: {resource: limits.cpu}}\n", {"A": "<field>"}),
        ("env: []\n", {}),
        ("env:\n", {}),
    ],
)
def test_variables(body: str, expected: dict[str, str]) -> None:
    found = only(pod(body))
    assert environment(found) == expected
    assert gaps(found) == []


def test_the_place_of_a_variable_is_its_name() -> None:
    files = pod("env:\n- name: 'A'\n  value: b\n")
    assert written(files, only(files).environment["A"]) == "A"


def test_what_a_container_is() -> None:
    found = only(pod("command: [python]\nargs: ['-m', shop.main]\n", **{"shop/main.py": "", "shop/__init__.py": ""}))
    assert (found.kind, found.title, found.name, found.container) == ("kubernetes", "Deployment `web`", "web", "app")
    assert found.image is not None
    assert found.image.value == "registry/shop:1"
    assert found.service_account is not None
    assert found.service_account.value == "web-account"
    assert [each.module for each in found.starts] == ["shop/main.py"]


@pytest.mark.parametrize("body", ["env: {A: b}\n", "env:\n- value: b\n", "env: '{{ x }}'\n"])
def test_variables_that_cannot_be_read_are_open(body: str) -> None:
    assert [each.partition(":")[0] for each in gaps(only(pod(body)))] == ["unread"]


CONFIG = """\
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: shop
    data:
      A: one
      B: "2"
    """
FROM = "envFrom:\n- configMapRef: {name: settings}\n"


def test_all_keys_of_a_config_map() -> None:
    files = pod(FROM + "env:\n- {name: B, value: own}\n", **{"k8s/config.yaml": CONFIG})
    found = only(files)
    assert environment(found) == {"A": "one", "B": "own"}
    assert (found.environment["A"].path, written(files, found.environment["A"])) == ("k8s/config.yaml", "A")
    assert gaps(found) == []


def test_a_prefix() -> None:
    files = pod("envFrom:\n- prefix: APP_\n  configMapRef: {name: settings}\n", **{"k8s/config.yaml": CONFIG})
    assert environment(only(files)) == {"APP_A": "one", "APP_B": "2"}


def test_a_key_of_a_config_map_has_its_value() -> None:
    body = "env:\n- name: X\n  valueFrom: {configMapKeyRef: {name: settings, key: A}}\n"
    assert environment(only(pod(body, **{"k8s/config.yaml": CONFIG}))) == {"X": "one"}


def test_a_secret_of_the_tree_tells_its_names_and_no_values() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\ndata: {TOKEN: c2VjcmV0}\nstringData: {USER: me}\n"
    found = only(pod("envFrom:\n- secretRef: {name: keys}\n", **{"secret.yaml": secret}))
    assert environment(found) == {"TOKEN": "<secret> keys", "USER": "me"}
    assert found.environment["USER"].source == "secret"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (FROM, "external: ConfigMap `settings` is not in the tree"),
        ("envFrom:\n- secretRef: {name: keys, optional: true}\n", "external: Secret `keys` is not in the tree"),
    ],
)
def test_objects_from_elsewhere_are_open(body: str, reason: str) -> None:
    assert gaps(only(pod(body))) == [reason]


def test_objects_of_one_name_in_two_environments() -> None:
    other = CONFIG.replace("B:", "C:").replace("one", "two")
    files = pod(FROM, **{"dev/config.yaml": CONFIG, "prod/config.yaml": other})
    assert environment(only(files)) == {"A": "two", "B": "2 perhaps", "C": "2 perhaps"}


def test_the_object_beside_the_workload_counts() -> None:
    other = CONFIG.replace("B:", "C:").replace("one", "two")
    files = pod(FROM, **{"k8s/config.yaml": CONFIG, "other/config.yaml": other})
    assert environment(only(files)) == {"A": "one", "B": "2"}


def test_the_object_of_the_same_kustomization_counts() -> None:
    other = CONFIG.replace("B:", "C:").replace("one", "two")
    files = {
        **pod(FROM, **{"k8s/config.yaml": CONFIG, "other/config.yaml": other}),
        "other/kustomization.yaml": "resources: [config.yaml, ../k8s/web.yaml]\n",
    }
    assert environment(only(files)) == {"A": "two", "C": "2"}


def test_the_object_of_the_same_namespace_counts() -> None:
    other = CONFIG.replace("namespace: shop", "namespace: other").replace("B:", "C:")
    files = pod(FROM, **{"one.yaml": CONFIG, "two.yaml": other})
    assert environment(only(files)) == {"A": "one", "B": "2"}


@pytest.mark.parametrize(
    ("text", "names", "open_"),
    [
        (
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\n"
            "spec:\n  target: {name: keys}\n  data:\n  - {secretKey: TOKEN, remoteRef: {key: a}}\n",
            ["TOKEN"],
            [],
        ),
        (
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: keys}\n"
            "spec:\n  dataFrom:\n  - extract: {key: a}\n",
            [],
            ["external: Secret `keys` has more"],
        ),
        (
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: keys}\n"
            "spec:\n  encryptedData: {TOKEN: AgB}\n",
            ["TOKEN"],
            [],
        ),
    ],
)
def test_objects_that_make_secrets(text: str, names: list[str], open_: list[str]) -> None:
    found = only(pod("envFrom:\n- secretRef: {name: keys}\n", **{"secret.yaml": text}))
    assert list(found.environment) == names
    assert gaps(found) == open_


@pytest.mark.parametrize(
    ("command", "names", "open_"),
    [
        ("kubectl create secret generic keys --from-literal=A=b --from-literal=C=d", ["A", "C"], []),
        ("kubectl -n shop create secret generic keys --from-env-file=x.env", [], ["external: Secret `keys` has more"]),
        ("kubectl create secret generic keys $ARGUMENTS", [], ["external: Secret `keys` has more"]),
    ],
)
def test_objects_that_commands_make(command: str, names: list[str], open_: list[str]) -> None:
    found = only(pod("envFrom:\n- secretRef: {name: keys}\n", **{"set_up.sh": f"#!/bin/sh\n{command}\n"}))
    assert list(found.environment) == names
    assert gaps(found) == open_


def test_variables_that_a_command_sets() -> None:
    files = pod("env:\n- {name: A, value: b}\n", **{"d.sh": "kubectl set env deployment/web B=c deployment/x D=e\n"})
    assert environment(only(files))["B"] == "c perhaps"


def test_every_container_of_every_kind() -> None:
    job = """\
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: nightly}
        spec:
          jobTemplate:
            spec:
              template:
                spec:
                  initContainers:
                    - {name: wait, image: busybox}
                  containers:
                    - {name: main, image: shop}
                    - {name: proxy, image: proxy}
        ---
        kind: List
        apiVersion: v1
        items:
          - kind: StatefulSet
            apiVersion: apps/v1
            metadata: {name: db}
            spec: {template: {spec: {containers: [{name: db, image: postgres}]}}}
        """
    found = [(each.title, each.container) for each in deployments({"job.yaml": job})]
    assert sorted(found) == [
        ("CronJob `nightly`", "main"),
        ("CronJob `nightly`", "proxy"),
        ("StatefulSet `db`", "db"),
        ("init container `wait` of CronJob `nightly`", "wait"),
    ]


CLOUD_RUN = """\
    apiVersion: serving.knative.dev/v1
    kind: Service
    metadata:
      name: api
    spec:
      template:
        spec:
          serviceAccountName: api@shop.iam.gserviceaccount.com
          containers:
            - image: eu/shop/api:1
              env:
                - {name: A, value: b}
                - name: KEY
                  valueFrom: {secretKeyRef: {name: key, key: latest}}
    """


def test_cloud_run() -> None:
    found = only({"service.yaml": CLOUD_RUN})
    assert (found.kind, found.title) == ("cloud-run-service", "Cloud Run service `api`")
    assert environment(found) == {"A": "b", "KEY": "<secret> key latest"}
    assert found.setting("PORT") is not None
    assert gaps(found) == []


def test_what_commands_add_to_a_service_that_a_file_describes() -> None:
    files = {
        "service.yaml": CLOUD_RUN,
        "deploy.sh": "gcloud run services update api --region x --update-env-vars B=c,A=d\n",
    }
    assert environment(only(files)) == {"A": "b", "KEY": "<secret> key latest", "B": "c perhaps"}


BASE = {
    "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [A=base]\n",
    "base/web.yaml": POD + f"{INDENT}envFrom:\n{INDENT}- configMapRef: {{name: settings}}\n",
}


def test_a_kustomization_and_its_generator() -> None:
    files = {
        **BASE,
        "base/kustomization.yaml": """\
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources:
              - web.yaml
            configMapGenerator:
              - name: settings
                literals:
                  - A=one
                  - B=two
                envs: [web.env]
                files: [conf/app.ini, KEY=other.txt]
            """,
        "base/web.env": "C=three\n",
    }
    found = only(files)
    assert sorted(found.environment) == ["A", "B", "C", "KEY", "app.ini"]
    assert environment(found)["A"] == "one"
    assert gaps(found) == []


def test_an_overlay_with_a_patch() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": "resources:\n- ../base\npatches:\n- path: env.yaml\n",
        "prod/env.yaml": POD.replace(f"{INDENT}image: registry/shop:1\n", "")
        + f"{INDENT}env:\n{INDENT}- {{name: B, value: prod}}\n",
        "dev/kustomization.yaml": "resources:\n- ../base\n",
    }
    found = {each.sources: environment(each) for each in deployments(files)}
    assert found == {
        ("base/web.yaml",): {"A": "base"},
        ("base/web.yaml", "prod/env.yaml"): {"A": "base", "B": "prod"},
    }


@pytest.mark.parametrize(
    "text",
    [
        "resources: [web.yaml]\npatches:\n- patch: |-\n    - op: add\n",
        "resources: [web.yaml]\nreplacements: []\n",
        "resources: [web.yaml]\nhelmCharts: []\n",
    ],
)
def test_a_kustomization_that_does_more_is_open(text: str) -> None:
    found = only(
        {**BASE, "base/kustomization.yaml": text + "configMapGenerator:\n- {name: settings, literals: [A=b]}\n"}
    )
    assert gaps(found) == ["unread: the kustomization changes it in a way that is not read"]


def test_kustomizations_that_take_each_other_in_end() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b, web.yaml]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
        "a/web.yaml": POD,
    }
    assert len(deployments(files)) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "kind: Deployment\napiVersion: apps/v1\nspec: {containers: [a, {}, {image: [x]}, {env: [a, [b], {name: {}}]}]}\n",
        "kind: ConfigMap\napiVersion: v1\ndata: [a]\n",
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: {a: b}}\n",
        "kind: Kustomization\nresources: {a: b}\nconfigMapGenerator: [a, {name: [x]}, {name: x, literals: [a, [b]]}]\n",
        "kind: ExternalSecret\napiVersion: v1\nspec: [a]\nimage: x\n",
    ],
)
def test_hostile_files(text: str) -> None:
    for each in deployments({"x.yaml": text}):
        assert each.setting("X") is not None
