"""The reader of one Python file: scan, outline, regions, one ride for all subjects."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from infralint.facts.files import FileFacts, Problem
from infralint.facts.names import ImportTable
from infralint.facts.python import PatchTarget, PythonModule
from infralint.readers.python.attribute_sets import attributes_set
from infralint.readers.python.imports_seen import with_loads
from infralint.readers.python.newer_syntax import older
from infralint.readers.python.outline import Outline, outline_of, parse
from infralint.readers.python.scan import Scan
from infralint.readers.python.skeleton import skeleton_of
from infralint.readers.python.statements import calls_of_helpers, joined_by_names, statements_at
from infralint.readers.python.subjects import SUBJECTS, scanner
from infralint.readers.python.unbound import UNKNOWN, Symbols, symbols_of, uses_of
from infralint.source import SourceText, Span

# See readers/python/lower.py, which a module without models does not need.
Keep = Callable[[int, int, str], bool]
_PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)
# Modules that hold triggers of these subjects are lowered at once, all others when the interpreter comes to them.
_LOWERED = ("orm", "migration")
# Those that ask for no more than the outline.
_OF_OUTLINE = frozenset({"relative-import"})


def read_python(text: str, dialect: str, *, program: bool = False) -> FileFacts:
    """The facts of a module; `program` asks for the module's statements and nothing else."""
    if program:
        return _read_program(text)
    scan = scanner().scan(text)
    return with_loads(_read_scanned(text, scan, dialect), text, scan.words)


def _read_scanned(text: str, scan: Scan, dialect: str) -> FileFacts:
    for subject in SUBJECTS:
        if subject.refine is not None and subject.name in scan.hits:
            scan.hits[subject.name] = subject.refine(text, scan.hits[subject.name])
            if not scan.hits[subject.name]:
                del scan.hits[subject.name]
    refused: BaseException | None = None
    try:
        symbols = _symbols(text, scan.words)
    except _PARSE_ERRORS as error:
        symbols, refused = UNKNOWN, error
    reading = _Reading(SourceText(text), scan, dialect, symbols=symbols)
    facts = reading.facts()
    if isinstance(refused, SyntaxError) and facts.problem is None and not reading.is_newer:
        # It parses, and yet it does not compile: a parameter twice, `nonlocal` at the top.
        return msgspec.structs.replace(facts, problem=reading.problem(refused))
    return facts


def _symbols(text: str, words: frozenset[str]) -> Symbols:
    try:
        return symbols_of(text, words)
    except SyntaxError:
        if (code := older(text)) is None:
            raise
        # Its lines are those of another text.
        return replace(symbols_of(code, words), top=None)


def _read_program(text: str) -> FileFacts:
    """The statements of a module that the interpreter has come to."""
    from infralint.readers.python.lower import keep_large

    reading = _Reading(SourceText(text), Scan({}, ()), keep=keep_large)
    facts = reading.facts()
    return FileFacts(problem=facts.problem, program=facts.program)


