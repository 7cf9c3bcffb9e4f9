"""Well-known base images, and the distributions that they bring.

The official image of Python (github.com/docker-library/python) brings pip, up to Python 3.11 setuptools and wheel too,
in /usr/local, which does not see the packages of the system. Images of Linux distributions bring none of Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infralint.facts.text import HOLE
from infralint.project.image_names import split

# Registries that mirror Docker Hub's library under their own names.
_MIRRORS = re.compile(
    r"(?:(?:index\.|registry-1\.|registry\.hub\.)?docker\.(?:io|com)|public\.ecr\.aws/docker|mirror\.gcr\.io"
    r"|[a-z0-9-]+-docker\.pkg\.dev/[^/]+/[^/]*(?:docker-?hub|mirror|remote)[^/]*)/(?:library/)?"
)
_PYTHON_TAG = re.compile(r"(?P<version>3\.\d+)(?:\.\d+)?(?:[a-z]+\d+)?(?:-.*)?")
_UV = re.compile(r"(?:ghcr\.io/)?astral-sh/uv|(?:docker\.io/)?astral/uv")
_UV_TAG = re.compile(r"(?:.*-)?python(?P<version>3\.\d+)(?:\.\d+)?(?:-.*)?")
_DISTROLESS = re.compile(r"gcr\.io/distroless/(?:python3|static|base|cc)(?:-debian\d+)?")
_SYSTEMS = frozenset({"debian", "ubuntu", "alpine", "busybox", "buildpack-deps", "scratch"})
# Images that hold no modules of Python, from which programs and files are copied.
_WITHOUT_PYTHON = frozenset(
    {"node", "golang", "rust", "nginx", "httpd", "caddy", "docker", "redis", "postgres", "mysql", "traefik", "openjdk",
     "eclipse-temurin", "maven", "gradle", "ruby", "php", "composer", "hashicorp/terraform", "oven/bun",
     "bitnami/kubectl", "haproxy", "memcached", "mariadb", "mongo", "denoland/deno", "krallin/ubuntu-tini",
     "tianon/gosu"}
)  # fmt: skip
_LAST_WITH_SETUPTOOLS = 11


@dataclass(frozen=True, slots=True)
class Base:
    """A base image. `python`: the version of its interpreter as "3.11", "" where it has none or it is not known.

    `apart`: its interpreter does not see the packages of the system. `brings`: distributions in it. `open`: why it may
    hold more.
    """

    python: str = ""
    apart: bool = False
    brings: tuple[str, ...] = ()
    open: str = ""


def base_of(image: str | None) -> Base:
    """What is known of an image; None stands for one that cannot be read."""
    if image is None:
        return Base(open="the base image is not known")
    name, tag = split(image)
    name = _MIRRORS.sub("", name, count=1)
    if HOLE in name:
        return Base(open="the base image is not known")
    if name in ("python", "pypy"):
        return _python(name, tag or "")
    if _UV.fullmatch(name):
        match = _UV_TAG.fullmatch(tag or "")
        return Base(match["version"] if match else "", apart=match is not None, brings=("pip", "uv"))
    if name in _SYSTEMS or name in _WITHOUT_PYTHON or _DISTROLESS.fullmatch(name):
        return Base()
    return Base(open=f"the base image `{image.replace(HOLE, '…')}` may hold more")


def _python(name: str, tag: str) -> Base:
    match = _PYTHON_TAG.match(tag)
    # The tag may go on with what is not known: `3.1<hole>`.
    known = match is not None and HOLE not in match["version"] and not tag[match.end("version") :].startswith(HOLE)
    version = match["version"] if match is not None and known and name == "python" else ""
    with_setuptools = not version or int(version.partition(".")[2]) <= _LAST_WITH_SETUPTOOLS
    return Base(version, apart=True, brings=("pip", *(("setuptools", "wheel") if with_setuptools else ())))


def has_no_modules(image: str | None) -> bool:
    """Whether nothing that is copied from an image is a module of Python."""
    if image is None:
        return False
    base = _MIRRORS.sub("", split(image)[0], count=1)
    return base in _WITHOUT_PYTHON or base in _SYSTEMS or bool(_UV.fullmatch(base))
