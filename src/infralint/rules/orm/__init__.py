"""Rules of the family `orm`."""
