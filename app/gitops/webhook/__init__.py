"""Deliveries of Git hosts: told apart, verified on their raw bytes, read as hints."""
