"""Builds that YAML asks for: compose services, the build action of workflows, artifacts of skaffold, kaniko.

Compose Build Specification (Compose 2.30), docker/build-push-action v6, Skaffold v4 schema, kaniko 1.24.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from infralint.facts.builds import Assignment, BuildUse
from infralint.facts.slices import sliced
from infralint.facts.text import Text, plain
from infralint.readers.pieces import TEMPLATE, Variables, filled, inner, stripped, with_holes, words
from infralint.readers.shell_expansions import variables_behind
from infralint.readers.yaml_nodes import Mapping, Node, Scalar, YamlFile, entries, get, items
from infralint.readers.yaml_nodes import Sequence as List
from infralint.source import Span

# Defaults are left to who knows `.env`.
_INTERPOLATION = Variables("$$", {})
_LINE = re.compile(r"[^\r\n]+")
_LISTED = re.compile(r"[^\s,]+")


def compose_build(file: YamlFile, service: str, node: Node) -> BuildUse | None:
    """The `build:` of a compose service; None without one."""
    build = get(node, "build")
    if build is None:
        return None
    image = _text(file, get(node, "image"))
    names = (image,) if image is not None else ()
    if not isinstance(build, Mapping):
        context = _text(file, build)
        use = BuildUse("compose", _span(file, build), context, names=names, owner=service) if context else None
        return _with_variables(file, use)
    use = BuildUse(
        "compose",
        _span(file, build),
        _text(file, get(build, "context")),
        _text(file, get(build, "dockerfile")),
        target=_text(file, get(build, "target")),
        arguments=_assignments(file, get(build, "args")),
        names=(*names, *_texts(file, items(get(build, "tags")))),
        contexts=_assignments(file, get(build, "additional_contexts")),
        owner=service,
        inline=get(build, "dockerfile_inline") is not None,
        open=_is_open(get(build, "args")),
    )
    return _with_variables(file, use)


def _with_variables(file: YamlFile, use: BuildUse | None) -> BuildUse | None:
    if use is None:
        return None
    given = [use.context, use.dockerfile, use.target, *use.names]
    given += [each.value for each in (*use.arguments, *use.contexts)]
    texts = [text for text in given if text is not None]
    return msgspec.structs.replace(use, variables=variables_behind(file.text, texts)) if texts else use


def action_build(file: YamlFile, step: Node) -> BuildUse:
    """The build of `docker/build-push-action`, whose paths start at the root of the checkout."""
    given = get(step, "with")
    uses = get(step, "uses")
    return BuildUse(
        "workflow",
        _span(file, uses if uses is not None else step),
        _template(file, get(given, "context")),
        _template(file, get(given, "file")),
        base="root",
        within=False,
        target=_template(file, get(given, "target")),
        arguments=_lines(_template(file, get(given, "build-args"))),
        names=tuple(_listed(_template(file, get(given, "tags")))),
        contexts=_lines(_template(file, get(given, "build-contexts"))),
        open=_has_holes(_template(file, get(given, "build-args"))),
    )


def skaffold_build(file: YamlFile, artifact: Node) -> BuildUse | None:
    """An artifact that skaffold builds with Docker or kaniko; None for other builders."""
    others = ("buildpacks", "bazel", "jib", "ko", "custom")
    if any(get(artifact, other) is not None for other in others):
        return None
    docker = get(artifact, "docker")
    docker = docker if docker is not None else get(artifact, "kaniko")
    image = _template(file, get(artifact, "image"))
    return BuildUse(
        "skaffold",
        _span(file, artifact),
        _template(file, get(artifact, "context")),
        _template(file, get(docker, "dockerfile")),
        target=_template(file, get(docker, "target")),
        arguments=_assignments(file, get(docker, "buildArgs")),
        names=(image,) if image is not None else (),
        open=_is_open(get(docker, "buildArgs")),
    )


def kaniko_build(arguments: Sequence[Text]) -> BuildUse:
    """The build of kaniko's executor: where no context is given, it is the workspace."""
    given = [_option(argument) for argument in arguments]
    values = {name: value for name, value in given if name}
    span = Span(arguments[0].span.start, max(argument.span.end for argument in arguments))
    sub = values.get("context-sub-path")
    context = values.get("context", values.get("c", plain(".", span.start)))
    return BuildUse(
        "cloud-build",
        span,
        _workspace(sub if sub is not None else context),
        values.get("dockerfile", values.get("f")),
        base="root",
        target=values.get("target"),
        arguments=tuple(_assignment(value) for name, value in given if name == "build-arg" and value is not None),
        names=tuple(value for name, value in given if name in ("destination", "d")),
    )


def _workspace(context: Text) -> Text:
    """A context without the scheme and the mount point of the checkout."""
    match = re.match(r"(?:dir://)?(?:/workspace/?|/kaniko/buildcontext/?)?", context.value)
    return sliced(context, match.end() if match else 0, len(context.value))


def _option(argument: Text) -> tuple[str, Text]:
    name, equals, _ = argument.value.partition("=")
    at = len(name) + len(equals)
    return (name.lstrip("-") if equals else "", sliced(argument, at, len(argument.value)))


def _text(file: YamlFile, node: Node | None) -> Text | None:
    """A scalar of a compose file, its variables holes."""
    text = file.text_of(node)
    return None if text is None else filled(with_holes(inner(text), TEMPLATE), _INTERPOLATION).text


def _template(file: YamlFile, node: Node | None) -> Text | None:
    text = file.text_of(node)
    return None if text is None else with_holes(inner(text), TEMPLATE)


def _texts(file: YamlFile, nodes: Iterable[Node]) -> list[Text]:
    return [text for node in nodes if (text := _text(file, node)) is not None]


def _assignments(file: YamlFile, node: Node | None) -> tuple[Assignment, ...]:
    """A mapping, or a list of `NAME=value` and `NAME`."""
    if isinstance(node, List):
        return tuple(_assignment(text) for text in _texts(file, node.nodes))
    found = []
    for entry in entries(node).values():
        name = file.text_of(entry.key)
        if name is not None:
            found.append(Assignment(inner(name), _text(file, entry.value)))
    return tuple(found)


def _assignment(text: Text) -> Assignment:
    name, equals, _ = text.value.partition("=")
    value = sliced(text, len(name) + 1, len(text.value)) if equals else None
    return Assignment(sliced(text, 0, len(name)), value)


def _lines(text: Text | None) -> tuple[Assignment, ...]:
    """`NAME=value` on each line of an action's input."""
    lines = [stripped(line) for line in words(text, _LINE)] if text is not None else []
    return tuple(_assignment(line) for line in lines if "=" in line.value)


def _listed(text: Text | None) -> list[Text]:
    return words(text, _LISTED) if text is not None else []


def _has_holes(text: Text | None) -> bool:
    """Whether a line may be anything: `${{ inputs.build-args }}`."""
    return text is not None and any("=" not in line.value for line in words(text, _LINE) if line.value.strip())


def _is_open(node: Node | None) -> bool:
    """Whether arguments come from a text that is no mapping and no list: a template."""
    return isinstance(node, Scalar) and not node.is_null


def _span(file: YamlFile, node: Node) -> Span:
    text = file.text_of(node)
    return text.span if text is not None else Span(node.span.start, min(node.span.start + 1, len(file.text)))
