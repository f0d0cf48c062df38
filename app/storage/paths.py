"""The one place where paths that users give are checked, and the layout of stored files (9.1)."""

import re
import unicodedata
from functools import lru_cache
from pathlib import PurePosixPath

from app.errors import Invalid

SCHEME = "kestra://"

LONGEST_NAME = 255  #: bytes of one name on the usual disks


def safe_path(text: str, what: str = "path") -> str:
    """A relative path without a leading slash. Raises Invalid for one that leaves its root.

    Refused: NUL, backslash, control characters, `..`, an empty name, one that no disk takes.
    """
    if any(ord(char) < 32 or char in "\\\x7f" for char in text):
        raise Invalid(f"the {what} {text!r} holds a character that is not allowed")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        raise Invalid(f"the {what} {text!r} is empty or leaves its folder")
    if any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in parts):
        raise Invalid(f"the {what} {text[:60]!r}… holds a name of more than {LONGEST_NAME} bytes")
    return "/".join(parts)


def matches_glob(path: str, glob: str) -> bool:
    """Whether a relative path fits a glob: `**` crosses folders, `*` and `?` do not.

    As Java's: braces are alternatives, a leading slash and `glob:` do not count.
    """
    text = glob.removeprefix("glob:").removeprefix("./").lstrip("/")
    return _glob(text).fullmatch(path) is not None


@lru_cache(maxsize=512)
def _glob(text: str) -> re.Pattern[str]:
    found, depth, i = "", 0, 0
    while i < len(text):
        char = text[i]
        i += 1
        if char == "*" and text[i : i + 1] == "*":
            i += 1
            if text[i : i + 1] == "/":
                i += 1
                found += "(?:.*/)?"
            else:
                found += ".*"
        elif char == "[" and "]" in text[i:]:
            end = text.index("]", i + 1)
            inner = text[i:end].replace("\\", "\\\\")
            found += "[" + ("^" + inner[1:] if inner.startswith("!") else inner) + "]"
            i = end + 1
        elif char == "{" and "}" in text[i:]:
            depth += 1
            found += "(?:"
        elif char == "}" and depth:
            depth -= 1
            found += ")"
        elif char == "," and depth:
            found += "|"
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char)
    return re.compile(found + ")" * depth, re.DOTALL)


def slug(text: str) -> str:
    """Lower-case words joined by dashes, as the reference names folders."""
    text = re.sub(r"\s+", "-", text)
    text = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^\w-]", "", text).replace("_", "-")
    return re.sub(r"-{2,}", "-", text).strip("-").lower()


def namespace_folder(namespace: str) -> str:
    """`a.b` as `/a/b`."""
    return "/" + namespace.replace(".", "/")


def execution_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """Where all files of an execution lie."""
    return f"{namespace_folder(namespace)}/{slug(flow_id)}/executions/{execution_id}"


def task_folder(folder: str, task_id: str, task_run_id: str) -> str:
    """Where the files of a task run lie, below its execution's folder."""
    return f"{folder}/tasks/{slug(task_id)}/{task_run_id}"


def uri_of(path: str) -> str:
    """The URI of a stored path (with its leading slash)."""
    return SCHEME + path


def path_of(uri: str) -> str:
    """The stored path of a `kestra://` URI. Raises Invalid for anything else."""
    if not uri.startswith(SCHEME + "/"):
        raise Invalid(f"{uri[:200]!r} is no kestra:/// URI")
    return "/" + safe_path(uri.removeprefix(SCHEME), "URI")


def file_name(uri: str) -> str:
    """The last part of a URI's path."""
    return PurePosixPath(uri).name
