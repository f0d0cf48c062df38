"""Task types that need no tool of the machine: logs, keys, HTTP, storage."""
