"""Layouts: which resource a file of a repository is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

_FLOW_ENDINGS = (".yml", ".yaml")
IGNORE_FILE = ".kestraignore"
CONTROL_FILES = (IGNORE_FILE, "trunkline.yaml")


class Layout(StrEnum):
    """How paths map to namespaces (GitOps 2)."""

    TREE = "tree"  #: each folder is a child namespace
    NAMESPACE_FIRST = "namespace-first"  #: `<namespace>/flows/…` and `<namespace>/files/…`
    DECLARED = "declared"  #: the `namespace:` that each file declares


class Kind(StrEnum):
    """What a file becomes."""

    FLOW = "FLOW"
    FILE = "FILE"
    DASHBOARD = "DASHBOARD"  #: of the whole server, by id
    SOURCE = "SOURCE"  #: a Git source that a file declares, by name
    BINDING = "BINDING"  #: a Git binding that a file declares, by name

    @property
    def is_global(self) -> bool:
        """Whether it lies in no namespace."""
        return self not in (Kind.FLOW, Kind.FILE)


@dataclass(frozen=True)
class Place:
    """A file's kind and the namespace it belongs to.

    `namespace` is None where the document declares it; `path` is a namespace file's own path, or
    the name of a dashboard's file.
    """

    kind: Kind
    namespace: str | None
    path: str | None = None


def place_of(
    layout: Layout, root: str, relative: str, rename: Callable[[str], str] = str
) -> Place | None:
    """What the file at `relative` (below the binding's path) is; None: nothing of ours.

    `rename` is what a namespace that a folder names is called here.
    """
    parts = PurePosixPath(relative).parts
    if not parts or parts[-1] in CONTROL_FILES:
        return None
    is_flow = relative.endswith(_FLOW_ENDINGS)
    boards = ("_global", "dashboards") if layout is Layout.NAMESPACE_FIRST else ("_dashboards",)
    if parts[:-1] == boards:
        return Place(Kind.DASHBOARD, "", parts[-1]) if is_flow else None
    if parts[:-1] == (*boards[:-1], boards[-1].replace("dashboards", "gitops")):
        # which of SOURCE and BINDING it is, the file says
        return Place(Kind.BINDING, "", parts[-1]) if is_flow else None
    if layout is Layout.NAMESPACE_FIRST:
        return _namespace_first(root, parts, rename, is_flow=is_flow)
    if "_files" in parts[:-1]:
        at = parts.index("_files")
        namespace = ".".join(filter(None, [root, *parts[:at]]))
        if not namespace:
            return None
        return Place(Kind.FILE, namespace, "/".join(parts[at + 1 :]))
    if not is_flow:
        return None
    if layout is Layout.DECLARED:
        return Place(Kind.FLOW, None)
    return Place(Kind.FLOW, ".".join([root, *parts[:-1]]))


def _namespace_first(
    root: str, parts: tuple[str, ...], rename: Callable[[str], str], *, is_flow: bool
) -> Place | None:
    if len(parts) < 3:
        return None
    namespace = rename(parts[0])
    if not is_within(namespace, root):
        return None
    if parts[1] == "flows":
        return Place(Kind.FLOW, namespace) if is_flow else None
    if parts[1] == "files":
        return Place(Kind.FILE, namespace, "/".join(parts[2:]))
    return None


def is_within(namespace: str, root: str) -> bool:
    """Whether a namespace is the root or below it; an empty root holds everything."""
    return not root or namespace == root or namespace.startswith(root + ".")
