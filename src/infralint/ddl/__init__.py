"""Definitions in SQL (CREATE, ALTER, DROP, ...) read from their text alone: plain values, no grammar of a server.

This stands below both the readers, which find SQL in files, and the project, which computes texts that migrations
execute.
"""
