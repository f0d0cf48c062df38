"""A flow's text, changed for the place it goes to; comments and line numbers stay."""

import io
import re

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.errors import Invalid

_NAMESPACE_LINE = re.compile(r"^namespace:.*$", re.MULTILINE)


def with_namespace(text: str, namespace: str) -> str:
    """A flow's text with this namespace. Raises Invalid."""
    if _NAMESPACE_LINE.search(text):
        return _NAMESPACE_LINE.sub(f"namespace: {namespace}", text, count=1)
    if text.lstrip().startswith("{"):
        raise Invalid("a flow in flow style must declare its namespace")
    return f"{text.rstrip()}\nnamespace: {namespace}\n"


def without_triggers(text: str) -> str:
    """A flow's text with each trigger disabled: what a preview is made of. Raises Invalid."""
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    try:
        data = editor.load(text)
    except YAMLError:
        return text  # its parser names what is wrong
    triggers = data.get("triggers") if isinstance(data, dict) else None
    if not isinstance(triggers, list) or not triggers:
        return text
    for trigger in triggers:
        if isinstance(trigger, dict):
            trigger["disabled"] = True
    buffer = io.StringIO()
    editor.dump(data, buffer)
    return buffer.getvalue()
