"""Rules about raw SQL."""
