"""Comments that silence without naming a rule."""
