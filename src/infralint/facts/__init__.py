"""The vocabulary of facts: frozen, serialisable values with spans, one module per subject."""
