"""Commands that Python code runs: argument lists, command strings, helpers that put a program before them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst
import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Text
from infralint.readers.python.commands_flow import Flow
from infralint.readers.python.commands_lists import Forms, Names, hole_word, new_list, texts_of
from infralint.readers.python.commands_values import PROGRAMS, ListReader
from infralint.readers.python.context import Handler, PythonFile
from infralint.readers.python.names import dotted_name
from infralint.readers.shell import commands_in
from infralint.readers.shell_wrappers import inner_script, unwrapped
from infralint.source import Span

# Library reference, "subprocess", "os" and "asyncio-subprocess".
_RUNNERS = frozenset(f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output"))
_SHELLS = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
     "asyncio.create_subprocess_shell", "asyncio.subprocess.create_subprocess_shell"}
)  # fmt: skip
_EXECUTORS = frozenset({"asyncio.create_subprocess_exec", "asyncio.subprocess.create_subprocess_exec"})
_DEFINITION = re.compile(r"\bdef[ \t]+(\w+)")
# Names of functions of other modules that run a text or words; not `log_command`, not `show_run`.
_RUNS = re.compile(
    r"(?i)^(?!.*(?:log|print|echo|show|help|doc|expect|assert|mock|parse|format|quote|build|make|get|is|write|warn))"
    r"(?:.*_)?(?:run|sh|shell|bash|exec|execute|system|sudo|local|call|cmd|command|popen)(?:_.*)?$"
)
# What a shell leaves as it is.
_PLAIN = re.compile(r"[\w@%+=:,./-]+")


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter of a function: its place among the arguments of a call, `*args` with a star."""

    name: str
    index: int
    starred: bool


@dataclass(frozen=True, slots=True)
class _Helper:
    """A function that runs its arguments: between and behind words of its own, or one of them as a shell's script.

    `parameters`: the place among the words, and the parameter that stands there.
    """

    words: tuple[Word, ...] = ()
    parameters: tuple[tuple[int, _Parameter], ...] = ()
    script: _Parameter | None = None


@dataclass(frozen=True, slots=True)
class _Argument:
    """A positional argument of a call, as a list, as one word and as a text."""

    forms: Forms
    word: Word
    text: Text | None
    starred: bool


