"""Discover: which files are read, which are left out, and that no tree stops the walk."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from infralint.kinds import Kind, kind_of
from infralint.settings import Settings
from infralint.workspace import Workspace, in_memory, on_disk

DEFAULT = Settings()
Discover = Callable[..., Workspace]

MODEL = "class User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer, primary_key=True)\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def read_paths(workspace: Workspace) -> list[str]:
    return [file.path for file in workspace.files]


@pytest.fixture(params=["disk", "memory"])
def discover(request: pytest.FixtureRequest, tmp_path: Path) -> Discover:
    """Discover over a mapping, laid on disk or in memory: both must agree."""

    def run(files: Mapping[str, str | bytes], settings: Settings = DEFAULT) -> Workspace:
        if request.param == "disk":
            return on_disk(write(tmp_path, files), settings)
        return in_memory(files, settings)

    return run


def test_files_with_kinds_in_order(discover: Discover) -> None:
    files = {"b/a.py": "", "a.py": "", "b.sql": "", "Dockerfile": "", "notes.md": "", "run": "#!/bin/sh\n"}
    workspace = discover(files)
    found = [(file.path, file.kind) for file in workspace.files]
    assert found == [
        ("Dockerfile", Kind.DOCKERFILE),
        ("a.py", Kind.PYTHON),
        ("b.sql", Kind.SQL),
        ("b/a.py", Kind.PYTHON),
        ("run", Kind.SHELL),
    ]
    assert workspace.paths == set(files)


def test_gitignore_nested_and_negated(discover: Discover) -> None:
    workspace = discover(
        {
            ".gitignore": "*.gen.py\n/out/\n# c\n[\n\n!keep.gen.py\n",
            "a.gen.py": "",
            "keep.gen.py": "",
            "out/a.py": "",
            "svc/out/a.py": "",
            "svc/.gitignore": "local.py\n!b.gen.py\n",
            "svc/local.py": "",
            "svc/b.gen.py": "",
            "local.py": "",
        }
    )
    assert read_paths(workspace) == ["keep.gen.py", "local.py", "svc/b.gen.py", "svc/out/a.py"]
    assert {"a.gen.py", "out/", "svc/local.py"} <= workspace.left_out


def test_git_info_exclude_and_settings_exclude(discover: Discover) -> None:
    files = {".git/info/exclude": "mine.py\n", "mine.py": "", "gen/a.py": "", "gen/b.py": "", "a.py": ""}
    assert read_paths(discover(files, Settings(exclude=("gen/*", "!gen/b.py")))) == ["a.py", "gen/b.py"]


def index_of(paths: list[str], version: int) -> bytes:
    """A git index with these paths (gitformat-index)."""
    data = struct.pack(">4sII", b"DIRC", version, len(paths))
    previous = b""
    for path in sorted(name.encode() for name in paths):
        entry = bytes(60) + struct.pack(">H", min(len(path), 0xFFF))
        if version == 4:
            common = next(at for at in range(len(path), -1, -1) if previous[:at] == path[:at])
            data += entry + bytes([len(previous) - common]) + path[common:] + b"\0"
        else:
            data += entry + path + bytes(8 - (len(entry) + len(path)) % 8)
        previous = path
    return data


@pytest.mark.parametrize("version", [2, 4])
def test_tracked_files_are_read_although_a_pattern_fits(discover: Discover, version: int) -> None:
    tracked = ["app/models/user.py", "app/models/order.py", "main.py"]
    workspace = discover(
        {
            ".git/index": index_of(tracked, version),
            ".gitignore": "models/\n",
            **dict.fromkeys(tracked, ""),
            "app/models/scratch.py": "",
            "models/weights.py": "",
        }
    )
    assert read_paths(workspace) == sorted(tracked)
    assert workspace.left_out >= {"app/models/scratch.py", "models/"}


@pytest.mark.parametrize("data", [b"", b"DIRC", b"DIRC\0\0\0\2\0\0\0\5rest", b"x" * 100])
def test_a_damaged_index_counts_as_none(discover: Discover, data: bytes) -> None:
    assert read_paths(discover({".git/index": data, ".gitignore": "b.py\n", "a.py": "", "b.py": ""})) == ["a.py"]


@pytest.mark.parametrize(
    "foreign",
    [
        {"env/pyvenv.cfg": "", "env/lib/python3.11/x.py": ""},
        {"env/bin/activate": "", "env/lib/python2.7/site-packages/a.py": ""},
        {"env/Scripts/activate": "", "env/Lib/site-packages/a.py": "", "env/Lib/b.py": ""},
        {"env/conda-meta/history": "", "env/bin/x.py": ""},
        {".venv/a.py": ""},
        {"web/node_modules/gyp/a.py": ""},
        {"src/pip/_vendor/six.py": ""},
        {"vendor/vendor.txt": "", "vendor/six.py": ""},
        {"app.egg-info/a.py": ""},
        {"setup.py.in": "", "pyproject.toml.in": "", "__pycache__/a.py": ""},
        {".tox/py/a.py": "", ".nox/a.py": "", ".mypy_cache/a.py": ""},
        {"{{ cookiecutter.name }}/a.py": "class {{ x }}"},
        {".git/hooks/a.py": ""},
    ],
)
def test_what_is_nobodys_own_source(discover: Discover, foreign: dict[str, str]) -> None:
    assert read_paths(discover({"app/a.py": "", **foreign})) == ["app/a.py"]


def test_build_output_of_setuptools_only_beside_its_project(discover: Discover) -> None:
    files = {"setup.py": "", "build/lib/app/a.py": "", "svc/build/a.py": "", "app/a.py": ""}
    assert read_paths(discover(files)) == ["app/a.py", "setup.py", "svc/build/a.py"]


@pytest.mark.parametrize("path", ["vendor/ours.py", "third_party/a.py", "lib/a.py", "env/a.py", "venv/a.py"])
def test_folders_that_may_be_ours_are_read(discover: Discover, path: str) -> None:
    assert read_paths(discover({path: ""})) == [path]


@pytest.mark.parametrize(
    "folder",
    [
        "backup_20240101",
        "app.bak-2024-05-01",
        "backups/2024-01-01-backup",
        "app_backup",
        "app-old",
        "app copy",
        "app~",
    ],
)
def test_dated_backups_and_copies_of_a_sibling(discover: Discover, folder: str) -> None:
    files = {"app/models.py": MODEL, f"{folder}/models.py": "class Other:\n    pass\n"}
    workspace = discover(files)
    assert read_paths(workspace) == ["app/models.py"]
    assert workspace.left_out == {f"{folder}/"}


def test_a_snapshot_of_the_whole_tree(discover: Discover) -> None:
    older = MODEL.replace("    id", "    uid")
    files = {"app/models.py": MODEL, "app/main.py": "import app\n", "README.md": "# x\n"}
    copies = {
        "backup/app/models.py": older,
        "backup/app/main.py": "import app\n",
        "backup/README.md": "# x\n",
    }
    assert read_paths(discover({**files, **copies})) == ["app/main.py", "app/models.py"]


def test_services_and_packages_that_are_called_like_backups(discover: Discover) -> None:
    files = {
        "main.py": "from api import app\napp.run()\n",
        "Dockerfile": "FROM python:3.12-slim\nCMD python main.py\n",
        "backup/main.py": "import boto3\nboto3.client('s3')\n",
        "backup/Dockerfile": "FROM debian:12\nRUN apt-get install -y pg_dump\n",
        "app/backup/__init__.py": "",
        "app/backup/models.py": MODEL,
        "app/models/snapshot.py": MODEL,
        "app/models_backup.py": MODEL,
        "migrations/versions/20240101_backup.py": "",
        "docker-compose.backup.yml": "services: {}\n",
        "docker-compose.yml": "services: {}\n",
        "Dockerfile.backup": "FROM debian:12\n",
    }
    assert set(read_paths(discover(files))) == set(files)


@pytest.mark.parametrize(
    "name",
    ["models copy.py", "models (1).py", "models - Copy (2).py", "models 2.py", "models.bak.py",
     "models.py.bak", "Dockerfile.bak", "Dockerfile.old", "Dockerfile~", ".env.bak"],
)  # fmt: skip
def test_backup_files_that_no_import_reaches(discover: Discover, name: str) -> None:
    files = {"app/models.py": MODEL, f"app/{name}": MODEL}
    assert read_paths(discover(files)) == ["app/models.py"]


def test_a_copied_name_of_another_kind_needs_its_original(discover: Discover) -> None:
    files = {"a.sql": "", "a (1).sql": "", "report (1).sql": ""}
    assert read_paths(discover(files)) == ["a.sql", "report (1).sql"]


def test_paths_are_normal_or_refused() -> None:
    assert read_paths(in_memory({"./a.py": "", "b//c.py": "", "d/../e.py": ""}, Settings())) == [
        "a.py",
        "b/c.py",
        "e.py",
    ]
    for path in ("/etc/a.py", "../a.py", "a/../../b.py", "..", ".", "", "C:/a.py", "c:\\a.py"):
        with pytest.raises(ValueError, match="not a path below") as raised:
            in_memory({path: ""}, Settings())
        assert repr(path) in str(raised.value)


def test_a_missing_root(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        on_disk(tmp_path / "nowhere", Settings())


def test_links_are_known_and_never_followed(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"app/a.py": "A = 1\n", "deep/er/b.py": ""})
    outside = write(tmp_path / "outside", {"secret.py": "KEY = 1\n"})
    (root / "app" / "loop").symlink_to(root, target_is_directory=True)
    (root / "self").symlink_to("self")
    (root / "deep" / "up").symlink_to("..", target_is_directory=True)
    (root / "alias.py").symlink_to("app/a.py")
    (root / "secret.py").symlink_to(outside / "secret.py")
    (root / "broken.py").symlink_to("nowhere.py")
    workspace = on_disk(root, Settings())
    assert read_paths(workspace) == ["app/a.py", "deep/er/b.py"]
    assert workspace.links == {"app/loop", "self", "deep/up", "alias.py", "secret.py", "broken.py"}
    assert workspace.links <= workspace.paths


def test_pipes_and_sockets_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": ""})
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert read_paths(on_disk(tmp_path, Settings())) == ["a.py"]


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")).write_bytes(b"A = 1\n")
    (path,) = read_paths(on_disk(tmp_path, Settings()))
    assert os.fsencode(path) == b"caf\xe9.py"


def test_a_very_deep_tree(tmp_path: Path) -> None:
    path = "/".join(["d"] * 400) + "/a.py"
    write(tmp_path, {path: ""})
    assert read_paths(on_disk(tmp_path, Settings())) == [path]


def test_buffers_beat_the_disk_and_add_to_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "old", ".gitignore": "ignored.py\n", "venv/pyvenv.cfg": ""})
    buffers = {"a.py": b"new", "new/b.py": b"B", "ignored.py": b"", "venv/x.py": b"", "run": b"#!/bin/bash\n"}
    workspace = on_disk(tmp_path, Settings(), buffers)
    assert read_paths(workspace) == ["a.py", "new/b.py", "run"]
    assert workspace.read("a.py") == b"new"
    assert workspace.read("new/b.py") == b"B"
    assert workspace.size("a.py") == 3


def test_a_buffer_in_place_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("nowhere")
    assert read_paths(on_disk(tmp_path, Settings(), {"a.py": b""})) == ["a.py"]


def test_no_more_than_the_first_line_of_a_file_without_ending(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "run": b"#!/usr/bin/env python3\n" + b"x" * 100,
            "LICENSE": "MIT",
            "data": b"\xff" * 500,
            "zipapp": b"#!/usr/bin/python\nPK\3\4\0\0",
        },
    )
    assert [(f.path, f.kind) for f in on_disk(tmp_path, Settings()).files] == [("run", Kind.PYTHON)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("dockerfile-lint.sh", Kind.SHELL),
        ("Dockerfile.worker", Kind.DOCKERFILE),
        ("worker.Dockerfile", Kind.DOCKERFILE),
        ("Dockerfile.md", None),
        ("Dockerfile.j2", None),
        ("dockerfile.py", Kind.PYTHON),
        (".github/workflows/ci.yml", Kind.WORKFLOW),
        ("docker-compose.prod.yml", Kind.COMPOSE),
        ("deploy/cloudbuild.api.yaml", Kind.CLOUDBUILD),
        ("requirements-dev.txt", Kind.REQUIREMENTS),
        ("requirements/base.txt", Kind.REQUIREMENTS),
        (".env.example", Kind.DOTENV),
        ("notes.txt", None),
    ],
)
def test_kinds(path: str, kind: Kind | None) -> None:
    assert kind_of(path) is kind
