"""The API in this process: a client of the app over the driver's runtime."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import make_driver
from tests.support.api import app_on
from tests.support.driver import Driver

LOG = "{id: log, type: io.kestra.plugin.core.log.Log, message: hello}"


class Api:
    """Requests as a client of the web makes them; answers are checked by the test."""

    def __init__(self, driver: Driver, client: FlaskClient) -> None:
        self.driver, self.client = driver, client

    def call(self, method: str, path: str, **options: Any) -> Any:
        return self.client.open("/api/v1/main" + path, method=method, **options)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def send(
        self, method: str, path: str, data: Any = None, status: int = 200, **query: Any
    ) -> Any:
        options = {} if data is None else {"json": data}
        answer = self.call(method, path, query_string=query, **options)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json() if answer.is_json else answer.get_data()

    def flow(
        self, flow_id: str, more: str = "", namespace: str = "team.a", tasks: str = LOG
    ) -> Any:
        text = f"id: {flow_id}\nnamespace: {namespace}\n{more}\ntasks: [{tasks}]\n"
        answer = self.call("POST", "/flows", data=text)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def run(self, flow_id: str, namespace: str = "team.a", **query: Any) -> str:
        """Starts a flow and works it to its end; the execution's id."""
        started = self.send("POST", f"/executions/{namespace}/{flow_id}", **query)
        self.driver.work()
        return str(started["id"])


def make_api(driver: Driver) -> Api:
    settings = driver.rt.settings.model_copy(update={"auth_enabled": False})
    object.__setattr__(driver.rt, "settings", settings)
    return Api(driver, app_on(driver.rt).test_client())


@pytest.fixture
def api(driver: Driver) -> Api:
    return make_api(driver)


@pytest.fixture
def lite(tmp_path: Path, sqlite_template: Path) -> Iterator[Api]:
    """As `api`, on SQLite only: for what no database can change."""
    path = tmp_path / "lite.db"
    shutil.copy(sqlite_template, path)
    driver = make_driver(f"sqlite:///{path}", tmp_path, migrated=True)
    yield make_api(driver)
    driver.process.stop()
    driver.rt.database.close()
