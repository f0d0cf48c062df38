"""Benchmarks: one program per row of the goals, with raw Celery as the measure.

Start reading at `run.py`; `support/cluster.py` starts the real processes that the rows use.
"""
