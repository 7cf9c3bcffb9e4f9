"""Which files the editor is asked to watch, and what becomes of what it tells."""

from __future__ import annotations

from lsprotocol import types

from infralint.stores import FOLDER

REGISTRATION = "infralint-watched-files"

# Any name may count (an image copies it, a module is missing); the content only of what is read.
_CONTENTS = (
    "**/*.{py,pyi,sql,ddl,sh,bash,ksh,mk,ps1,psm1,tf,toml,yaml,yml,ini,cfg,lock,env,txt,in,pip}",
    "**/*{Dockerfile,dockerfile,Containerfile,containerfile}*",
    "**/{Makefile,makefile,GNUmakefile,Procfile,Procfile.dev,Pipfile,Pipfile.lock}",
    "**/{.gitignore,.dockerignore,.containerignore,*.dockerignore,*.containerignore}",
    "**/.env*",
    "**/*.sql.*",
)
# Events from here are many, and say nothing of the project.
_NOISE = frozenset({".git", ".hg", "__pycache__", "node_modules", FOLDER})
# More changes at once than this (another branch was checked out) are not told one by one.
MANY = 500
# A program that writes many files is let finish, seconds.
DELAY = 0.1


def watchers() -> list[types.FileSystemWatcher]:
    """What is asked of the editor."""
    names = types.FileSystemWatcher("**/*", kind=types.WatchKind.Create | types.WatchKind.Delete)
    return [names, *(types.FileSystemWatcher(glob, kind=types.WatchKind.Change) for glob in _CONTENTS)]


def is_noise(path: str) -> bool:
    """Whether a change of this path (relative to the project's root) says nothing of the project."""
    return not _NOISE.isdisjoint(path.split("/"))
