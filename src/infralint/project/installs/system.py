"""Packages of a distribution: apt, apk and their kin, and conda.

Which of them put modules where the image's Python finds them depends on the base: see `bases.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from infralint.facts.commands import Command, Word
from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.project.installs.arguments import arguments_of, options
from infralint.project.installs.requests import InstallRequest

# apt-get(8), apk(8), dnf(8), microdnf, zypper(8), pacman(8).
_VERBS = {
    "apt-get": ("install", "build-dep"),
    "apt": ("install", "build-dep"),
    "aptitude": ("install",),
    "apk": ("add",),
    "dnf": ("install", "groupinstall"),
    "yum": ("install", "groupinstall"),
    "microdnf": ("install",),
    "tdnf": ("install",),
    "zypper": ("install", "in"),
}
_VALUES = options("-t --target-release -o --option -c --config-file --virtual -X --repository -p --root --repo")
# Of a name: a version, a release, an architecture: `python3-psycopg2=2.9.5-1`, `py3-yaml>6`, `python3-dev:amd64`.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
# Packages that hold no modules: compilers, headers, shared libraries, tools of the system.
_WITHOUT_MODULES = re.compile(
    r"lib.*|.*-dev|.*-devel|.*-libs|.*-doc|fonts?-.*|.*-fonts?|linux-headers.*|locales(?:-all)?|tzdata|ca-certificates.*"
    r"|build-essential|build-base|gcc.*|g\+\+.*|clang.*|llvm.*|make|cmake|ninja(?:-build)?|pkg-?conf(?:ig)?|autoconf|automake|libtool|binutils"
    r"|musl.*|patch|git(?:-lfs)?|openssh.*|ssh|rsync|curl|wget|unzip|zip|tar|gzip|bzip2|xz(?:-utils)?|zstd|gnupg\d?|gpg.*"
    r"|apt-(?:transport-https|utils)|software-properties-common|lsb-release|debianutils|dumb-init|tini|gosu|su-exec|sudo|procps|htop|psmisc"
    r"|bash|dash|coreutils|findutils|grep|sed|gawk|jq|vim.*|nano|less|file|gettext.*|netcat.*|telnet|iputils.*|dnsutils|bind-tools"
    r"|net-tools|iproute2?|tcpdump|socat|lsof|strace|cron|postgresql-?client.*|postgresql\d*.*|postgresql|default-(?:mysql|libmysql)client.*"
    r"|mysql-client.*|mariadb-(?:client|connector-c).*|redis(?:-tools|-server)?|sqlite3?|nginx.*|apache2.*|openssl.*|krb5.*|unixodbc.*|msodbcsql\d*|mssql-tools\d*"
    r"|freetds.*|ffmpeg|imagemagick|graphviz|poppler-utils|tesseract-ocr.*|ghostscript|wkhtmltopdf|chromium.*|firefox.*|xvfb|x11.*|libreoffice.*"
    r"|nodejs|npm|yarn|golang.*|go|rustc?|cargo|default-jre.*|default-jdk.*|openjdk.*|perl.*|ruby.*|php.*|swig|bison|flex|gfortran|openblas.*"
    r"|python3?(?:\.\d+)?(?:-(?:minimal|dev|venv|distutils|full|pip|setuptools|wheel|lib2to3|tk|gdbm))?|py3-(?:pip|setuptools|wheel|virtualenv)"
    r"|python-is-python3|python3-virtualenv|pipx|python-dev-is-python3|python-pip|python-dev|python-setuptools|python3\d+-(?:devel|pip|setuptools)"
    r"|geos|proj.*|gdal-bin|gdal|binutils.*|shadow|util-linux|e2fsprogs|tk|tcl|expect|screen|tmux|acl|attr|multiarch-support|dos2unix|pandoc"
    r"|texlive.*|mime-support|media-types|mailcap|logrotate|stunnel4?|haproxy|exiftool|unrar|p7zip.*|aria2|ttf-.*|gnutls.*|uuid.*|musl|zlib.*|jpeg.*|readline.*",
)  # fmt: skip
_MODULES_OF = re.compile(r"(?:python3?|py3)-(?P<name>.+)")

_CONDA = options(
    "-n --name -p --prefix -f --file -c --channel --solver --repodata-fn --platform --root-prefix -r --subdir",
    "--environment-specifier",
)
_CONDA_PROGRAMS = frozenset({"conda", "mamba", "micromamba"})


def system_requests(program: str, command: Command, words: Sequence[Word]) -> tuple[InstallRequest, ...] | None:
    """What a package manager of the system is asked for; None where the program is none."""
    if program not in _VERBS:
        return None
    arguments = arguments_of(words, _VALUES)
    names = arguments.positionals
    at = next((at for at, text in enumerate(names) if text.value in _VERBS[program]), None)
    if at is None:
        return ()
    unknown = arguments.unknown or not command.complete or any(not text.is_static for text in names[at + 1 :])
    reasons = ("the packages of the system that are installed cannot be read",) if unknown else ()
    return (InstallRequest("system", command.span, system=tuple(map(_name, names[at + 1 :])), open=reasons),)


def _name(text: Text) -> Text:
    match = _NAME.match(text.value)
    return sliced(text, 0, match.end()) if match else text


def has_modules(package: str) -> bool:
    """Whether a package of a distribution may hold modules of Python."""
    return not _WITHOUT_MODULES.fullmatch(package)


def distribution_of(package: str) -> str | None:
    """The distribution that a package of Debian or Alpine is made of; None where its name does not say."""
    match = _MODULES_OF.fullmatch(package)
    return match["name"] if match else None


def conda_requests(program: str, command: Command, words: Sequence[Word]) -> tuple[InstallRequest, ...] | None:
    """What conda, mamba or micromamba are asked for; None where the program is none of them."""
    if program not in _CONDA_PROGRAMS:
        return None
    arguments = arguments_of(words, _CONDA)
    verbs = [text.value for text in arguments.positionals]
    if verbs[:1] == ["env"]:
        verbs = verbs[1:]
        arguments.positionals = arguments.positionals[1:]
    if not verbs or verbs[0] not in ("install", "create", "update", "upgrade"):
        return ()
    return (
        InstallRequest(
            "conda",
            command.span,
            tuple(arguments.positionals[1:]),
            files=arguments.values("-f", "--file"),
            place=arguments.last("-p", "--prefix"),
            open=("an argument of the install cannot be read",) if arguments.unknown else (),
        ),
    )
