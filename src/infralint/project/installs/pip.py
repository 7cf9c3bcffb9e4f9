"""What pip is asked for, and uv's interface of pip: pip 25.3 `pip install --help`, uv 0.9 `uv pip --help`."""

from __future__ import annotations

from collections.abc import Sequence

from infralint.facts.commands import Command, Word
from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.project.installs.arguments import Arguments, arguments_of, options, verb_at
from infralint.project.installs.requests import InstallRequest, ProjectRequest

_PIP_VALUES = options(
    "-r --requirement -c --constraint -e --editable -t --target -d --dest -w --wheel-dir --build-constraint",
    "--platform --python-version --implementation --abi --root --prefix --src --upgrade-strategy -C --config-settings",
    "--config-setting --global-option --build-option --install-option --no-binary --only-binary --progress-bar",
    "--root-user-action --report --group -i --index-url --pypi-url --extra-index-url -f --find-links --use-feature",
    "--use-deprecated --python --log --proxy --retries --timeout --exists-action --trusted-host --cert --client-cert",
    "--cache-dir --keyring-provider --hash -b --build --requirements-from-script --uploaded-prior-to",
    "--resume-retries",
)
_UV_VALUES = options(
    "-r --requirements --requirement -c --constraints --constraint --overrides --override -b --build-constraints",
    "--build-constraint --excludes -e --editable --extra --group -i --index-url --extra-index-url --index",
    "--default-index -f --find-links --index-strategy --keyring-provider -P --upgrade-package --reinstall-package",
    "--refresh-package --resolution --prerelease --fork-strategy -C --config-setting --config-settings",
    "--config-settings-package --no-build-isolation-package --exclude-newer --exclude-newer-package --link-mode",
    "--no-binary --only-binary --no-build-package -t --target --prefix -p --python --python-version",
    "--python-platform --torch-backend --cache-dir --project --directory --config-file --color --allow-insecure-host",
    "--no-sources-package --python-preference",
)
# Subcommands that put nothing into an environment.
_PIP_IDLE = frozenset(
    {"uninstall", "cache", "config", "list", "show", "check", "freeze", "inspect", "search", "index", "hash",
     "completion", "debug", "help", "lock", "tree", "compile"}
)  # fmt: skip


def pip_requests(command: Command, words: Sequence[Word], place: Text | None) -> tuple[InstallRequest, ...] | None:
    """What `pip <words>` asks for; None where it cannot be told what pip does. `place`: see InstallRequest."""
    at = verb_at(words, _PIP_VALUES)
    if at is None:
        return None if words and not all(word.text.is_static for word in words) else ()
    return _by_verb(command, words[at].value, arguments_of(words[at + 1 :], _PIP_VALUES), place, "pip")


def uv_pip_requests(command: Command, words: Sequence[Word], place: Text | None) -> tuple[InstallRequest, ...] | None:
    """What `uv pip <words>` asks for."""
    at = verb_at(words, _UV_VALUES)
    if at is None:
        return None if words and not all(word.text.is_static for word in words) else ()
    arguments = arguments_of(words[at + 1 :], _UV_VALUES)
    if words[at].value == "sync":
        # Its arguments are requirement files.
        arguments.options += [("-r", text) for text in arguments.positionals]
        arguments.positionals = []
        return (_install(command, arguments, place, "uv"),)
    python = arguments.last("-p", "--python")
    return _by_verb(command, words[at].value, arguments, _environment_of(python) or place, "uv")


def _by_verb(
    command: Command, verb: str, arguments: Arguments, place: Text | None, tool: str
) -> tuple[InstallRequest, ...] | None:
    if verb == "install":
        return () if arguments.has("--dry-run") else (_install(command, arguments, place, tool),)
    if verb in ("wheel", "download"):
        return (_wheels(command, arguments, tool),)
    return () if verb in _PIP_IDLE else None


def _install(command: Command, arguments: Arguments, place: Text | None, tool: str) -> InstallRequest:
    target = arguments.last("-t", "--target", "--prefix", "--root")
    return _request(command, arguments, tool, place=target or place, editables=arguments.values("-e", "--editable"))


def _wheels(command: Command, arguments: Arguments, tool: str) -> InstallRequest:
    """`pip wheel`, `pip download`: wheels in a folder, the current one where none is named."""
    output = arguments.last("-w", "--wheel-dir", "-d", "--dest")
    return _request(
        command, arguments, tool, makes="wheels", output=output, editables=arguments.values("-e", "--editable")
    )


def _request(
    command: Command,
    arguments: Arguments,
    tool: str,
    *,
    place: Text | None = None,
    editables: tuple[Text, ...] = (),
    makes: str = "environment",
    output: Text | None = None,
) -> InstallRequest:
    files = arguments.values("-r", "--requirement", "--requirements", "--requirements-from-script")
    extras = ("*",) if arguments.has("--all-extras") else arguments.names("--extra")
    return InstallRequest(
        tool,
        command.span,
        tuple(arguments.positionals),
        editables,
        files,
        arguments.values("-c", "--constraint", "--constraints"),
        tuple(_groups(arguments, tool)),
        extras=extras,
        place=place,
        links=arguments.values("-f", "--find-links"),
        makes=makes,
        output=output,
        dependencies=not arguments.has("--no-deps", "--no-dependencies"),
        open=_open(arguments, command),
    )


def _groups(arguments: Arguments, tool: str) -> list[ProjectRequest]:
    """`--group name` and `--group path/pyproject.toml:name`: dependency groups without the project itself."""
    found = []
    for value in arguments.values("--group"):
        path, colon, name = value.value.rpartition(":")
        folder = sliced(value, 0, max(path.rfind("/"), 0)) if colon else None
        if folder is not None and not folder.value:
            folder = None
        found.append(ProjectRequest(tool, folder, groups=(name,), default=False, dev=False, itself=False, locked=False))
    return found


def _open(arguments: Arguments, command: Command) -> tuple[str, ...]:
    if arguments.unknown or not command.complete:
        return ("an argument of the install cannot be read",)
    return ()


def _environment_of(python: Text | None) -> Text | None:
    """The environment of an interpreter that is named by its path: `/opt/venv/bin/python`."""
    if python is None:
        return None
    folder, slash, _ = python.value.rpartition("/bin/")
    return sliced(python, 0, len(folder)) if slash else (python if "/" in python.value else None)
