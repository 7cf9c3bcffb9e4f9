"""What images from outside hold before anything is built upon them.

Of an image that is not listed here nothing is known: any file may be in it. Sources: the Dockerfiles of Docker's
official images (github.com/docker-library), of distroless, uv and the CUDA images, late 2025.
"""

from __future__ import annotations

import re

from infralint.project.image_names import repository, split

# The folders of a Linux distribution that have files in them; /opt, /srv, /home and /usr/src are empty.
_SYSTEM = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/media", "/mnt", "/proc", "/root", "/run",
    "/sbin", "/sys", "/tmp", "/usr/bin", "/usr/games", "/usr/include", "/usr/lib", "/usr/lib32", "/usr/lib64",
    "/usr/libexec", "/usr/local", "/usr/sbin", "/usr/share", "/var",
)  # fmt: skip
_EVERYTHING = ("/",)
# Names without registry, and folders that hold something besides those of the system.
_OFFICIAL = {
    "almalinux": (),
    "alpine": (),
    "amazonlinux": (),
    "archlinux": (),
    "buildpack-deps": (),
    "busybox": (),
    "centos": (),
    "debian": (),
    "fedora": (),
    "golang": ("/go",),
    "node": ("/opt", "/home"),
    "oraclelinux": (),
    "pypy": ("/opt",),
    "python": (),
    "rockylinux": (),
    "ruby": (),
    "rust": (),
    "ubuntu": ("/home",),
}
_OTHERS = {
    "cgr.dev/chainguard/python": ("/home", "/opt"),
    "ghcr.io/astral-sh/uv": (),
    "nvidia/cuda": ("/opt", "/workspace", "/NGC-DL-CONTAINER-LICENSE"),
    "nvcr.io/nvidia/cuda": ("/opt", "/workspace", "/NGC-DL-CONTAINER-LICENSE"),
}
# Files beside these folders.
_FILES = {"ghcr.io/astral-sh/uv": ("/uv", "/uvx")}
# Where copies of the official images are served under the same names.
_MIRROR = re.compile(
    r"(?:public\.ecr\.aws/docker/library|mirror\.gcr\.io(?:/library)?|docker\.io/library|quay\.io/lib"
    r"|registry\.hub\.docker\.com/library)/(.+)"
)
_DISTROLESS = re.compile(r"gcr\.io/distroless/[\w-]+")


def open_folders(image: str) -> tuple[str, ...]:
    """The folders in which an image from outside may hold any file; ("/",) where nothing is known of it."""
    if image == "scratch":
        return ()
    if "onbuild" in (split(image)[1] or ""):
        return _EVERYTHING
    name = _official_name(image)
    extra = _OFFICIAL.get(name, _OTHERS.get(name))
    if extra is None and _DISTROLESS.fullmatch(name):
        extra = ("/home",)
    return _EVERYTHING if extra is None else (*_SYSTEM, *extra)


def open_files(image: str) -> tuple[str, ...]:
    """The files that an image from outside may hold besides those in its open folders."""
    return _FILES.get(_official_name(image), ())


def is_known(image: str) -> bool:
    """Whether something is known of an image: then no file outside of `open_folders`, and no ONBUILD."""
    return open_folders(image) != _EVERYTHING


def sets_variable(image: str, name: str) -> bool:
    """Whether an image may set a variable by its own ENV."""
    if image == "scratch":
        return False
    if not is_known(image):
        return True
    return name in _VARIABLES or name.startswith(_VARIABLE_FAMILIES)


_VARIABLES = frozenset({"PATH", "LANG", "LC_ALL", "GPG_KEY", "HOME"})
_VARIABLE_FAMILIES = (
    "PYTHON_", "NODE_", "YARN_", "GO", "RUST", "CARGO_", "RUBY", "GEM_", "CUDA", "NV", "UV_", "SSL_", "LD_",
)  # fmt: skip


def _official_name(image: str) -> str:
    name = repository(image)
    match = _MIRROR.fullmatch(name)
    return match[1] if match else name
