"""Terraform's containers and functions, and env files, as what is deployed."""

from __future__ import annotations

import time

import msgspec
import pytest
from deploying import deployments, environment, gaps, only, written

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.readers.dotenv import read as read_dotenv
from infralint.readers.terraform import read as read_terraform

SERVICE = """\
    locals {{
      common = {{ A = "1", "B" = var.x }}
    }}
    resource "google_cloud_run_v2_service" "web" {{
      name = "web-${{var.stage}}"
      template {{
        service_account = "web@shop.iam.gserviceaccount.com"
        containers {{
          image = "eu/shop/web:${{var.tag}}"
          args  = ["serve", var.mode]
          {body}
        }}
      }}
    }}
    """


def service(body: str) -> dict[str, str]:
    return {"main.tf": SERVICE.format(body=body.replace("\n", "\n          "))}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('env {\n  name = "A"\n  value = "b"\n}', {"A": "b"}),
        ('env {\n  name = "A"\n  value = 5\n}', {"A": "5"}),
        ('env {\n  name = "A"\n  value = var.x\n}', {"A": "?"}),
        ('env {\n  name = "A"\n  value = "x-${var.y}"\n}', {"A": "x-?"}),
        (
            'env {\n  name = "A"\n  value_source {\n    secret_key_ref {\n      secret = "s"\n      version = "latest"\n'
            "    }\n  }\n}",
            {"A": "<secret> s latest"},
        ),
        (
            'dynamic "env" {\n  for_each = local.common\n  content {\n    name = env.key\n    value = env.value\n  }\n}',
            {"A": "1", "B": "?"},
        ),
        (
            'dynamic "env" {\n  for_each = merge(local.common, { C = "3" })\n  content {\n    name = env.key\n'
            "    value = env.value\n  }\n}",
            {"A": "1", "B": "?", "C": "3"},
        ),
        ("", {}),
    ],
)
def test_variables(body: str, expected: dict[str, str]) -> None:
    found = only(service(body))
    assert environment(found) == expected
    assert gaps(found) == []


@pytest.mark.parametrize(
    "body",
    [
        'dynamic "env" {\n  for_each = var.all\n  content {\n    name = env.key\n    value = env.value\n  }\n}',
        'dynamic "env" {\n  for_each = local.common\n  content {\n    name = upper(env.key)\n    value = env.value\n  }\n}',
        'env {\n  value = "b"\n}',
    ],
)
def test_variables_that_are_computed_are_open(body: str) -> None:
    assert [each.partition(":")[0] for each in gaps(only(service(body)))] == ["unread"]


def test_what_a_service_is() -> None:
    files = service('env {\n  name = "A"\n  value = "b"\n}')
    found = only(files)
    assert (found.kind, found.title, found.name) == ("cloud-run-service", "Cloud Run service `web-…`", f"web-{HOLE}")
    assert found.image is not None
    assert found.image.value == f"eu/shop/web:{HOLE}"
    assert found.service_account is not None
    assert found.service_account.value == "web@shop.iam.gserviceaccount.com"
    assert found.command is not None
    assert [word.value for word in found.command] == ["serve", HOLE]
    assert written(files, found.environment["A"]) == "A"


def test_what_others_deploy_is_kept() -> None:
    text = SERVICE.format(body="").replace(
        "      template {",
        "      lifecycle {\n        ignore_changes = [template[0].containers[0].env]\n      }\n      template {",
    )
    assert gaps(only({"main.tf": text})) == ["kept: `ignore_changes` leaves to others what it has"]


