"""The comparison of `benchmarks/orm_oracle.py`, which is a script, for tests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infralint.schema_document import SchemaDocument

_SCRIPT = Path(__file__).parents[1] / "benchmarks" / "orm_oracle.py"


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("orm_oracle", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def migration_differences(theirs: Mapping[str, Any], ours: SchemaDocument) -> list[str]:
    """What differs between a reflected database and the catalogs of migrations, one line each."""
    return [f"{each.group}: {each}" for each in _load().compare_migrations(theirs, ours).differences]
