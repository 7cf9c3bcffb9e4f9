"""Tiny wheels under the names of well-known distributions: their modules are empty, what they require is real.

What the programs among them do is what the real ones do first: they import what they are told.
"""

from __future__ import annotations

import hashlib
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

_ANY = "def __getattr__(name):\n    return type(name, (), {'__init__': lambda self, *a, **k: None})\n"
# The start of an ASGI server: the folder that it runs in comes first, then the application is imported.
_SERVER = """
import importlib, os, sys
def main():
    sys.path.insert(0, os.getcwd())
    application = [word for word in sys.argv[1:] if ":" in word and not word.startswith("-")][0]
    importlib.import_module(application.partition(":")[0])
"""
_CELERY = """
import importlib, os, sys
def main():
    sys.path.insert(0, os.getcwd())
    importlib.import_module(sys.argv[sys.argv.index("-A") + 1].partition(":")[0])
"""
# `alembic upgrade`: prepend_sys_path, env.py, every revision.
_ALEMBIC = """
import configparser, importlib.util, os, pathlib, sys
def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
def main():
    words = sys.argv[1:]
    ini = pathlib.Path(words[words.index("-c") + 1] if "-c" in words else "alembic.ini")
    parser = configparser.RawConfigParser()
    parser.read(ini)
    options = dict(parser.items("alembic"))
    for folder in options.get("prepend_sys_path", "").split():
        sys.path.insert(0, os.path.abspath(folder))
    script = pathlib.Path(options["script_location"].replace("%(here)s", str(ini.parent.resolve())))
    load(script / "env.py")
    for path in sorted((script / "versions").glob("*.py")):
        load(path)
"""
# Distribution: its requirements, its modules (with a source where they do something), its programs.
DISTRIBUTIONS: dict[str, tuple[list[str], dict[str, str], dict[str, str]]] = {
    "alembic": (["sqlalchemy", "mako", "typing-extensions"], {"alembic": _ALEMBIC + _ANY, "alembic.op": _ANY, "alembic.context": _ANY}, {"alembic": "alembic:main"}),
    "annotated-types": ([], {"annotated_types": ""}, {}),
    "anyio": (["idna", "sniffio"], {"anyio": ""}, {}),
    "asyncpg": ([], {"asyncpg": ""}, {}),
    "beautifulsoup4": (["soupsieve", "typing-extensions"], {"bs4": ""}, {}),
    "boto3": (["botocore", "jmespath", "s3transfer"], {"boto3": ""}, {}),
    "botocore": (["jmespath", "python-dateutil", "urllib3"], {"botocore": ""}, {}),
    "celery": (["kombu", "vine", "billiard", "click"], {"celery": _CELERY + _ANY}, {"celery": "celery:main"}),
    "certifi": ([], {"certifi": ""}, {}),
    "click": ([], {"click": ""}, {}),
    "fastapi": (["starlette", "pydantic", "typing-extensions", "annotated-doc"], {"fastapi": "import pydantic, starlette\n" + _ANY}, {}),
    "annotated-doc": ([], {"annotated_doc": ""}, {}),
    "flask": (["werkzeug", "jinja2", "itsdangerous", "click", "blinker", "markupsafe"], {"flask": _ANY}, {}),
    "google-cloud-storage": (["google-auth", "google-api-core", "requests"], {"google.cloud.storage": ""}, {}),
    "google-api-core": ([], {"google.api_core": ""}, {}),
    "google-auth": ([], {"google.auth": ""}, {}),
    "gunicorn": (["packaging"], {"gunicorn": _SERVER}, {"gunicorn": "gunicorn:main"}),
    "h11": ([], {"h11": ""}, {}),
    "httpcore": (["certifi", "h11"], {"httpcore": ""}, {}),
    "httpx": (["anyio", "certifi", "httpcore", "idna"], {"httpx": ""}, {}),
    "idna": ([], {"idna": ""}, {}),
    "jinja2": (["markupsafe"], {"jinja2": ""}, {}),
    "loguru": ([], {"loguru": _ANY}, {}),
    "mako": (["markupsafe"], {"mako": ""}, {}),
    "markupsafe": ([], {"markupsafe": ""}, {}),
    "packaging": ([], {"packaging": ""}, {}),
    "pillow": ([], {"PIL": "", "PIL.Image": ""}, {}),
    "psycopg2-binary": ([], {"psycopg2": ""}, {}),
    "pydantic": (["annotated-types", "pydantic-core", "typing-extensions", "typing-inspection"], {"pydantic": _ANY}, {}),
    "pydantic-core": ([], {"pydantic_core": ""}, {}),
    "pydantic-settings": (["pydantic", "python-dotenv"], {"pydantic_settings": _ANY}, {}),
    "pyjwt": ([], {"jwt": ""}, {}),
    "python-dateutil": (["six"], {"dateutil": "", "dateutil.parser": ""}, {}),
    "python-dotenv": ([], {"dotenv": _ANY}, {}),
    "python-multipart": ([], {"multipart": ""}, {}),
    "pyyaml": ([], {"yaml": ""}, {}),
    "redis": ([], {"redis": _ANY}, {}),
    "requests": (["certifi", "idna", "urllib3", "charset-normalizer"], {"requests": ""}, {}),
    "charset-normalizer": ([], {"charset_normalizer": ""}, {}),
    "six": ([], {"six": ""}, {}),
    "sniffio": ([], {"sniffio": ""}, {}),
    "sqlalchemy": (["typing-extensions"], {"sqlalchemy": _ANY, "sqlalchemy.orm": _ANY}, {}),
    "starlette": (["anyio"], {"starlette": ""}, {}),
    "tenacity": ([], {"tenacity": _ANY}, {}),
    "typing-extensions": ([], {"typing_extensions": ""}, {}),
    "typing-inspection": ([], {"typing_inspection": ""}, {}),
    "urllib3": ([], {"urllib3": ""}, {}),
    "uvicorn": (["click", "h11"], {"uvicorn": _SERVER, "uvicorn.__main__": "from uvicorn import main\nmain()\n"}, {"uvicorn": "uvicorn:main"}),
    "werkzeug": (["markupsafe"], {"werkzeug": ""}, {}),
}  # fmt: skip
# What extras bring: of uvicorn, PyJWT, pydantic.
EXTRAS = {
    "uvicorn": {"standard": ["python-dotenv", "pyyaml", "httptools", "websockets", "watchfiles", "uvloop"]},
    "fastapi": {"standard": ["uvicorn", "httpx", "jinja2", "python-multipart"]},
}
_NAMED_BY_EXTRAS = ("httptools", "websockets", "watchfiles", "uvloop", "kombu", "vine", "billiard", "blinker", "itsdangerous",
                    "soupsieve", "jmespath", "s3transfer")  # fmt: skip
