"""Alembic's migrations: environments, the graph of their revisions, and the schema that they lead to."""
