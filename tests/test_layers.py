"""Imports point one way, and nothing in the package runs code, starts programs or talks to a network."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from infralint.readers.python.subjects import SUBJECTS

PACKAGE = Path(__file__).parents[1] / "src" / "infralint"

# What each part may import, besides itself; in order, so that a part names only those above it.
LAYERS: dict[str, set[str]] = {
    "collector": set(),
    "source": set(),
    "kinds": set(),
    "toml_places": {"source"},
    "data": {"source"},
    "facts": {"source"},
    "ddl": {"facts", "source"},
    "pep508": {"facts", "source"},
    "findings": {"source"},
    "fingerprints": {"findings"},
    "baseline": {"fingerprints", "findings"},
    "settings": {"findings", "source"},
    "own_files": {"source"},
    "pages": {"findings", "own_files", "source"},
    "fixes": {"findings", "source"},
    "codemods": {"facts", "findings", "source"},
    "patterns": set(),
    "likeness": set(),
    "git_index": set(),
    "manifest": {"git_index", "source"},
    "answers": set(),
    "stores": set(),
    "segments": {"stores", "source"},
    "discover_tree": {"manifest"},
    "discover_git": {"discover_tree", "git_index", "manifest", "patterns"},
    "discover_walk": {"discover_git", "discover_tree", "patterns"},
    "discover_backups": set(),
    "git_program": set(),
    "git_trees": {"git_program", "discover_tree"},
    "workspace": {
        "discover_backups", "discover_walk", "discover_git", "discover_tree", "manifest", "settings", "kinds",
        "source",
    },
    "readers": {"ddl", "facts", "kinds", "likeness", "pep508", "source", "toml_places"},
    "cache": {"facts", "kinds", "segments", "stores", "source"},
    "report": {"findings"},
    "reading": {"collector", "cache", "readers", "workspace", "report", "facts", "kinds", "source"},
    "project": {
        "ddl", "facts", "findings", "settings", "data", "kinds", "likeness", "patterns", "pep508", "source",
    },
    "settings_locate": {"toml_places", "source"},
    "settings_nearest": set(),
    "settings_schema": {"settings_nearest", "settings", "findings"},
    "document_parts": {"project", "source"},
    "schema_document": {"document_parts", "project", "source"},
    "services_document": {"document_parts", "project", "facts", "source"},
    "rules": {"project", "pages", "facts", "findings", "settings", "data", "likeness", "source"},
    "settings_table": {
        "data", "rules", "settings_schema", "settings_nearest", "settings_locate", "settings", "findings", "source",
    },
    "settings_load": {"settings_table", "settings"},
    "suppress": {"rules", "facts", "findings", "settings_nearest", "settings", "source"},
    "selection": {"rules", "findings", "patterns", "settings"},
    "rendering": {"codemods", "rules", "project", "findings", "readers", "workspace", "settings", "kinds", "source"},
    "reports": {"document_parts", "schema_document", "services_document", "rules", "pages", "fingerprints", "findings", "settings", "kinds", "source"},
    "reporting": {"rendering", "report", "rules", "selection", "suppress", "settings", "findings", "facts"},
    "engine": {
        "collector", "discover_tree",
        "manifest", "report", "reporting", "rendering", "selection", "settings_load", "document_parts", "schema_document", "services_document", "rules", "project", "reading", "cache",
        "readers", "workspace", "settings", "findings", "facts", "kinds", "source",
    },
    "shifts": {"facts", "findings", "source"},
    "read_again": {"cache", "readers", "shifts", "facts", "kinds"},
    "moved": {
        "read_again",
        "cache", "discover_tree", "engine", "manifest", "readers", "reading", "rendering", "report", "reporting", "rules",
        "shifts", "settings", "workspace", "findings", "facts", "kinds", "source",
    },
    "remembered": {"manifest", "moved", "own_files", "report", "stores", "settings", "source"},
    "runs": {"engine", "manifest", "moved", "remembered", "report", "settings_load", "settings"},
    "live_reading": {"reading", "report", "workspace", "facts", "kinds"},
    "last_good": {"engine", "facts", "readers", "report", "findings", "settings", "kinds", "source"},
    "live_state": {
        "discover_tree", "discover_walk", "engine", "live_reading", "manifest", "readers", "reading", "rendering", "report", "reporting", "shifts",
        "project", "settings", "workspace", "facts", "kinds", "source",
    },
    "live_relink": {
        "engine", "live_state", "project",
    },
    "live": {
        "cache", "collector", "discover_tree", "engine", "last_good", "live_reading", "live_relink", "live_state", "manifest", "rendering",
        "report", "reporting", "settings_load", "settings", "workspace", "kinds",
    },
    "repair": {"report", "fixes", "readers", "findings", "kinds", "source"},
    "overview": {
        "cache", "discover_tree", "document_parts", "engine", "reading", "rendering", "report", "schema_document",
        "services_document", "workspace", "project", "settings",
    },
    "__init__": {"engine", "report", "runs", "settings_load", "settings", "findings"},
    "lsp": {
        "__init__", "live", "report", "rules", "fixes", "readers", "settings_load", "stores", "pages", "own_files",
        "findings", "kinds", "source",
    },
    "cli": {
        "__init__", "overview", "lsp", "data", "engine", "reports", "schema_document", "services_document", "rules", "repair", "pages", "cache",
        "workspace", "baseline", "fingerprints", "git_program", "git_trees", "live", "report", "runs", "segments", "stores",
        "answers", "manifest", "own_files", "remembered",
        "settings_load", "settings_table", "settings_schema", "settings_nearest", "settings",
        "findings", "facts", "kinds", "source",
    },
    "__main__": {"answers", "cli", "collector"},
}  # fmt: skip

# Rules judge what the Project knows: they parse nothing and open nothing.
NOT_IN_RULES = {
    "ast", "codecs", "glob", "importlib", "io", "libcst", "msgspec", "os", "pathlib", "shutil", "sqlglot",
    "symtable", "tempfile", "tokenize", "tomli", "tomllib", "tree_sitter", "tree_sitter_bash",
    "tree_sitter_hcl", "yaml",
}  # fmt: skip

# The linted project's code is never run, no program is started but git, nothing is fetched, and no stored object is
# brought to life by code of its own.
NOWHERE = {
    "aiohttp", "asyncio", "code", "codeop", "ctypes", "ftplib", "http", "httpx", "imp", "marshal", "pickle",
    "pkg_resources", "pty", "requests", "runpy", "shelve", "smtplib", "socket", "socketserver", "ssl",
    "subprocess", "telnetlib", "urllib", "urllib3", "webbrowser", "xmlrpc",
}  # fmt: skip
# The server's event loop reads stdin and writes stdout; it opens no socket.
ALLOWED = {"git_program.py": {"subprocess"}} | {
    f"lsp/{name}.py": {"asyncio"} for name in ("indexing", "logs", "runs", "server", "session")
}
NOT_CALLED = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
NOT_CALLED_OF_OS = {"system", "popen", "execv", "execve", "execvp", "spawnv", "spawnl", "posix_spawn", "fork"}

# import_module with a name that is not written in place: only where it comes from a table of this package.
NAMES_FROM_TABLES = {"readers/python/ride.py"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """The layer of a module: its folder directly under the package, or its own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def layer_named(dotted: str) -> str | None:
    """The layer that an import reaches; None outside of infralint."""
    first, _, rest = dotted.partition(".")
    if first != "infralint":
        return None
    name = rest.partition(".")[0]
    return name if name in LAYERS or _is_module(name) else "__init__"


