"""Flows from a file: YAML documents, or a ZIP of YAML files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from app.errors import Invalid, TooLarge, TrunklineError
from app.language.document import split_documents
from app.service import archives, flows, validation
from app.service.runtime import Runtime
from app.service.validation import Verdict

MOST_FILES, MOST_BYTES = 10_000, 100_000_000


def import_file(rt: Runtime, name: str, stream: IO[bytes], *, author: str | None) -> list[str]:
    """Saves each flow of a file; what could not be saved, by its number or its name in the ZIP.

    Raises Invalid for a file of another kind, TooLarge.
    """
    wrong = []
    for label, text in _documents(name.lower(), stream):
        try:
            flows.save(rt, text, author=author)
        except TrunklineError:
            wrong.append(label)
    return wrong


@dataclass(frozen=True)
class Reported:
    """What an import would do with one flow of a file."""

    name: str  #: its number, or its name in the ZIP
    verdict: Verdict
    action: str  #: CREATE, UPDATE, SAME or REFUSED


def report(rt: Runtime, name: str, stream: IO[bytes]) -> list[Reported]:
    """What `import_file` would do with each flow of a file; nothing is written.

    Raises as it does.
    """
    found = []
    for label, text in _documents(name.lower(), stream):
        (verdict, *_) = validation.validate(rt, text) or [_empty()]
        found.append(Reported(label, verdict, _action(rt, verdict, text)))
    return found


def _empty() -> Verdict:
    return Verdict(index=0, namespace=None, flow_id=None, constraints="there is no flow in it")


def _action(rt: Runtime, verdict: Verdict, text: str) -> str:
    if verdict.constraints is not None or verdict.namespace is None or verdict.flow_id is None:
        return "REFUSED"
    try:
        saved = flows.get(rt, verdict.namespace, verdict.flow_id)
    except TrunklineError:
        return "CREATE"
    return "SAME" if saved.source.strip() == text.strip() else "UPDATE"


def _documents(name: str, stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    if name.endswith((".yml", ".yaml")):
        data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise TooLarge(f"the file is larger than {MOST_BYTES} bytes")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid("the file is not UTF-8") from None
        for i, part in enumerate(split_documents(text)):
            yield str(i), part
    elif name.endswith(".zip"):
        yield from _zipped(stream)
    else:
        raise Invalid("Cannot import file, it must be a .zip, .yml or .yaml file")


def _zipped(stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    """The YAML files of an archive; all is read before the first is saved."""
    found = []
    with archives.opened(stream, most_files=MOST_FILES, most_bytes=MOST_BYTES) as (
        archive,
        members,
    ):
        for member in members:
            if member.filename.lower().endswith((".yml", ".yaml")):
                found.append((member.filename, archive.read(member).decode("utf-8")))
    yield from found
