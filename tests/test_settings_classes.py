"""Settings classes of pydantic: the variables that fields are said to be read from, judged by pydantic-settings."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from infralint.engine import dialect_of, link
from infralint.project.environment import Read
from infralint.project.project import Project
from infralint.reading import Reading
from infralint.settings import Settings
from infralint.workspace import in_memory


def project_of(files: dict[str, str]) -> Project:
    """A project in memory, linked."""
    settings = Settings()
    workspace = in_memory(files, settings)
    with Reading(workspace, dialect_of(settings), jobs=1) as reading:
        return link(workspace, settings, reading)


def reads_of(text: str, **others: str) -> dict[str, Read]:
    """The reads of the settings classes of `app.py` by name."""
    files = {"app.py": text} | {f"{name}.py": body for name, body in others.items()}
    return {read.name: read for read in project_of(files).environment.settings.reads}


HEAD = (
    "from typing import Annotated, ClassVar, Optional\n"
    "from pydantic import AliasChoices, AliasPath, BaseModel, Field, RedisDsn, SecretStr\n"
    "from pydantic_settings import BaseSettings, SettingsConfigDict\n\n"
)
# Each makes one class S.
SAMPLES = [
    "class S(BaseSettings):\n    url: str\n    port: int = 1\n    name: Optional[str] = None\n    opt: Optional[str]\n",
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n    url: str\n    port: int = 1\n",
    "class S(BaseSettings):\n    model_config = {'env_prefix': 'app_'}\n    url: str\n",
    "class S(BaseSettings, env_prefix='KW_'):\n    url: str\n",
    "class S(BaseSettings):\n    class Config:\n        env_prefix = 'OLD_'\n    url: str\n",
    "class B(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='B_')\n    url: str\n    port: int\n"
    "class S(B):\n    model_config = SettingsConfigDict(extra='ignore')\n    port: int = 1\n    more: str\n",
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='P_')\n"
    "    a: str = Field(alias='ALIASED')\n    b: str = Field(validation_alias='VALIDATED')\n    c: str = Field(..., description='x')\n"
    "    d: str = Field('x')\n    e: str = Field(default='x')\n    f: list[str] = Field(default_factory=list)\n"
    "    g: str = Field(serialization_alias='OUT')\n",
    "class S(BaseSettings):\n    a: str = Field(validation_alias=AliasChoices('FIRST', 'SECOND'))\n"
    "    b: str = Field('x', validation_alias=AliasChoices('THIRD', AliasPath('FOURTH', 0)))\n",
    "class S(BaseSettings):\n    a: Annotated[str, Field(alias='ANNOTATED')]\n    b: Annotated[str, Field(validation_alias='BOTH')] = 'x'\n",
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(populate_by_name=True, env_prefix='P_')\n    a: str = Field(alias='OTHER')\n",
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(case_sensitive=True)\n    Url: str\n    port: str = Field(alias='Port')\n",
    "class Db(BaseModel):\n    host: str = 'x'\n    port: int = 1\n"
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter='__', env_prefix='N_')\n    db: Db\n    other: Db = Db()\n",
    "class S(BaseSettings):\n    KIND: ClassVar[str] = 'x'\n    _own: str = 'y'\n    url: RedisDsn = RedisDsn('redis://localhost:6379/0')\n"
    "    secret: SecretStr = SecretStr('x')\n",
    "class M(BaseModel):\n    shared: str\nclass S(BaseSettings, M):\n    own: str\n",
    "class M:\n    plain: str\nclass S(BaseSettings):\n    own: int | None = None\n    must: int | None\n",
    "PREFIX = 'CONST_'\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix=PREFIX)\n    url: str\n",
    "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='T_', env_prefix_target='all')\n    a: str = Field(alias='X')\n    b: str\n",
    "class S(BaseSettings):\n    @property\n    def derived(self) -> str:\n        return self.url\n    url: str = 'x'\n    def method(self): ...\n",
]
# The same with pydantic 1, which pydantic 2 still brings.
HEAD_OF_1 = "from typing import Optional\nfrom pydantic.v1 import BaseSettings, Field, SecretStr\n\n"
SAMPLES_OF_1 = [
    "class S(BaseSettings):\n    url: str\n    port: int = 1\n    opt: Optional[str]\n    bare = 'x'\n    must: Optional[str] = ...\n",
    "class S(BaseSettings):\n    a: str = Field(..., env='NAMED')\n    b: str = Field('x', env=['ONE', 'TWO'])\n"
    "    c: str = Field('x', alias='ALIAS')\n    class Config:\n        env_prefix = 'P_'\n",
    "class S(BaseSettings):\n    a: str\n    b: str = 'x'\n    class Config:\n        env_prefix = 'P_'\n"
    "        fields = {'a': {'env': 'OTHER'}}\n",
    "class B(BaseSettings):\n    a: str\n    class Config:\n        env_prefix = 'P_'\n"
    "class S(B):\n    b: SecretStr\n    class Config:\n        case_sensitive = True\n",
    "class S(BaseSettings):\n    a: str\n    a_b: Optional[str] = None\n    class Config:\n        case_sensitive = True\n",
]
TEXTS = [*(HEAD + sample for sample in SAMPLES), *(HEAD_OF_1 + sample for sample in SAMPLES_OF_1)]

_JUDGE = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
import pydantic, pydantic.v1
from pydantic.v1.env_settings import EnvSettingsSource as OldSource
from pydantic_settings import EnvSettingsSource
def taken(cls):
    if issubclass(cls, pydantic.v1.BaseModel):
        return OldSource(None, None)(cls)
    return EnvSettingsSource(cls)()
answers = []
for program, names in json.load(sys.stdin):
    space = {"__name__": "sample"}
    os.environ.clear()
    exec(compile(program, "sample.py", "exec", dont_inherit=True), space)
    missing, effects = 0, {}
    try:
        space["S"]()
    except (pydantic.ValidationError, pydantic.v1.ValidationError) as error:
        missing = sum(each["type"].endswith("missing") for each in error.errors())
    for name, value in names:
        os.environ.clear()
        os.environ[name] = value
        effects[name] = bool(taken(space["S"]))
    answers.append([missing, effects])
print(json.dumps(answers))
"""
_VALUES = {"PORT": "7", "B_PORT": "7", "N_DB": '{"port": 2}', "N_OTHER": '{"port": 2}', "F": '["x"]', "P_F": '["x"]',
           "URL": "redis://x/1", "OWN": "7", "MUST": "7", "THIRD": "t", "FOURTH": '["q"]'}  # fmt: skip