def _is_module(name: str) -> bool:
    return bool(name) and ((PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file())


def calls_of(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def each_module() -> pytest.MarkDecorator:
    paths = modules()
    return pytest.mark.parametrize("path", paths, ids=[relative(path) for path in paths])


def test_the_table_points_one_way() -> None:
    above: set[str] = set()
    for layer, allowed in LAYERS.items():
        assert allowed <= above, f"{layer} may import {sorted(allowed - above)}, which stand below it"
        above.add(layer)


def test_every_module_has_a_layer() -> None:
    assert {part_of(path) for path in modules()} - set(LAYERS) == set(), "give new modules a place in LAYERS"


@each_module()
def test_imports_keep_to_the_layers(path: Path) -> None:
    part = part_of(path)
    wrong = [
        f"{relative(path)}:{line}: {part} imports {name}"
        for line, name in imports_of(parse(path))
        if (layer := layer_named(name)) is not None and layer != part and layer not in LAYERS.get(part, ())
    ]
    assert not wrong, "\n".join(wrong)


@each_module()
def test_no_module_reaches_outside(path: Path) -> None:
    forbidden = NOWHERE - ALLOWED.get(relative(path), set())
    wrong = [name for _, name in imports_of(parse(path)) if name.partition(".")[0] in forbidden]
    assert not wrong


@each_module()
def test_no_module_runs_code(path: Path) -> None:
    wrong = [ast.unparse(call) for call in calls_of(parse(path)) if _runs_code(call.func)]
    assert not wrong


def _runs_code(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in NOT_CALLED
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "os"
        and function.attr in NOT_CALLED_OF_OS
    )


@each_module()
def test_only_infralint_is_imported_by_name(path: Path) -> None:
    calls = [call for call in calls_of(parse(path)) if ast.unparse(call.func).endswith("import_module")]
    wrong = [ast.unparse(call) for call in calls if not _names_infralint(call.args[0])]
    assert not wrong or relative(path) in NAMES_FROM_TABLES


def _names_infralint(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return isinstance(node, ast.Constant) and str(node.value).startswith("infralint.")


def test_tables_of_modules_name_infralint() -> None:
    homes = {subject.module for subject in SUBJECTS if subject.module}
    assert {home.partition(".")[0] for home in homes} == {"infralint"}


@each_module()
def test_rules_ask_the_project_alone(path: Path) -> None:
    if part_of(path) != "rules" or path.name == "__init__.py":
        return  # The package itself lists its modules.
    tree = parse(path)
    wrong = [name for _, name in imports_of(tree) if name.partition(".")[0] in NOT_IN_RULES]
    wrong += [ast.unparse(call) for call in calls_of(tree) if ast.unparse(call.func) == "open"]
    assert not wrong


def test_the_checks_see_what_they_forbid() -> None:
    tree = ast.parse("import subprocess\nfrom os import path\nimport infralint.rules\neval(1)\nos.system(2)\n")
    assert [name for _, name in imports_of(tree)] == ["subprocess", "os.path", "infralint.rules"]
    assert [_runs_code(call.func) for call in calls_of(tree)] == [True, True]
    names = ("infralint.rules.sql", "infralint.lint", "os")
    assert [layer_named(name) for name in names] == ["rules", "__init__", None]
    assert not _names_infralint(ast.parse("name", mode="eval").body)
    assert _names_infralint(ast.parse("f'infralint.{x}'", mode="eval").body)
