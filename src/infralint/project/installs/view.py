"""Project.installs: which distributions each image holds."""

from __future__ import annotations

from infralint.project.builds import BuiltImage
from infralint.project.installs.values import Installed


class Installs:
    """The installs of images."""

    def of(self, image: BuiltImage) -> Installed:
        """What the commands of an image install, and those of the stages that it copies environments from."""
        raise NotImplementedError
