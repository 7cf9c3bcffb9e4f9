"""Terraform: images with exact places, commands of provisioners."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.readers.terraform import read


def images(text: str) -> list[tuple[str, str]]:
    """Every image's value, and what the file has at its place."""
    return [(use.image.value, text[use.span.start : use.span.end]) for use in read(text, "postgres").images]


def cloud_run(expression: str) -> str:
    return f'# é𝔸\r\nresource "google_cloud_run_v2_job" "x" {{\n containers {{\n image = {expression}\n}}\n}}\n'


@pytest.mark.parametrize(
    ("expression", "value", "written"),
    [
        ('"nginx"', "nginx", "nginx"),
        ('"a/${var.x}:latest"', f"a/{HOLE}:latest", "a/${var.x}:latest"),
        ('"${data.x.y[0].z}"', HOLE, "${data.x.y[0].z}"),
        ('"a$${b}\\"c"', 'a${b}"c', 'a$${b}\\"c'),
        ('"%{ if true }a%{ endif }"', HOLE * 3, "%{ if true }a%{ endif }"),
    ],
)
def test_a_string(expression: str, value: str, written: str) -> None:
    found = images(cloud_run(expression))
    assert found == [(value, written)] or (HOLE in value and HOLE in found[0][0] and found[0][1] == written)


@pytest.mark.parametrize("expression", ["var.image", "data.a.b", 'format("%s:latest", var.x)', "local.nowhere", "1"])
def test_what_is_no_known_string(expression: str) -> None:
    assert images(cloud_run(expression)) == []


def test_locals_are_followed() -> None:
    text = 'locals {\n  r = "eu.gcr.io/shop"\n  i = "${local.r}/api"\n}\n'
    assert images(text + cloud_run('"${local.i}:latest"')) == [("eu.gcr.io/shop/api:latest", "${local.i}:latest")]
    assert images(text + cloud_run("local.i")) == [("eu.gcr.io/shop/api", "${local.r}/api")]


def test_locals_that_lead_back_are_not_known() -> None:
    assert images("locals {\n  a = local.b\n  b = local.a\n}\n" + cloud_run("local.a")) == []


@pytest.mark.parametrize(
    "definitions",
    [
        'jsonencode([{ name = "a", image = "nginx" }])',
        'jsonencode([{ "name" : "a", "image" : "nginx" }])',
        '<<-EOF\n  [{"name": "${var.n}", "image": "nginx"}]\n  EOF\n',
    ],
)
def test_container_definitions(definitions: str) -> None:
    text = f'resource "aws_ecs_task_definition" "t" {{\n  container_definitions = {definitions}\n}}\n'
    assert images(text) == [("nginx", "nginx")]


def with_block(block: str) -> list[bool]:
    """For every image whether it is built here."""
    text = f'resource "docker_container" "x" {{\n  image = "a"\n  {block}\n}}\n'
    return [use.built for use in read(text, "postgres").images]


def test_an_image_that_something_else_decides() -> None:
    assert with_block("lifecycle {\n ignore_changes = [template[0].containers[0].image]\n }") == []
    assert with_block("lifecycle {\n ignore_changes = all\n }") == []
    assert with_block("lifecycle {\n ignore_changes = [labels]\n }") == [False]
    assert with_block("build {\n context = path.module\n }") == [True]


def test_other_resources_have_no_image() -> None:
    assert images('resource "google_compute_instance" "x" {\n  image = "debian"\n}\n') == []
    assert images('module "x" {\n  containers {\n  image = "debian"\n  }\n}\n') == []


def test_a_provisioner_is_a_script() -> None:
    text = 'resource "null_resource" "x" {\n provisioner "local-exec" {\n  command = "a \\"b c\\" && d"\n }\n}\n'
    commands = read(text, "postgres").commands
    assert [[word.value for word in command.words] for command in commands] == [["a", "b c"], ["d"]]


@given(st.text(alphabet='resource "a{}=[]<-EOF\n$%é𝔸\\local.', max_size=200))
def test_nothing_is_refused(text: str) -> None:
    facts = read('resource "docker_image" "a" {\n name = "b"\n' + text, "postgres")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
