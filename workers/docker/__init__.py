"""Tasks that need a Docker engine."""
