"""The Celery app that Flower inspects: the broker, the queues, no jobs."""

from app.dispatch.celery_app import QUEUES, make_celery, queues_of
from app.settings import load_settings

settings = load_settings()
app = make_celery(settings)
app.conf.task_queues = queues_of(list(QUEUES), settings)
