"""Makes the Runtime of a process."""

import os
from collections.abc import Mapping

from app.database.session import Database
from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.service.runtime import Runtime
from app.settings import Settings
from app.storage.storage import open_storage


def make_runtime(settings: Settings, environ: Mapping[str, str] | None = None) -> Runtime:
    """A runtime on the real database, broker and storage that the settings name."""
    return Runtime(
        settings=settings,
        database=Database(settings.database_url, timeout_s=settings.database_timeout_s),
        storage=open_storage(settings.storage_url),
        publisher=CeleryPublisher(make_celery(settings)),
        environ=dict(os.environ if environ is None else environ),
    )
