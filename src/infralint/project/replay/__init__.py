"""Schema changes applied in their order: what a database holds after a list of operations."""
