"""The workers: Celery jobs that claim steps, and the task types that run in them.

A task type is one file in `core/`, `git/`, `script/` or `docker/`; the folder is its queue. Start
reading at `jobs.py`, then `attempt.py`.
"""
