"""What the commands of a RUN do to the files of an image.

A program that is not known here may make any file. Known are the programs that Dockerfiles of Python services run, by
their manuals: what they write where, as far as it could be a program, a module or a source of a later COPY.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.commands import Command, Word
from infralint.facts.text import Text
from infralint.project.builds.filesystem import Deleted, FileSystem, Layer, Opened, PutFile, PutFolder, joined
from infralint.project.lookup import Known
from infralint.source import Span


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They make no file, or only below folders of the system, which are open in every base image that has them.
_HARMLESS = _names(
    """
    : [ a2enmod addgroup adduser alias apk apt apt-cache apt-get apt-key apt-mark arch awk base64 basename
    bats cat cd chgrp chmod chown chpasswd chsh command coverage crontab cut date deluser df dirname dnf dpkg
    dpkg-query dpkg-reconfigure du echo env exit export false fc-cache fgrep file find flake8 getent gpg
    gpgconf grep egrep groupadd groupdel groupmod hash head hostname id install_packages jq ldconfig ldd
    locale locale-gen localedef ls md5sum microdnf mypy nproc passwd printenv popd printf ps pushd pwd pytest read
    readlink realpath return rpm ruff sed service set setcap sha256sum sha512sum shift shopt sleep sort stat
    strip sync sysctl tail tdnf test tr trap true type ulimit umask uname uniq unset update-alternatives
    update-ca-certificates update-rc.d useradd userdel usermod visudo wait wc which whoami yum zypper local
    declare typeset
    """
)
# They install programs and libraries, or make assets: anything but sources of the application.
_INSTALLERS = _names(
    """
    bower bun cargo composer conda corepack curlie dpkg-deb easy_install gem gcc g++ go gulp grunt hatch mamba
    maturin micromamba mvn npm npx nvm node pdm pecl pip pipenv pipx playwright pnpm poetry pyenv rustup rye
    snap spacy uv vite volta webpack yarn
    """
)
_PIP = re.compile(r"pip[\d.]*")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
# Modules that `python -m` runs without making sources, and the commands of manage.py.
_QUIET_MODULES = _names(
    """
    pip venv virtualenv ensurepip compileall nltk nltk.downloader spacy playwright pytest site
    textblob.download_corpora unittest poetry pipenv uv pipx coverage
    """
)
_QUIET_MANAGEMENT = _names(
    """
    collectstatic compilemessages compress check migrate createcachetable loaddata tailwind npm test
    compilescss compilejsi18n bower vite_build
    """
)
_TARGET_OPTIONS = frozenset({"-t", "--target", "--prefix", "--root", "-w", "--wheel-dir", "-d", "--dest", "--src"})
_WGET_TARGETS = frozenset({"-O", "--output-document", "-P", "--directory-prefix"})
_CURL_TARGETS = frozenset({"-o", "--output", "--output-dir"})
_EDITABLE = frozenset({"-e", "--editable", "-r", "--requirement"})


@dataclass(frozen=True, slots=True)
class Running:
    """A command about to run: the folder it runs in (None: not known), the files, its instruction's place."""

    command: Command
    workdir: str | None
    files: FileSystem
    path: str
    span: Span

    def folder(self, written: str) -> str | None:
        """An absolute image path for one that the command names; None where it is not known."""
        if written.startswith("/"):
            return joined("/", written)
        if self.workdir is None or written.startswith("~"):
            return None
        return joined(self.workdir, written) if written else self.workdir


def layers_of(running: Running) -> Iterator[Layer]:
    """What a command leaves behind, in order."""
    for output in running.command.outputs:
        yield from _written(running, output)
    words = running.command.words
    if not words:
        return
    if not words[0].text.is_static:
        yield _anything(running, "")
        return
    program = words[0].value.rpartition("/")[2]
    arguments = words[1:]
    if program in _HARMLESS:
        return
    if program in _MAKERS:
        yield from _MAKERS[program](running, arguments)
    elif program in _INSTALLERS or _PIP.fullmatch(program):
        yield from _installed(running, arguments)
    elif _PYTHON.fullmatch(program):
        yield from _python(running, arguments)
    elif program in _SHELLS and not _script(arguments):
        # Mostly the installer of a tool, piped into it.
        yield Opened(running.path, running.span, "/", f"`{program}` runs what it reads here", sources=False)
    elif program not in _SHELLS or not any(re.fullmatch(r"-\w*c", word.value) for word in arguments):
        yield _anything(running, program)


def next_folder(running: Running) -> str | None:
    """The folder after `cd` (or `pushd`): None where it is not known."""
    arguments = [word for word in running.command.words[1:] if word.value not in ("-P", "-L", "--", "-")]
    if len(arguments) != 1 or not arguments[0].text.is_static or running.command.conditional:
        return None
    return running.folder(arguments[0].value)


def _script(arguments: tuple[Word, ...]) -> bool:
    return any(not word.value.startswith(("-", "+")) for word in arguments)


def _anything(running: Running, program: str) -> Layer:
    what = f"`{program}`" if program else "a program"
    return Opened(running.path, running.span, "/", f"{what} may make it")


def _opened(running: Running, written: Word | str, program: str, *, sources: bool = True) -> Layer:
    """Something may be at or below a path."""
    known = written if isinstance(written, str) else written.text.static
    folder = None if known is None or (not isinstance(written, str) and written.splits) else running.folder(known)
    return Opened(running.path, running.span, folder or "/", f"`{program}` may make it", sources)


def _written(running: Running, output: Text) -> Iterator[Layer]:
    static = output.static
    if static is not None and static.startswith("/dev/"):
        return
    folder = running.folder(static) if static else None
    if folder is None or running.command.conditional:
        yield Opened(running.path, running.span, folder or "/", "a redirection writes here")
    else:
        yield PutFile(running.path, running.span, None, folder)


def _operands(arguments: tuple[Word, ...], with_value: frozenset[str] = frozenset()) -> list[Word]:
    """The words that are no options, and no options' values."""
    found = []
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word.value in with_value:
            skip = True
        elif not word.value.startswith("-") or word.value == "-":
            found.append(word)
    return found


def _option(arguments: tuple[Word, ...], names: frozenset[str]) -> list[Word | str]:
    """The values of an option: `-o X`, `-xo X`, `--output X`, `--output=X`, `-oX`."""
    letters = "".join(name[1] for name in names if len(name) == 2)
    found: list[Word | str] = []
    for at, word in enumerate(arguments):
        name, equals, value = word.value.partition("=")
        if word.value in names or (letters and re.fullmatch(rf"-[A-Za-z]*[{letters}]", word.value)):
            found += arguments[at + 1 : at + 2]
        elif equals and name in names:
            found.append(value if word.text.is_static else "")
        elif word.value[:2] in names and not word.value.startswith("--"):
            found.append(word.value[2:] if word.text.is_static else "")
    return found


def _installed(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    program = running.command.words[0].value.rpartition("/")[2]
    if program == "uv" and arguments and arguments[0].value == "run":
        yield _anything(running, "uv run")
        return
    yield Opened(running.path, running.span, "/", f"`{program}` may install it", sources=False)
    for folder in _option(arguments, _TARGET_OPTIONS):
        yield _opened(running, folder, program)
    if _option(arguments, _EDITABLE):
        # Editable requirements from version control are cloned there (pip's `--src`).
        yield _opened(running, "src", program)


def _python(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    values = [word.value for word in arguments]
    quiet = Opened(running.path, running.span, "/", "a Python program may make it", sources=False)
    if "-m" in values and (at := values.index("-m") + 1) < len(values):
        if values[at] in _QUIET_MODULES:
            yield quiet
            if values[at] in ("pip", "uv"):
                yield from _installed(running, arguments[at + 1 :])
            return
    elif "-c" in values and (at := values.index("-c") + 1) < len(values):
        if not re.search(r"open\(|write|copy|\.py\b|exec", values[at]) and arguments[at].text.is_static:
            yield quiet
            return
    elif any(value.endswith("manage.py") for value in values) and _QUIET_MANAGEMENT & set(values):
        yield quiet
        return
    elif not _script(arguments) and (not values or values == ["-"]):
        # An installer that is piped into it.
        yield quiet
        return
    yield _anything(running, "python")


def _copied(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    program = running.command.words[0].value.rpartition("/")[2]
    if program == "install" and any(word.value in ("-d", "--directory") for word in arguments):
        for word in _operands(arguments, frozenset({"-m", "-o", "-g"})):
            yield _opened(running, word, program)
        return
    if any(word.value in ("-t", "--target-directory") for word in arguments):
        for target in _option(arguments, frozenset({"-t", "--target-directory"})):
            yield _opened(running, target, program)
        return
    operands = _operands(arguments, frozenset({"-m", "-o", "-g", "-S"}))
    if len(operands) < 2:
        yield _anything(running, program)
        return
    yield from _one_file(running, operands, program)
    yield _opened(running, operands[-1], program)


def _one_file(running: Running, operands: list[Word], program: str) -> Iterator[Layer]:
    """`cp a b` of one file that comes from the tree."""
    if len(operands) != 2 or running.command.conditional or any(word.text.static is None for word in operands):
        return
    source, target = (running.folder(word.value) for word in operands)
    if source is None or target is None:
        return
    found = running.files.find(source)
    if not isinstance(found, Known) or found.value.tree is None or found.value.is_folder or program == "ln":
        return
    there = running.files.find(target)
    if operands[1].value.endswith("/") or (isinstance(there, Known) and there.value.is_folder):
        target = joined(target, source.rpartition("/")[2])
    yield PutFile(running.path, running.span, found.value.tree, target)


def _made_folders(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    for word in _operands(arguments, frozenset({"-m", "--mode"})):
        folder = running.folder(word.value) if word.text.is_static and not word.splits else None
        if folder is None:
            yield _opened(running, word, "mkdir", sources=False)
        else:
            yield PutFolder(running.path, running.span, folder)


def _touched(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    for word in _operands(arguments, frozenset({"-d", "-r", "-t"})):
        yield from _written(running, word.text)


def _removed(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    for word in _operands(arguments):
        folder = running.folder(word.value) if word.text.is_static and not word.splits else None
        if folder is not None and folder != "/":
            yield Deleted(
                running.path, running.span, folder, "`rm` may delete it" if running.command.conditional else ""
            )


def _downloaded(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    program = running.command.words[0].value.rpartition("/")[2]
    targets = _option(arguments, _WGET_TARGETS if program == "wget" else _CURL_TARGETS)
    for target in targets:
        yield _opened(running, target, program)
    letters = "".join(word.value for word in arguments if re.fullmatch(r"-[A-Za-z]+", word.value))
    named = any(word.value.startswith("--remote-name") for word in arguments)
    if named or (not targets if program == "wget" else "O" in letters):
        yield _opened(running, "", program)


def _unpacked(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    program = running.command.words[0].value.rpartition("/")[2]
    targets = _option(arguments, frozenset({"-C", "--directory", "-d", "--one-top-level"}))
    for target in targets or [""]:
        yield _opened(running, target, program)


def _git(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    operands = _operands(arguments, frozenset({"-b", "--branch", "--depth", "-c", "-C", "-o"}))
    if not operands or operands[0].value == "config":
        return
    if operands[0].value == "clone" and len(operands) == 3:
        yield _opened(running, operands[2], "git")
    else:
        yield _opened(running, "", "git")


def _here(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    """Programs that write where they run, or at a path among their arguments."""
    program = running.command.words[0].value.rpartition("/")[2]
    yield _opened(running, "", program)
    for word in _operands(arguments):
        if "/" in word.value or not word.text.is_static:
            yield _opened(running, word, program)


def _alembic(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    if any(word.value in ("init", "revision", "merge") or not word.text.is_static for word in arguments):
        yield from _here(running, arguments)


def _sourced(running: Running, arguments: tuple[Word, ...]) -> Iterator[Layer]:
    if not (arguments and arguments[0].value.endswith(("/activate", "/etc/profile", ".bashrc", ".profile", "/env"))):
        yield _anything(running, "source")


_MAKERS = {
    ".": _sourced,
    "source": _sourced,
    "alembic": _alembic,
    "bunzip2": _here,
    "bzip2": _here,
    "cp": _copied,
    "curl": _downloaded,
    "dd": _here,
    "git": _git,
    "gunzip": _here,
    "gzip": _here,
    "install": _copied,
    "ln": _copied,
    "mkdir": _made_folders,
    "mv": _copied,
    "openssl": _here,
    "rm": _removed,
    "rmdir": _removed,
    "rsync": _copied,
    "tar": _unpacked,
    "tee": _touched,
    "touch": _touched,
    "unlink": _removed,
    "unzip": _unpacked,
    "virtualenv": _here,
    "wget": _downloaded,
    "xz": _here,
}
