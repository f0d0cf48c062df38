"""Storing lines and metrics of running attempts."""

import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import logs
from app.database.logs import LogLine, level_number
from app.service.runtime import Runtime


def store(rt: Runtime, lines: Sequence[LogLine]) -> None:
    """Stores a batch of lines and tells those who follow the log."""
    if not lines:
        return
    with rt.database.transaction() as tx:
        logs.add(tx, lines)
    if lines[0].execution_id:
        rt.publisher.announce(f"logs:{lines[0].execution_id}", {"lines": len(lines)})


def error_line(
    execution: Row[Any],
    run: Row[Any] | None,
    at: datetime,
    message: str,
    level: str = "ERROR",
) -> LogLine:
    """What the engine itself has to say about a task run, or about the execution."""
    return LogLine(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_id=run.task_id if run is not None else None,
        task_run_id=run.id if run is not None else None,
        attempt=max(run.attempt - 1, 0) if run is not None else None,
        seq=None,
        at=at,
        level=level_number(level),
        message=message,
    )


def traced(error: Exception, masked: Callable[[str], str]) -> str:
    """An error nobody foresaw with its traceback, for a process's own log; its text is masked."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{frames}{type(error).__name__}: {masked(str(error))}"


def warn_trigger(rt: Runtime, trigger: Row[Any], message: str) -> None:
    """What there is to say of a trigger that starts nothing, in its own log."""
    store(rt, [trigger_line(trigger, rt.clock(), "WARN", message)])


def trigger_line(trigger: Row[Any], at: datetime, level: str, message: str) -> LogLine:
    """A line of a trigger's log."""
    return LogLine(
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        execution_id=None,
        task_id=None,
        task_run_id=None,
        attempt=None,
        seq=None,
        at=at,
        level=level_number(level),
        message=message,
        trigger_id=trigger.trigger_id,
    )
