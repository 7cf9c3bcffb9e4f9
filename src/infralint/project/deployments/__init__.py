"""What is deployed: containers, their images, commands and variables."""

from infralint.project.deployments.model import Deployment, Gap, Place, Setting
from infralint.project.deployments.view import Deployments

__all__ = ["Deployment", "Deployments", "Gap", "Place", "Setting"]
