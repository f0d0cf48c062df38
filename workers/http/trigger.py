"""Trigger: an HTTP call at an interval starts an execution when its answer is as wanted."""

from typing import ClassVar

from app.expression.values import is_truthy
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.polling import PollingTrigger
from app.plugin.task import Output
from workers.http.request import HttpCall, RequestOutput, output_of, read_text


class Trigger(HttpCall, PollingTrigger):
    """Call a server at an interval; start an execution when `responseCondition` holds."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.http.Trigger"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.fs.http.Trigger",)
    output: ClassVar[type[Output] | None] = RequestOutput

    response_condition: Dynamic[str] = "{{ response.statusCode < 400 }}"
    """An expression over `response.statusCode`, `response.body` and `response.headers`."""
    encrypt_body: Dynamic[bool] = False
    """The body becomes `encryptedBody` and is never stored in plain."""

    def poll(self, ctx: RunContext) -> RequestOutput | None:
        """Raises TaskFailed when the server cannot be asked, or answers with what is no text."""
        with self.answered(ctx, check=False) as answer:
            text = read_text(ctx, answer, self.options)
            is_secret = bool(ctx.read(self.encrypt_body, bool))
            found = output_of(ctx, answer, text, is_secret=is_secret)
            response = {"statusCode": found.code, "body": text, "headers": found.headers}
            if not is_truthy(ctx.render(self.response_condition, {"response": response})):
                return None
            return found
