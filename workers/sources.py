"""The job of the `git` queue: work on a source that was asked for."""

import logging

from app.service.gitops import sync
from workers.process import Process

log = logging.getLogger(__name__)


def run_source(process: Process, source: str) -> None:
    """Fetches, plans, applies; a source that another worker holds is left to it."""
    if process.draining.is_set():
        return  # beat asks again: the request is a row
    if not sync.work(process.rt, source):
        log.debug("another worker works on source %s", source)
