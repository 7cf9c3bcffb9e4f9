"""Rules on requirements: what files ask to be installed, and what images install."""
