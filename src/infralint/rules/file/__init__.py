"""Files that could not be read, or not in full: what they may declare counts as unknown."""
