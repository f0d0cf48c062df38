"""What the rows share: a cluster of real processes, raw Celery, figures and their verdicts."""
