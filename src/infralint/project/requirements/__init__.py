"""What one install asks for, with all that it brings along: lock files first, else the table of distributions."""

from infralint.project.requirements.environment import MarkerEnvironment
from infralint.project.requirements.sets import Asked, Missing, Provided, RequirementSet

__all__ = ["Asked", "MarkerEnvironment", "Missing", "Provided", "RequirementSet"]
