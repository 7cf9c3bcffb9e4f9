"""Rules of the family `test`."""
