"""What project tools are asked for: uv 0.9, Poetry 2.2, PDM 2.26, Pipenv 2025, their command-line references."""

from __future__ import annotations

from collections.abc import Sequence

from infralint.facts.commands import Command, Word
from infralint.facts.text import Text
from infralint.project.installs.arguments import Arguments, arguments_of, options, verb_at
from infralint.project.installs.requests import InstallRequest, ProjectRequest

_UV = options(
    "--extra --no-extra --group --no-group --only-group --no-install-package --package --script -p --python",
    "--python-platform --project --directory --config-file --cache-dir --color -i --index-url --extra-index-url",
    "--index --default-index -f --find-links --index-strategy --keyring-provider -P --upgrade-package",
    "--reinstall-package --refresh-package --resolution --prerelease --fork-strategy -C --config-setting",
    "--config-settings-package --no-build-isolation-package --exclude-newer --exclude-newer-package --link-mode",
    "--no-build-package --no-binary-package --no-sources-package --allow-insecure-host --env-file --with",
    "--with-editable --with-requirements -m --module -w -o --output-file --output --format --prune --no-emit-package",
    "--only-emit-package -r --requirements -c --constraints --tag --branch --rev --optional --bounds --marker",
    "--python-preference --upgrade-group --torch-backend --out-dir --from --build-constraint -b",
)
_POETRY = options(
    "--without --with --only -E --extras -C --directory -P --project -f --format -o --output -G --group --source",
    "--python --platform --markers -v --allow-prereleases-of",
)
_PDM = options(
    "-G --group --with --without -p --project -L --lockfile -o --output -f --format --venv --override --config -C",
    "--config-setting -d --dest",
)
_PIPENV = options(
    "-r --requirements -e --editable -i --index --pypi-mirror --python --extra-pip-args --categories",
    "--requirementstxt --extra-index-url",
)  # fmt: skip
# Subcommands that install nothing.
_UV_IDLE = frozenset(
    {"lock", "venv", "python", "cache", "self", "version", "build", "publish", "init", "tree", "help",
     "generate-shell-completion", "auth", "format", "remove", "audit"}
)  # fmt: skip
_IDLE = frozenset(
    {"config", "self", "lock", "cache", "env", "show", "check", "version", "init", "about", "source", "list", "help",
     "use", "info", "venv", "build", "publish", "clean", "graph", "verify", "requirements", "python", "search",
     "remove", "uninstall", "plugin", "--version", "outdated", "completion", "fix"}
)  # fmt: skip
# Subcommands of Poetry, PDM and Pipenv that run another program in the project's environment.
RUNS = frozenset({"run", "shell"})


def project_requests(program: str, command: Command, words: Sequence[Word]) -> tuple[InstallRequest, ...] | None:
    """What `uv`, `poetry`, `pdm` or `pipenv` are asked for; None where it cannot be told what they do.

    uv's pip interface is read elsewhere.
    """
    valued = {"uv": _UV, "poetry": _POETRY, "pdm": _PDM, "pipenv": _PIPENV}[program]
    at = verb_at(words, valued)
    if at is None:
        if program == "pdm" and not words:
            return (_request(command, _pdm(Arguments())),)
        return () if all(word.text.is_static for word in words) else None
    behind = _until_program(program, words, at, valued)
    arguments = arguments_of([*words[:at], *behind], valued)
    verb = words[at].value
    read = {"uv": _read_uv, "poetry": _read_poetry, "pdm": _read_pdm, "pipenv": _read_pipenv}[program]
    return read(verb, command, arguments)


def _until_program(program: str, words: Sequence[Word], at: int, valued: frozenset[str]) -> Sequence[Word]:
    """The words behind the subcommand; of `uv run` only those that are uv's own."""
    if words[at].value != "run" and not (program == "uv" and words[at].value in ("tool", "x")):
        return words[at + 1 :]
    end = at + 1
    while end < len(words) and words[end].value.startswith("-") and words[end].value != "--":
        end += 2 if words[end].value in valued - {"-m", "--module"} else 1
    return words[at + 1 : end]


