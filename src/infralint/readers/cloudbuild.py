"""Cloud Build configurations: the images that steps run in, what they publish, and their commands.

Cloud Build documentation, "Build configuration file schema" and "Substituting variable values" (2025).
"""

from __future__ import annotations

import re

from infralint.facts.accounts import SignIn
from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import Piece, Text
from infralint.readers.argv import commands_of, program_name, runs_in_shell, script_commands
from infralint.readers.build_uses import kaniko_build
from infralint.readers.ci_workloads import read_build_step
from infralint.readers.found import Found
from infralint.readers.pieces import TEMPLATE, Variables, filled, inner, with_holes
from infralint.readers.yaml_nodes import Node, YamlFile, entries, get, items, read_yaml

_KEYS = frozenset(
    {
        "steps", "timeout", "queueTtl", "logsBucket", "options", "substitutions", "tags", "serviceAccount",
        "secrets", "availableSecrets", "artifacts", "images", "source",
    }
)  # fmt: skip
# User-defined substitutions, and the built-in ones.
_SUBSTITUTION = re.compile(
    r"_[A-Z0-9_]+|PROJECT_ID|PROJECT_NUMBER|BUILD_ID|LOCATION|TRIGGER_NAME|COMMIT_SHA|REVISION_ID|SHORT_SHA|REPO_NAME"
    r"|REPO_FULL_NAME|BRANCH_NAME|TAG_NAME|REF_NAME|TRIGGER_BUILD_CONFIG_PATH|SERVICE_ACCOUNT(?:_EMAIL)?"
)
# Builders whose entry point is the program of their name (github.com/GoogleCloudPlatform/cloud-builders).
_BUILDERS = frozenset(
    {"docker", "gcloud", "kubectl", "gsutil", "git", "npm", "yarn", "mvn", "go", "curl", "bazel", "gradle"}
)
_KANIKO = re.compile(r"gcr\.io/kaniko-project/executor(?:[:@].*)?")
# Without an entry point these can only be the program itself.
_PROGRAMS = frozenset({"bash", "sh", "gcloud", "docker", "kubectl", "pip", "pip3", "python", "python3", "alembic"})


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Cloud Build file."""
    file = read_yaml(text)
    found = Found()
    for document in file.documents:
        read_cloudbuild(file, document, found)
    return found.facts(file.problem)


def is_cloudbuild(document: Node) -> bool:
    """Whether a document of any name is a Cloud Build configuration: by its keys and its steps."""
    steps = items(get(document, "steps"))
    if not steps or not entries(document).keys() <= _KEYS:
        return False
    return all("name" in entries(step) and {"args", "entrypoint", "script"} & entries(step).keys() for step in steps)


def read_cloudbuild(file: YamlFile, document: Node, found: Found) -> None:
    """Gather the facts of one document."""
    known = {}
    for name, entry in entries(get(document, "substitutions")).items():
        text = file.text_of(entry.value)
        if text is not None and "$" not in text.value:
            known[name] = text
    defaults = Variables("$$", known, _SUBSTITUTION)
    for number, step in enumerate(items(get(document, "steps")), start=1):
        _step(file, step, defaults, found)
        read_build_step(file, step, number, get(document, "options"), found)
    for image in items(get(document, "images")):
        found.published(_argument(file, image))
    account = _argument(file, get(document, "serviceAccount"))
    if account is not None:
        found.sign_ins.append(SignIn(account, account.span, document.span))


def _argument(file: YamlFile, node: Node | None) -> Text | None:
    """A text whose substitutions are holes: a trigger may set each of them."""
    text = file.text_of(node)
    return None if text is None else filled(with_holes(inner(text), TEMPLATE), Variables("$$", {}, _SUBSTITUTION)).text


def _step(file: YamlFile, step: Node, defaults: Variables, found: Found) -> None:
    written = file.text_of(get(step, "name"))
    if written is None:
        return
    name = filled(with_holes(inner(written), TEMPLATE), defaults)
    found.images.append(ImageUse(name.text, "step", "a build step", defaults=name.defaults))
    first = len(found.commands)
    _step_commands(file, step, name.text, found)
    found.runs_in(_argument(file, get(step, "dir")), first)


def _step_commands(file: YamlFile, step: Node, image: Text, found: Found) -> None:
    script = file.text_of(get(step, "script"))
    if script is not None:
        if runs_in_shell(script.value):
            found.commands += script_commands(script)
        return
    nodes = items(get(step, "args")) or [node for node in [get(step, "args")] if node is not None]
    arguments = [text for node in nodes if (text := _argument(file, node)) is not None]
    entrypoint = _argument(file, get(step, "entrypoint")) or _program(image)
    if entrypoint is not None:
        _run([entrypoint, *arguments], found)
    elif arguments and program_name(arguments[0].value) in _PROGRAMS:
        _run(arguments, found)


def _program(image: Text) -> Text | None:
    """The program that a builder image starts, where that is certain."""
    value = image.value
    if _KANIKO.fullmatch(value):
        return Text((Piece("kaniko", image.span),), image.span)
    match = re.fullmatch(r"gcr\.io/cloud-builders/([a-z]+)(?:[:@].*)?", value)
    if match is None or match[1] not in _BUILDERS:
        return None
    return Text((Piece(match[1], image.locate(match.start(1), match.end(1))),), image.span)


def _run(arguments: list[Text], found: Found) -> None:
    if arguments[0].value != "kaniko":
        found.commands += commands_of(arguments)
        return
    found.builds += [kaniko_build(arguments[1:])] if len(arguments) > 1 else []
    for argument in arguments[1:]:
        flag, equals, _ = argument.value.partition("=")
        if flag in ("--destination", "-d") and equals:
            found.published(sliced(argument, len(flag) + 1, len(argument.value)))
