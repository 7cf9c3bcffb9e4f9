"""Readers: one per kind of file, from the text of one file to its facts.

A reader sees no other file, no settings but the SQL dialect, and not its own path: that is what makes
its facts good for a cache. `read_file` is the whole step for one file.
"""
