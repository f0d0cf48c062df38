"""Request: one HTTP call."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import httpcore
import httpx
from pydantic import AliasChoices, Field

from app.errors import TrunklineError
from app.expression.values import to_text
from app.model.property import DEPRECATED, Duration, Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.outgoing import RefusedTarget
from app.plugin.task import Output, PolicyRefused, Queue, RunnableTask, TaskFailed
from workers.http.client import ClientOptions, client_of

MOST_BODY_BYTES = 10_000_000  #: of a body that becomes an output
_URI = re.compile(r"https?://", re.IGNORECASE)


class AuthKind(StrEnum):
    """How a request authenticates."""

    BASIC = "BASIC"
    BASIC_AUTH = "BASIC_AUTH"
    BEARER = "BEARER"
    DIGEST = "DIGEST"


class HttpAuth(WireModel):
    """Credentials of a request."""

    type: Dynamic[AuthKind]
    username: Dynamic[str] | None = None
    """For BASIC and DIGEST."""
    password: Dynamic[str] | None = None
    """For BASIC and DIGEST."""
    token: Dynamic[str] | None = None
    """For BEARER."""


class HttpTimeout(WireModel):
    """How long a request may take to connect, and without hearing anything."""

    connect_timeout: Dynamic[Duration] | None = None
    """For the connection."""
    read_idle_timeout: Dynamic[Duration] | None = None
    """For each wait for more of the answer."""


class HttpProxy(WireModel):
    """A proxy for the request."""

    type: Dynamic[str] = "HTTP"
    address: Dynamic[str] | None = None
    """Its host."""
    port: Dynamic[int] | None = None
    """Its port."""
    username: Dynamic[str] | None = None
    """Its user, if it asks for one."""
    password: Dynamic[str] | None = None
    """The user's password."""


class HttpSsl(WireModel):
    """What certificates are taken."""

    insecure_trust_all_certificates: Dynamic[bool] | None = None
    """Whether any certificate is taken."""


