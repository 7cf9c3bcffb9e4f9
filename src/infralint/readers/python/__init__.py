"""The reader of Python: a byte scan, an outline by `ast`, and libcst on the regions that matter."""
