"""Comments that silence without saying why."""