class HttpOptions(WireModel):
    """How a request is made; older names beside the newer ones."""

    timeout: HttpTimeout | None = None
    """How long to wait."""
    connect_timeout: Dynamic[Duration] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older place of `timeout.connectTimeout`."""
    read_timeout: Dynamic[Duration] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older way of `timeout.readIdleTimeout`."""
    read_idle_timeout: Dynamic[Duration] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older place of `timeout.readIdleTimeout`."""
    connection_pool_idle_timeout: Dynamic[Duration] | None = None
    """Accepted and ignored."""
    proxy: HttpProxy | None = None
    """The proxy that is asked."""
    auth: HttpAuth | None = None
    """How the request says who it comes from."""
    basic_auth_user: Dynamic[str] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older way of `auth.username`."""
    basic_auth_password: Dynamic[str] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older way of `auth.password`."""
    ssl: HttpSsl | None = None
    """What certificates are taken."""
    follow_redirects: Dynamic[bool] = True
    """Whether redirections are followed."""
    allow_failed: Dynamic[bool] | None = None
    """Whether an answer of 400 and more is a success too."""
    allowed_response_codes: Dynamic[list[int]] | None = None
    """Codes that are a success; those below 400 if none."""
    logs: list[str] | None = None
    """Accepted and ignored."""
    log_level: str | None = None
    """Accepted and ignored."""
    default_charset: Dynamic[str] = "UTF-8"
    """Accepted and ignored: texts are UTF-8 unless the answer says otherwise."""
    max_content_length: Dynamic[int] | None = None
    """The most bytes of an answer."""


class HttpCall(WireModel):
    """What everything that calls a server has in common."""

    uri: Dynamic[str]
    """The address; `http` or `https`."""
    method: Dynamic[str] = "GET"
    """GET, POST, PUT and others."""
    body: Dynamic[Any] | None = None
    """What is sent; a map or a list as JSON."""
    form_data: Dynamic[dict[str, Any]] | None = None
    """Fields of a form, instead of a body."""
    content_type: Dynamic[str] | None = None
    """The type of what is sent."""
    headers: Dynamic[dict[str, Any]] | None = None
    """Headers by name."""
    params: Dynamic[dict[str, Any]] | None = None
    """Parameters of the query by name."""
    options: HttpOptions | None = None
    """Timeouts, credentials, proxy and more."""
    allow_failed: Dynamic[bool] = False
    """Whether an answer of 400 and more is a success too."""
    ssl_options: HttpSsl | None = Field(
        None, validation_alias=AliasChoices("sslOptions", "ssl_options")
    )
    """Older place of `options.ssl`."""

    @contextmanager
    def answered(self, ctx: RunContext, *, check: bool = True) -> Iterator[httpx.Response]:
        """The answer, its body not yet read. Raises TaskFailed for one that is not allowed,
        unless nobody asks to `check`."""
        uri = str(ctx.render(self.uri)).strip()
        if not _URI.match(uri):
            raise TaskFailed(f"`uri` must begin with http:// or https://, not {uri[:60]!r}")
        with ExitStack() as stack:
            try:
                client = stack.enter_context(client_of(ctx, self._client_options(ctx)))
                request = self._request(ctx, client, uri, stack)
                follow = self._flag(ctx, (self.options or HttpOptions()).follow_redirects)
                answer = client.send(request, stream=True, follow_redirects=follow)
                stack.callback(answer.close)
                if check:
                    self._check(ctx, answer)
                yield answer
            except (httpx.HTTPError, httpx.InvalidURL, httpcore.TimeoutException,
                    httpcore.NetworkError, httpcore.ProtocolError,
                    httpcore.UnsupportedProtocol) as error:  # fmt: skip
                reason = str(error) or type(error).__name__
                raise TaskFailed(f"the request failed: {reason}") from None
            except RefusedTarget as error:
                raise PolicyRefused(str(error)) from None
            except TrunklineError as error:
                raise error if isinstance(error, TaskFailed) else TaskFailed(str(error)) from None

    def _flag(self, ctx: RunContext, value: Any) -> bool:
        return bool(ctx.read(value, bool))

    def _request(
        self, ctx: RunContext, client: httpx.Client, uri: str, stack: ExitStack
    ) -> httpx.Request:
        headers = _texts(ctx.read(self.headers, dict) or {})
        params = _texts(ctx.read(self.params, dict) or {})
        content_type = ctx.render(self.content_type)
        method = str(ctx.render(self.method) or "GET").upper()
        more: dict[str, Any] = {"params": params} if params else {}
        form = ctx.read(self.form_data, dict)
        if form is not None:
            if str(content_type or "").startswith("multipart/"):
                more |= _multipart(ctx, form, stack)
            else:
                more["data"] = _texts(form)
        elif self.body is not None:
            body = ctx.render(self.body)
            text = body if isinstance(body, str) else json.dumps(body)
            more["content"] = text.encode("utf-8")
            headers.setdefault("Content-Type", str(content_type or "application/json"))
        elif content_type:
            headers.setdefault("Content-Type", str(content_type))
        return client.build_request(method, uri, headers=headers, **more)

    def _check(self, ctx: RunContext, answer: httpx.Response) -> None:
        options = self.options or HttpOptions()
        allowed = ctx.read(options.allowed_response_codes, list)
        if allowed is not None:
            is_fine = answer.status_code in [int(code) for code in allowed]
        else:
            lenient = (
                options.allow_failed if options.allow_failed is not None else self.allow_failed
            )
            is_fine = answer.status_code < 400 or self._flag(ctx, lenient)
        if not is_fine:
            answer.read()
            text = answer.text[:1000]
            raise TaskFailed(
                f"Failed http request with response code '{answer.status_code}' and body:\n{text}",
                {"code": answer.status_code, "uri": str(answer.url)},
            )

    def _client_options(self, ctx: RunContext) -> ClientOptions:
        options = self.options or HttpOptions()
        timeout = options.timeout or HttpTimeout()
        connect = ctx.read(timeout.connect_timeout or options.connect_timeout, timedelta)
        idle = timeout.read_idle_timeout or options.read_idle_timeout or options.read_timeout
        read = ctx.read(idle, timedelta)
        ssl = options.ssl or self.ssl_options or HttpSsl()
        return ClientOptions(
            connect_s=connect.total_seconds() if connect else 10.0,
            read_s=read.total_seconds() if read else 300.0,
            follow_redirects=self._flag(ctx, options.follow_redirects),
            insecure=self._flag(ctx, ssl.insecure_trust_all_certificates),
            proxy=_proxy(ctx, options.proxy),
            auth=_auth(ctx, options),
        )


class HttpTask(HttpCall, RunnableTask):
    """What Request and Download have in common."""

    queue: ClassVar[Queue] = Queue.DEFAULT


def _auth(ctx: RunContext, options: HttpOptions) -> httpx.Auth | tuple[str, str] | None:
    if options.basic_auth_user:
        password = str(ctx.render(options.basic_auth_password) or "")
        ctx.mask(password)
        return str(ctx.render(options.basic_auth_user)), password
    auth = options.auth
    if auth is None:
        return None
    kind = str(ctx.render(auth.type))
    name, password = str(ctx.render(auth.username) or ""), str(ctx.render(auth.password) or "")
    if kind == "BEARER":
        token = str(ctx.render(auth.token) or "")
        ctx.mask(token)
        return _Bearer(token)
    ctx.mask(password)
    return httpx.DigestAuth(name, password) if kind == "DIGEST" else (name, password)


class _Bearer(httpx.Auth):
    """A token, for the first server only: httpx leaves it out after a redirect to another."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _proxy(ctx: RunContext, proxy: HttpProxy | None) -> str | None:
    if proxy is None or not proxy.address:
        return None
    name, password = ctx.render(proxy.username), ctx.render(proxy.password)
    login = f"{name}:{password}@" if name else ""
    if password:
        ctx.mask(str(password))
    return f"http://{login}{ctx.render(proxy.address)}:{ctx.read(proxy.port, int) or 8080}"


