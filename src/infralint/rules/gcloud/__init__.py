"""Rules on gcloud command lines, wherever they are written."""
