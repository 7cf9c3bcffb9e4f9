"""Programs that bring no module which a container's Python could import."""

from __future__ import annotations

import re

from infralint.facts.commands import Command
from infralint.facts.text import HOLE
from infralint.project.installs.arguments import options

# GNU coreutils, the shell's own, tools of accounts, archives, network, and compilers of other languages.
_PROGRAMS = options(
    "cp tar bsdtar hg svn cpio 7z 7za 7zz ar dpkg rpm nvm fnm n volta locust depmod modprobe xargs sponge envsubst",
    "setpriv read mapfile getconf ulimit chronic parallel rename install-php-extensions dotnet pwsh swift mix elixir",
    ": [ [[ adduser addgroup alias apt-cache apt-key apt-mark arch awk basename break cat cd chgrp chmod chown chsh",
    "continue curl cut date dd declare deluser delgroup df dirname dircolors dpkg-architecture dpkg-query dpkg-divert",
    "dpkg-reconfigure dpkg-statoverride du echo ed egrep exit expand export expr false fc-cache fgrep file find fold",
    "gawk getent getopt gpg gpg2 gpgconf grep groupadd groupmod gunzip gzip hash head hexdump hostname id install",
    "iconv jq kill killall ldconfig ldd let ln local locale-gen localedef ls lsb_release md5sum mkdir mkfifo mknod",
    "mktemp more mv nproc objdump od openssl passwd patch pathchk pgrep popd printenv printf pushd pwd readelf",
    "readlink readonly realpath return rm rmdir rsync sed seq set setcap sha1sum sha256sum sha512sum shasum shift",
    "shopt shred shuf sleep sort split ssh ssh-keygen ssh-keyscan stat strip stty su sum sync systemctl tac tail tee",
    "test touch tr trap true truncate tty type ulimit umask uname unexpand uniq unlink unset unzip",
    "update-alternatives update-ca-certificates update-locale upx useradd userdel usermod usleep wait wc wget which",
    "who whoami xxd xz yes yq zcat zip unxz bzip2 bunzip2 git gh node npm npx yarn pnpm corepack bun bower gulp",
    "webpack tsc vite go cargo rustup rustc gcc g++ cc clang cmake ninja autoreconf javac java mvn gradle ruby gem",
    "bundle composer php perl lua nginx a2enmod a2ensite crontab service supervisorctl postgres psql pg_config initdb",
    "mysql redis-server sqlite3 docker kubectl helm terraform gcloud gsutil aws az tini dumb-init gosu su-exec chroot",
    "setfacl getfacl apt-config add-apt-repository debconf-set-selections dpkg-buildpackage fix-permissions protoc",
    "buf msgfmt msgmerge pybabel compilemessages sassc sass lessc esbuild rollup tailwindcss minify uglifyjs",
    "pre-commit ruff black isort mypy flake8 pylint pytest coverage tox bandit safety pip-audit pip-licenses deptry",
    "django-admin alembic flask gunicorn uvicorn celery hypercorn daphne mkdocs sphinx-build playwright wkhtmltopdf",
    "pyclean virtualenv pycodestyle twine ollama huggingface-cli hf fontconfig setpriv chpst logger python-config",
    "locale history tput clear sysctl ip iptables ping nc ncat dig nslookup telnet host xdg-settings mount umount",
    "blkid lsblk fdisk mkswap swapon base64 base32 cmp diff comm paste column csplit join nl pr fmt tsort numfmt",
    "factor cksum b2sum",
)  # fmt: skip
# An assignment alone, which a shell's reader may hand on as a word.
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_QUESTIONS = frozenset({"--version", "-V", "-v", "version", "--help", "-h", "help"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_MAKERS = frozenset({"cp", "mv", "ln", "tar", "unzip", "git", "install", "rsync", "curl", "wget", "tee", "7z"})
_SOURCING = frozenset({"source", "."})
# Installers that bring one program and no module: uv, Poetry, rustup, Node.js, Docker, Helm, Yarn, ...
_KNOWN_INSTALLERS = re.compile(
    r"https?://(?:astral\.sh/uv|install\.python-poetry\.org|raw\.githubusercontent\.com/(?:python-poetry|nvm-sh|helm|pyenv)"
    r"|sh\.rustup\.rs|(?:deb|rpm)\.nodesource\.com|get\.docker\.com|get\.helm\.sh|dl\.yarnpkg\.com|sdk\.cloud\.google\.com|taskfile\.dev"
    r"|bun\.sh|fnm\.vercel\.app|get\.pnpm\.io|apt\.llvm\.org|packages\.microsoft\.com|aka\.ms/InstallAzureCLIDeb|just\.systems"
    r"|ollama\.com|bootstrap\.pypa\.io/get-pip\.py|deno\.land|get\.sdkman\.io|cli\.doppler\.com|cli\.github\.com|pdm-project\.org)"
)  # fmt: skip


def is_harmless(command: Command) -> bool:
    """Whether a command certainly installs nothing that Python could import."""
    if not command.words:
        return True
    word = command.words[0]
    if not word.text.is_static:
        return False
    name = word.value.rpartition("/")[2]
    if name in _PROGRAMS or _ASSIGNMENT.fullmatch(word.value):
        return True
    return len(command.words) > 1 and all(each.value in _QUESTIONS for each in command.words[1:])


def fills_site_packages(command: Command) -> bool:
    """Whether a command may put files where installed modules are."""
    words = [word.value for word in command.words]
    if not words or words[0].rpartition("/")[2] not in _MAKERS:
        return False
    return any("site-packages" in word or "dist-packages" in word for word in words[1:])


def sourced(command: Command) -> str | None:
    """The script that `source` or `.` reads into the shell; None where the command is none of them."""
    if len(command.words) > 1 and command.words[0].value in _SOURCING and command.words[1].text.is_static:
        return command.words[1].value
    return None


def script_of(command: Command) -> str | None:
    """The path of a script that a shell is told; None where the command runs none, or reads its standard input."""
    if not command.words or command.words[0].value.rpartition("/")[2] not in _SHELLS:
        return None
    for word in command.words[1:]:
        if not word.text.is_static:
            return None
        if not word.value.startswith(("-", "+")):
            return word.value
    return None


def inner_script(command: Command) -> bool:
    """Whether a command is `sh -c script`, with a script that is more than the output of another program."""
    words = command.words
    if not words or words[0].value.rpartition("/")[2] not in _SHELLS:
        return False
    for at, word in enumerate(words[1:-1], start=1):
        if re.fullmatch(r"-[a-z]*c", word.value):
            return bool(words[at + 1].value.strip(HOLE))
    return False


def reads_script(command: Command) -> bool:
    """Whether a shell or Python reads its script from standard input: the end of `curl address | sh`."""
    if not command.words:
        return False
    name = command.words[0].value.rpartition("/")[2]
    operands = [word.value for word in command.words[1:] if not word.value.startswith("-")]
    values = {word.value for word in command.words[1:]}
    if name in _SHELLS:
        return not operands or "-s" in values
    return name.startswith("python") and (not command.words[1:] or "-" in values)


def fetches_known_installer(command: Command) -> bool:
    """Whether a download is that of an installer which brings no modules."""
    return any(_KNOWN_INSTALLERS.match(word.value) for word in command.words[1:])
