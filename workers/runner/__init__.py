"""Starts processes and watches over them until they end."""
