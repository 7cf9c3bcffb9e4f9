"""Rules about Alembic's migrations."""
