"""The report as one page that needs nothing else: findings, the tables as a diagram, and a map of what is deployed."""
