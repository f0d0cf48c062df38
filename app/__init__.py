"""Trunkline's server: everything but the workers (`workers/`) and the beat scheduler (`beat/`).

Imports point down the floors that `docs/architecture.md` draws; `tests/test_architecture.py` holds
them. Start reading at `app/service/executions.py`, where an execution is born.
"""
