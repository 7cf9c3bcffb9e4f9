"""What the deployed code asks of its environment, against what its deployments set."""

from infralint.project.environment.reads import Read, Reads
from infralint.project.environment.settings_classes import SettingsClasses
from infralint.project.environment.settings_fields import SettingsClass
from infralint.project.environment.view import Environment, LocalDefault, Misspelt, Unset, Unused

__all__ = [
    "Environment",
    "LocalDefault",
    "Misspelt",
    "Read",
    "Reads",
    "SettingsClass",
    "SettingsClasses",
    "Unset",
    "Unused",
]
