"""Write a Python service of any size, with everything that deploys it: the tree that `run.py` measures linters on.

python benchmarks/generate.py [--files 6000] [--seed 1] [--manifest PATH] DEST

Packages with many modules that import one another, a tenth of them with models, raw SQL, gcloud and docker commands and
variables of the environment; tests, some of which patch; an Alembic history that leads to the models; SQL files,
Dockerfiles, Cloud Run, compose, workflows, scripts. The same number and seed give the same bytes. All of it is clean
but for a few mistakes that the manifest lists (`DEST.manifest.json` beside the tree, unless told otherwise).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from service.tree import MadeTree, make_tree

_GIT = ("git", "-c", "core.compression=0", "-c", "core.autocrlf=false", "-c", "gc.auto=0")
_AUTHOR = ("-c", "user.name=Generator", "-c", "user.email=generator@example.com")


def write_tree(tree: MadeTree, destination: Path, manifest: Path) -> None:
    """Write a tree into a folder that is not there yet or empty, and the list of its mistakes to `manifest`.

    Raises FileExistsError for a folder with something in it.
    """
    if destination.exists() and any(destination.iterdir()):
        raise FileExistsError(f"{destination} is not empty")
    for folder in sorted({(destination / path).parent for path in tree.files}):
        folder.mkdir(parents=True, exist_ok=True)
    for path, text in tree.files.items():
        (destination / path).write_bytes(text.encode())
    planted = [dataclasses.asdict(mistake) for mistake in tree.planted]
    lines = sum(tree.files[path].count("\n") for path in tree.python())
    summary = {"python_files": len(tree.python()), "python_lines": lines, "planted": planted}
    manifest.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")


def initialise_git(destination: Path) -> None:
    """Make the folder a git repository with everything in its index, as a clone has it.

    Raises subprocess.CalledProcessError, and FileNotFoundError without git.
    """
    for arguments in (("init", "--quiet"), ("add", "--all"), (*_AUTHOR, "commit", "--quiet", "-m", "The service")):
        subprocess.run((*_GIT, *arguments), cwd=destination, check=True)


def default_manifest(destination: Path) -> Path:
    """Where the list of mistakes goes: beside the tree, so that no linter reads it."""
    return destination.with_name(destination.name + ".manifest.json")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("destination", type=Path, metavar="DEST")
    parser.add_argument("--files", type=int, default=6000, help="Python files, 100 or more")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--manifest", type=Path)
    arguments = parser.parse_args()
    manifest = arguments.manifest or default_manifest(arguments.destination)
    try:
        tree = make_tree(arguments.files, arguments.seed)
        write_tree(tree, arguments.destination, manifest)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    initialise_git(arguments.destination)
    lines = sum(tree.files[path].count("\n") for path in tree.python())
    print(f"{arguments.destination}: {len(tree.python())} Python files, {lines} lines; mistakes: {manifest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
