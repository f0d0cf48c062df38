"""Where a resource lies in a binding's folder, for one that is not there yet."""

from typing import Any

from sqlalchemy import Row

from app.errors import Invalid
from app.gitops.layout import Kind, Layout, is_within
from app.gitops.plan import Key, namespace_of


def path_of(binding: Row[Any], key: Key) -> str:
    """The path from the repository's root. Raises Invalid for one that has no place there."""
    layout = Layout(binding.layout)
    if key[0].is_global:
        name = "dashboards" if key[0] is Kind.DASHBOARD else "gitops"
        folder = f"_global/{name}" if layout is Layout.NAMESPACE_FIRST else f"_{name}"
        return "/".join(part for part in (binding.path, folder, f"{key[1]}.yaml") if part)
    namespace = namespace_of(key)
    if not is_within(namespace, binding.namespace):
        raise Invalid(f"{key[1]!r} lies outside of {binding.namespace}")
    is_flow = key[0] is Kind.FLOW
    name = key[1][len(namespace) + 1 :]
    below = namespace[len(binding.namespace) :].strip(".").replace(".", "/")
    if layout is Layout.NAMESPACE_FIRST:
        parts = [namespace, "flows", f"{name}.yaml"] if is_flow else [namespace, "files", name]
    elif is_flow:
        folder = below if layout is Layout.TREE else namespace.replace(".", "/")
        parts = [folder, f"{name}.yaml"]
    else:
        parts = [below, "_files", name]
    return "/".join(part for part in (binding.path, *parts) if part)
