"""A file that is touched while a process does its rounds: a probe looks at its age.

A probe that starts Python costs half a second of CPU, `find FILE -newermt -90sec` milliseconds.
"""

import logging
from pathlib import Path

log = logging.getLogger(__name__)


def touch(path: Path | None) -> None:
    """Says that the process has come round once more; without a path nothing is written.

    Never raises: a full disk must not end a round. The probe sees that it went silent.
    """
    if path is None:
        return
    try:
        path.touch()
    except OSError as error:
        log.warning("%s was not touched: %s", path, error)
