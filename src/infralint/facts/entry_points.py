"""Programs that an installation makes of a project's functions."""

from __future__ import annotations

import msgspec

from infralint.source import Span


class ConsoleScript(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A console script: `written` is `module:function` as it stands there, `span` its place."""

    name: str
    written: str
    span: Span

    @property
    def module(self) -> str:
        return self.written.partition(":")[0].strip()
