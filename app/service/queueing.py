"""Executions that wait for a slot of their flow begin, the oldest first.

The flow as it is now says how much room there is, whatever revision an execution runs: a limit may
have been set, raised or taken away meanwhile. Who counts holds the flow's row; each execution
begins in a transaction of its own.
"""

import logging

from sqlalchemy import Row

from app.database import flows
from app.database.session import Session
from app.errors import DatabaseAway
from app.model.state import Gate
from app.service import poison, transitions
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress

log = logging.getLogger(__name__)
AT_ONCE = 100  #: executions of a flow that begin in one go; recovery goes on with the rest


def admit(rt: Runtime, namespace: str, flow_id: str) -> list[Progress]:
    """As many executions begin as there is room for, `AT_ONCE` at most."""
    done: list[Progress] = []
    is_more = True
    while is_more and len(done) < AT_ONCE:
        progress, is_more = _admit_next(rt, namespace, flow_id)
        if progress is not None:
            done.append(progress)
    return done


def _admit_next(rt: Runtime, namespace: str, flow_id: str) -> tuple[Progress | None, bool]:
    """What the oldest one left to be done, and whether there is room for another."""
    waiting = None
    try:
        with rt.database.transaction() as tx:
            head = flows.lock(tx, namespace, flow_id)
            waiting = flows.oldest_queued(tx, namespace, flow_id)
            room = _room(tx, head) if head is not None and waiting is not None else 0
            if waiting is None or room <= 0:
                return None, False
            mover = transitions.held(tx, rt, waiting.id)
            if mover.gate is not Gate.QUEUED:
                return None, True  # killed or unqueued since it was read
            transitions.admit(mover)
            return mover.progress, room > 1
    except DatabaseAway:
        raise
    except Overtaken:
        return None, False  # recovery comes back to it
    except Exception as error:
        if waiting is None:
            raise
        log.exception("execution %s could not begin", waiting.id)
        return poison.refuse(rt, waiting.id, {"id": waiting.root}, error), False


def _room(tx: Session, flow: Row[tuple[object, ...]]) -> int:
    """How many more executions of a flow may run."""
    limit = (flow.concurrency or {}).get("limit")
    return AT_ONCE if limit is None else int(limit) - flows.count_live(tx, flow.namespace, flow.id)


def list_with_room(rt: Runtime) -> list[tuple[str, str]]:
    """The flows (namespace, id) that executions wait for although there is room for them."""
    with rt.database.reading() as tx:
        waited_for = flows.list_queued(tx)
        return [(flow.namespace, flow.id) for flow in waited_for if _room(tx, flow) > 0]
