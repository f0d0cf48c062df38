"""A question that may hang: asked by a thread of its own, and waited for a moment only."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class Question(Generic[T]):
    """There is one thread at most: who asks while an earlier one hangs waits for that answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: Future[T] | None = None

    def ask(self, act: Callable[[], T], wait_s: float) -> T:
        """What `act` gives, or raises. Raises TimeoutError when that takes longer than `wait_s`."""
        return self.begin(act).result(wait_s)

    def begin(self, act: Callable[[], T]) -> Future[T]:
        """Asks, and does not wait."""
        with self._lock:
            if self._pending is None or self._pending.done():
                self._pending = Future()
                answer = partial(self._answer, self._pending, act)
                threading.Thread(target=answer, daemon=True, name="question").start()
            return self._pending

    @staticmethod
    def _answer(pending: "Future[T]", act: Callable[[], T]) -> None:
        try:
            pending.set_result(act())
        except Exception as error:
            pending.set_exception(error)