def _request(command: Command, project: ProjectRequest | None, **more: object) -> InstallRequest:
    return InstallRequest("project", command.span, projects=(project,) if project else (), **more)  # type: ignore[arg-type]


def _open(command: Command, arguments: Arguments) -> tuple[str, ...]:
    if arguments.unknown or not command.complete:
        return ("an argument of the install cannot be read",)
    return ()


def _read_uv(verb: str, command: Command, arguments: Arguments) -> tuple[InstallRequest, ...] | None:
    if verb == "sync":
        return (_request(command, _uv(arguments), open=_open(command, arguments)),)
    if verb == "add":
        return (_added(command, arguments, _uv(arguments), arguments.values("-r", "--requirements")),)
    if verb == "run":
        return _uv_run(command, arguments)
    if verb == "export":
        return (_exported(command, _uv(arguments), arguments.last("-o", "--output-file")),)
    if verb in ("tool", "x"):
        return (InstallRequest("pip", command.span, isolated=True),)
    return () if verb in _UV_IDLE else None


def _uv_run(command: Command, arguments: Arguments) -> tuple[InstallRequest, ...]:
    """`uv run` installs the project before it runs the program, unless it is told not to."""
    asked = tuple(arguments.values("--with", "--with-editable"))
    files = arguments.values("--with-requirements")
    found = [InstallRequest("uv", command.span, asked, files=files)] if asked or files else []
    if not arguments.has("--no-sync", "--no-project", "--script", "-s"):
        found.append(_request(command, _uv(arguments), open=_open(command, arguments)))
    return tuple(found)


def _uv(arguments: Arguments) -> ProjectRequest:
    only = arguments.names("--only-group")
    dev = False if arguments.has("--no-dev", "--no-default-groups", "--only-dev") or only else None
    groups = (*arguments.names("--group"), *only)
    if arguments.has("--dev", "--only-dev"):
        groups = (*groups, "dev")
    return ProjectRequest(
        "uv",
        arguments.last("--project", "--directory"),
        extras=arguments.names("--extra"),
        groups=groups,
        without=arguments.names("--no-group") + (("dev",) if arguments.has("--no-dev") else ()),
        all_extras=arguments.has("--all-extras"),
        all_groups=arguments.has("--all-groups"),
        default=not only and not arguments.has("--only-dev"),
        # `--no-dev` leaves out the group `dev` alone, and other default groups stay.
        dev=None if arguments.has("--no-dev") and not arguments.has("--no-default-groups") and not only else dev,
        itself=not only and not arguments.has("--no-install-project", "--no-install-workspace", "--no-emit-project"),
        packages=arguments.names("--package"),
        all_packages=arguments.has("--all-packages"),
    )


def _read_poetry(verb: str, command: Command, arguments: Arguments) -> tuple[InstallRequest, ...] | None:
    if verb in ("install", "sync", "update"):
        return (_request(command, _poetry(arguments), open=_open(command, arguments)),)
    if verb == "add":
        return (_added(command, arguments, _poetry(arguments)),)
    if verb == "export":
        return (_exported(command, _poetry_export(arguments), arguments.last("-o", "--output")),)
    return () if verb in _IDLE | RUNS else None


def _poetry(arguments: Arguments) -> ProjectRequest:
    only = arguments.names("--only")
    no_dev = arguments.has("--no-dev")
    return ProjectRequest(
        "poetry",
        arguments.last("-C", "--directory", "-P", "--project"),
        extras=arguments.names("-E", "--extras"),
        groups=arguments.names("--with") + tuple(name for name in only if name != "main"),
        without=arguments.names("--without") + (("dev",) if no_dev else ()),
        all_extras=arguments.has("--all-extras"),
        all_groups=arguments.has("--all-groups"),
        default=not arguments.has("--only-root") and (not only or "main" in only),
        dev=False if only or arguments.has("--only-root") else None,
        itself=not arguments.has("--no-root") and not only,
    )


