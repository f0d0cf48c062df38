"""What a process tells its operator: metrics, log lines as JSON, traces. Knows nothing above it.

Start reading at `metrics.py`; what each figure means is in `docs/monitoring.md`.
"""
