"""GitHub workflows and actions: the images of jobs, services and steps, and the commands of `run` scripts.

GitHub documentation, "Workflow syntax" and "Metadata syntax" (2025).
"""

from __future__ import annotations

import re

from infralint.facts.accounts import SignIn
from infralint.facts.files import FileFacts
from infralint.facts.slices import sliced
from infralint.facts.text import Text, hole
from infralint.readers.argv import script_commands
from infralint.readers.build_uses import action_build
from infralint.readers.ci_workloads import read_cloud_run_action, read_job
from infralint.readers.found import Found
from infralint.readers.pieces import TEMPLATE, inner, stripped, with_holes, words
from infralint.readers.powershell import calls_in
from infralint.readers.yaml_nodes import Mapping, Node, YamlFile, entries, get, items, read_yaml, scalar
from infralint.source import Span

_DOCKER = "docker://"
_SHELL = re.compile(r"(?:/\S*/)?(?:bash|sh)(?:\s.*)?")
_POWERSHELL = re.compile(r"(?:pwsh|powershell)(?:\s.*)?")
_BUILD_ACTION = "docker/build-push-action"
_DOWNLOAD_ACTION = "actions/download-artifact"
_DOCKER_ACTIONS = {_BUILD_ACTION: "tags", "docker/metadata-action": "images"}
_LISTED = re.compile(r"[^\s,]+")
_ASSIGNED = re.compile(r"^[ \t]*\w+(?==)", re.MULTILINE)
_AUTH_ACTION = "google-github-actions/auth"
_CLOUD_RUN_ACTION = "google-github-actions/deploy-cloudrun"


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a workflow or an action."""
    file = read_yaml(text)
    found = Found()
    for document in file.documents:
        shell = scalar(get(document, "defaults", "run", "shell"))
        for name, entry in entries(get(document, "jobs")).items():
            _job(file, name, entry.value, shell, found)
            read_job(file, name, entry, get(document, "env"), found)
            _sign_ins(file, entry.value, found)
        _action(file, get(document, "runs"), found)
    return found.facts(file.problem)


def _text(file: YamlFile, node: Node | None) -> Text | None:
    text = file.text_of(node)
    return None if text is None else with_holes(inner(text), TEMPLATE)


def _job(file: YamlFile, name: str, job: Node, shell: str, found: Found) -> None:
    container = get(job, "container")
    image = get(container, "image") if isinstance(container, Mapping) else container
    found.image(_text(file, image), "step", f"the container of job `{name}`")
    for service, entry in entries(get(job, "services")).items():
        found.image(_text(file, get(entry.value, "image")), "step", f"service `{service}` of job `{name}`")
    shell = scalar(get(job, "defaults", "run", "shell")) or shell or _default_shell(get(job, "runs-on"))
    folder = _text(file, get(job, "defaults", "run", "working-directory"))
    for step in items(get(job, "steps")):
        _step(file, step, shell, found, folder)


def _default_shell(runs_on: Node | None) -> str:
    """Runners of Windows start PowerShell, all others bash."""
    labels = [scalar(label).lower() for label in [runs_on, *items(runs_on)]]
    return "pwsh" if any("windows" in label for label in labels) else "bash"


def _step(file: YamlFile, step: Node, shell: str, found: Found, folder: Text | None = None) -> None:
    uses = _text(file, get(step, "uses"))
    if uses is not None:
        _uses(file, uses, step, found)
    script = file.text_of(get(step, "run"))
    shell = scalar(get(step, "shell")) or shell
    first = len(found.commands)
    if script is not None and _SHELL.fullmatch(shell):
        found.commands += script_commands(with_holes(script, TEMPLATE))
    elif script is not None and _POWERSHELL.fullmatch(shell):
        found.commands += calls_in(with_holes(script, TEMPLATE))
    own = _text(file, get(step, "working-directory"))
    found.runs_in(own if own is not None else folder, first)


def _uses(file: YamlFile, uses: Text, step: Node, found: Found) -> None:
    if uses.value.startswith(_DOCKER):
        found.image(_without_scheme(uses), "step", "a step")
        return
    action = uses.value.partition("@")[0]
    if action == _CLOUD_RUN_ACTION:
        found.image(_text(file, get(step, "with", "image")), "cloud-run", "the Cloud Run deployment")
        read_cloud_run_action(file, step, found)
    key = _DOCKER_ACTIONS.get(action)
    listed = _text(file, get(step, "with", key)) if key else None
    if listed is not None:
        for name in words(listed, _LISTED):
            found.published(name)
    if action == _DOWNLOAD_ACTION:
        path = _text(file, get(step, "with", "path"))
        found.override("artifact", path if path is not None else sliced(uses, 0, 0))
    if action == _BUILD_ACTION:
        found.builds.append(action_build(file, step))
    arguments = _text(file, get(step, "with", "build-args")) if action == _BUILD_ACTION else None
    if arguments is not None:
        for argument in words(arguments, _ASSIGNED):
            found.override("build-argument", stripped(argument))


def _sign_ins(file: YamlFile, job: Node, found: Found) -> None:
    """The service account that the steps behind a sign-in have (github.com/google-github-actions/auth, v2)."""
    for step in items(get(job, "steps")):
        uses = get(step, "uses")
        if uses is not None and scalar(uses).partition("@")[0] == _AUTH_ACTION:
            account = _text(file, get(step, "with", "service_account"))
            span = account.span if account is not None else uses.span
            found.sign_ins.append(SignIn(account or hole(span), span, Span(step.span.start, job.span.end)))


def _without_scheme(text: Text) -> Text:
    return sliced(text, len(_DOCKER), len(text.value))


def _action(file: YamlFile, runs: Node | None, found: Found) -> None:
    image = _text(file, get(runs, "image"))
    if image is not None and image.value.startswith(_DOCKER):
        found.image(_without_scheme(image), "step", "the action")
    for step in items(get(runs, "steps")):
        _step(file, step, "", found)
