"""Decisions to Celery: the Celery app, routing to queues, chains, publishing after the commit.

`service` hands in jobs; nothing here reads or writes the database. Start reading at `job.py`.
"""