@dataclass
class _Reading:
    source: SourceText
    scan: Scan
    dialect: str = ""
    keep: Keep | None = None
    symbols: Symbols = UNKNOWN
    # Whether only libcst can read it: its syntax is newer than the running interpreter.
    is_newer: bool = False

    @property
    def hits(self) -> dict[str, list[int]]:
        return self.scan.hits

    def facts(self) -> FileFacts:
        module = PythonModule(stubs=self.scan.stubs)
        try:
            tree = self._parsed()
        except _PARSE_ERRORS as error:
            return self._facts_by_libcst(module, error)
        return self._facts(outline_of(tree, self.source), None, tree)

    def _parsed(self) -> ast.Module:
        """The syntax tree, of which the bodies of functions are left out where the outline is all that is asked for."""
        if self.symbols.top is not None and not self.symbols.unbound and self.hits.keys() <= _OF_OUTLINE:
            skeleton = skeleton_of(self.source, self.symbols.top)
            if skeleton is not None:
                with suppress(*_PARSE_ERRORS):
                    return parse(skeleton)
        try:
            return parse(self.source.text)
        except SyntaxError:
            if (code := older(self.source.text)) is None:
                raise
            return parse(code)

    def _facts_by_libcst(self, module: PythonModule, error: BaseException) -> FileFacts:
        """libcst reads syntax that is newer than the running interpreter; what it refuses too is broken."""
        from libcst import ParserSyntaxError

        from infralint.readers.python.outline_cst import outline_of_region
        from infralint.readers.python.tree import Region

        try:
            region = Region(self.source.text, 0)
            outline = outline_of_region(region, self.source.text)
        except (ParserSyntaxError, RecursionError):
            return FileFacts(python=module, problem=self.problem(error))
        self.is_newer = True
        return self._facts(outline, region, None)

    def problem(self, error: BaseException) -> Problem:
        """What the interpreter says of a module that it does not compile."""
        if not isinstance(error, SyntaxError):
            reason = "nested too deeply" if isinstance(error, (RecursionError, MemoryError)) else str(error)
            return Problem("unparsable", reason, Span(0, 0))
        line = min(max(error.lineno or 1, 1), self.source.line_count)
        column = min(max(error.offset or 1, 1), len(self.source.line(line)) + 1)
        start = self.source.offset(line, column)
        end = min(start + 1, len(self.source.text))
        return Problem("unparsable", f"{error.msg}", Span(start, max(start, end)))

    def _program(self, outline: Outline, whole: object | None, tree: ast.Module | None) -> bytes:
        """The module's statements, where somebody evaluates them."""
        from infralint.readers.python.lower import keep_large, keep_of_models, lower_module, lower_region

        keep = self.keep
        if keep is None and any(name in self.hits for name in _LOWERED):
            places = sorted({at for name in _LOWERED for at in self.hits.get(name, ())})
            keep = keep_large if outline.is_revision else keep_of_models(places)
        if keep is None:
            return b""
        if tree is not None:
            return lower_module(tree, self.source, keep)
        from infralint.readers.python.tree import Region

        assert isinstance(whole, Region)
        return lower_region(whole, outline, self.source, keep)

    def _with_sql(self, facts: FileFacts, outline: Outline, tree: ast.Module | None) -> FileFacts:
        from infralint.readers.python.sql import read_sql_in
        from infralint.readers.python.syntax import statements_of

        body = tree.body if tree else statements_of(self.source.text)
        return read_sql_in(facts, self.source, outline, body, self.hits["sql"], self.dialect)

    def _with_environment(self, facts: FileFacts, outline: Outline, tree: ast.Module | None) -> FileFacts:
        from infralint.readers.python.environment import read_environment_in
        from infralint.readers.python.syntax import statements_of

        body = tree.body if tree else statements_of(self.source.text)
        whole = tree is not None or bool(body)
        return read_environment_in(facts, self.source, outline, body, self.hits["environment"], whole=whole)

    def _of_tests(self, module: PythonModule, outline: Outline, tree: ast.Module) -> PythonModule:
        """The module with what only tests have: mocks, patches, fixtures."""
        if not self.hits.keys() & {"mock-attribute", "patch", "fixture"}:
            return module
        from infralint.readers.python.fixtures import fixtures_of
        from infralint.readers.python.mock_attributes import slips_of

        names = ImportTable(outline.imports, outline.bindings)
        return msgspec.structs.replace(
            module,
            mock_attributes=slips_of(tree, self.source, names) if "mock-attribute" in self.hits else (),
            patches=self._patches(tree, names),
            fixtures=fixtures_of(tree, self.source, names) if "fixture" in self.hits else (),
        )

    def _patches(self, tree: ast.Module, names: ImportTable) -> tuple[PatchTarget, ...]:
        if "patch" not in self.hits:
            return ()
        from infralint.readers.python.patch_targets import patch_targets_of

        return patch_targets_of(tree, self.source, names, self.hits["patch"], self.symbols)

    def _with_imports(self, module: PythonModule, outline: Outline, tree: ast.Module) -> PythonModule:
        """The module with what it imports by calls, and with the folders that it adds to the search path."""
        if not self.hits.keys() & {"import-call", "search-path"}:
            return module
        from infralint.readers.python.import_calls import import_calls_of
        from infralint.readers.python.search_paths import search_paths_of

        names = ImportTable(outline.imports, outline.bindings)
        return msgspec.structs.replace(
            module,
            import_calls=import_calls_of(tree, self.source, names) if "import-call" in self.hits else (),
            search_paths=search_paths_of(tree, self.source, names) if "search-path" in self.hits else (),
        )

    def _facts(self, outline: Outline, whole: object | None, tree: ast.Module | None) -> FileFacts:
        module = PythonModule(
            outlined=True,
            imports=tuple(outline.imports),
            bindings=tuple(outline.bindings),
            classes=tuple(outline.classes),
            stubs=self.scan.stubs,
            names=self.symbols.names,
            has_getattr=outline.has_getattr,
            is_revision=outline.is_revision,
            runs_as_script=outline.runs_as_script,
            unbound=uses_of(tree, self.source, self.symbols.unbound) if tree and self.symbols.unbound else (),
            sets=attributes_set(self.source.text, self.scan.words),
        )
        if tree is not None:
            module = self._with_imports(self._of_tests(module, outline, tree), outline, tree)
        facts = FileFacts(program=self._program(outline, whole, tree), python=module)
        if tree is not None and "class-use" in self.hits:
            from infralint.readers.python.class_uses import class_uses_of

            facts = msgspec.structs.replace(facts, class_uses=class_uses_of(tree, self.source, self.symbols))
        if tree is not None and "setup" in self.hits:
            from infralint.readers.python.setup_script import requirements_of_setup

            facts = msgspec.structs.replace(facts, requirements=requirements_of_setup(tree, self.source))
        if "sql" in self.hits:
            facts = self._with_sql(facts, outline, tree)
        if "environment" in self.hits:
            facts = self._with_environment(facts, outline, tree)
        return self._with_regions(facts, outline, whole, tree)

    def _with_regions(
        self, facts: FileFacts, outline: Outline, whole: object | None, tree: ast.Module | None
    ) -> FileFacts:
        """The facts with what all other subjects find, each in the statements that hold its triggers."""
        wanted = [subject for subject in SUBJECTS if subject.module and subject.name in self.hits]
        if not wanted:
            return facts
        from infralint.readers.python.outline_spans import measure
        from infralint.readers.python.ride import ride_regions

        if tree is not None:
            measure(outline, tree, self.source)
        places = sorted({at for subject in wanted for at in self.hits[subject.name]})
        growing = self.hits.get("commands")
        if growing:
            places = sorted({*places, *calls_of_helpers(self.source.text, outline.statements, growing)})
        statements = statements_at(outline.statements, places)
        if growing:
            statements = joined_by_names(self.source.text, outline.statements, statements, growing)
        return ride_regions(facts, self.source, outline, whole, statements, places, wanted, self.dialect)


def with_problem(facts: FileFacts, problem: Problem) -> FileFacts:
    """The same facts with a problem noted, unless there is one already."""
    return facts if facts.problem else msgspec.structs.replace(facts, problem=problem)
