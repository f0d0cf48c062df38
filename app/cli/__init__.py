"""The `trunkline` command: processes of the server, and a client of its API."""
