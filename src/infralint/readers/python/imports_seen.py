"""Which modules a text may load, seen without parsing it: at most too much, never too little.

A module that nobody names is one that nobody loads. To say so of a module, all others must have been looked at, and
that is worth no syntax tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.python import LoadsSeen
from infralint.readers.python.scan import words_in

_IMPORT = re.compile(r"import\w*")
_GAP = r"(?:[ \t\f]|\\\r?\n)*"
_FROM = re.compile(rf"from(?=[\s.\\]){_GAP}((?:\.{_GAP})*[\w.]*){_GAP}\Z")
# The same as everybody writes it, which is looked for first.
_PLAIN_FROM = re.compile(r"from +([\w.]+) +")
# More than any `from` with a module's name takes.
_LONGEST_FROM = 300
_LONGEST_NAMES = 20_000
_LIST = re.compile(rf"{_GAP}\(((?:[^()#]|#[^\n]*)*)")
_NAME = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_COMMENT = re.compile(r"#[^\n]*")
_LOGICAL_LINE = re.compile(r"(?:[^\n;#\\]|\\\r?\n|\\)*")
_LITERAL = re.compile(r"""\(\s*[rRuU]?(["'])(\.*[\w.]*)\1\s*[,)]""")
_SPACE = re.compile(r"[\s\\]+")
# A string of names with dots between them: what a loader is told, `app.tasks` or `app.main:app`.
_DOTTED = re.compile(r"""["'](\.*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\.[A-Za-z_]\w*)(?::[\w.]+)?["']""")
_ALL = re.compile(r"__all__\s*(?::[^=\n]*)?\+?=\s*[\[(]([^\])]*)[\])]")
_QUOTED = re.compile(r"""["'](\w+)["']""")
# Python's own, and those of Werkzeug and Django, Tornado, traitlets, Uvicorn, Celery.
_CALLS = frozenset(
    {"import_module", "import__", "import_string", "import_object", "import_item", "import_from_string",
     "import_from_cwd"}
)  # fmt: skip
# Who loads modules that it finds by itself, or that are registered elsewhere.
_LOADERS = (
    "walk_packages", "iter_modules", "entry_points", "spec_from_file_location", "SourceFileLoader", "runpy",
    "find_modules", "autodiscover", "load_source", "load_entry_point", "stevedore", "load_module", "execfile",
    "module_from_spec", "pluggy", "yapsy", "straight.plugin", "scan_modules", "load_plugins", "venusian",
)  # fmt: skip
# Who changes where modules are looked for.
_PATHS = ("sys.path", "from sys import", "addsitedir", "meta_path", "extend_path")
_LISTINGS = ("glob(", "listdir(", "iterdir(", "scandir(", "os.walk(")
# What `loads_seen` wants to know of a text.
WORDS = frozenset({*_LOADERS, *_PATHS, *_LISTINGS, "__all__"})


def with_loads(facts: FileFacts, text: str, words: frozenset[str]) -> FileFacts:
    """The facts of a module with what its text may load. `words`: those of WORDS that stand in it."""
    if facts.python is None:
        return facts
    module = msgspec.structs.replace(facts.python, loads=loads_seen(text, words))
    return msgspec.structs.replace(facts, python=module)


def loads_seen(text: str, words: frozenset[str] | None = None) -> LoadsSeen | None:
    """All that a module may load; None for one that loads nothing. `words`: those of WORDS that stand in it, where
    that is known."""
    words = words_in(text, WORDS) if words is None else words
    found = _Found()
    for match in _IMPORT.finditer(text):
        _take(text, match, found)
    for match in _ALL.finditer(text) if "__all__" in words else ():
        # `from package import *` loads the submodules that `__all__` names.
        found.names |= dict.fromkeys(f".{name}" for name in _QUOTED.findall(match[1]))
    strings = tuple(dict.fromkeys(_DOTTED.findall(text)))
    loader = found.loader or next((word for word in _LOADERS if word in words), "")
    if not loader and "__all__" in words and not words.isdisjoint(_LISTINGS):
        loader = "__all__"
    if not (found.names or strings or loader):
        return None
    return LoadsSeen(tuple(found.names), strings, loader, not words.isdisjoint(_PATHS))


@dataclass(slots=True)
class _Found:
    names: dict[str, None] = field(default_factory=dict)
    loader: str = ""


def _take(text: str, match: re.Match[str], found: _Found) -> None:
    """What one occurrence of `import` or of a name that begins with it stands for."""
    before = text[match.start() - 1 : match.start()]
    if match[0] != "import":
        _call(text, match, found)
    elif not (before.isalnum() or before in ("_", "'", '"')) or before == "":
        _statement(text, match, found)


def _call(text: str, match: re.Match[str], found: _Found) -> None:
    """`import_module(...)`, `__import__(...)` and their kin."""
    if match[0] not in _CALLS or text[match.end() : match.end() + 1] != "(":
        return
    literal = _LITERAL.match(text, match.end())
    if literal is not None:
        found.names[literal[2]] = None
    elif text[max(match.start() - 4, 0) : match.start()] != "def ":
        found.loader = found.loader or match[0].replace("import__", "__import__")


def _statement(text: str, match: re.Match[str], found: _Found) -> None:
    source = _source_before(text, match.start())
    if source is None:
        found.names |= dict.fromkeys(_names_after(text, match.end()))
        return
    module = _SPACE.sub("", source)
    found.names[module] = None
    separator = "" if module.endswith(".") else "."
    found.names |= {f"{module}{separator}{name}": None for name in _names_after(text, match.end())}


def _source_before(text: str, end: int) -> str | None:
    """The module of `from module` that stands right before; None where there is none."""
    before = text[text.rfind("\n", 0, end) + 1 : end]
    if before.startswith("from ") and (plain := _PLAIN_FROM.fullmatch(before)):
        return plain[1]
    begin = max(end - _LONGEST_FROM, 0)
    at = text.rfind("from", begin, end)
    while at >= 0:
        match = _FROM.match(text[at:end])
        if match is not None and not (at and (text[at - 1].isalnum() or text[at - 1] in "_.")):
            return match[1]
        at = text.rfind("from", begin, at) if text[at:end].count("\n") <= 1 else -1
    return None


def _names_after(text: str, at: int) -> list[str]:
    """The names that an import statement lists behind its `import`, without what they are called here."""
    in_parentheses = _LIST.match(text, at, at + _LONGEST_NAMES)
    if in_parentheses is not None:
        listed = _COMMENT.sub("", in_parentheses[1]).replace("\\", " ")
    else:
        line = _LOGICAL_LINE.match(text, at)
        listed = line[0].replace("\\", " ") if line else ""
    return [name for part in listed.split(",") if (name := _name_in(part.strip()))]


def _name_in(part: str) -> str:
    """The name that an item of a list of imports begins with; "" where there is none."""
    if part.isascii() and part.isidentifier():
        return part
    name = _NAME.match(part)
    return _SPACE.sub("", name[0]) if name else ""
