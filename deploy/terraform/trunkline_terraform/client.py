"""Calls of the server's API, and its errors in the words that Terraform shows."""

from typing import Any

import httpx

TIMEOUT_S = 60


class ApiError(Exception):
    """The server refused, or cannot be reached."""

    def __init__(self, summary: str, detail: str = "", status: int = 0) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.status = status  #: of HTTP; 0 when there was no answer


class Client:
    """A server and who calls it: `name:password` or an API token, as the CLI's `--user`."""

    def __init__(self, server: str, user: str = "") -> None:
        name, colon, password = user.partition(":")
        headers = {"Authorization": f"Bearer {user}"} if user and not colon else {}
        self._http = httpx.Client(
            base_url=server.rstrip("/") + "/api/v1/main",
            auth=(name, password) if colon else None,
            headers=headers,
            timeout=TIMEOUT_S,
        )

    def call(self, method: str, path: str, *, raw: bool = False, **options: Any) -> Any:
        """The answer's JSON; its text when `raw` or when it is none. Raises ApiError."""
        try:
            answer = self._http.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiError("The Trunkline server cannot be reached", str(error)) from None
        is_json = "json" in answer.headers.get("content-type", "") and answer.content
        if answer.is_error:
            raise _refused(answer.status_code, answer.json() if is_json else answer.text)
        return answer.json() if is_json and not raw else answer.content.decode("utf-8", "replace")

    def find(self, path: str, **options: Any) -> Any:
        """The answer of a GET; None when the server has no such thing. Raises ApiError."""
        try:
            return self.call("GET", path, **options)
        except ApiError as error:
            if error.status in (404, 410):
                return None
            raise


def _refused(status: int, data: Any) -> ApiError:
    if not isinstance(data, dict):
        return ApiError(f"Trunkline answered {status}", str(data)[:500], status)
    lines = []
    for found in data.get("errors") or []:
        place = f", line {found['line']}" if "line" in found else ""
        lines.append(f"{found.get('path', '')}{place}: {found.get('message', '')}")
    summary = str(data.get("message") or f"Trunkline answered {status}")
    return ApiError(summary, "\n".join(lines), status)