class CommandVisitor:
    """Follows the module's statements and every function."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.reader = ListReader(file)
        self.found: dict[Command, None] = {}
        self.helpers: dict[str, list[_Helper]] = {}
        self.calls: list[tuple[str, tuple[_Argument, ...], Span]] = []
        self._defined = frozenset(_DEFINITION.findall(file.text))
        self._definitions: Counter[str] = Counter()
        self._module_names: Names = {}
        self._function = ""
        self._parameters: dict[Span, _Parameter] = {}

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        """Nodes whose bodies run in order."""
        return {cst.Module: self.module, cst.FunctionDef: self.function, cst.ClassDef: self.class_body}

    def module(self, node: cst.CSTNode) -> None:
        """The module's own statements, region by region, with the names that they bind."""
        assert isinstance(node, cst.Module)
        self._flow().run(node.body, self._module_names)

    def class_body(self, node: cst.CSTNode) -> None:
        """A class's own statements."""
        assert isinstance(node, cst.ClassDef)
        self._flow().run(node.body.body, {})

    def function(self, node: cst.CSTNode) -> None:
        """A function: its parameters stand for words of its callers."""
        assert isinstance(node, cst.FunctionDef)
        self._function = node.name.value
        self._parameters = {self.file.span(place): parameter for place, parameter in _parameters(node)}
        self._definitions[self._function] += 1
        names: Names = {
            parameter.name: (new_list([hole_word(span, splits=True)], span),)
            for span, parameter in self._parameters.items()
        }
        self.file.ancestors.append(node)
        try:
            self._flow().run(node.body.body, names)
        finally:
            self.file.ancestors.pop()
            self._function, self._parameters = "", {}

    def _flow(self) -> Flow:
        return Flow(self.reader, self._seen, self._called)

    def _seen(self, forms: Forms) -> None:
        """A list is used in some way: it is a command where its program says so."""
        for form in forms:
            if form.program in PROGRAMS:
                self._add(msgspec.structs.replace(form.command(sole=len(forms) == 1), run=False))

    def _add(self, command: Command) -> None:
        self._note_helper(command)
        if command.words and command.words[0].value == HOLE:
            return
        inner = unwrapped(command)
        if inner is None or not inner.words:
            return
        self.found.setdefault(inner)
        script = inner_script(inner)
        if script is not None:
            self._add_script(script)

    def _add_script(self, script: Text) -> None:
        for command in commands_in(script):
            self.found.setdefault(command)

    def _note_helper(self, command: Command) -> None:
        """A command that holds parameters of the function makes the function a helper."""
        known = ((at, self._parameters.get(word.span)) for at, word in enumerate(command.words) if word.value == HOLE)
        parameters = tuple((at, parameter) for at, parameter in known if parameter is not None)
        if parameters:
            self.helpers.setdefault(self._function, []).append(_Helper(command.words, parameters))

    def _called(self, call: cst.Call, names: Names) -> bool:
        """A call: of something that runs commands, or of a function that may be a helper.

        False where the call has taken its list itself.
        """
        name = self.file.resolve(call.func)
        if name in _RUNNERS:
            self._run(call, names)
        elif name in _SHELLS:
            self._script(_argument(call, "cmd", "command"), names)
        elif name in _EXECUTORS:
            self._run_words(call, names)
        elif own := self._own_function(call.func):
            self._note_call(own, call, names)
        elif _RUNS.search(dotted_name(call.func).rpartition(".")[2]):
            self._run_by_name(call)
        return name not in _RUNNERS

    def _run_by_name(self, call: cst.Call) -> None:
        """A call of something elsewhere that by its name runs commands: `session.run("gcloud", "run", "deploy")`."""
        first = call.args[0] if call.args else None
        text = (
            self.file.text_of(first.value) if first is not None and first.keyword is None and not first.star else None
        )
        if text is None or text.value.partition(" ")[0] not in PROGRAMS:
            return
        if text.value in PROGRAMS:
            self._run_words(call, {})
        else:
            self._add_script(text)

    def _own_function(self, func: cst.BaseExpression) -> str:
        """The name of a function of this module, or of a method of the same object; "" for all others."""
        owner, _, name = dotted_name(func).rpartition(".")
        is_own = owner in ("self", "cls") or (not owner and not self.file.names.is_imported(name))
        return name if is_own and name in self._defined else ""

    def _run(self, call: cst.Call, names: Names) -> None:
        arguments = _argument(call, "args")
        if arguments is None:
            return
        is_text = not isinstance(arguments, (cst.List, cst.Tuple))
        if is_text and _runs_shell(call):
            self._script(arguments, names)
            return
        forms = self.reader.forms(arguments, names)
        for form in forms:
            self._add(form.command(sole=len(forms) == 1))
        if not forms:
            self._note_split(arguments)

    def _script(self, node: cst.BaseExpression | None, names: Names) -> None:
        if node is None:
            return
        listed = self._joined(node)
        texts = texts_of(self.reader.texts(node, names)) if listed is None else ()
        if texts:
            for text in texts:
                self._add_script(text)
        elif listed is not None:
            # A shell reads the words anew, and only what is one plain word stays one.
            forms = self.reader.forms(listed, names)
            for form in forms:
                command = form.command(sole=len(forms) == 1)
                self._add(msgspec.structs.replace(command, words=tuple(_read_again(word) for word in command.words)))
        elif isinstance(node, cst.Name):
            self._note_shell_helper(node.value)

    def _joined(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """The list in `" ".join(list)` and `shlex.join(list)`."""
        match node:
            case cst.Call(func=cst.Attribute(value=cst.SimpleString(evaluated_value=" "), attr=cst.Name(value="join"))):
                return _argument(node)
            case cst.Call() if self.file.resolve(node.func) == "shlex.join":
                return _argument(node)
            case _:
                return None

    def _note_split(self, node: cst.BaseExpression) -> None:
        """`shlex.split(parameter)` and `parameter.split()` read a parameter nearly as a shell does."""
        match node:
            case cst.Call(args=[cst.Arg(value=cst.Name(value=name))]) if self.file.resolve(node.func) == "shlex.split":
                self._note_shell_helper(name)
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="split")), args=[]):
                self._note_shell_helper(name)
            case _:
                pass

    def _note_shell_helper(self, name: str) -> None:
        parameters = (p for p in self._parameters.values() if p.name == name and not p.starred)
        self.helpers.setdefault(self._function, []).extend(_Helper(script=p) for p in parameters)

    def _run_words(self, call: cst.Call, names: Names) -> None:
        words: list[Word] = []
        for argument in call.args:
            if argument.star == "*":
                forms = self.reader.forms(argument.value, names)
                span = self.file.span(argument.value)
                words += forms[0].words if len(forms) == 1 else [hole_word(span, splits=True)]
            elif argument.keyword is None and not argument.star:
                words.append(self.reader.word(argument.value))
        if words:
            self._add(Command(tuple(words), self.file.span(call)))

    def _note_call(self, name: str, call: cst.Call, names: Names) -> None:
        arguments = []
        for argument in call.args:
            if argument.keyword is not None or argument.star == "**":
                continue
            value = argument.value
            forms = self.reader.forms(value, names)
            arguments.append(_Argument(forms, self.reader.word(value), self.file.text_of(value), argument.star == "*"))
        if arguments:
            self.calls.append((name, tuple(arguments), self.file.span(call)))

    def finish(self, facts: FileFacts) -> FileFacts:
        """Add the commands, those of calls of helpers among them."""
        for name, arguments, span in self.calls:
            # Which of two functions of one name is called is not followed.
            for helper in self.helpers.get(name, ()) if self._definitions[name] == 1 else ():
                self._add_call(helper, arguments, span)
        ordered = sorted(self._without_twins(), key=lambda command: command.span)
        return msgspec.structs.replace(facts, commands=(*facts.commands, *ordered))

    def _without_twins(self) -> list[Command]:
        """The commands, each once: one that is run leaves out the same list where it is only passed on."""
        run = {command for command in self.found if command.run}
        return [
            command for command in self.found if command.run or msgspec.structs.replace(command, run=True) not in run
        ]

    def _add_call(self, helper: _Helper, arguments: tuple[_Argument, ...], span: Span) -> None:
        if helper.script is not None:
            given = _given(helper.script, arguments)
            if given and given[0].text is not None:
                self._add_script(given[0].text)
            return
        words: list[Word] = []
        places = dict(helper.parameters)
        for at, word in enumerate(helper.words):
            taken = _given_words(places[at], arguments, word) if at in places else (word,)
            if taken is None:
                return
            words += taken
        self._add(Command(tuple(words), span))


