"""Flows, namespaces, their files, keys and secrets."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from tf.iface import State

from trunkline_terraform.fields import JSON, NUMBER, TEXT_MAP, Field, body
from trunkline_terraform.resource import Thing

_NAMESPACE = Field("namespace", "namespace", "Its namespace.", required=True, fixed=True)


class Flow(Thing):
    """A flow, by its source."""

    name = "flow"
    about = "A flow, by its YAML source. Flows that Git owns belong into Git."
    parts = ("namespace", "flow_id")
    changing = ("revision",)
    table: ClassVar[Sequence[Field]] = (
        _NAMESPACE,
        Field("flow_id", "id", "The `id` of the source.", required=True, fixed=True),
        Field("content", "source", "The YAML source.", required=True),
        Field("revision", "revision", "Its latest revision.", NUMBER, made=True),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """The flow with its source."""
        return self.client.find(_path("flows", state, self.parts), params={"source": "true"})

    def write(self, state: State, *, is_new: bool) -> None:
        """Creates it or stores a revision."""
        path = "/flows" if is_new else _path("flows", state, self.parts)
        self.client.call(
            "POST" if is_new else "PUT",
            path,
            content=state["content"].encode(),
            headers={"Content-Type": "application/x-yaml"},
        )

    def remove(self, state: State) -> None:
        """Deletes it."""
        self.client.call("DELETE", _path("flows", state, self.parts))


class Namespace(Thing):
    """The record of a namespace."""

    name = "namespace"
    about = "A namespace's description, variables and plugin defaults."
    parts = ("namespace_id",)
    table: ClassVar[Sequence[Field]] = (
        Field("namespace_id", "id", "Its name.", required=True, fixed=True),
        Field("description", "description", "What it is for."),
        Field("variables", "variables", "A map, by `jsonencode`.", JSON),
        Field("plugin_defaults", "pluginDefaults", "A list, by `jsonencode`.", JSON),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """Its record; one that has only flows counts as well."""
        return self.client.find(_path("namespaces", state, self.parts))

    def write(self, state: State, *, is_new: bool) -> None:
        """Creates or replaces the record."""
        path = "/namespaces" if is_new else _path("namespaces", state, self.parts)
        self.client.call("POST" if is_new else "PUT", path, json=body(self.table, state))

    def remove(self, state: State) -> None:
        """Forgets the record; flows, files and keys stay."""
        self.client.call("DELETE", _path("namespaces", state, self.parts))


class NamespaceFile(Thing):
    """A file of a namespace."""

    name = "namespace_file"
    about = "A text file of a namespace."
    parts = ("namespace", "path")
    table: ClassVar[Sequence[Field]] = (
        _NAMESPACE,
        Field("path", "path", "Its path within the namespace.", required=True, fixed=True),
        Field("content", "content", "Its text.", required=True),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """Its text."""
        text = self.client.find(_within(state, "files"), params={"path": state["path"]}, raw=True)
        if text is None:
            return None
        return {"namespace": state["namespace"], "path": state["path"], "content": text}

    def write(self, state: State, *, is_new: bool) -> None:
        """Stores a version."""
        self.client.call(
            "POST",
            _within(state, "files"),
            params={"path": state["path"]},
            files={"fileContent": ("content", state["content"].encode())},
        )

    def remove(self, state: State) -> None:
        """Deletes it."""
        self.client.call("DELETE", _within(state, "files"), params={"path": state["path"]})


class Kv(Thing):
    """A key of a namespace's store."""

    name = "kv"
    about = "A key and its typed value."
    parts = ("namespace", "key")
    table: ClassVar[Sequence[Field]] = (
        _NAMESPACE,
        Field("key", "key", "Its name.", required=True, fixed=True),
        Field("value", "value", "A value of JSON, by `jsonencode`.", JSON, required=True),
        Field("type", "type", "What the server took it for.", made=True),
    )
    changing = ("type",)

    def find(self, state: State) -> dict[str, Any] | None:
        """Its value and type."""
        data = self.client.find(_within(state, "kv", state["key"]))
        return data and {**data, "namespace": state["namespace"], "key": state["key"]}

    def write(self, state: State, *, is_new: bool) -> None:
        """Stores the value."""
        text = json.dumps(state["value"])
        headers = {"Content-Type": "application/json"}
        self.client.call(
            "PUT", _within(state, "kv", state["key"]), content=text.encode(), headers=headers
        )

    def remove(self, state: State) -> None:
        """Deletes the key."""
        self.client.call("DELETE", _within(state, "kv", state["key"]))


class Secret(Thing):
    """A secret of a namespace; the server never shows its value."""

    name = "secret"
    about = "A secret. Its value is kept in Terraform's state: keep that state in a safe place."
    parts = ("namespace", "key")
    table: ClassVar[Sequence[Field]] = (
        _NAMESPACE,
        Field("key", "key", "Its name.", required=True, fixed=True),
        Field("value", "value", "Its value.", required=True, secret=True),
        Field("description", "description", "What it is for."),
        Field("tags", "tags", "Words about it.", TEXT_MAP),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """What may be shown of it."""
        rows = self.client.call("GET", _within(state, "secrets"), params={"size": 1000})["results"]
        for row in rows:
            if row["key"] == state["key"]:
                tags = {tag["key"]: tag["value"] for tag in row.get("tags") or []}
                return {**row, "namespace": state["namespace"], "tags": tags}
        return None

    def write(self, state: State, *, is_new: bool) -> None:
        """Stores it, encrypted."""
        data = body(self.table, state)
        data["tags"] = [{"key": k, "value": v} for k, v in data.get("tags", {}).items()]
        self.client.call("PUT", _within(state, "secrets"), json=data)

    def remove(self, state: State) -> None:
        """Deletes it."""
        self.client.call("DELETE", _within(state, "secrets", state["key"]))


def _within(state: State, *names: str) -> str:
    """The address of something of the state's namespace."""
    return "/".join(["/namespaces", *(quote(n, safe="") for n in (state["namespace"], *names))])


def _path(kind: str, state: State, parts: Sequence[str]) -> str:
    return "/".join(["", kind, *(quote(str(state[part]), safe="") for part in parts)])
