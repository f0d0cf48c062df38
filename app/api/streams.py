"""Server-sent events: executions, their logs, and one stream for many topics (HTTP API 2.7)."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from app.api import filters, permissions, wire
from app.api.auth import current_caller, still_let_in
from app.api.describe import takes
from app.api.executions import shown
from app.api.web import flag, runtime
from app.errors import Forbidden, Invalid
from app.model.access import Permission
from app.model.filter import LOGS
from app.model.ids import is_execution_id
from app.service import executions, linked, search
from app.service.following import Follower, Followers
from app.service.marks import LOOK_S
from app.service.transitions import ExecutionNotFound

bp = Blueprint("streams", __name__)
SILENCE_S = 15.0  #: a comment is sent after this time, so that no proxy closes the connection
BIRTH_S = 10.0  #: how long a stream waits for an execution that has just been started
SHARE_S, SHARE_LARGE_S, LARGE = 0.25, 2.0, 500
MOST_LINES, LOOK_BACK = 5000, 1000
STREAM = "text/event-stream"


def followers() -> Followers:
    """The streams of this process."""
    found: Followers = current_app.config["FOLLOWERS"]
    return found


def frame(name: str, data: Any) -> str:
    """One event, named by `id` as clients expect."""
    return f"id: {name}\ndata: {json.dumps(data)}\n\n"


def stream(topics: Iterable[str], frames: Callable[[Follower], Iterator[str]]) -> Response:
    """An answer that goes on while `frames` yields; refused at once when there are too many."""
    hub, owner = followers(), g.caller.id if "caller" in g else "anonymous"
    follower = hub.open(owner, topics, still_let_in())
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def guarded() -> Iterator[str]:
        with app.app_context():
            yield from frames(follower)

    answer = Response(guarded(), mimetype=STREAM)
    answer.call_on_close(lambda: hub.close(follower))
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class Pulse:
    """Says when a stream has been silent for too long."""

    def __init__(self) -> None:
        self.spoke = time.monotonic()

    def beat(self, has_spoken: bool) -> Iterator[str]:
        """A comment after a long silence."""
        if has_spoken:
            self.spoke = time.monotonic()
        elif time.monotonic() - self.spoke > SILENCE_S:
            self.spoke = time.monotonic()
            yield ": alive\n\n"


def _born(execution_id: str) -> None:
    """Waits for an execution that was just started. Raises ExecutionNotFound, Forbidden."""
    ends = time.monotonic() + (BIRTH_S if is_execution_id(execution_id) else 0)
    while True:
        try:
            executions.get(runtime(), execution_id)
            # the guard found no namespace of an execution that was not there yet
            permissions.check(current_caller(), str(request.endpoint))
            return
        except ExecutionNotFound:
            if time.monotonic() > ends or followers().stopping.wait(0.25):
                raise


@bp.get("/executions/<execution_id>/follow")
@takes(gives=STREAM, also=(429, 503))
def follow(execution_id: str) -> ResponseReturnValue:
    """The execution at once and at each change; `end` at last, then the stream closes."""
    _born(execution_id)
    return stream([f"execution:{execution_id}"], lambda f: _follow(f, execution_id))


def _follow(follower: Follower, execution_id: str) -> Iterator[str]:
    hub, pulse, seen = followers(), Pulse(), None
    while hub.goes_on(follower):
        try:
            mark, ended, size = search.progress_mark(runtime(), execution_id)
        except ExecutionNotFound:
            return  # deleted meanwhile
        if ended:
            yield frame("end", shown(execution_id))
            return
        if mark != seen:
            yield frame("progress", shown(execution_id))
            hub.stopping.wait(SHARE_LARGE_S if size > LARGE else SHARE_S)
        yield from pulse.beat(mark != seen)
        seen = mark
        hub.wait(follower)


@bp.get("/logs/<execution_id>/follow")
@takes(filters=LOGS, gives=STREAM, also=(400, 429, 503))
def follow_logs(execution_id: str) -> ResponseReturnValue:
    """Each line once, until the execution has ended and its last lines are sent."""
    wanted = {"execution_id": execution_id, "where": filters.read(LOGS)}
    _born(execution_id)
    topics = [f"logs:{execution_id}", f"execution:{execution_id}"]
    return stream(topics, lambda f: _follow_logs(f, execution_id, wanted))


def _follow_logs(follower: Follower, execution_id: str, wanted: dict[str, Any]) -> Iterator[str]:
    hub, pulse, seen = followers(), Pulse(), set[int]()
    while hub.goes_on(follower):
        try:
            ended = search.progress_mark(runtime(), execution_id)[1]
        except ExecutionNotFound:
            ended = True
        # a line with a smaller number may be committed after one with a larger: look back
        since = max(seen, default=-1) - LOOK_BACK
        found = search.list_new_logs(runtime(), wanted, since, MOST_LINES)
        rows = [row for row in found if row.n not in seen]
        values = search.values_of(runtime(), rows)
        for row in rows:
            yield frame("progress", wire.log_line(row, values))
        seen = {n for n in seen if n > since} | {row.n for row in rows}
        yield from pulse.beat(bool(rows))
        if ended and not rows:
            return
        if len(found) < MOST_LINES:
            hub.wait(follower, 0.2 if ended else None)


@bp.get("/executions/<execution_id>/follow-dependencies")
@takes("destinationOnly expandAll", gives=STREAM, also=(429, 503))
def follow_dependencies(execution_id: str) -> ResponseReturnValue:
    """The states of executions that are linked by their correlation id, until all have ended."""
    _born(execution_id)
    only_after = flag("destinationOnly")
    may_read = partial(current_caller().may, Permission.EXECUTION_READ)
    return stream(["execution:"], lambda f: _follow_linked(f, execution_id, only_after, may_read))


def _follow_linked(
    follower: Follower, execution_id: str, only_after: bool, may_read: Callable[[str], bool]
) -> Iterator[str]:
    hub, pulse = followers(), Pulse()
    told: dict[str, str] = {}
    while hub.goes_on(follower):
        rows = linked.executions_of(runtime(), execution_id, only_after=only_after)
        rows = [row for row in rows if may_read(row.namespace)]
        news = [row for row in rows if told.get(row.id) != row.state]
        now = runtime().clock()
        for row in news:
            told[row.id] = row.state
            yield frame("progress", linked_event(row, now))
        yield from pulse.beat(bool(news))
        if all(row.ended_at is not None for row in rows):
            return
        hub.wait(follower)
        hub.stopping.wait(SHARE_S)


def linked_event(row: Any, now: Any) -> dict[str, Any]:
    """What is told of a linked execution."""
    state = wire.state(row.state, row.histories, now, ended=row.ended_at is not None)
    return {
        "executionId": row.id,
        "tenantId": "main",
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "revision": row.revision,
        "state": state,
    }


_CHANNELS = {"execution": "execution:{}", "log": "logs:{}"}
_LISTS = {"list:executions": "execution:", "git": "git", "workers": "workers"}
MOST_TOPICS = 50


@bp.get("/events")
@takes("topics*", gives=STREAM, also=(400, 429, 503))
def events() -> ResponseReturnValue:
    """One stream for a browser: a frame named by its topic says that there is something new.

    Topics that the caller may not follow are told in frames named `refused`, at the start; where
    none is left, 403. A frame named `gone` says that the session or the token has ended.
    """
    asked = [t for text in request.args.getlist("topics") for t in text.split(",") if t]
    if not asked or len(asked) > MOST_TOPICS:
        raise Invalid(f"`topics` must name 1 to {MOST_TOPICS} topics")
    channels, refused = {}, []
    for topic in asked:
        try:
            permissions.check_topic(current_caller(), topic)
        except Forbidden as error:
            refused.append({"topic": topic, "message": str(error)})
        else:
            channels[topic] = _channel(topic)
    if not channels:
        raise Forbidden("; ".join(one["message"] for one in refused))
    return stream(channels.values(), lambda f: _tell(f, channels, refused))


def _channel(topic: str) -> str:
    """Where news of a topic are announced."""
    kind, _, rest = topic.partition(":")
    return _LISTS[topic] if topic in _LISTS else _CHANNELS[kind].format(rest)


def _tell(
    follower: Follower, channels: dict[str, str], refused: list[dict[str, str]]
) -> Iterator[str]:
    hub, pulse, marks = followers(), Pulse(), current_app.config["MARKS"]
    seen = {topic: marks.of(topic) for topic in channels}
    yield ": open\n\n"
    for one in refused:
        yield frame("refused", one)
    while hub.goes_on(follower):
        heard = hub.wait(follower, LOOK_S)
        told = {topic for topic, channel in channels.items() if _is_in(channel, heard)}
        for topic in channels.keys() - told:
            mark = marks.of(topic)
            if mark != seen[topic]:
                told.add(topic)
                seen[topic] = mark
        for topic in sorted(told):
            yield frame(topic, {"topic": topic})
        for _ in pulse.beat(bool(told)):
            yield frame("alive", {})  # a comment would not reach the page
        if told:
            hub.stopping.wait(SHARE_S)
    if follower.is_over:
        yield frame("gone", {})


def _is_in(channel: str, heard: set[str]) -> bool:
    """Whether an announcement was of a channel, or of one below it."""
    return any(h == channel or (channel[-1] == ":" and h.startswith(channel)) for h in heard)
