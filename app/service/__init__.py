"""One function per thing a user can do; each owns its transaction.

The API, the CLI, the workers and beat all come through here. A function takes the `Runtime` first,
reads the clock there, commits, and only then publishes. Start reading at `executions.py`.
"""
