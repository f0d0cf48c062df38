"""kombu's transport of Redis, with one client for each channel.

kombu makes a client anew for each command that it sends, which was a fifth of the CPU of a worker's
main process. A client is no connection: it takes one of the channel's pool for each command, and
any number of threads may share it.
"""

import logging
from typing import Any

from kombu.transport import redis, virtual

log = logging.getLogger(__name__)
NAME = f"{__name__}:Transport"  #: as kombu finds it


class InHand(virtual.QoS):
    """Gives back what a worker has in hand when it ends."""

    def restore_unacked(self) -> list[Any]:
        """What a broker that is away does not take is no loss, and no file: recovery sends it."""
        failed = super().restore_unacked()  # type: ignore[no-untyped-call]
        if failed:
            log.warning("%s messages were not given back: the broker is away", len(failed))
        return []


class Channel(redis.Channel):
    """A channel that keeps its client as long as its pool."""

    _kept: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        if not self.ack_emulation:
            self.QoS = InHand  # type: ignore[assignment]

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept


class Transport(redis.Transport):
    """As kombu's, with such channels."""

    Channel = Channel