def _read_again(word: Word) -> Word:
    return word if _PLAIN.fullmatch(word.value) else msgspec.structs.replace(word, splits=True)


def _given(parameter: _Parameter, arguments: tuple[_Argument, ...]) -> tuple[_Argument, ...] | None:
    """The arguments from a parameter's on; None where it is not known which these are."""
    if any(argument.starred for argument in arguments[: parameter.index]):
        return None
    return arguments[parameter.index :]


def _given_words(parameter: _Parameter, arguments: tuple[_Argument, ...], word: Word) -> tuple[Word, ...] | None:
    """The words that a call gives for a parameter: one, those of a list, or all arguments that `*args` takes."""
    given = _given(parameter, arguments)
    if given is None:
        return None
    if parameter.starred:
        return tuple(_starred_words(given))
    if not word.splits:
        return (given[0].word if given and not given[0].starred else hole_word(word.span, splits=False),)
    return given[0].forms[0].words if given and len(given[0].forms) == 1 and not given[0].starred else None


def _starred_words(given: tuple[_Argument, ...]) -> Iterator[Word]:
    for argument in given:
        if not argument.starred:
            yield argument.word
        elif len(argument.forms) == 1:
            yield from argument.forms[0].words
        else:
            yield hole_word(argument.word.span, splits=True)


def _parameters(node: cst.FunctionDef) -> Iterator[tuple[cst.Name, _Parameter]]:
    """The parameters that a call gives by place; the object of a method is none of them."""
    plain = [*node.params.posonly_params, *node.params.params]
    if plain and plain[0].name.value in ("self", "cls"):
        plain = plain[1:]
    for index, parameter in enumerate(plain):
        yield parameter.name, _Parameter(parameter.name.value, index, False)
    star = node.params.star_arg
    if isinstance(star, cst.Param):
        yield star.name, _Parameter(star.name.value, len(plain), True)


def _argument(call: cst.Call, *keywords: str) -> cst.BaseExpression | None:
    """The first positional argument, or the one of these keywords."""
    for argument in call.args:
        if argument.star:
            return None
        if argument.keyword is None or argument.keyword.value in keywords:
            return argument.value
    return None


def _runs_shell(call: cst.Call) -> bool:
    given = (argument.value for argument in call.args if argument.keyword and argument.keyword.value == "shell")
    return any(not (isinstance(value, cst.Name) and value.value == "False") for value in given)


def make(file: PythonFile, dialect: str) -> CommandVisitor:
    """The visitor of one file."""
    return CommandVisitor(file)