def _poetry_export(arguments: Arguments) -> ProjectRequest:
    """The plugin poetry-plugin-export: the main group alone where nothing else is said."""
    only = arguments.names("--only")
    groups = arguments.names("--with") + tuple(name for name in only if name != "main")
    return ProjectRequest(
        "poetry",
        arguments.last("-C", "--directory", "-P", "--project"),
        extras=arguments.names("-E", "--extras"),
        groups=groups + (("dev",) if arguments.has("--dev") else ()),
        all_extras=arguments.has("--all-extras"),
        all_groups=arguments.has("--all-groups"),
        default=not only or "main" in only,
        dev=False,
        itself=False,
    )


def _read_pdm(verb: str, command: Command, arguments: Arguments) -> tuple[InstallRequest, ...] | None:
    if verb in ("install", "sync", "update"):
        return (_request(command, _pdm(arguments), open=_open(command, arguments)),)
    if verb == "add":
        return (_added(command, arguments, _pdm(arguments)),)
    if verb == "export":
        return (_exported(command, _pdm(arguments), arguments.last("-o", "--output")),)
    return () if verb in _IDLE | RUNS else None


def _pdm(arguments: Arguments) -> ProjectRequest:
    production = arguments.has("--prod", "--production", "--no-dev")
    named = arguments.names("-G", "--group", "--with")
    everything = ":all" in named
    names = tuple(name for name in named if not name.startswith(":"))
    return ProjectRequest(
        "pdm",
        arguments.last("-p", "--project"),
        # A name may be an extra or a group of development.
        extras=names,
        groups=names,
        without=arguments.names("--without"),
        all_extras=everything,
        all_groups=everything or ":dev" in named,
        default=not arguments.has("--no-default"),
        dev=False if production else None,
        itself=not arguments.has("--no-self"),
    )


def _read_pipenv(verb: str, command: Command, arguments: Arguments) -> tuple[InstallRequest, ...] | None:
    if verb in ("install", "sync", "update"):
        asked = tuple(arguments.positionals) + arguments.values("-e", "--editable")
        project = _pipenv(arguments)
        more = _added(command, arguments, project, arguments.values("-r", "--requirements"))
        return (more if asked or more.files else _request(command, project, open=_open(command, arguments)),)
    if verb == "requirements":
        return (_exported(command, _pipenv(arguments), None),)
    return () if verb in _IDLE | RUNS else None


def _pipenv(arguments: Arguments) -> ProjectRequest:
    return ProjectRequest(
        "pipenv",
        groups=_categories(arguments) + (("dev",) if arguments.has("-d", "--dev") else ()),
        dev=False,
        itself=False,
        locked=not arguments.has("--skip-lock"),
    )


def _categories(arguments: Arguments) -> tuple[str, ...]:
    """Categories of a Pipfile as groups: `dev-packages` is the group `dev`."""
    return tuple("dev" if name == "dev-packages" else name for name in arguments.names("--categories"))


def _added(
    command: Command, arguments: Arguments, project: ProjectRequest, files: tuple[Text, ...] = ()
) -> InstallRequest:
    """`add name`: the project with something more."""
    return InstallRequest(
        "project",
        command.span,
        tuple(arguments.positionals),
        arguments.values("-e", "--editable") if not arguments.has("--dev") else (),
        files,
        projects=(project,),
        open=_open(command, arguments),
    )


def _exported(command: Command, project: ProjectRequest, output: Text | None) -> InstallRequest:
    """A requirement file that is written from a lock file; None: to where a pipe leads."""
    if output is None and command.outputs:
        output = command.outputs[-1]
    return InstallRequest("project", command.span, projects=(project,), makes="requirements", output=output)
