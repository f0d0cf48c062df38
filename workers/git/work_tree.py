"""A repository in the working directory, that scripts may have changed: read, never obeyed."""

import configparser
from pathlib import Path

from app.errors import TrunklineError
from app.plugin.task import TaskFailed
from app.storage import beneath

_MOST_BYTES = 1_000_000


def address_of(folder: Path) -> str:
    """The address of its `origin`. Raises TaskFailed.

    Git is not asked: the settings of that repository could run programs, or send the task's
    credentials elsewhere.
    """
    try:
        with beneath.open_read(folder, ".git/config") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, TrunklineError):
        raise TaskFailed(
            "`url` is missing, and the working directory holds no repository", is_final=True
        ) from None
    plain = "\n".join(line.strip() for line in text.splitlines())
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(plain)
        url = parser.get('remote "origin"', "url", fallback=None)
    except configparser.Error:
        url = None
    if not url:
        raise TaskFailed("the working directory's repository has no `origin`", is_final=True)
    return url
