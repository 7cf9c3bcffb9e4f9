"""The images that the project builds: from what, and what is in them."""

from infralint.project.builds.filesystem import FileSystem, ImageFile
from infralint.project.builds.values import Build, BuiltImage, CopyStep, ImageCommand, RunStep, Setting
from infralint.project.builds.view import Builds

__all__ = ["Build", "Builds", "BuiltImage", "CopyStep", "FileSystem", "ImageCommand", "ImageFile", "RunStep", "Setting"]
