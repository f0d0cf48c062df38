"""People who were made for a test, and what they ask an API."""

from app.service.access import accounts
from tests.support.api import app_on

FLOW = (
    "id: f\nnamespace: {}\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: hi}}]\n"
)
PASSWORD = "correct horse"


class People:
    """Requests as an administrator, and as people who were made for the test."""

    def __init__(self, driver):
        self.driver, self.client = driver, app_on(driver.rt).test_client()
        accounts.create(driver.rt, "root", password=PASSWORD, is_admin=True)

    def make(self, name):
        return accounts.create(self.driver.rt, name, password=PASSWORD).id

    def call(self, method, path, who="root", **more):
        auth = (who, PASSWORD)
        return self.client.open("/api/v1/main" + path, method=method, auth=auth, **more)

    def send(self, method, path, data=None, status=200):
        answer = self.call(method, path, json=data)
        assert answer.status_code == status, answer.text
        return answer.json if answer.is_json else None

    def bind(self, subject, role, namespace=None, kind="USER"):
        body = {"type": kind, "externalId": subject, "roleId": role}
        return self.send(
            "POST", "/bindings", body | ({"namespaceId": namespace} if namespace else {})
        )

    def reads(self, who, namespace="a.b"):
        return self.call("GET", f"/flows/{namespace}/f", who).status_code == 200

    def token(self, user_id, **more):
        """The text of a new token of somebody."""
        body = {"name": "t", **more}
        return self.send("POST", f"/users/{user_id}/api-tokens", body, 201)["fullToken"]

    def as_token(self, token, method, path, **more):
        """The status of a request with a token."""
        headers = {"Authorization": f"Bearer {token}"}
        sent = self.client.open("/api/v1/main" + path, method=method, headers=headers, **more)
        return sent.status_code
