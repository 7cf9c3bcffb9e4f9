"""Reads of variables: whether they fail, what is taken instead, and functions that pass names on to them."""

from __future__ import annotations

import ast
import re

from infralint.facts.environment import (
    EnvironmentRead,
    EnvironmentWrapper,
)
from infralint.facts.text import Piece, Text, hole
from infralint.readers.python.environment_notes import Name, Notes, defaults_of
from infralint.readers.python.environment_places import (
    Situation,
    fails_without,
    is_demanded,
)
from infralint.readers.python.text_names import Frame, parameters_of
from infralint.readers.python.text_scopes import FunctionNode
from infralint.source import Span

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# Keywords by which libraries of command lines take a variable (click 8, typer 0.2x, configargparse 1.7).
_OPTION_KEYWORDS = frozenset({"env_var", "envvar", "envvars"})
# Parameters of wrappers that are the default of what they read.
_DEFAULT_PARAMETERS = ("default", "default_value", "fallback", "default_val")


class ReadNotes(Notes):
    """The reads of one module."""

    def _read(
        self,
        node: ast.expr,
        argument: ast.expr,
        form: str,
        frame: Frame,
        default: ast.expr | None = None,
        prefix: str | None = "",
    ) -> None:
        """A read at `node` of the variable that `argument` names. `prefix` None: something unknown stands before."""
        situation = self._situation(node, frame, by_key=form in ("item", "pop", "library"))
        given = default if default is not None else self._alternative(node)
        default_text = None if given is None else self._default(given, frame)
        required = not situation.guarded and default_text is None and self._fails(node, form)
        span = self.syntax.span(argument)
        for name in self._names(argument, frame, prefix or ""):
            if prefix is None:
                self.whole.append(span)
            elif self._wrapper(name, default, frame, required=not situation.guarded and self._fails(node, form)):
                continue
            elif name.origin is not None and name.origin.kind == "import":
                self._note(name.text, span, form, required, default_text, situation, node, name.origin.name)
            elif name.text.is_static:
                self._note(name.text, span, form, required, default_text, situation, node)
            else:
                self.whole.append(span)

    def _note(
        self,
        name: Text,
        span: Span,
        form: str,
        required: bool,
        default: Text | None,
        situation: Situation,
        node: ast.AST,
        reference: str = "",
    ) -> None:
        self.reads.append(
            EnvironmentRead(
                name,
                span,
                form,
                required,
                default,
                situation.guarded,
                situation.conditional,
                situation.function,
                reference,
                self._beside(node),
            )
        )

    def _fails(self, node: ast.expr, form: str) -> bool:
        """Whether the process fails where the variable is not set, nothing else being said."""
        if form in ("item", "pop", "library"):
            return True
        if form == "in":
            return is_demanded(self.syntax, node)
        return form == "get" and fails_without(self.syntax, node)

    def _wrapper(self, name: Name, default: ast.expr | None, frame: Frame, *, required: bool) -> bool:
        """Whether the name is a parameter's, which makes a wrapper of the function."""
        holes = [piece for piece in name.text.pieces if piece.is_hole]
        origin = self.flow.evaluator.origins.get(holes[0].span) if len(holes) == 1 else None
        scope = frame.scope
        if origin is None or origin.kind != "parameter" or scope is None or origin.scope != scope.qualname:
            return False
        fallback, fixed = self._fallback(scope.node, default, frame)
        raises = bool(fallback) and any(isinstance(node, ast.Raise) for node in ast.walk(scope.node))
        self.wrappers.append(
            EnvironmentWrapper(
                scope.qualname,
                _position(scope.parameters, origin.name),
                origin.name,
                name.text,
                fixed is None and (required or raises),
                _position(scope.parameters, fallback),
                fallback,
                fixed,
            )
        )
        return True

    def _fallback(self, function: FunctionNode, default: ast.expr | None, frame: Frame) -> tuple[str, Text | None]:
        """The parameter of a wrapper by which callers give a default, and what is taken where they give none."""
        parameters = [*parameters_of(function)]
        name = default.id if isinstance(default, ast.Name) and default.id in parameters else ""
        if default is not None and not name:
            return "", self._default(default, frame)
        name = name or next((each for each in parameters if each in _DEFAULT_PARAMETERS), "")
        own = dict(defaults_of(function.args)).get(name)
        return name, None if own is None else self._default(own, frame)

    def _expanded(self, argument: ast.expr, frame: Frame) -> None:
        """`os.path.expandvars("$A/b")`."""
        situation = self._situation(argument, frame, by_key=True)
        for text in frame.texts(argument).texts:
            if not text.is_static:
                self.whole.append(self.syntax.span(argument))
                continue
            for match in _VARIABLE.finditer(text.value):
                name = match[1] or match[2]
                place = text.locate(*match.span(1 if match[1] else 2))
                read = Text((Piece(name, place),), place)
                self._note(read, place, "get", False, hole(place), situation, argument)

    def _options(self, node: ast.Call, frame: Frame) -> None:
        """`click.option("--a", envvar="A")`."""
        for keyword in node.keywords:
            if keyword.arg == "auto_envvar_prefix":
                self.whole.append(self.syntax.span(keyword.value))
            elif keyword.arg in _OPTION_KEYWORDS:
                many = isinstance(keyword.value, (ast.List, ast.Tuple))
                for each in keyword.value.elts if many else [keyword.value]:  # type: ignore[attr-defined]
                    if not (isinstance(each, ast.Constant) and not isinstance(each.value, str)):
                        self._read(node, each, "option", frame)


def _position(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1
