"""Git tasks; their queue may hold credentials."""
