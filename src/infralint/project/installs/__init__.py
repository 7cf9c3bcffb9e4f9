"""Which distributions an image holds: what the installers are told, where, and what that brings."""

from infralint.project.installs.reading import installs_of
from infralint.project.installs.requests import InstallRequest, ProjectRequest
from infralint.project.installs.values import Installed, PlacedInstall
from infralint.project.installs.view import Installs

__all__ = ["InstallRequest", "Installed", "Installs", "PlacedInstall", "ProjectRequest", "installs_of"]
