"""Where attempts and executions stand, for those who clean up behind them."""

from collections.abc import Collection

from app.database import standing
from app.service.runtime import Runtime


def current_attempts(rt: Runtime, task_run_ids: Collection[str]) -> dict[str, str]:
    """The number of the attempt that runs now, by task run; absent: none does."""
    with rt.database.reading() as tx:
        return {run: str(attempt) for run, attempt in standing.running(tx, task_run_ids)}


def live_executions(rt: Runtime, execution_ids: Collection[str]) -> set[str]:
    """Those of the executions that have not ended."""
    with rt.database.reading() as tx:
        return set(standing.live(tx, execution_ids))
