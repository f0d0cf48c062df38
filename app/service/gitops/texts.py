"""A flow's text, changed for the place it goes to; comments and line numbers stay."""

import io
import re
from pathlib import PurePosixPath

import yaml

from app.errors import Invalid
from app.language.document import DocumentError, read_document
from app.library import Library

ruamel = Library("ruamel.yaml")

_ID_LINE = re.compile(r"""^["']?id["']?[ \t]*:[ \t]*["']?([\w.-]+)""", re.MULTILINE)
_REVISION_LINE = re.compile(r"^revision:.*(?:\r?\n|\Z)", re.MULTILINE)

#: what the values of a document raise in that editor, beside its own errors: `2024-02-30`
_UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)

_UPDATED_LINE = re.compile(r"^updated:.*(?:\r?\n|\Z)", re.MULTILINE)


def with_namespace(text: str, namespace: str) -> str:
    """A flow's text with this namespace at its top level; all else stays. Raises Invalid."""
    text = text.removeprefix("\ufeff")  # marks do not count it
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text  # its parser names what is wrong
    if not isinstance(root, yaml.MappingNode):
        return text
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and key.value == "namespace":
            start, end = value.start_mark.index, value.end_mark.index
            if start == end:  # an empty value
                return f"{text[:start]} {namespace}{text[end:]}"
            return f"{text[:start]}{namespace}{text[end:]}"
    if root.flow_style:
        raise Invalid("a flow in flow style must declare its namespace")
    return f"{text.rstrip()}\nnamespace: {namespace}\n"


def id_of(text: str, path: str) -> str:
    """The id of a flow that may be wrong in whatever way; the name of its file where none shows.

    What is merely wrong is kept under the id that it had, so it must be found.
    """
    try:
        data = read_document(text).data
    except DocumentError:
        found = _ID_LINE.search(text)
        return found.group(1) if found else PurePosixPath(path).stem
    given = data.get("id") if isinstance(data, dict) else None
    return given if isinstance(given, str) and given else PurePosixPath(path).stem


def without_revision(text: str) -> str:
    """A flow's text without the number that an export writes."""
    return _REVISION_LINE.sub("", text)


def without_updated(text: str) -> str:
    """A dashboard's text without the time of its last change."""
    return _UPDATED_LINE.sub("", text)


def with_references(text: str, source: str, target: str) -> str:
    """A text in which every `namespace: source` (and all below it) becomes the target's."""
    pattern = rf"^(\s*(?:-\s+)?namespace:\s*[\"']?){re.escape(source)}(?=[.\"'\s]|$)"
    return re.sub(pattern, rf"\g<1>{target}", text, flags=re.MULTILINE)


def without_triggers(text: str) -> str:
    """A flow's text with each trigger disabled: what a preview is made of.

    What this editor of YAML cannot read comes back as it is, though our parser may read it: whoever
    asks looks at the triggers of what was parsed.
    """
    editor = ruamel.YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    try:
        data = editor.load(text)
    except (ruamel.YAMLError, *_UNREADABLE):
        return text
    triggers = data.get("triggers") if isinstance(data, dict) else None
    if not isinstance(triggers, list) or not triggers:
        return text
    for trigger in triggers:
        if isinstance(trigger, dict):
            trigger["disabled"] = True
    buffer = io.StringIO()
    editor.dump(data, buffer)
    return buffer.getvalue()
