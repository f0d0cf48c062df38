"""`error`: what failed first in an execution, for tasks that run because of it."""

from typing import Any

from app.database import outputs, search
from app.database.logs import level_number
from app.database.schema import logs
from app.service.runtime import Runtime


def error_of(rt: Runtime, execution_id: str) -> dict[str, Any] | None:
    """Task id and last error line of the first task run that failed; None when none has."""
    with rt.database.reading() as tx:
        run = outputs.first_failed(tx, execution_id)
        if run is None:
            return None
        where = [logs.c.task_run_id == run.id, logs.c.level >= level_number("ERROR")]
        lines = search.list_logs(tx, where, limit=1, newest_first=True)
    text = lines[0].message if lines else ""
    return {"taskId": run.task_id, "message": text, "stackTrace": text}
