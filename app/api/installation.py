"""Routes of the installation: first user, processes, preferences, build data, settings, loggers."""

import logging
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from werkzeug.exceptions import MethodNotAllowed

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.instance import VERSION
from app.api.web import answer, json_map, paged, runtime, wire_moment, without_none
from app.errors import Conflict, Invalid, NotFound, Unauthenticated
from app.service import draining, installation, preferences

bp = Blueprint("installation", __name__)
management = Blueprint("management", __name__)
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF")
_TO_PYTHON = {"TRACE": "DEBUG", "WARN": "WARNING", "OFF": "CRITICAL"}
_FROM_PYTHON = {"WARNING": "WARN", "CRITICAL": "ERROR", "NOTSET": "INFO"}


# -- the first user


@bp.get("/setup")
@takes(gives="object")
def setup() -> ResponseReturnValue:
    """Open: whether a first user exists."""
    done = installation.is_set_up(runtime())
    return answer({"done": done, "isBasicAuthInitialized": done})


@bp.post("/setup")
@takes(body="json:Credentials", gives="object", also=(405,))
def make_first() -> ResponseReturnValue:
    """Open until done: makes the first user; 405 when one exists."""
    if installation.is_set_up(runtime()):
        raise MethodNotAllowed(["GET"], "the setup is done")
    user = _first_user()
    return answer({"id": user.id, "username": user.username, "superAdmin": True})


@bp.post("/basicAuth")
@takes(body="json:Credentials", status=204, also=(401,))
def make_first_by_older_name() -> ResponseReturnValue:
    """Open until done, as `POST /setup` in 1.x; 401 when a user exists."""
    if installation.is_set_up(runtime()):
        raise Unauthenticated("credentials are missing or wrong")
    _first_user()
    return "", 204


def _first_user() -> Row[Any]:
    data = json_map("username", "password")
    installation.check_credentials(data["username"], data["password"])
    return installation.set_up(runtime(), data["username"], data["password"])


@bp.get("/basicAuthValidationErrors")
@takes(gives="string[]")
def credential_problems() -> ResponseReturnValue:
    """What is wrong with the configured credentials: nothing, for a server that has started."""
    return answer([])


# -- tenants: there is one


_TENANT: dict[str, Any] = {"id": "main", "name": "main", "deleted": False}
_ONE = "there is one tenant, `main`, and it cannot be changed: namespaces keep teams apart"


@bp.get("/tenants/search")
@takes("page size q", gives="Page<Tenant>")
def tenants() -> ResponseReturnValue:
    """The tenants of this installation: one."""
    text = request.args.get("q") or request.args.get("filters[q][EQUALS]") or ""
    return paged([_TENANT] if text.lower() in _TENANT["id"] else [], dict)


@bp.get("/tenants/<tenant_id>")
@takes(gives="Tenant")
def tenant(tenant_id: str) -> ResponseReturnValue:
    """One tenant."""
    if tenant_id != _TENANT["id"]:
        raise NotFound(f"no tenant {tenant_id[:60]!r}: there is one, `main`")
    return answer(_TENANT)


@bp.post("/tenants")
@takes(body="json:Tenant", gives="Tenant", also=(409,))
def add_tenant() -> ResponseReturnValue:
    """Refused: an installation has one tenant."""
    json_map("id")
    raise Conflict(_ONE)


@bp.put("/tenants/<tenant_id>")
@takes(body="json:Tenant", gives="Tenant", also=(409,))
def replace_tenant(tenant_id: str) -> ResponseReturnValue:
    """Refused: the one tenant has nothing that could be changed."""
    json_map("id")
    tenant(tenant_id)
    raise Conflict(_ONE)


@bp.delete("/tenants/<tenant_id>")
@takes(status=204, also=(409,))
def delete_tenant(tenant_id: str) -> ResponseReturnValue:
    """Refused: an installation has one tenant."""
    tenant(tenant_id)
    raise Conflict(_ONE)


# -- processes


def _service(row: Row[Any]) -> dict[str, Any]:
    figures = row.figures or {}
    return {
        "id": row.id,
        "type": row.kind.upper(),
        "state": installation.state_of(runtime(), row),
        "name": row.name,
        "server": {"id": f"{row.host}:{row.pid}", "hostname": row.host, "version": row.version},
        "queues": row.queues,
        "createdAt": wire_moment(row.started_at),
        "updatedAt": wire_moment(row.seen_at),
        **{name: figures[name] for name in ("slots", "load", "memoryBytes") if name in figures},
    }


@bp.get("/instance/jobs")
@takes("page size", gives="Page<WorkerJob>")
def jobs() -> ResponseReturnValue:
    """The task runs that workers hold now, the longest held first, at most 1,000."""
    return paged(installation.list_held(runtime()), _job)


