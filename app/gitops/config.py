"""`trunkline.yaml` and `.kestraignore`: what a repository says about its own folder."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Invalid
from app.gitops.layout import Layout, is_within
from app.language.document import DocumentError, read_document

CONFIG_FILE = "trunkline.yaml"
MOST_CONFIG_BYTES = 65_536


class FolderConfig(BaseModel):
    """The content of a `trunkline.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Layout | None = None
    """Wins over the binding's."""
    ignore: tuple[str, ...] = ()
    """Patterns of files that are none of ours, as in `.gitignore`."""
    rewrite: dict[str, dict[str, str]] = {}
    """For each environment: namespaces (and all below) that become others there."""

    def renamed(self, namespace: str, environment: str) -> str:
        """A namespace as it is called in an environment; the longest match wins."""
        rules = self.rewrite.get(environment) or self.rewrite.get("*") or {}
        for old in sorted(rules, key=len, reverse=True):
            if is_within(namespace, old) and old:
                return rules[old] + namespace[len(old) :]
        return namespace

    def original(self, namespace: str, environment: str) -> str:
        """What the repository calls a namespace of an environment."""
        rules = self.rewrite.get(environment) or self.rewrite.get("*") or {}
        for old, new in sorted(rules.items()):
            found = old + namespace[len(new) :]
            if is_within(namespace, new) and self.renamed(found, environment) == namespace:
                return found
        return namespace


def read_config(data: bytes) -> FolderConfig:
    """The configuration. Raises Invalid naming what is wrong."""
    if len(data) > MOST_CONFIG_BYTES:
        raise Invalid(f"{CONFIG_FILE}: larger than {MOST_CONFIG_BYTES} bytes")
    try:
        document = read_document(data)
    except DocumentError as error:
        raise Invalid(f"{CONFIG_FILE}: no YAML map", error.violations) from None
    try:
        return FolderConfig.model_validate(document.data or {})
    except ValidationError as error:
        found = tuple(document.violation(e["loc"], e["msg"]) for e in error.errors())
        raise Invalid(CONFIG_FILE, found) from None


def ignore_text(config: FolderConfig, ignore_file: bytes | None) -> str:
    """All patterns as the text of one `.gitignore`."""
    own = (ignore_file or b"").decode("utf-8", "replace")
    return "\n".join([*_lines(config.ignore), *own.splitlines()]).strip()


def _lines(patterns: Sequence[str]) -> list[str]:
    return [pattern for pattern in patterns if pattern.strip() and "\n" not in pattern]
