"""One module per output format: pure functions from findings to text."""
