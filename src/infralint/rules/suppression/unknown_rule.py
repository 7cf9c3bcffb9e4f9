"""Comments that name a rule which does not exist."""
