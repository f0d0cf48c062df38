"""The API in this process: one app for all tests, bound to the runtime of each."""

from flask import Flask

from app.api.app import bind, create_app
from app.service.runtime import Runtime

_made: list[Flask] = []


def app_on(rt: Runtime) -> Flask:
    """The app over a runtime; making its some hundred routes anew would cost more than most tests.

    It stands on one runtime at a time: a test that serves two makes its own by `create_app`.
    """
    if _made:
        bind(_made[0], rt)
    else:
        _made.append(create_app(rt))
    return _made[0]