OTHERS = """\
    resource "aws_ecs_task_definition" "task" {
      family = "task"
      container_definitions = jsonencode([{
        name = "app", image = "x/app", command = ["python", "-m", "app"]
        environment = [{ name = "A", value = "b" }]
        secrets = [{ name = "S", valueFrom = aws_ssm_parameter.s.arn }]
      }])
    }
    resource "aws_lambda_function" "fn" {
      function_name = "fn"
      environment {
        variables = {
          A = "b"
        }
      }
    }
    resource "google_cloudfunctions2_function" "gfn" {
      name = "gfn"
      service_config {
        environment_variables = { A = 1 }
        secret_environment_variables {
          key = "K"
          secret = "s"
          version = "2"
        }
      }
    }
    resource "docker_container" "box" {
      name  = "box"
      image = "x/box"
      env   = ["A=b", "C=${var.c}"]
    }
    resource "kubernetes_config_map_v1" "settings" {
      metadata {
        name = "settings"
      }
      data = { FROM_MAP = "1" }
    }
    resource "kubernetes_deployment_v1" "pod" {
      metadata {
        name = "pod"
      }
      spec {
        template {
          spec {
            container {
              name  = "main"
              image = "x/pod"
              env_from {
                config_map_ref {
                  name = "settings"
                }
              }
              env {
                name = "KEY"
                value_from {
                  secret_key_ref {
                    name = "keys"
                    key  = "k"
                  }
                }
              }
            }
          }
        }
      }
    }
    """


def test_other_resources() -> None:
    found = {each.title: (each.kind, environment(each)) for each in deployments({"main.tf": OTHERS})}
    assert found == {
        "ECS task `task`": ("ecs", {"A": "b", "S": "<secret> aws_ssm_parameter.s.arn"}),
        "function `fn`": ("function", {"A": "b"}),
        "function `gfn`": ("function", {"A": "1", "K": "<secret> s 2"}),
        "container `box`": ("container", {"A": "b", "C": "?"}),
        "Deployment `pod`": ("kubernetes", {"FROM_MAP": "1", "KEY": "<secret> keys k"}),
    }


@pytest.mark.parametrize(
    "text",
    [
        'resource "google_cloud_run_v2_service" "x" {\n  template {\n    containers {\n      env {',
        'resource "aws_ecs_task_definition" "x" {\n  container_definitions = jsonencode([1, {}, [], var.x])\n}',
        'resource "aws_lambda_function" "x" {\n  environment {\n    variables = merge()\n  }\n}',
        'resource "docker_container" "é" {\n  env = [var.a, "b", {}]\n}',
        'locals {\n  a = local.b\n  b = local.a\n}\nresource "docker_container" "x" {\n  env = local.a\n}',
        'resource "google_cloud_run_v2_job" {\n}',
    ],
)
def test_hostile_files(text: str) -> None:
    facts = read_terraform(text, "postgres")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    for each in deployments({"x.tf": text}):
        assert each.setting("X") is not None


def variables(text: str) -> list[tuple[str, str | None]]:
    facts = read_dotenv(text, "postgres").deployments
    assert facts is not None
    found = [(each, text[each.span.start : each.span.end]) for one in facts.sets for each in one.variables]
    assert all(each.name.value == place for each, place in found)
    return [(each.name.value, each.value.value.replace(HOLE, "?") if each.value else None) for each, _ in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=b", [("A", "b")]),
        ("export A = b ", [("A", "b")]),
        ("A: b", [("A", "b")]),
        ("A=b # note", [("A", "b")]),
        ("A=b#c", [("A", "b#c")]),
        ("A='b # c' # note", [("A", "b # c")]),
        ('A="b\nc"', [("A", "b\nc")]),
        ("A='$B'", [("A", "$B")]),
        ("A=${B}/c", [("A", "?/c")]),
        ("A=${B:-d}", [("A", "d")]),
        ("A", [("A", None)]),
        ("A=", [("A", "")]),
        ("# A=b", []),
        ("no assignment here", []),
        ("1A=b", []),
        ("A=1\r\nB=2\r\n", [("A", "1"), ("B", "2")]),
        ('A="open\nB=1', [("A", '"open'), ("B", "1")]),
        ("'A'=b", [("A", "b")]),
    ],
)
def test_env_files(line: str, expected: list[tuple[str, str | None]]) -> None:
    assert variables(line) == expected


@pytest.mark.parametrize(
    "text", ["A=x" + " " * 200_000 + "y", 'A="' * 50_000, "A='\n" * 50_000, " " * 200_000 + "A", "export " * 30_000]
)
def test_env_files_are_read_in_linear_time(text: str) -> None:
    start = time.monotonic()
    variables(text)
    assert time.monotonic() - start < 5
