"""The parts of `run.py`: processes, tools, edits, saves and the table."""
