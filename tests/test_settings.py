"""Settings: what is read, where they are found, and that every mistake is named with file, line and key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.findings import Severity
from infralint.settings import Dialect, Settings
from infralint.settings_load import (
    SettingsError,
    find_root,
    load_settings,
    parse_settings,
)
from infralint.settings_nearest import nearest
from infralint.settings_schema import KEYS, Choice, Listed, json_schema
from infralint.settings_table import selectors

PACKAGE = Path(__file__).parents[1] / "src" / "infralint"
DOCS = Path(__file__).parents[1] / "docs"
RULE = "orm-unresolved-relationship"


def errors_of(text: str, path: str = "infralint.toml", root: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, path, root)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return str(caught.value).splitlines()


PIN = f"registry.example.com:5000/a/b:1.2-rc@sha256:{'0af' * 21}1"
FULL = f"""
select = ["ALL"]
extend-select = ["orm"]
ignore = ["{RULE}"]
exclude = ["vendor/", "*.gen.py"]
sources = []
relative-imports = ["app/plugins/"]
bases = ["app.db:Base", "Tenant"]
pins = ["{PIN}"]
dialect = "sqlite"
schema-files = ["db/*.sql"]
gcloud-sdk = "502.0.0"
gcloud-table = "tools/gcloud"
severity = {{ orm = "warning", "{RULE}" = "error" }}
[per-file-ignores]
"tests/*" = ["orm", "ALL"]
[module-distributions]
"acme.billing" = ["acme-billing", "Acme_Suite"]
[distribution-requires]
acme-billing = ["httpx"]
"""
EXPECTED = Settings(
    select=("ALL",),
    extend_select=("orm",),
    ignore=(RULE,),
    exclude=("vendor/", "*.gen.py"),
    per_file_ignores=(("tests/*", ("orm", "ALL")),),
    relative_imports=("app/plugins/",),
    bases=("app.db:Base", "Tenant"),
    pins=(PIN,),
    dialect=Dialect.SQLITE,
    schema_files=("db/*.sql",),
    gcloud_sdk="502.0.0",
    gcloud_table="tools/gcloud",
    module_distributions=(("acme.billing", ("acme-billing", "Acme_Suite")),),
    distribution_requires=(("acme-billing", ("httpx",)),),
    severity=(("orm", Severity.WARNING), (RULE, Severity.ERROR)),
)


def test_every_setting_is_read() -> None:
    assert set(tomli.loads(FULL)) == {key.name for key in KEYS}
    assert parse_settings(FULL, "infralint.toml") == EXPECTED


def test_pyproject_holds_them_in_a_table() -> None:
    text = "[project]\nname = 'x'\n[tool.infralint]\n" + re.sub(r"(?m)^\[(?=[pmd])", "[tool.infralint.", FULL)
    assert parse_settings(text, "services/a/pyproject.toml") == EXPECTED


def test_empty_settings_are_the_defaults() -> None:
    assert parse_settings("", "infralint.toml") == Settings()
    assert parse_settings("", "pyproject.toml", required=False) == Settings()
    assert parse_settings("[tool.infralint]", "pyproject.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            'selct = ["ALL"]',
            "infralint.toml:1: selct: unknown key; did you mean `select`? (allowed: select, extend-select, ",
        ),
        (
            "per_file_ignores = {}",
            "infralint.toml:1: per_file_ignores: unknown key; did you mean `per-file-ig",
        ),
        ("zzz = 1", "infralint.toml:1: zzz: unknown key (allowed: select, "),
        (
            'dialect = "postgre"',
            'infralint.toml:1: dialect: unknown value `"postgre"`; did you mean `postgres`? '
            "(allowed: auto, postgres, sqlite, mysql)",
        ),
        ("dialect = 3", "infralint.toml:1: dialect: unknown value `3` (allowed: auto, "),
        ('gcloud-sdk = "latest"', 'infralint.toml:1: gcloud-sdk: `"latest"` is not a release of the Google Cloud SDK'),
        ("gcloud-sdk = 502", "infralint.toml:1: gcloud-sdk: `502` is not a string (allowed: a release of the Google "),
        ('gcloud-table = "../x"', 'infralint.toml:1: gcloud-table: `"../x"` is not a folder inside the project'),
        ('select = "ALL"', 'infralint.toml:1: select: `"ALL"` is not a list (allowed: a list of strings, '),
        ("ignore = [true]", "infralint.toml:1: ignore: `true` is not a string (allowed: a rule id, "),
        (
            '# select\nselect = [\n  "ALL", # "x"\n  "orm-unresolved-relationshp",\n]',
            f"infralint.toml:4: select: unknown rule or family `orm-unresolved-relationshp`; did you mean `{RULE}`?",
        ),
        ('ignore = ["all"]', "infralint.toml:1: ignore: unknown rule or family `all`; did you mean `ALL`?"),
        ('ignore = ["qqqq"]', "infralint.toml:1: ignore: unknown rule or family `qqqq` (allowed: rule ids, "),
        (
            '[severity]\n\nom = "error"',
            "infralint.toml:3: severity.om: unknown rule or family `om`; did you me",
        ),
        (
            '[severity]\nALL = "eror"',
            'infralint.toml:2: severity.ALL: unknown value `"eror"`; did you mean `error`? (allowed: error, warning)',
        ),
        (
            'severity = "error"',
            'infralint.toml:1: severity: `"error"` is not a table (allowed: a table, each ',
        ),
        ('exclude = ["a\\\\"]', 'infralint.toml:1: exclude: `"a\\\\"` is not a gitignore-style pattern'),
        ('exclude = [""]', 'infralint.toml:1: exclude: `""` is not a gitignore-style pattern'),
        (
            '[per-file-ignores]\n"a b.py" = [\n"orm",\n"omr"]',
            'infralint.toml:4: per-file-ignores."a b.py": unknown rule or family `omr`; did you mean `orm`?',
        ),
        (
            "[per-file-ignores]\na.py = []",
            "infralint.toml:2: per-file-ignores.a: a table is not a list (allow",
        ),
        ('sources = ["../x"]', 'infralint.toml:1: sources: `"../x"` is not a folder inside the project, '),
        ('sources = ["/x"]', 'infralint.toml:1: sources: `"/x"` is not a folder inside the project, '),
        ('bases = ["a b"]', 'infralint.toml:1: bases: `"a b"` is not `module:name` or `name`'),
        ('bases = ["a:b:c"]', 'infralint.toml:1: bases: `"a:b:c"` is not `module:name` or `name`'),
        (
            '[tool.infralint]\nselect = ["ALL"]',
            "infralint.toml:1: tool: unknown key; in infralint.toml the settings stand at the top, without "
            "[tool.infralint]",
        ),
        ("select = [1\nignore = 2", "infralint.toml:2: not valid TOML: unclosed array (column 1)"),
    ],
)
def test_error(text: str, error: str) -> None:
    (found,) = errors_of(text)
    assert found.startswith(error)


def test_error_in_pyproject_names_the_table() -> None:
    text = '[tool.other]\nselct = 1\n\n[tool.infralint]\nselct = ["ALL"]'
    (found,) = errors_of(text, "pyproject.toml")
    assert found.startswith("pyproject.toml:5: [tool.infralint] selct: unknown key; did you mean `select`?")
    (found,) = errors_of("[tool]\ninfralint = 3", "pyproject.toml")
    assert found == "pyproject.toml:2: [tool.infralint] infralint: is not a table"
    (found,) = errors_of("[project]", "pyproject.toml")
    assert found == "pyproject.toml:1: holds no [tool.infralint]"


def test_all_errors_are_told_by_line() -> None:
    found = errors_of('dialect = "x"\nselct = 1\n[severity]\nom = 1\n')
    places = [line.split(": ")[0:2] for line in found]
    assert places == [
        ["infralint.toml:1", "dialect"],
        ["infralint.toml:2", "selct"],
        ["infralint.toml:4", "severity.om"],
        ["infralint.toml:4", "severity.om"],
    ]


WRONG = st.one_of(
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just({"x": {"y": 1}}),
    st.just(["?", 3, []]),
)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


@settings(deadline=None)
@given(st.sampled_from([key.name for key in KEYS]), WRONG, st.integers(0, 4), st.booleans())
def test_every_error_names_file_line_and_key(key: str, value: Any, before: int, quoted: bool) -> None:
    name = f'"{key}"' if quoted else key
    text = "[tool.infralint]\n" + "# select = 1\n" * before + f"{name} = {as_toml(value)}\n"
    for line in errors_of(text, "pyproject.toml"):
        assert re.match(rf"pyproject\.toml:{before + 2}: \[tool\.infralint\] {key}[.:]", line)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8))
def test_an_unknown_key_of_any_spelling_is_one_line(key: str) -> None:
    if key in {setting.name for setting in KEYS} | {"tool"}:
        return
    escaped = "".join(f"\\U{ord(character):08x}" for character in key)
    (found,) = errors_of(f'\n"{escaped}" = 1')
    assert found.startswith("infralint.toml:2: ")


def test_load_prefers_its_own_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_text('[tool.infralint]\ndialect = "mysql"')
    assert load_settings(tmp_path).dialect is Dialect.MYSQL
    (tmp_path / "infralint.toml").write_text('dialect = "sqlite"')
    assert load_settings(tmp_path).dialect is Dialect.SQLITE
    assert load_settings(tmp_path, tmp_path / "pyproject.toml").dialect is Dialect.MYSQL


def test_load_reads_bom_and_crlf(tmp_path: Path) -> None:
    (tmp_path / "infralint.toml").write_bytes(b'\xef\xbb\xbfdialect = "mysql"\r\nx = 1\r\n')
    with pytest.raises(SettingsError, match=r"^infralint\.toml:2: x: unknown key"):
        load_settings(tmp_path)


def test_load_wants_the_sources_to_exist(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "infralint.toml").write_text('sources = ["src",\n"lib", 3]')
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert "infralint.toml:2: sources: `3` is not a string" in str(caught.value)
    assert 'infralint.toml:2: sources: there is no folder "lib" in the project' in str(caught.value)


def test_a_broken_pyproject_without_settings_is_not_ours_to_judge(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    assert load_settings(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"[tool.infralint]\nselect = [\n", r"^pyproject\.toml:\d: not valid TOML: "),
        (b"[tool.infralint]\n# \xff\n", r"^pyproject\.toml:2: not valid TOML: byte 19 is not UTF-8$"),
    ],
)
def test_a_broken_pyproject_with_settings_is_an_error(tmp_path: Path, data: bytes, error: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)
    with pytest.raises(SettingsError, match=error):
        load_settings(tmp_path)


def test_a_settings_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"x\.toml:1: cannot be read: No such file"):
        load_settings(tmp_path, tmp_path / "x.toml")


def test_deep_nesting_is_an_error() -> None:
    (found,) = errors_of("x = " + "[" * 100_000)
    assert found.startswith("infralint.toml:1: not ")


def folders(root: Path, *files: str) -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[tool.infralint]\n" if name.endswith("own/pyproject.toml") else "")


def test_find_root(tmp_path: Path) -> None:
    folders(tmp_path, ".git/HEAD", "svc/pyproject.toml", "svc/app/x.py", "own/pyproject.toml", "own/a/b/c.py")
    folders(tmp_path, "mine/infralint.toml", "mine/sub/pyproject.toml")
    assert find_root(tmp_path / "svc" / "app" / "x.py") == tmp_path
    assert find_root(tmp_path / "own" / "a" / "b") == tmp_path / "own"
    assert find_root(tmp_path / "own" / "a" / "b" / "c.py") == tmp_path / "own"
    assert find_root(tmp_path / "mine" / "sub") == tmp_path / "mine"
    assert find_root(tmp_path / "own" / "new" / "file.py") == tmp_path / "own"
    assert find_root(str(tmp_path)) == tmp_path


def test_find_root_without_git(tmp_path: Path) -> None:
    outside = [folder for folder in tmp_path.parents if (folder / ".git").exists()]
    assert not outside
    folders(tmp_path, "svc/pyproject.toml", "svc/app/x.py", "loose/a/x.py")
    assert find_root(tmp_path / "svc" / "app") == tmp_path / "svc"
    assert find_root(tmp_path / "loose" / "a") == tmp_path / "loose" / "a"


def test_find_root_by_what_stands_at_the_top_of_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders(tmp_path, "svc/docker-compose.yml", "svc/api/requirements.txt", "svc/api/x.py", "loose/a/x.py")
    assert find_root(tmp_path / "svc" / "api" / "x.py") == tmp_path / "svc"
    monkeypatch.chdir(tmp_path / "loose")
    assert find_root("a/x.py") == tmp_path / "loose"


def test_find_root_takes_a_git_file_and_a_broken_table(tmp_path: Path) -> None:
    folders(tmp_path, "tree/.git", "tree/a/b.py", "tree/broken/x.py")
    (tmp_path / "tree" / "broken" / "pyproject.toml").write_text("[tool.infralint]\nselect = [")
    (tmp_path / "tree" / "a" / "pyproject.toml").write_text("[tool.x] # infralint\nselect = [")
    assert find_root(tmp_path / "tree" / "a") == tmp_path / "tree"
    assert find_root(tmp_path / "tree" / "broken") == tmp_path / "tree" / "broken"


def test_find_root_is_relative_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders(tmp_path, "infralint.toml", "a/b.py")
    monkeypatch.chdir(tmp_path / "a")
    assert find_root(".").samefile(tmp_path)
    assert find_root("b.py").samefile(tmp_path)


def test_severity_of_the_nearest_selector_wins() -> None:
    error, warning = Severity.ERROR, Severity.WARNING
    settings = Settings(severity=(("ALL", error), ("sql", warning), ("sql-syntax", error)))
    assert settings.severity_for("sql-syntax", "sql") is error
    assert settings.severity_for("sql-value-count", "sql") is warning
    assert settings.severity_for("orm-x", "orm") is error
    assert Settings().severity_for("orm-x", "orm") is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("selct", "select"), ("Extend_Select", "extend-select"), ("SELECT", "select"), ("zzzz", None)],
)
def test_nearest(wrong: str, right: str | None) -> None:
    assert nearest(wrong, ["select", "extend-select", "ignore"]) == right
    assert nearest(wrong, []) is None


def test_shipped_schema_is_the_one_of_the_code() -> None:
    shipped = (PACKAGE / "settings.schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == json_schema(), "infralint config schema > src/infralint/settings.schema.json"


def accepted(schema: dict[str, Any], value: Any) -> bool:
    """The part of JSON Schema that the settings use."""
    if schema["type"] == "string":
        allowed = value in schema["enum"] if "enum" in schema else re.search(schema["pattern"], str(value))
        return isinstance(value, str) and bool(allowed)
    if schema["type"] == "array":
        return isinstance(value, list) and all(accepted(schema["items"], item) for item in value)
    if not isinstance(value, dict):
        return False
    if "properties" in schema:
        known = schema["properties"]
        return all(name in known and accepted(known[name], item) for name, item in value.items())
    keys = re.compile(schema["propertyNames"]["pattern"])
    inner = schema["additionalProperties"]
    return all(keys.search(name) and accepted(inner, item) for name, item in value.items())


def test_schema_accepts_what_is_valid_and_every_selector() -> None:
    assert accepted(json_schema(), tomli.loads(FULL))
    assert all(accepted(json_schema(), {"select": [name]}) for name in selectors())
    assert not accepted(json_schema(), {"selct": []})


@settings(deadline=None)
@given(st.sampled_from([key.name for key in KEYS]), WRONG)
def test_what_the_schema_refuses_is_an_error(key: str, value: Any) -> None:
    assert not accepted(json_schema(), {key: value})
    errors_of(f"{key} = {as_toml(value)}")


def test_docs_describe_every_key_as_declared() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for key in KEYS:
        _, _, section = page.partition(f"\n## {key.name}\n")
        section = section.partition("\n## ")[0]
        assert key.about in section.replace("\n", " "), key.name
        assert f"Default: {key.default}" in section.replace("`", ""), key.name
        if isinstance(key.shape, Choice):
            assert all(f"`{value}`" in section for value in key.shape.values)


def test_examples_in_the_docs_are_valid() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    shapes = {key.name: key.shape for key in KEYS}
    assert len(examples) >= len(KEYS)
    for text in examples:
        name = "pyproject.toml" if "[tool.infralint" in text else "infralint.toml"
        settings = parse_settings(text, name)
        assert settings != Settings()
    assert isinstance(shapes["select"], Listed)
