"""What a script says: lines for the log, and `::{…}::` messages (outputs, metrics, logs)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.plugin.context import RunContext

_MESSAGE = re.compile(r"^::(\{.*\})::$", re.DOTALL)


class ScriptOutput:
    """Collects the outputs of one script and passes everything else on."""

    def __init__(self, ctx: RunContext) -> None:
        self.ctx = ctx
        self.outputs: dict[str, Any] = {}
        self.lines = {"stdout": 0, "stderr": 0}

    def line(self, stream: str, text: str) -> None:
        """One line: a message is read, anything else is logged (stderr at ERROR)."""
        self.lines[stream] += 1
        match = _MESSAGE.match(text)
        if match is None:
            self.ctx.log.log("ERROR" if stream == "stderr" else "INFO", text)
            return
        try:
            message = json.loads(match.group(1))
        except (ValueError, RecursionError):
            self.ctx.log.warning("Invalid outputs '%s'", text[:1000])
            return
        self._read(message)

    def _read(self, message: Mapping[str, Any]) -> None:
        outputs = message.get("outputs")
        if isinstance(outputs, Mapping):
            self.outputs.update(outputs)
        for metric in message.get("metrics") or []:
            self._metric(metric)
        for entry in message.get("logs") or []:
            if isinstance(entry, Mapping):
                level, text = str(entry.get("level", "INFO")), str(entry.get("message", ""))
                self.ctx.log.log(level, text)

    def _metric(self, metric: Any) -> None:
        try:
            kind, value = str(metric["type"]), float(metric["value"])
            scale = 1000.0 if kind == "timer" else 1.0  # seconds come in, milliseconds are kept
            tags = {str(k): str(v) for k, v in (metric.get("tags") or {}).items()}
            self.ctx.metric(kind, str(metric["name"]), value * scale, tags)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.ctx.log.warning("Invalid metric '%s'", str(metric)[:200])
