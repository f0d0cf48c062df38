"""Who waits for news: announcements of the broker wake the streams of this process.

One thread listens for all streams. Where the broker cannot announce, or loses a message, a stream
looks at the database by itself after `fallback_s`: slower, never wrong.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from app.errors import Busy, Unavailable

FALLBACK_S, FALLBACK_ALONE_S = 2.0, 0.5
ASK_S = 5.0  #: how often a stream asks whether who opened it may still come in


@runtime_checkable
class Announcer(Protocol):
    """A publisher that can also be listened to."""

    def listen(self, heard: Callable[[dict[str, Any]], None], stop: threading.Event) -> None:
        """Calls `heard` for each announcement until `stop` is set."""
        ...


@dataclass(eq=False)
class Follower:
    """One stream: what it waits for, and whether there is news."""

    owner: str
    topics: tuple[str, ...]  #: `execution:ID`, `logs:ID`; one that ends with `:` is any of its kind
    fallback_s: float
    is_let_in: Callable[[], bool] = lambda: True  #: whether its credentials are still good
    asked_at: float = field(default_factory=time.monotonic)
    is_over: bool = False
    news: threading.Event = field(default_factory=threading.Event)
    heard: set[str] = field(default_factory=set)

    def concerns(self, channel: str) -> bool:
        """Whether an announcement on a channel is news to it."""
        return any(
            channel.startswith(topic) if topic.endswith(":") else channel == topic
            for topic in self.topics
        )


class Followers:
    """The streams of a process; closed as a whole when it stops."""

    def __init__(self, publisher: object, *, most: int, most_each: int) -> None:
        self._announcer = publisher if isinstance(publisher, Announcer) else None
        self.alone = not getattr(publisher, "is_redis", False)
        self._most, self._most_each = most, most_each
        self._all: set[Follower] = set()
        self._owners: dict[str, int] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.stopping = threading.Event()

    def open(
        self, owner: str, topics: Iterable[str], is_let_in: Callable[[], bool] = lambda: True
    ) -> Follower:
        """A new follower; the caller closes it. Raises Busy over the limits, Unavailable at the
        end of the process. The limits hold for the whole process and for each owner.
        """
        fallback_s = FALLBACK_ALONE_S if self.alone else FALLBACK_S
        follower = Follower(owner, tuple(topics), fallback_s, is_let_in)
        with self._lock:
            if self.stopping.is_set():
                raise Unavailable("the server is stopping")
            if len(self._all) >= self._most or self._owners.get(owner, 0) >= self._most_each:
                raise Busy("too many streams are open", retry_after_s=5)
            self._all.add(follower)
            self._owners[owner] = self._owners.get(owner, 0) + 1
            if self._thread is None and self._announcer is not None and not self.alone:
                self._thread = threading.Thread(target=self._listen, name="followers", daemon=True)
                self._thread.start()
        return follower

    def close(self, follower: Follower) -> None:
        """Forgets a follower; a second call does nothing."""
        with self._lock:
            if follower not in self._all:
                return
            self._all.discard(follower)
            self._owners[follower.owner] -= 1
            if not self._owners[follower.owner]:
                del self._owners[follower.owner]

    def goes_on(self, follower: Follower) -> bool:
        """Whether a stream goes on: the process does, and its session, token or account too.

        Raises DatabaseAway where nobody can tell; the stream breaks, and its client comes again.
        """
        if time.monotonic() - follower.asked_at >= ASK_S:
            follower.asked_at = time.monotonic()
            follower.is_over = not follower.is_let_in()
        return not (self.stopping.is_set() or follower.is_over)

    def _listen(self) -> None:
        assert self._announcer is not None
        self._announcer.listen(self._heard, self.stopping)

    def _heard(self, message: dict[str, Any]) -> None:
        channel = str(message.get("channel", ""))
        with self._lock:
            for follower in self._all:
                if follower.concerns(channel):
                    follower.heard.add(channel)
                    follower.news.set()

    def wait(self, follower: Follower, seconds: float | None = None) -> set[str]:
        """Waits for news or for the fallback's time; the channels that were announced since."""
        follower.news.wait(follower.fallback_s if seconds is None else seconds)
        with self._lock:
            heard, follower.heard = follower.heard, set()
            follower.news.clear()
        return heard

    def stop(self) -> None:
        """Ends every stream."""
        self.stopping.set()
        with self._lock:
            for follower in self._all:
                follower.news.set()
