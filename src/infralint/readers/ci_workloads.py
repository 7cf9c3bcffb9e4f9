"""Containers of CI: build steps of Cloud Build, jobs and services of GitHub workflows, and what an action deploys.

Cloud Build, "Build configuration file schema" (2025); GitHub, "Workflow syntax" (2025); google-github-actions/
deploy-cloudrun v3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.deployments import Unseen, Variable, Workload
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.readers.found import Found
from infralint.readers.pieces import TEMPLATE, Variables, filled, inner, stripped, with_holes
from infralint.readers.workload_values import is_null, value_of
from infralint.readers.yaml_nodes import Entry, Mapping, Node, YamlFile, entries, get, items, scalar
from infralint.source import Span

_SUBSTITUTED = Variables("$$", {})
# Items of `env_vars:` and `secrets:`: parted by commas and line ends, `\,` is a comma.
_ITEM = re.compile(r"(?:\\.|[^,\r\n\\])+")


def read_build_step(file: YamlFile, step: Node, number: int, options: Node | None, found: Found) -> None:
    """Gather one step of a Cloud Build configuration."""
    image = _substituted(file, get(step, "name"))
    if image is None:
        return
    own = value_of(file, get(step, "id"))
    name = own if own is not None else image
    words = f"build step `{own.value}`" if own is not None else f"build step {number}"
    variables = [*_listed(file, get(options, "env")), *_listed(file, get(step, "env"))]
    for node in (get(options, "secretEnv"), get(step, "secretEnv")):
        for item in items(node):
            text = value_of(file, item)
            if text is not None:
                variables.append(Variable(text, None, "secret", text.span))
    arguments = get(step, "args")
    texts = tuple(
        text
        for node in (items(arguments) or [arguments] if arguments is not None else [])
        if (text := _substituted(file, node)) is not None
    )
    entrypoint = _substituted(file, get(step, "entrypoint"))
    found.workloads.append(
        Workload(
            kind="cloud-build",
            resource=words,
            name=name,
            span=name.span,
            container=str(number),
            image=image,
            entrypoint=(entrypoint,) if entrypoint is not None else None,
            arguments=texts or None,
            variables=tuple(variables),
        )
    )


def _substituted(file: YamlFile, node: Node | None) -> Text | None:
    text = value_of(file, node)
    return None if text is None else filled(with_holes(text, TEMPLATE), _SUBSTITUTED).text


def _listed(file: YamlFile, node: Node | None) -> Iterator[Variable]:
    """`NAME=value` items."""
    for item in items(node):
        text = value_of(file, item)
        if text is None:
            continue
        at = text.value.find("=")
        name = sliced(text, 0, at) if at >= 0 else text
        value = filled(sliced(text, at + 1, len(text.value)), _SUBSTITUTED).text if at >= 0 else None
        yield Variable(name, value, "literal" if at >= 0 else "host", name.span)


def read_job(file: YamlFile, name: str, entry: Entry, above: Node | None, found: Found) -> None:
    """Gather a job of a workflow, its services, and what its steps deploy. `above`: the workflow's `env`."""
    job = entry.value
    key = value_of(file, entry.key)
    if key is None:
        return
    container = get(job, "container")
    image = get(container, "image") if isinstance(container, Mapping) else container
    variables = [*_mapped(file, above), *_mapped(file, get(job, "env")), *_mapped(file, get(container, "env"))]
    if get(job, "steps") is not None:
        found.workloads.append(
            Workload(
                kind="workflow-job",
                resource=f"job `{name}`",
                name=key,
                span=key.span,
                image=_text(file, image),
                variables=tuple(variables),
            )
        )
    for service, each in entries(get(job, "services")).items():
        text = value_of(file, each.key)
        if text is not None:
            found.workloads.append(
                Workload(
                    kind="workflow-service",
                    resource=f"service `{service}` of job `{name}`",
                    name=text,
                    span=text.span,
                    image=_text(file, get(each.value, "image")),
                    variables=tuple(_mapped(file, get(each.value, "env"))),
                )
            )


def _text(file: YamlFile, node: Node | None) -> Text | None:
    text = value_of(file, node)
    return None if text is None else with_holes(text, TEMPLATE)


def _mapped(file: YamlFile, node: Node | None) -> Iterator[Variable]:
    for entry in entries(node).values():
        name = value_of(file, entry.key)
        if name is None:
            continue
        if is_null(entry.value):
            yield Variable(name, Text((), name.span), "literal", name.span)
        else:
            secret = re.fullmatch(r"\$\{\{\s*secrets\.(\w+)\s*\}\}", scalar(entry.value))
            if secret:
                yield Variable(name, None, "secret", name.span, secret[1])
            else:
                yield Variable(name, _text(file, entry.value), "literal", name.span)


def read_cloud_run_action(file: YamlFile, step: Node, found: Found) -> None:
    """Gather what the Cloud Run action of a step deploys."""
    given = get(step, "with")
    job = get(given, "job")
    kind = "job" if job is not None else "service"
    name = _text(file, job if job is not None else get(given, "service"))
    if name is None:
        return
    unseen = list(_unseen(given, given.span if given is not None else name.span))
    found.workloads.append(
        Workload(
            kind=f"cloud-run-{kind}",
            resource=f"Cloud Run {kind} `{name.value.replace(HOLE, '…')}`",
            name=name,
            span=name.span,
            image=_text(file, get(given, "image")),
            variables=(
                *_items(_text(file, get(given, "env_vars")), "literal", unseen),
                *_items(_text(file, get(given, "secrets")), "secret", unseen),
            ),
            replaces=False,
            unseen=tuple(unseen),
        )
    )


def _unseen(given: Node | None, span: Span) -> Iterator[Unseen]:
    """What the service has besides: the action merges by default."""
    if scalar(get(given, "env_vars_update_strategy")) != "overwrite":
        yield Unseen("kept", "the action keeps the variables that are set already", span)
    elif scalar(get(given, "secrets_update_strategy")) != "overwrite":
        yield Unseen("kept-secret", "the action keeps the secrets that are mounted already", span)
    flags = scalar(get(given, "flags"))
    if "env-vars" in flags or "secrets" in flags or "${{" in flags:
        yield Unseen("unread", "its flags are not read", span)


def _items(text: Text | None, source: str, unseen: list[Unseen]) -> Iterator[Variable]:
    for match in _ITEM.finditer(text.value) if text is not None else ():
        assert text is not None
        item = stripped(sliced(text, match.start(), match.end()))
        at = item.value.find("=")
        if not item.value or item.value.startswith(("#", "/")):
            continue
        name = inner(sliced(item, 0, at if at >= 0 else len(item.value)))
        if at < 0:
            if HOLE in item.value:
                unseen.append(Unseen("unread", "a part of its variables is not known", item.span))
            continue
        value = sliced(item, at + 1, len(item.value))
        if source == "literal":
            yield Variable(name, value, "literal", name.span)
        else:
            secret, _, version = value.value.rpartition(":")
            reference, key = (secret, version) if secret else (value.value, "")
            yield Variable(name, None, "secret", name.span, reference, key, key_span=item.span)
