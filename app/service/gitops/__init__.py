"""GitOps over the database: sources, what they hold, syncs, push triggers, webhook endpoints."""
