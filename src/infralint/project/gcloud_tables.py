"""Which table of gcloud's commands a project is judged by."""

from __future__ import annotations

from collections.abc import Callable

from infralint.data.gcloud import COMMANDS, HISTORY, GcloudTable, gcloud_table, table_of
from infralint.settings import Settings


def table_for(settings: Settings, read: Callable[[str], bytes] | None) -> GcloudTable:
    """The table that the settings name, or infralint's own, as the pinned release has it.

    Raises OSError and ValueError for a folder without a table; loading the settings has told that before.
    """
    if settings.gcloud_table and read is not None:
        folder = settings.gcloud_table.rstrip("/")
        table = table_of(read(f"{folder}/{COMMANDS}"), read(f"{folder}/{HISTORY}"))
    else:
        table = gcloud_table()
    return table.pinned_to(settings.gcloud_sdk) if settings.gcloud_sdk else table
