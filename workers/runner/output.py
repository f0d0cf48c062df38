"""What a script says: lines for the log, and `::{…}::` messages (outputs, metrics, logs)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.model.duration import parse_duration
from app.model.json_text import decode
from app.plugin.context import RunContext
from workers.runner import otlp

#: printed around `beforeCommands`; never logged
BEFORE, AFTER = "##kestra:log:debug##", "##kestra:log:info##"
_MESSAGE = re.compile(r"^::(\{.*\})::$", re.DOTALL)


class ScriptOutput:
    """Collects the outputs of one script and passes everything else on."""

    def __init__(self, ctx: RunContext) -> None:
        self.ctx = ctx
        self.outputs: dict[str, Any] = {}
        self.lines = {"stdout": 0, "stderr": 0}
        self._is_before = False

    def line(self, stream: str, text: str) -> None:
        """One line: a message is read, anything else is logged (stderr at ERROR)."""
        if text in (BEFORE, AFTER):
            self._is_before = text == BEFORE
            return
        self.lines[stream] += 1
        match = _MESSAGE.match(text) if text.startswith("::{") else None
        if match is None:
            level = "ERROR" if stream == "stderr" else "INFO"
            self.ctx.log.log("DEBUG" if self._is_before else level, text)
            return
        try:
            message = decode(match.group(1))
        except ValueError as error:
            self.ctx.log.warning("Invalid outputs '%s': %s", text[:1000], error)
            return
        self._read(message)

    def vars(self) -> dict[str, Any] | None:
        """The outputs of all messages; None when there was none."""
        return self.outputs or None

    def _read(self, message: Mapping[str, Any]) -> None:
        outputs = message.get("outputs")
        if isinstance(outputs, Mapping):
            self.outputs.update(outputs)
        secrets = message.get("encryptedOutputs")
        if isinstance(secrets, Mapping):
            for name, value in secrets.items():
                text = value if isinstance(value, str) else json.dumps(value)
                self.ctx.mask(text)
                self.outputs[str(name)] = self.ctx.services.seal(text)
        for metric in _list(message.get("metrics")):
            self._metric(metric)
        for entry in _list(message.get("logs")):
            if isinstance(entry, Mapping):
                level, text = str(entry.get("level", "INFO")), str(entry.get("message", ""))
                self.ctx.log.log(level, text)
        for record in _list(message.get("otlp")):
            otlp.take(self.ctx, record)

    def _metric(self, metric: Any) -> None:
        try:
            kind, value = str(metric["type"]), metric["value"]
            if kind == "timer":  # seconds or a duration come in, milliseconds are kept
                is_text = isinstance(value, str) and value.upper().startswith("P")
                seconds = parse_duration(value).total_seconds() if is_text else float(value)
                value = seconds * 1000.0
            tags = {str(k): str(v) for k, v in (metric.get("tags") or {}).items()}
            self.ctx.metric(kind, str(metric["name"]), float(value), tags)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.ctx.log.warning("Invalid metric '%s'", str(metric)[:200])


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