def _job(held: installation.Held) -> dict[str, Any]:
    row = held.row
    return without_none(
        {
            "taskRunId": row.id,
            "taskId": row.task_id,
            "executionId": row.execution_id,
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "queue": row.queue,
            "attempt": row.attempt,
            "worker": held.worker,
            "createdAt": wire_moment(row.created_at),
        }
    )


@bp.get("/instance/services/search")
@takes("page size", gives="Page<object>")
def services() -> ResponseReturnValue:
    """The processes that run, wait, or fell silent within the last hour, with their state."""
    return paged(installation.list_present(runtime()), _service)


@bp.get("/instance/services/active")
@takes(gives="object")
def active_services() -> ResponseReturnValue:
    """The processes that run."""
    rows = installation.list_present(runtime())
    shown = [_service(row) for row in rows]
    active = [item for item in shown if item["state"] in ("RUNNING", "DRAINING")]
    return answer({"total": len(active), "services": active})


@bp.get("/instance/services/drained")
@takes(gives="object")
def drained() -> ResponseReturnValue:
    """The workers (`name@host`) and hosts that take no work until they are undrained."""
    marks = draining.list_marks(runtime())
    shown = [{"name": mark.name, "since": wire_moment(mark.since)} for mark in marks]
    return answer({"total": len(shown), "drained": shown})


@bp.put("/instance/services/drained/<name>")
@takes(status=204)
def drain(name: str) -> ResponseReturnValue:
    """Drains a worker (`name@host`) or all of a host: who runs under the name obeys within 10 s."""
    draining.drain(runtime(), name)
    return Response(status=204)


@bp.delete("/instance/services/drained/<name>")
@takes(status=204)
def undrain(name: str) -> ResponseReturnValue:
    """Lets a worker or a host that is drained under this very name take work again."""
    if not draining.undrain(runtime(), name):
        raise NotFound(f"{name[:100]!r} is not drained")
    return Response(status=204)


# -- preferences


@bp.get("/me/preferences")
@takes(gives="object")
def get_preferences() -> ResponseReturnValue:
    """What the caller stored: saved filters and habits."""
    return answer(dict(preferences.get(runtime(), current_caller().id)))


@bp.put("/me/preferences")
@takes(body="json:object", gives="object")
def put_preferences() -> ResponseReturnValue:
    """Replaces what the caller stored."""
    content = json_map()
    preferences.put(runtime(), current_caller().id, content)
    return answer(content)


# -- management, outside of the API


@management.get("/version")
@takes(gives="object")
def version() -> ResponseReturnValue:
    """The version of the server."""
    return answer({"version": VERSION, "type": "OSS"})


@management.get("/info")
@takes(gives="object")
def info() -> ResponseReturnValue:
    """What was built."""
    return answer({"app": {"name": "trunkline", "version": VERSION}})


@management.get("/env")
@takes(gives="object")
def environment() -> ResponseReturnValue:
    """The effective settings; secrets are masked."""
    shown = installation.effective_settings(runtime().settings)
    return answer({"activeEnvironments": [], "properties": shown})


def _level(logger: logging.Logger) -> dict[str, str]:
    def named(number: int) -> str:
        name = logging.getLevelName(number)
        return _FROM_PYTHON.get(name, name)

    effective = named(logger.getEffectiveLevel())
    configured = named(logger.level) if logger.level else "NOT_SPECIFIED"
    return {"configuredLevel": configured, "effectiveLevel": effective}


@management.get("/loggers")
@takes(gives="object")
def loggers() -> ResponseReturnValue:
    """The loggers of this process with their levels."""
    known = logging.Logger.manager.loggerDict
    found = {"ROOT": _level(logging.getLogger())}
    for name in sorted(known):
        logger = known[name]
        if isinstance(logger, logging.Logger):
            found[name] = _level(logger)
    return answer({"levels": list(LEVELS), "loggers": found})


@management.post("/loggers/<name>")
@takes(body="json:LoggerLevel", gives="object")
def set_level(name: str) -> ResponseReturnValue:
    """Changes the level of a logger in the process that answers, until it ends."""
    data = json_map("configuredLevel")
    level = data["configuredLevel"].upper()
    if level not in LEVELS:
        raise Invalid(f"`configuredLevel` must be one of {', '.join(LEVELS)}")
    is_known = name == "ROOT" or name in logging.Logger.manager.loggerDict
    if not is_known:
        raise Invalid(f"no logger {name[:100]!r}")
    logger = logging.getLogger(None if name == "ROOT" else name)
    logger.setLevel(_TO_PYTHON.get(level, level))
    return answer(_level(logger) | {"name": name})
