"""Models of Docker Model Runner: pulled, listed and deleted over its REST API."""

from typing import Any, ClassVar
from urllib.parse import quote

import httpcore
import httpx

from app.errors import TrunklineError
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed
from workers.http.client import ClientOptions, client_of

_PULL_S = 3600.0
_FAULTS = (
    httpx.HTTPError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
)


class _ModelTask(RunnableTask):
    """What the three have in common."""

    queue: ClassVar[Queue] = Queue.DOCKER

    host: Dynamic[str] = "http://localhost:12434"
    """The address of the Model Runner."""

    def ask(self, ctx: RunContext, method: str, path: str, body: Any = None) -> httpx.Response:
        """One call. Raises TaskFailed that names the address and the status or the reason."""
        url = str(ctx.render(self.host)).rstrip("/") + path
        try:
            with client_of(ctx, ClientOptions(read_s=_PULL_S)) as client:
                answer = client.request(method, url, json=body)
        except (*_FAULTS, OSError, ValueError, TrunklineError) as error:
            raise TaskFailed(f"the Model Runner at {url}: {error}") from None
        if answer.is_error:
            raise TaskFailed(f"{method} {url}: {answer.status_code} {answer.text[:500].strip()}")
        return answer


class ModelPull(_ModelTask):
    """Pull a model."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.model.Pull"

    model: Dynamic[str]
    """Its name: `ai/smollm2`, with a tag or without."""

    def run(self, ctx: RunContext) -> None:
        """Returns once the model is there. Raises TaskFailed."""
        answer = self.ask(ctx, "POST", "/models/create", {"from": str(ctx.render(self.model))})
        for line in answer.text.splitlines():
            ctx.log.debug("%s", line)


class ModelListOutput(Output):
    """The models that are there."""

    models: list[dict[str, Any]]


class ModelList(_ModelTask):
    """List the models."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.model.List"
    output: ClassVar[type[Output] | None] = ModelListOutput

    def run(self, ctx: RunContext) -> ModelListOutput:
        """Gives the entries of the Model Runner as they are. Raises TaskFailed."""
        try:
            found = self.ask(ctx, "GET", "/models").json()
        except ValueError:
            raise TaskFailed("the Model Runner's list is no JSON") from None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise TaskFailed("the Model Runner's list is no list of models")
        return ModelListOutput(models=found)


class ModelDelete(_ModelTask):
    """Delete a model."""

    type_name: ClassVar[str] = "io.kestra.plugin.docker.model.Delete"

    model: Dynamic[str]
    """The model that is removed."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed for a model that is not there."""
        name = quote(str(ctx.render(self.model)), safe="/:")
        if not name or ".." in name.split("/"):
            raise TaskFailed(f"{name[:100]!r} is no model", is_final=True)
        self.ask(ctx, "DELETE", f"/models/{name}")
