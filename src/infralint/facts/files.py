"""All facts of one file, and the problems that kept it from being read."""

from __future__ import annotations

import msgspec

from infralint.facts.accounts import Grant, SignIn
from infralint.facts.alembic import AlembicSection
from infralint.facts.builds import BuildUse, Dockerfile
from infralint.facts.class_uses import ClassUses
from infralint.facts.commands import Command, ShellScript
from infralint.facts.deployments import DeploymentFacts
from infralint.facts.entry_points import ConsoleScript
from infralint.facts.environment import EnvironmentFacts
from infralint.facts.images import ImageOverride, ImageUse
from infralint.facts.pytest import PytestSettings
from infralint.facts.python import PythonModule
from infralint.facts.requirements import RequirementFacts
from infralint.facts.sql import SqlFacts
from infralint.facts.suppressions import Suppression
from infralint.facts.text import Text
from infralint.source import Span


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """Why a file, or a part of it, was not read.

    `kind`: "unreadable", "undecodable", "unparsable", "too-large", or "template" for a file that does not parse and
    is not meant to, which is no finding; `span` is the place where reading stopped.
    """

    kind: str
    reason: str
    span: Span


class FileFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a reader found in one file: plain values, good for a cache and for other processes."""

    problem: Problem | None = None
    suppressions: tuple[Suppression, ...] = ()
    python: PythonModule | None = None
    sql: SqlFacts | None = None
    # The module's statements, encoded (facts/program.py): decoded only by who evaluates them. b"" = not lowered.
    program: bytes = b""
    # Attributes and keywords of classes, in modules that speak to a database session.
    class_uses: tuple[ClassUses, ...] = ()
    commands: tuple[Command, ...] = ()
    script: ShellScript | None = None
    images: tuple[ImageUse, ...] = ()
    image_overrides: tuple[ImageOverride, ...] = ()
    # Containers, and the variables that are set for them.
    deployments: DeploymentFacts | None = None
    # Service accounts as which commands of this file run, and roles that it gives; those of commands are among them.
    sign_ins: tuple[SignIn, ...] = ()
    grants: tuple[Grant, ...] = ()
    dockerfile: Dockerfile | None = None
    # Builds of images that YAML, HCL or JSON asks for; those of commands are among the commands.
    builds: tuple[BuildUse, ...] = ()
    # The patterns of a .dockerignore file in order, cleaned as Docker cleans them.
    docker_ignores: tuple[Text, ...] = ()
    pytest: PytestSettings | None = None
    console_scripts: tuple[ConsoleScript, ...] = ()
    requirements: RequirementFacts | None = None
    # Sections of a settings file that say where Alembic's revisions are.
    alembic: tuple[AlembicSection, ...] = ()
    environment: EnvironmentFacts | None = None
    # Of a file with a problem: tables that it may declare or change, "*" for any.
    may_change: tuple[str, ...] = ()
