"""Flower as it is, but that its `/metrics` asks for the same password as the rest of it.

They name flows, tasks and workers. Only `/healthcheck`, which says OK, stays open for probes.
"""

from collections.abc import Sequence

from flower.urls import handlers
from flower.views.monitor import Metrics
from tornado.web import authenticated

from workers.flower import app


class GuardedMetrics(Metrics):  # type: ignore[misc]
    """Figures for those who are let in."""

    @authenticated
    async def get(self) -> None:
        """As Flower gives them."""
        await super().get()


def run(arguments: Sequence[str]) -> None:
    """Runs until it is told to stop; the arguments are those of Flower."""
    handlers[handlers.index(("/metrics", Metrics))] = ("/metrics", GuardedMetrics)
    app.start(["flower", *arguments])
