"""The Project: all facts of all files linked to one model, rebuilt whole on every run."""
