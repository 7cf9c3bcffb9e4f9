"""What the editor can do, as it said when it connected, and what its user wants."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from infralint.lsp.positions import Units

ON_TYPE = "onType"
ON_SAVE = "onSave"
SECTION = "infralint"
# What editors may set; `path`, `args` and `trace` are for what starts the server.
_KNOWN = frozenset({"run", "enable", "path", "args", "trace"})


@dataclass(frozen=True, slots=True)
class Client:
    """The capabilities that the server asks about (LSP 3.17, "Client capabilities").

    `pulls`: it asks for the diagnostics of open documents and can be told to ask again. A client that cannot be told
    would keep what a change in another file has made wrong, so it is served as one that does not ask.
    """

    units: Units = Units.UTF16
    pulls: bool = False
    related: bool = False
    tags: frozenset[types.DiagnosticTag] = frozenset()
    code_description: bool = False
    data: bool = False
    versions: bool = False
    document_changes: bool = False
    snippet_edits: bool = False
    action_literals: bool = False
    preferred: bool = False
    markdown: bool = False
    link_tooltips: bool = False
    progress: bool = False
    shows_documents: bool = False
    watches: bool = False
    configuration: bool = False
    registers_configuration: bool = False

    @staticmethod
    def of(capabilities: types.ClientCapabilities, units: Units) -> Client:
        """The client with these capabilities."""

        def can(path: str) -> bool:
            return bool(get_capability(capabilities, path, False))

        pulls = can("workspace.diagnostics.refresh_support") and (
            get_capability(capabilities, "text_document.diagnostic", None) is not None
        )
        about = "text_document.publish_diagnostics"
        formats = get_capability(capabilities, "text_document.hover.content_format", None) or ()
        return Client(
            units=units,
            pulls=pulls,
            related=can(f"{about}.related_information") or can("text_document.diagnostic.related_information"),
            tags=_tags(capabilities),
            code_description=can(f"{about}.code_description_support"),
            data=can(f"{about}.data_support"),
            versions=can(f"{about}.version_support"),
            document_changes=can("workspace.workspace_edit.document_changes"),
            snippet_edits=can("workspace.workspace_edit.snippet_edit_support"),
            action_literals=can("text_document.code_action.code_action_literal_support"),
            preferred=can("text_document.code_action.is_preferred_support"),
            markdown=types.MarkupKind.Markdown in formats,
            link_tooltips=can("text_document.document_link.tooltip_support"),
            progress=can("window.work_done_progress"),
            shows_documents=can("window.show_document.support"),
            watches=can("workspace.did_change_watched_files.dynamic_registration"),
            configuration=can("workspace.configuration"),
            registers_configuration=can("workspace.did_change_configuration.dynamic_registration"),
        )


def _tags(capabilities: types.ClientCapabilities) -> frozenset[types.DiagnosticTag]:
    support = get_capability(capabilities, "text_document.publish_diagnostics.tag_support", None)
    return frozenset(support.value_set) if support is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Wishes:
    """The editor's settings for infralint. `run`: lint while somebody types, or when a file is saved.

    `mistakes`: what the settings say and no setting is.
    """

    run: str = ON_TYPE
    enable: bool = True
    mistakes: tuple[str, ...] = field(default=(), compare=False)

    def over(self, given: Any) -> Wishes:
        """The wishes in `initializationOptions`, in `workspace/didChangeConfiguration` or in `workspace/configuration`.

        They stand at the top, under `settings`, or under `infralint`; what is not said is as it is here.
        """
        given = _unwrapped(given)
        if given is None:
            return self
        if not isinstance(given, dict):
            return replace(self, mistakes=("the settings of the editor are no table",))
        run, enable = given.get("run", self.run), given.get("enable", self.enable)
        mistakes = [f"there is no setting `{name}`" for name in given if name not in _KNOWN]
        if run not in (ON_TYPE, ON_SAVE):
            mistakes.append(f"`run` is {run!r}, and may be {ON_TYPE!r} or {ON_SAVE!r}")
            run = self.run
        if not isinstance(enable, bool):
            mistakes.append(f"`enable` is {enable!r}, and may be true or false")
            enable = self.enable
        return Wishes(run, enable, tuple(mistakes))


def _unwrapped(given: Any) -> Any:
    """The table of settings itself; a client may send attribute objects for what it does not know the shape of."""
    for name in ("settings", SECTION):
        if isinstance(given, dict) and isinstance(given.get(name), dict):
            given = given[name]
    return given
