"""A service that never was: the parts of the tree that `generate.py` writes."""
