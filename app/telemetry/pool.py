"""Where the pool processes of a worker put their figures; imports no Prometheus itself."""

import os
import shutil
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share_among_pool(folder: Path) -> None:
    """Makes the pool processes of a worker write where its parent adds up; before any import."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder)