def _asked(reads: dict[str, Read]) -> list[tuple[str, str]]:
    """The names that are said to be read, and some that are not, each with a value."""
    said = {name for read in reads.values() for name in read.names}
    others = {f"X_{name}" for name in said} | {name.partition("_")[2] for name in said if "_" in name}
    return [(name, _VALUES.get(name, "v")) for name in sorted(said | others - {""})]


@pytest.fixture(scope="module")
def answers() -> list[tuple[int, dict[str, bool]]]:
    """For each sample: how many fields are missing with nothing set, and which variables change the outcome."""
    asked = [(text, _asked(reads_of(text))) for text in TEXTS]
    done = subprocess.run(
        [sys.executable, "-c", _JUDGE], input=json.dumps(asked), text=True, capture_output=True, check=True
    )
    return [(missing, effects) for missing, effects in json.loads(done.stdout)]


@pytest.mark.parametrize("at", range(len(TEXTS)))
def test_pydantic_judges_names_and_what_is_required(answers: list[tuple[int, dict[str, bool]]], at: int) -> None:
    reads = reads_of(TEXTS[at])
    of_s = [read for read in reads.values() if read.owner == ("app.py", "S")]
    missing, effects = answers[at]
    assert sum(read.required for read in of_s) == missing
    said = {name for read in of_s for name in read.names}
    assert {name for name, changes in effects.items() if changes} == said
