"""Whether the parts that the server works with answer, and whether it can do without them."""

import time
from collections.abc import Callable
from concurrent.futures import Future

from app.database import users
from app.errors import DatabaseAway
from app.service.question import Question
from app.service.runtime import Runtime

#: without these no request can be served; a broker that is away costs only time: what was accepted
#: lies in the database, and is published once the broker is back
NEEDED = frozenset({"database"})
#: for all parts together: what hangs is down, and probes wait no longer than four seconds
ANSWER_S = 3.0


def is_ready(parts: dict[str, bool]) -> bool:
    """Whether requests should be sent here."""
    return all(parts[name] for name in NEEDED)


class Health:
    """Asks the parts side by side; one that hangs holds up neither the other nor who asks."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._acts: dict[str, Callable[[], bool]] = {
            "database": self._database,
            "broker": rt.publisher.answers,
        }
        self._questions = {name: Question[bool]() for name in self._acts}

    def check(self) -> dict[str, bool]:
        """Up or not, by component; within ANSWER_S."""
        ends = time.monotonic() + ANSWER_S
        asked = {name: self._questions[name].begin(act) for name, act in self._acts.items()}
        return {name: _is_up(pending, ends) for name, pending in asked.items()}

    def _database(self) -> bool:
        with self._rt.database.reading() as tx:
            users.count(tx)
        return True


def _is_up(pending: "Future[bool]", ends: float) -> bool:
    try:
        return pending.result(max(0.0, ends - time.monotonic()))
    except (DatabaseAway, TimeoutError):
        return False
