"""HTTP tasks, and the one client that tasks reach other servers with."""