# Without a table's knowledge: a distribution of the team's own.
_ONE_MODULE = (*_NAMED_BY_EXTRAS, "acme-toolbox")


def make_wheels(folder: Path) -> None:
    """Write a wheel for every distribution into a folder."""
    listed = dict(DISTRIBUTIONS)
    listed.update((name, ([], {name.replace("-", "_"): ""}, {})) for name in _ONE_MODULE)
    for name, (requires, modules, programs) in listed.items():
        _make_wheel(folder, name, requires, modules, programs)


def _make_wheel(
    folder: Path, name: str, requires: list[str], modules: dict[str, str], programs: dict[str, str]
) -> None:
    stem = f"{name.replace('-', '_')}-1.0"
    files = {_path_of(module, modules): source for module, source in modules.items()}
    extras = EXTRAS.get(name, {})
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    metadata += [f"Requires-Dist: {each}" for each in requires]
    for extra, brought in extras.items():
        metadata += [f"Provides-Extra: {extra}", *(f'Requires-Dist: {each}; extra == "{extra}"' for each in brought)]
    information = f"{stem}.dist-info"
    files[f"{information}/METADATA"] = "\n".join(metadata) + "\n"
    files[f"{information}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if programs:
        lines = [f"{program} = {target}" for program, target in programs.items()]
        files[f"{information}/entry_points.txt"] = "\n".join(["[console_scripts]", *lines]) + "\n"
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def _path_of(module: str, modules: dict[str, str]) -> str:
    """The file of a module; what has modules of the wheel below it, or none beside it, is a package."""
    path = module.replace(".", "/")
    is_package = any(other.startswith(f"{module}.") for other in modules) or "." not in module
    return f"{path}/__init__.py" if is_package or module.startswith("google.") else f"{path}.py"


def _digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
