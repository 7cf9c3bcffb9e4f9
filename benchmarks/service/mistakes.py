"""The mistakes that are planted into a tree that is otherwise clean: what a linter must say about it, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.tables import Table

Files = dict[str, str]


@dataclass(frozen=True)
class Planted:
    """A mistake: the rule that reports it, and the place."""

    rule: str
    path: str
    line: int


@dataclass(frozen=True)
class Places:
    """Files into which mistakes go, by what they are. Every kind has its own, so that no mistake hides another."""

    service: str
    table: Table
    queries: str
    sql: str
    commands: str
    variables: str
    plain: str
    tests: str
    tested: str


def plant(files: Files, places: Places) -> list[Planted]:
    """Put every mistake into the files; returns them sorted by place."""
    planted = []
    for rule, mistake in _MISTAKES:
        path, mark = mistake(files, places)
        line = files[path][: files[path].index(mark)].count("\n") + 1
        planted.append((rule, path, mark, line))
    # A later mistake may have moved an earlier one.
    found = [
        Planted(rule, path, files[path][: files[path].index(mark)].count("\n") + 1) for rule, path, mark, _ in planted
    ]
    return sorted(found, key=lambda one: (one.path, one.line, one.rule))


def _append(files: Files, path: str, text: str) -> None:
    files[path] = files[path].rstrip("\n") + "\n\n\n" + text


def _replace(files: Files, path: str, old: str, new: str) -> None:
    if old not in files[path]:
        raise ValueError(f"{path} does not hold {old!r}")
    files[path] = files[path].replace(old, new, 1)


def _unknown_column(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.queries,
        "def forgotten_rename(session, key):\n"
        '    """The column was renamed, and this statement was not."""\n'
        "    from sqlalchemy import text\n\n"
        f'    return session.execute(text("SELECT id, renamed_long_ago FROM {places.table.name} WHERE id = :key"), '
        '{"key": key})\n',
    )
    return places.queries, "renamed_long_ago"


def _unknown_column_of_file(files: Files, places: Places) -> tuple[str, str]:
    files[places.sql] += f"\nSELECT id, dropped_last_year FROM {places.table.name};\n"
    return places.sql, "dropped_last_year"


def _parameter_count(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.queries,
        "def one_value_short(session, low):\n"
        '    """Two places, one value."""\n'
        "    from sqlalchemy import text\n\n"
        f'    return session.execute(text("SELECT id FROM {places.table.name} WHERE id > :low AND id < :high"), '
        '{"low": low})\n',
    )
    return places.queries, "id > :low AND id < :high"


def _unknown_flag(files: Files, places: Places) -> tuple[str, str]:
    path = f"deploy/{places.service}/deploy.sh"
    _replace(files, path, "--memory 512Mi", "--memmory 512Mi")
    return path, "--memmory"


def _unknown_flag_of_list(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.commands,
        "def old_flag() -> list[str]:\n"
        '    """A flag that gcloud does not take."""\n'
        '    return ["gcloud", "run", "deploy", "front", "--image", "front:1.2", "--maximum-instances", "4"]\n',
    )
    return places.commands, '"--maximum-instances"'


def _latest_tag(files: Files, _: Places) -> tuple[str, str]:
    files["compose.yaml"] += "  cache:\n    image: redis:latest\n"
    return "compose.yaml", "redis:latest"


def _missing_source(files: Files, places: Places) -> tuple[str, str]:
    path = f"deploy/{places.service}/Dockerfile"
    _replace(files, path, "\nCMD", "COPY settings-of-old/ settings/\n\nCMD")
    return path, "settings-of-old/"


def _missing_requirements(files: Files, _: Places) -> tuple[str, str]:
    path = ".github/workflows/tests.yml"
    files[path] += "      - run: pip install -r requirements-lint.txt\n"
    return path, "requirements-lint.txt"


def _drift(files: Files, places: Places) -> tuple[str, str]:
    path = places.table.module.replace(".", "/") + ".py"
    anchor = "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    _replace(files, path, anchor, anchor + "    never_migrated: Mapped[int | None] = mapped_column()\n")
    return path, "never_migrated"


def _unset_variable(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.variables,
        'SET_BY_NOBODY = os.environ["TOKEN_THAT_NOBODY_SETS"]\n',
    )
    return places.variables, "TOKEN_THAT_NOBODY_SETS"


def _relative_import(files: Files, places: Places) -> tuple[str, str]:
    text = f"from ..models import {places.table.model}  # noqa: F401\n"
    _append(files, places.commands, text)
    return places.commands, "..models"


def _unresolved_import(files: Files, places: Places) -> tuple[str, str]:
    _append(files, places.plain, "from core.base import BaseOfOld  # noqa: E402,F401\n")
    return places.plain, "BaseOfOld"


def _unresolved_patch(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.tests,
        "def test_of_a_function_that_was_renamed() -> None:\n"
        f'    with mock.patch("{places.tested}.renamed_last_week") as replaced:\n'
        "        assert replaced.call_count == 0\n",
    )
    return places.tests, f'"{places.tested}.renamed_last_week"'


def _misspelt_attribute(files: Files, places: Places) -> tuple[str, str]:
    _append(
        files,
        places.tests,
        "def test_that_asserts_nothing() -> None:\n"
        "    called = mock.Mock()\n    called(1)\n"
        "    called.assert_called_onec_with(1)\n",
    )
    return places.tests, "assert_called_onec_with"


_MISTAKES: tuple[tuple[str, Callable[[Files, Places], tuple[str, str]]], ...] = (
    ("sql-unknown-column", _unknown_column),
    ("sql-unknown-column", _unknown_column_of_file),
    ("sql-parameter-count", _parameter_count),
    ("gcloud-unknown-flag", _unknown_flag),
    ("gcloud-unknown-flag", _unknown_flag_of_list),
    ("image-latest-tag", _latest_tag),
    ("image-missing-source", _missing_source),
    ("requirement-file-missing", _missing_requirements),
    ("migration-model-drift", _drift),
    ("env-unset-variable", _unset_variable),
    ("import-relative", _relative_import),
    ("import-unresolved", _unresolved_import),
    ("test-unresolved-patch", _unresolved_patch),
    ("test-misspelt-mock-attribute", _misspelt_attribute),
)
