"""Rules on environment variables: what deployed code reads against what its deployments set."""
