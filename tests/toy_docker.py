"""A toy of a Docker build, as a judge: pip installs for real, and what the image starts is started for real.

An image is a folder. WORKDIR, COPY, ENV, RUN and CMD do what they do in Docker; absolute paths of the image are put below
that folder by their first part. `python` and `pip` are those of a virtual environment in `/usr/local`; pip takes
the wheels of tests/tiny_wheels.py, or what its index has. It runs in this process, so no two builds may at once.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# First parts of the absolute paths that the services of the tests use.
_OWN_PATHS = re.compile(r"(?<![\w./-])(?=/(?:app|src|opt|srv|wheels|deps|install|usr/local)\b)")
_MISSING = re.compile(r"(?:ModuleNotFoundError|/python): No module named '?([\w.]+)")
# Found by Python itself at its start: it makes a stand-in for modules that are known to be missing.
_STAND_INS = """
import importlib.machinery, importlib.util, os, sys
HEADS = set(filter(None, os.environ.get("STAND_INS", "").split(",")))
class Loader:
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.__path__ = []
        module.__getattr__ = lambda name: type(name, (), {"__init__": lambda self, *a, **k: None})
class Finder:
    def find_spec(self, name, path=None, target=None):
        if any(name == head or name.startswith(head + ".") for head in HEADS):
            return importlib.machinery.ModuleSpec(name, Loader(), is_package=True)
sys.meta_path.append(Finder())
"""


@dataclass
class Stage:
    """A stage of a Dockerfile under way."""

    root: Path
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        absolute = path if path.startswith("/") else f"{self.workdir}/{path}"
        return self.root / os.path.normpath(absolute).lstrip("/")

    def translated(self, text: str) -> str:
        return _OWN_PATHS.sub(str(self.root), text)

    def variables(self) -> dict[str, str]:
        found = {name: self.translated(value) for name, value in self.environment.items()}
        path = found.get("PATH", "").replace("$PATH", "").strip(":")
        own = [path] if path else []
        found["PATH"] = os.pathsep.join([*own, str(self.root / "usr/local/bin"), os.environ["PATH"]])
        return found


def build(files: Mapping[str, str], dockerfile: str, where: Path, wheels: Path | None) -> Stage:
    """The last stage of a Dockerfile, built in a folder. `wheels`: where pip finds them; None = in its own index."""
    stages: dict[str, Stage] = {}
    context = where / "context"
    for path, text in files.items():
        target = context / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    current = Stage(where)
    for line in re.sub(r"\\\n\s*", " ", files[dockerfile]).splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            current = _stage(rest, stages, where, wheels)
        elif keyword == "WORKDIR":
            current.workdir = rest
            current.inside(rest).mkdir(parents=True, exist_ok=True)
        elif keyword == "ENV":
            current.environment.update(part.split("=", 1) for part in rest.split())
        elif keyword == "COPY":
            _copy(rest.split(), current, stages, context)
        elif keyword == "RUN":
            _run(rest, current, wheels)
        elif keyword == "CMD":
            current.command = json.loads(rest) if rest.startswith("[") else ["sh", "-c", rest]
    return current


def _stage(rest: str, stages: dict[str, Stage], where: Path, wheels: Path | None) -> Stage:
    words = rest.split()
    root = where / f"stage{len(stages)}"
    if words[0] in stages:
        before = stages[words[0]]
        shutil.copytree(before.root, root, symlinks=True)
        _own_programs(root / "usr/local", str(before.root))
        stage = Stage(root, before.workdir, dict(before.environment), list(before.command))
    else:
        stage = Stage(root)
        _environment(root / "usr/local")
    stages[words[2] if len(words) == 3 else f"#{len(stages)}"] = stage
    return stage


def _environment(folder: Path) -> None:
    """A virtual environment without anything in it."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)


def _copy(words: list[str], stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words[0].removeprefix("--from=")].root
        words = words[1:]
    *sources, destination = words
    target = stage.inside(destination)
    for source in sources:
        for found in sorted(origin.glob(source.lstrip("/").rstrip("/"))) if source not in (".", "./") else [origin]:
            if found.is_dir():
                shutil.copytree(found, target, symlinks=True, dirs_exist_ok=True)
            elif destination.endswith(("/", ".")) or target.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, target / found.name)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, target)


