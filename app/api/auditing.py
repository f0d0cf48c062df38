"""Keeps a line of the audit log for each request that changed something or was refused."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Flask, Response, g, request

from app.api.auth import SAFE_METHODS
from app.api.permissions import rule_of
from app.api.web import runtime
from app.errors import DatabaseAway
from app.model.access import Caller
from app.service.access import audit

log = logging.getLogger(__name__)
#: reads that travel as POST and need more than a permission to read, and what keeps its own lines
UNKEPT = frozenset(
    {
        "flow_bulk.import_report",
        "execution_reads.validate",
        "execution_reads.validate_resume",
        "instance.evaluate",
        "login.enter",
        "login.leave",
        "webhooks.call",
        "gitops.deliver",
    }
)
#: their lines are written in the transaction that does what is asked
KEPT_WITH_WORK = frozenset({"executions.start"})


def _verdict(status: int) -> str:
    if status in (401, 403):
        return audit.REFUSED
    return audit.DONE if status < 400 else audit.FAILED


def _caller() -> Caller | None:
    """Who asks, or in whose name a forged request came."""
    found: Caller | None = g.get("caller") or g.get("claimed")
    return found


def act_of(status: int) -> audit.Act:
    """The line for this request, when it is answered with `status`."""
    endpoint = (request.endpoint or "").replace("_plain.", ".")
    caller, rule = _caller(), rule_of(endpoint)
    return audit.Act(
        actor=caller.username if caller is not None else "",
        action=f"{rule.permission if rule is not None else '-'} {endpoint}",
        target=f"{request.method} {request.path}",
        verdict=_verdict(status),
        address=request.remote_addr,
        namespace=(request.view_args or {}).get("namespace"),
        detail={"status": status, **g.get("audited", {})},
    )


def add_detail(**facts: Any) -> None:
    """Facts for this request's line that its path does not say. No secrets."""
    g.audited = g.get("audited", {}) | facts


def add_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """What this request changed: the values that differ, as they were and as they are. No secrets.

    A line whose request failed says only what was asked for.
    """
    names = [k for k in {**before, **after} if before.get(k) != after.get(k)]
    add_detail(
        before={k: before[k] for k in names if k in before},
        after={k: after[k] for k in names if k in after},
    )


def is_kept(endpoint: str) -> bool:
    """Whether requests of an endpoint that do not travel as GET leave a line when they are done."""
    rule = rule_of(endpoint)
    reads = rule is not None and rule.permission.endswith(":read")
    return not reads and endpoint not in UNKEPT


def _keep(response: Response) -> Response:
    endpoint = (request.endpoint or "").replace("_plain.", ".")
    refused = response.status_code in (401, 403)
    done = endpoint in KEPT_WITH_WORK and response.status_code < 400
    changes = request.method not in SAFE_METHODS and is_kept(endpoint) and not done
    if not endpoint or (not changes and not refused):
        return response
    if _caller() is None and refused and "Authorization" not in request.headers:
        return response  # nobody in particular asked: no line for each stray request
    act = act_of(response.status_code)
    try:
        if "database_away" in g:  # asked again it would hold up the answer as long again
            raise g.database_away
        audit.note(runtime(), act)
    except DatabaseAway as error:  # what was answered stays true; the line goes to the log
        log.error("no audit line was kept: %s", error, extra={"act": asdict(act)})
    return response


def register(app: Flask) -> None:
    """Looks at every answer before it leaves."""
    app.after_request(_keep)
