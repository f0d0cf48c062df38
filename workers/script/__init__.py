"""Scripts as processes of the worker."""
