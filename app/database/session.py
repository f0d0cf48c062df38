"""Engines and transactions: SQLite in WAL mode and PostgreSQL behind one door.

`Database.transaction()` is how `service` opens a transaction. On SQLite it begins IMMEDIATE, which
is both locks of the engine rules; on PostgreSQL it is READ COMMITTED and every write is guarded.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Connection, Engine, create_engine, event, literal, type_coerce
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.elements import ColumnElement

from app.database import batch
from app.database.absence import away, bound_waits
from app.database.types import DatabaseNow, Moment
from app.errors import DatabaseAway, Invalid
from app.model.json_text import encode
from app.model.pattern import Search
from app.telemetry.metrics import COMMIT_SECONDS

#: what database functions take; only `database` looks inside
Session = Connection
BUSY_TIMEOUT_S = 10
PING_AFTER_S = 1.0
TIMEOUT_S = 30.0
#: what SQLite says when a function of ours raised; `REGEXP` is the only one
OWN_FUNCTION = "user-defined function raised exception"
NEW_QUESTION_S = 0.5  #: of silence, after which a pattern has its whole time again


class Database:
    """One pool of connections to one database; safe to share among threads, not over a fork."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        max_overflow: int = 20,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`timeout_s` bounds a statement; `clock` replaces the database's own in simulations."""
        self.url = normalise_url(url)
        self._clock = clock
        self.is_sqlite = self.url.startswith("sqlite")
        self.engine = _make_engine(self.url, pool_size, max_overflow, timeout_s)
        batch.watch(self.engine)
        reads: dict[str, Any] = {"trunkline_begin": None}
        stands: dict[str, Any] = {"trunkline_begin": "BEGIN"}
        if not self.is_sqlite:
            reads["isolation_level"] = "AUTOCOMMIT"
            stands |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**reads)
        self._stander = self.engine.execution_options(**stands)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Session]:
        """Commits at the end of the block, rolls back on an exception.

        What is not `durable` may be lost when the machine itself goes down, whole as it is: for
        leases and other rows that are worked out anew. Raises DatabaseAway when the database
        cannot be reached or cannot write.
        """
        with _translated(), self._begin(durable=durable) as connection:
            try:
                yield connection
                ended = time.perf_counter()  # the last writes may commit as they are sent
                batch.flush(connection, last=True)
            finally:
                batch.forget(connection)
        COMMIT_SECONDS.observe(time.perf_counter() - ended)

    @contextmanager
    def _begin(self, *, durable: bool) -> Iterator[Session]:
        if durable:
            with self.engine.begin() as connection:
                yield connection
            return
        options = {"trunkline_durable": False}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """For statements that only read, each of which sees its own moment.

        Without a transaction around them: on PostgreSQL its two round trips are saved, and the
        rollback that would end it, at which the driver forgets all prepared statements of the
        connection.
        """
        with _translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def at_once(self) -> Iterator[Session]:
        """For one statement that writes and is a transaction by itself: one round trip."""
        if self.is_sqlite:
            with self.transaction() as tx:
                yield tx
        else:
            with self.reading() as tx:
                yield tx

    @contextmanager
    def standing_still(self) -> Iterator[Session]:
        """A transaction that only reads, and sees the database as it is at its first read."""
        with _translated(), self._stander.connect() as connection:
            yield connection

    def lease(self, delta: timedelta) -> tuple[datetime | None, int]:
        """A moment that is fixed by the clock of a simulation, else None; the span in micros."""
        micros = delta // timedelta(microseconds=1)
        return (self._clock() + delta if self._clock is not None else None), micros

    def now_plus(self, delta: timedelta) -> ColumnElement[Any]:
        """The database's own time plus a duration, as SQL: what leases are set by."""
        if self._clock is not None:
            return literal(self._clock() + delta, Moment())
        micros = delta // timedelta(microseconds=1)
        now = type_coerce(DatabaseNow(), BigInteger)
        return type_coerce(now + micros, Moment())

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


class Unstorable(Invalid):
    """A value that no column takes: a NUL character, a number of more than 64 bits."""

    def __init__(self, reason: BaseException | None) -> None:
        super().__init__(f"a value cannot be stored: {str(reason).splitlines()[0][:200]}")


@contextmanager
def _translated() -> Iterator[None]:
    """Faults of the database, told apart from faults of the caller."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAway("every connection to the database is in use") from error
    except DBAPIError as error:
        if OWN_FUNCTION in str(error.orig):
            raise Invalid("the regular expression takes too long, or is none") from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise away(error.orig) from error
        if isinstance(error, DataError):
            raise Unstorable(error.orig) from error
        raise
    except (OverflowError, UnicodeEncodeError) as error:  # a number, half a character
        raise Unstorable(error) from error
    except psycopg.DataError as error:  # of a write that was sent past SQLAlchemy
        raise Unstorable(error) from error


def normalise_url(url: str) -> str:
    """`postgres://` and `postgresql://` get the psycopg driver; others stay as they are."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _make_engine(url: str, pool_size: int, max_overflow: int, timeout_s: float) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=5,
            json_serializer=encode,
        )
        _tune_sqlite(engine)
        return engine
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=5,
        json_serializer=encode,
        pool_use_lifo=True,  # the connection that has just prepared the statements
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": f"-c statement_timeout={int(timeout_s * 1000)}"
            " -c idle_in_transaction_session_timeout=60000",
        },
    )
    _ping_idle(engine)
    bound_waits(engine, timeout_s + 2)
    return engine


def _ping_idle(engine: Engine) -> None:
    """Asks a connection that nobody has used for a while whether it still lives."""

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        idle_since = record.info.pop("idle_since", None)
        if idle_since is None or time.monotonic() - idle_since < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error


class _Regexp:
    """`REGEXP` of SQLite on one connection: the driver's own never ends on a hostile pattern."""

    def __init__(self) -> None:
        self._search: Search | None = None
        self._pattern, self._asked = "", 0.0

    def __call__(self, pattern: str, text: str | None) -> bool:
        """Whether a text holds a pattern. Raises Invalid, which SQLite tells as `OWN_FUNCTION`."""
        search, is_late = self._search, time.monotonic() - self._asked > NEW_QUESTION_S
        if search is None or pattern != self._pattern or is_late:
            self._pattern, self._search = pattern, (search := Search(pattern))
        found = text is not None and search.found_in(text)
        self._asked = time.monotonic()
        return found


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def on_open(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
        path = str(arguments[0]) if arguments else ":memory:"
        if path and not path.startswith((":", "file:")):
            # what stands in it is its owner's alone; its WAL gets the same mode from SQLite
            with suppress(OSError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("regexp", 2, _Regexp(), deterministic=True)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        begin = options.get("trunkline_begin", "BEGIN IMMEDIATE")
        if begin is None:
            return
        mode = "FULL" if options.get("trunkline_durable", True) else "NORMAL"
        if connection.info.get("synchronous", "FULL") != mode:
            connection.exec_driver_sql(f"PRAGMA synchronous={mode}")
            connection.info["synchronous"] = mode
        connection.exec_driver_sql(begin)
