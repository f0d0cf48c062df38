"""What a user does to triggers beside the switch: restart, delete, backfills, many at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from sqlalchemy import Row

from app.database import triggers
from app.errors import Conflict, Invalid, NotFound, TrunklineError
from app.model.label import read_labels
from app.service import flows, trigger_rows, trigger_state
from app.service.runtime import Runtime
from app.trigger.schedule import Schedule

Place = tuple[str, str, str]
MOST_INSTANTS = 10_000
TICK = timedelta(microseconds=1)


def _row(rt: Runtime, place: Place) -> Row[Any]:
    with rt.database.reading() as tx:
        row = triggers.find(tx, *place)
    if row is None:
        raise NotFound(f"no trigger {place[2]!r} in flow {place[0]}.{place[1]}")
    return row


def update(rt: Runtime, place: Place, data: Mapping[str, Any]) -> Row[Any]:
    """Writes the switch and the backfill of a state, where they differ. Raises Conflict."""
    row = _row(rt, place)
    disabled, wanted = data.get("disabled"), data.get("backfill")
    if disabled is not None and not isinstance(disabled, bool):
        raise Invalid("`disabled` must be true or false")
    if wanted is not None and not isinstance(wanted, dict):
        raise Invalid("`backfill` must be {start, end, order, concurrencyLimit, inputs, labels}")
    if disabled is not None and disabled != row.disabled:
        row = trigger_state.set_disabled(rt, *place, disabled=disabled)
    if wanted and not row.backfill:
        return backfill(rt, place, wanted)
    if wanted and "paused" in wanted and wanted["paused"] != row.backfill.get("paused"):
        return trigger_state.pause_backfill(rt, *place, paused=bool(wanted["paused"]))
    if wanted is None and "backfill" in data and row.backfill:
        return trigger_state.end_backfill(rt, *place)
    return row


def backfill(rt: Runtime, place: Place, wanted: Mapping[str, Any]) -> Row[Any]:
    """Begins a backfill once its parts are checked. Raises Invalid, NotFound, Conflict."""
    _row(rt, place)
    if wanted.get("inputs") is not None and not isinstance(wanted["inputs"], dict):
        raise Invalid("`backfill.inputs` must be a map")
    try:
        read_labels(wanted.get("labels"))
    except ValueError as error:
        raise Invalid(f"`backfill.labels`: {error}") from None
    return trigger_state.backfill(rt, *place, wanted)


def restart(rt: Runtime, place: Place) -> Row[Any]:
    """Clears the lock; a Schedule goes on with its next instant, another trigger looks now.

    A backfill goes on with the instant that waited for the lock.
    """
    row = _row(rt, place)
    if row.disabled:
        raise Conflict("the trigger is disabled")
    now = rt.clock()
    declared = _declared(rt, place)
    next_at = (
        declared.next_after(now, rt.settings.timezone) if isinstance(declared, Schedule) else now
    )
    with rt.database.transaction() as tx:
        values = {} if row.backfill else {"next_at": next_at}
        triggers.free(tx, triggers.at(*place), now, **values)
    rt.publisher.announce("due", {})
    return _row(rt, place)


def _declared(rt: Runtime, place: Place) -> Any:
    saved = flows.get(rt, place[0], place[1])
    return trigger_rows.find(flows.index(rt, *place[:2], saved.revision).flow, place[2])


def delete(rt: Runtime, place: Place) -> None:
    """Removes a state whose trigger is no longer in the flow. Raises Conflict when it still is."""
    _row(rt, place)
    try:
        declared = _declared(rt, place)
    except NotFound:
        declared = None
    if declared is not None:
        raise Conflict("the trigger is still in the flow; remove it there first")
    with rt.database.transaction() as tx:
        triggers.drop(tx, *place)


def each(rt: Runtime, places: Sequence[Place], do: Callable[[Place], Any]) -> int:
    """Does it to each that exists and takes it; how many. Raises NotFound for an unknown one."""
    for place in places:
        _row(rt, place)
    done = 0
    for place in places:
        try:
            do(place)
        except TrunklineError:
            continue  # it does not fit: not locked, no backfill, …
        done += 1
    return done


def instants(
    rt: Runtime, place: Place, *, start: datetime, end: datetime | None, most: int
) -> list[datetime]:
    """The instants of a schedule from `start` to `end`. Raises Invalid for another trigger."""
    following = _schedule(rt, place).following(start - TICK, rt.settings.timezone)
    within = takewhile(lambda instant: end is None or instant <= end, following)
    return list(islice(within, most))


def instants_back(
    rt: Runtime, place: Place, *, start: datetime, end: datetime, most: int
) -> list[datetime]:
    """The same, from `end` back to `start`."""
    preceding = _schedule(rt, place).preceding(end + TICK, rt.settings.timezone)
    return list(islice(takewhile(lambda instant: instant >= start, preceding), most))


def _schedule(rt: Runtime, place: Place) -> Schedule:
    declared = _declared(rt, place)
    if declared is None:
        raise NotFound(f"no trigger {place[2]!r} in flow {place[0]}.{place[1]}")
    if not isinstance(declared, Schedule):
        raise Invalid(f"trigger {place[2]!r} is no Schedule")
    return declared
