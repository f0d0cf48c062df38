"""Rows to the JSON objects of the wire (HTTP API 5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.api.web import wire_moment, without_none
from app.database.logs import LEVELS
from app.database.types import from_micros
from app.model.duration import format_duration
from app.model.label import read_labels
from app.model.state import State
from app.service import iteration_names
from app.service.flows import SavedFlow
from app.service.histograms import Histogram
from app.service.kept import Shown


def histories(text: str) -> list[dict[str, Any]]:
    """The lines of a row's `histories`."""
    found = []
    for line in text.splitlines():
        state, _, micros = line.partition(" ")
        found.append({"state": state, "date": wire_moment(from_micros(int(micros)))})
    return found


def ends(text: str, now: datetime) -> tuple[datetime, datetime]:
    """The first and the last moment of a row's `histories`; what it does not say is now."""
    lines = text.splitlines()
    first = from_micros(int(lines[0].partition(" ")[2])) if lines else now
    last = from_micros(int(lines[-1].partition(" ")[2])) if len(lines) > 1 else now
    return first, last


def state(current: str, text: str, now: datetime, *, ended: bool) -> dict[str, Any]:
    """The state object with its histories and duration."""
    first, last = ends(text, now)
    return without_none(
        {
            "current": current,
            "startDate": wire_moment(first),
            "endDate": wire_moment(last) if ended else None,
            "duration": format_duration(last - first),
            "histories": histories(text),
        }
    )


def labels(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    """Labels as a list of pairs."""
    return [{"key": key, "value": value} for key, value in pairs.items()]


def light(row: Row[Any], now: datetime, kept: Shown) -> dict[str, Any]:
    """An execution without its task runs; of the values kept in files, those that fit."""
    return without_none(
        {
            "tenantId": "main",
            "id": row.id,
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "flowRevision": row.revision,
            "inputs": kept.map(row.inputs) or None,
            "outputs": kept.map(row.outputs) or None,
            "labels": labels(row.labels),
            "variables": kept.map(row.variables) or None,
            "state": state(row.state, row.histories, now, ended=row.ended_at is not None),
            "parentId": row.parent_id,
            "originalId": row.original_id,
            "trigger": kept.trigger(row.trigger),
            "scheduleDate": wire_moment(row.schedule_date),
            "kind": None if row.kind == "NORMAL" else row.kind,
            "deleted": False,
            "metadata": {
                "attemptNumber": row.attempt_number,
                "originalCreatedDate": wire_moment(row.original_created_at),
            },
            "commit": row.commit,
        }
    )


def last_execution(row: Row[Any], now: datetime) -> dict[str, Any]:
    """What the list of flows shows of a flow's last execution."""
    shown = state(row.state, row.histories, now, ended=row.ended_at is not None)
    return {
        "id": row.id,
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "startDate": shown["startDate"],
        "status": row.state,
        "state": shown,
    }


def execution(
    row: Row[Any],
    runs: Sequence[Row[Any]],
    tries: Sequence[Row[Any]],
    now: datetime,
    kept: Shown,
) -> dict[str, Any]:
    """An execution with its task runs."""
    by_run: dict[str, list[Row[Any]]] = {}
    for attempt in tries:
        by_run.setdefault(attempt.task_run_id, []).append(attempt)
    found = light(row, now, kept)
    listed = [task_run(row, run, by_run.get(run.id, []), now, kept) for run in runs]
    if listed and row.state != State.CREATED:  # what only waits for a worker has not begun
        found["taskRunList"] = listed
    return found


def task_run(
    parent: Row[Any], run: Row[Any], tries: Sequence[Row[Any]], now: datetime, kept: Shown
) -> dict[str, Any]:
    """One task run with its attempts."""
    ended = run.ended_at is not None
    shown = [
        without_none(
            {
                "state": state(t.state, t.histories, now, ended=t.state != "RUNNING"),
                "logFile": t.log_uri,
            }
        )
        for t in tries
    ]
    return without_none(
        {
            "id": run.id,
            "tenantId": "main",
            "executionId": parent.id,
            "namespace": parent.namespace,
            "flowId": parent.flow_id,
            "taskId": run.task_id,
            "parentTaskRunId": run.parent_id,
            "value": iteration_value(run),
            "iteration": run.iteration,
            "attempts": shown or None,
            "outputs": kept.map(run.outputs if run.outputs_uri is None else run.outputs_uri),
            "state": state(run.state, run.histories, now, ended=ended),
        }
    )


def iteration_value(run: Row[Any]) -> str | None:
    """The value of a task run's own iteration; one that shows a secret by its number."""
    return None if run.value is None else iteration_names.shown(run.value)


def flow(saved: SavedFlow, *, source: bool = True) -> dict[str, Any]:
    """A flow as clients read it: its document, with what the server adds."""
    found = {k: v for k, v in saved.document.items() if k != "taskDefaults" and v is not None}
    for old, new in (("taskDefaults", "pluginDefaults"),):
        if old in saved.document:
            found[new] = saved.document[old]
    found |= {
        "revision": saved.revision,
        "disabled": saved.disabled,
        "deleted": saved.deleted,
        "draft": False,
        "tenantId": "main",
    }
    if "labels" in saved.document:
        found["labels"] = labels(read_labels(saved.document["labels"]))
    if source:
        found["source"] = saved.source
    return found


def revision(row: Row[Any]) -> dict[str, Any]:
    """When, by whom and from where a revision of a flow came."""
    git = row.git or {}
    is_from_git = bool(git) and not git.get("detached")
    return without_none(
        {
            "revision": row.revision,
            "date": wire_moment(row.created_at),
            "author": row.author,
            "origin": "GIT" if is_from_git else row.via,
            "commit": git.get("commit") if is_from_git else None,
            "message": git.get("message") if is_from_git else None,
            "url": git.get("url") if is_from_git else None,
            "deleted": row.deleted,
        }
    )


def log_line(row: Row[Any], values: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """One line of a log; `values` are those of the iterations around it, by task run."""
    return without_none(
        {
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "executionId": row.execution_id,
            "taskId": row.task_id,
            "taskRunId": row.task_run_id,
            "attemptNumber": row.attempt,
            "triggerId": row.trigger_id,
            "timestamp": wire_moment(row.at),
            "level": LEVELS[row.level],
            "thread": row.thread,
            "message": row.message,
            "deleted": False,  # 0.24 reads no line without it
            "index": row.seq,
            "values": (values or {}).get(row.task_run_id),
        }
    )


def histogram(found: Histogram) -> dict[str, Any]:
    """Counts in bars of time."""
    bars = [
        {"at": wire_moment(found.start + number * found.step), "counts": counts}
        for number, counts in enumerate(found.bars)
    ]
    step_ms = found.step.total_seconds() * 1000
    ends = {"startDate": wire_moment(found.start), "endDate": wire_moment(found.end)}
    return {**ends, "stepMs": step_ms, "bars": bars}