def _run(script: str, stage: Stage, wheels: Path | None) -> None:
    """`python -m venv folder` and `pip ...`, the only commands that the services of the tests run."""
    words = [stage.translated(word) for word in shlex.split(script)]
    folder = stage.inside(stage.workdir)
    folder.mkdir(parents=True, exist_ok=True)
    if words[:3] == ["python", "-m", "venv"]:
        _environment(folder / words[3])
        return
    assert words[0] == "pip"
    environment = Path(stage.variables()["PATH"].split(os.pathsep)[0]).parent
    # The same file in an environment with nothing in it gives the same result.
    is_first = not any((environment / "lib").glob("*/site-packages/*"))
    key = (script, *(path.read_text() for path in sorted(folder.glob("*.txt"))))
    if is_first and key in _INSTALLED:
        shutil.rmtree(environment)
        shutil.copytree(_INSTALLED[key], environment, symlinks=True)
        _own_programs(environment, str(_INSTALLED[key]))
        return
    words = [path for word in words[1:] for path in _expanded(word)]
    _pip(words, folder, environment, wheels)
    if is_first and words[:2] == ["install", "--no-cache-dir"]:
        kept = environment.parent / "kept"
        shutil.copytree(environment, kept, symlinks=True)
        _own_programs(kept, str(environment))
        _INSTALLED[key] = kept


def _expanded(word: str) -> list[str]:
    """The paths that a pattern of the shell stands for."""
    if "*" not in word:
        return [word]
    folder, _, pattern = word.rpartition("/")
    return sorted(map(str, Path(folder).glob(pattern)))


# Environments by what was asked of pip.
_INSTALLED: dict[tuple[str, ...], Path] = {}


def _own_programs(environment: Path, before: str) -> None:
    """Let the programs of an environment be run by its own Python, not that of another."""
    for program in (environment / "bin").iterdir():
        text = program.read_bytes() if program.is_file() and not program.is_symlink() else b""
        if text.startswith(f"#!{before}".encode()):
            program.write_bytes(f"#!{environment}/bin/python\n".encode() + text.partition(b"\n")[2])


def _pip(words: list[str], folder: Path, environment: Path, wheels: Path | None) -> None:
    """pip itself, which has no interface but its command line; a new process for each would take most of the time."""
    from pip._internal.cli.main import main

    more = ["--no-build-isolation", "-qqq", "--disable-pip-version-check", "--no-cache-dir"]
    if wheels is not None:
        more += ["--no-index", f"--find-links={wheels}"]
    if words[0] == "install":
        more += ["--no-compile", "--ignore-installed", "--no-warn-script-location", "--no-warn-conflicts"]
        if not any(word.startswith(("--prefix", "--target")) for word in words):
            more += [f"--prefix={environment}"]
    before = Path.cwd()
    # pip sets up all logging of the process as it likes it.
    level, handlers = logging.root.level, logging.root.handlers[:]
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            # What pip's own code is warned of is none of ours.
            warnings.simplefilter("ignore")
            assert main([*words, *more]) == 0, words
    finally:
        os.chdir(before)
        logging.root.setLevel(level)
        logging.root.handlers[:] = handlers
    _own_programs(environment, sys.executable)


def missing_modules(stage: Stage, limit: int = 20) -> set[str]:
    """The modules that the image's start does not find, each in turn given a stand-in; what else goes wrong raises."""
    hooks = stage.root / "stand-ins"
    hooks.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(_STAND_INS)
    variables = stage.variables()
    # Last, so that it is found only after what the image itself has.
    python_path = [part for part in variables.get("PYTHONPATH", "").split(":") if part]
    variables["PYTHONPATH"] = os.pathsep.join([*python_path, str(hooks)])
    found: list[str] = []
    words = [stage.translated(word) for word in stage.command]
    for _ in range(limit):
        variables["STAND_INS"] = ",".join(found)
        program = shutil.which(words[0], path=variables["PATH"])
        if program is None:
            return {*found, words[0]}
        done = subprocess.run(
            [program, *words[1:]],
            cwd=stage.inside(stage.workdir),
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        match = _MISSING.search(done.stderr)
        if match is None:
            assert done.returncode == 0, done.stderr
            return set(found)
        found.append(match[1])
        if match[0].startswith("/python"):
            # `python -m` needs more than a stand-in.
            return set(found)
    raise AssertionError(f"more than {limit} modules are missing")
