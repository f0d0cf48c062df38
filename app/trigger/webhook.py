"""Webhook: an HTTP call starts an execution (flow language 7.4)."""

import hmac
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from app.model.property import Dynamic, WireModel
from app.model.task import AbstractTrigger
from app.trigger.flow import MultipleCondition

#: headers by which senders name a delivery, in lower case; not `X-Request-Id`, which proxies add
DELIVERY_IDS = (
    "webhook-id", "x-github-delivery", "x-gitea-delivery", "x-forgejo-delivery", "idempotency-key",
    "x-gitlab-event-uuid", "x-request-uuid", "x-trunkline-delivery",
)  # fmt: skip
LATE_S = 300  #: a signed time may be so far from ours


class Signature(WireModel):
    """An HMAC of the body in a header, in hexadecimal, as most services sign."""

    header: str = "X-Hub-Signature-256"
    """The header that holds the signature."""
    secret: Dynamic[str] = Field(min_length=1)
    """The key that both sides know."""
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    """The hash function of the HMAC."""
    prefix: str = "sha256="
    """What stands before the digits."""

    timestamp_header: str | None = None
    """The header with the second at which it was signed: the signed text is then that number, a
    dot and the body, and one that is five minutes off is refused."""

    def fits(self, secret: str, body: bytes, given: str, at: str | None = None) -> bool:
        """Whether a header's value proves the body, and the time `at` where there is one."""
        text = body if at is None else at.encode() + b"." + body
        digest = hmac.new(secret.encode(), text, self.algorithm).hexdigest()
        return hmac.compare_digest(f"{self.prefix}{digest}".encode(), given.strip().encode())


class Webhook(AbstractTrigger):
    """Start an execution when somebody calls the flow's address with the key."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Webhook"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Webhook",)

    key: Dynamic[str] = Field(min_length=1, max_length=256)
    """The secret at the end of the address."""
    path: str | None = Field(None, max_length=256)
    """What must follow the key in the address, after a slash; nothing when absent."""
    wait: bool = False
    """The answer comes at the execution's end."""
    return_outputs: bool = False
    """Whether the answer holds the outputs of the flow; only with `wait`."""
    response_content_type: str | None = None
    """`application/json` or `text/plain`, of returned outputs."""
    response_code: Dynamic[int] | None = None
    """Of an answer that waited; 200, or 500 when the execution failed, when absent."""
    signature: Signature | None = None
    """A proof over the body that callers must send, beside the key."""

    @field_validator("response_content_type")
    @classmethod
    def _known_type(cls, text: str | None) -> str | None:
        if text not in (None, "application/json", "text/plain"):
            raise ValueError("must be `application/json` or `text/plain`")
        return text

    @model_validator(mode="after")
    def _single(self) -> "Webhook":
        if any(isinstance(c, MultipleCondition) for c in self.conditions or ()):
            raise ValueError(
                "invalid webhook: conditions of type MultipleCondition are not supported"
            )
        return self
