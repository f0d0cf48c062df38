"""Flow texts of a repository: who they are, and whether two of them mean the same."""

from dataclasses import dataclass

from app.errors import Invalid
from app.language.document import read_document
from app.service.gitops.texts import with_namespace, without_revision


@dataclass(frozen=True)
class Header:
    """What a flow calls itself."""

    namespace: str
    id: str
    is_draft: bool


def read_header(text: str) -> Header:
    """Raises Invalid for a text that is no flow."""
    data = read_document(text).data
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise Invalid("Cannot parse flow id from YAML")
    namespace = data.get("namespace")
    return Header(
        namespace=namespace if isinstance(namespace, str) else "",
        id=data["id"],
        is_draft=data.get("draft") is True,
    )


def with_header(text: str, namespace: str | None) -> str:
    """A text for a namespace; None leaves the one that it declares."""
    return text if namespace is None else with_namespace(text, namespace)


def same_flow(one: str, other: str) -> bool:
    """Equal but for line ends, blanks around, and the revision's line."""

    def plain(text: str) -> str:
        return without_revision(text.replace("\r\n", "\n")).strip()

    return plain(one) == plain(other)


def is_flow_file(name: str) -> bool:
    """Whether a file of this name holds a flow."""
    return name.lower().endswith((".yml", ".yaml"))
