"""Download: an answer's body into the internal storage."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from workers.http.request import HttpTask, headers_of

_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)\"?", re.IGNORECASE)


class DownloadOutput(Output):
    """Where the file is."""

    uri: str
    code: int
    length: int
    headers: dict[str, list[str]]


class Download(HttpTask):
    """Fetch a file from a server."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.http.Download"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.fs.http.Download",)
    output: ClassVar[type[Output] | None] = DownloadOutput

    fail_on_empty_response: Dynamic[bool] = True
    """Whether an empty answer fails the task."""
    save_as: Dynamic[str] | None = None
    """The file's name; the server's own, or the address's last part, when absent."""

    def run(self, ctx: RunContext) -> DownloadOutput:
        """Raises TaskFailed for an answer that is not allowed, empty or cut off."""
        with self.answered(ctx) as answer, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "body"
            length = 0
            with path.open("wb") as file:
                for part in answer.iter_bytes():
                    length += len(part)
                    file.write(part)
            received = answer.num_bytes_downloaded
            declared = answer.headers.get("content-length")
            if declared is not None and declared.isdecimal() and int(declared) != received:
                raise TaskFailed(f"{received} bytes came, {declared} were announced")
            if not length and ctx.read(self.fail_on_empty_response, bool):
                raise TaskFailed("No response from server")
            name = str(ctx.render(self.save_as) or "") or _name_of(answer.headers, str(answer.url))
            return DownloadOutput(
                uri=ctx.put_file(path, name),
                code=answer.status_code,
                length=length,
                headers=headers_of(answer),
            )


def _name_of(headers: Mapping[str, str], url: str) -> str:
    given = _NAME.search(headers.get("content-disposition", ""))
    name = unquote(given.group(1)) if given else unquote(urlsplit(url).path.rpartition("/")[2])
    name = re.sub(r"[\\/\x00-\x1f]", "_", name).strip(". ")
    return name[-200:] or "download"