def _texts(data: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): [to_text(item) for item in value] if isinstance(value, list) else to_text(value)
        for key, value in data.items()
        if value is not None
    }


def _multipart(ctx: RunContext, form: Mapping[str, Any], stack: ExitStack) -> dict[str, Any]:
    parts: list[tuple[str, Any]] = []
    for name, value in form.items():
        file_name, content = str(name), value
        if isinstance(value, Mapping) and "content" in value:
            file_name, content = str(value.get("name") or name), value["content"]
        if isinstance(content, str) and content.startswith(("kestra://", "nsfile://")):
            stream = stack.enter_context(ctx.open_uri(content))
            shown = file_name if isinstance(value, Mapping) else content.rpartition("/")[2]
            parts.append((str(name), (shown, stream)))
        elif isinstance(value, Mapping):
            parts.append((str(name), (file_name, to_text(content).encode())))
        else:
            parts.append((str(name), (None, to_text(content).encode())))
    return {"files": parts}


class RequestOutput(Output):
    """The answer."""

    uri: str
    code: int
    headers: dict[str, list[str]]
    body: str | None = None
    encrypted_body: dict[str, Any] | None = None


def headers_of(answer: httpx.Response) -> dict[str, list[str]]:
    """The answer's headers, each with all of its values."""
    found: dict[str, list[str]] = {}
    for name, value in answer.headers.raw:  # as the server spelt them
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


class Request(HttpTask):
    """Call a server; the answer's body is an output."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.http.Request"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.fs.http.Request",)
    output: ClassVar[type[Output] | None] = RequestOutput

    encrypt_body: Dynamic[bool] = False
    """The body becomes `encryptedBody` and is never stored in plain."""

    def run(self, ctx: RunContext) -> RequestOutput:
        """Raises TaskFailed for an answer that is not allowed, or that is no text."""
        with self.answered(ctx) as answer:
            text = read_text(ctx, answer, self.options)
            return output_of(ctx, answer, text, is_secret=bool(ctx.read(self.encrypt_body, bool)))


def read_text(ctx: RunContext, answer: httpx.Response, options: HttpOptions | None) -> str | None:
    """The answer's body. Raises TaskFailed when it is too large, or no text."""
    limit = MOST_BODY_BYTES
    if options is not None:
        limit = ctx.read(options.max_content_length, int) or limit
    data = b""
    for part in answer.iter_bytes():
        data += part
        if len(data) > limit:
            raise TaskFailed(f"the body is larger than {limit} bytes: use http.Download")
    return _decoded(answer, data)


def output_of(
    ctx: RunContext, answer: httpx.Response, text: str | None, *, is_secret: bool
) -> RequestOutput:
    """The outputs of an answer; a secret body is encrypted."""
    if is_secret and text:
        ctx.mask(text)
    return RequestOutput(
        uri=str(answer.url),
        code=answer.status_code,
        headers=headers_of(answer),
        body=None if is_secret else text,
        encrypted_body=ctx.services.seal(text) if is_secret and text else None,
    )


def _decoded(answer: httpx.Response, data: bytes) -> str | None:
    if not data:
        return None
    try:
        return data.decode(answer.charset_encoding or "utf-8")
    except (UnicodeDecodeError, LookupError):
        raise TaskFailed("the body is no text: use http.Download") from None
