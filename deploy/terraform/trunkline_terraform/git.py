"""Git sources and their bindings."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from tf.iface import State

from trunkline_terraform.fields import BOOL, NUMBER, TEXTS, Field, body
from trunkline_terraform.resource import Thing


class GitSource(Thing):
    """A repository that is followed."""

    name = "git_source"
    about = "A Git repository that is followed. Credentials are named: they are secrets themselves."
    parts = ("name",)
    table: ClassVar[Sequence[Field]] = (
        Field("name", "name", "Its name.", required=True, fixed=True),
        Field("url", "url", "Its address.", required=True),
        Field("ref", "ref", "The branch, tag, range of versions or commit; `main`."),
        Field("ref_kind", "refKind", "`auto`, `branch`, `tag`, `semver` or `commit`."),
        Field("connection", "connection", "The Git host's connection."),
        Field("poll_interval", "pollInterval", "Seconds between two looks; 180.", NUMBER),
        Field("auth_kind", "auth.kind", "`none`, `basic`, `token`, `ssh` or `github_app`."),
        Field("auth_username", "auth.username", "For http(s)."),
        Field("auth_password_secret", "auth.passwordSecret", "The name of a secret."),
        Field("auth_private_key_secret", "auth.privateKeySecret", "The name of a secret."),
        Field("auth_passphrase_secret", "auth.passphraseSecret", "The name of a secret."),
        Field("auth_known_hosts", "auth.knownHosts", "Lines of a `known_hosts` file."),
        Field("auth_host_key_checking", "auth.hostKeyChecking", "`yes` or `accept-new`."),
        Field("verify_policy", "verify.policy", "`off`, `head`, `tag` or `tag_and_head`."),
        Field("verify_gpg", "verify.gpg", "Armored public keys."),
        Field("verify_ssh", "verify.ssh", "Lines of an allowed-signers file."),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """Its settings."""
        return self.client.find(f"/gitops/sources/{quote(state['name'], safe='')}")

    def write(self, state: State, *, is_new: bool) -> None:
        """Registers it or replaces its settings."""
        path = "/gitops/sources" if is_new else f"/gitops/sources/{quote(state['name'], safe='')}"
        self.client.call("POST" if is_new else "PUT", path, json=body(self.table, state))

    def remove(self, state: State) -> None:
        """Forgets it; what it applied stays."""
        self.client.call("DELETE", f"/gitops/sources/{quote(state['name'], safe='')}")


class GitBinding(Thing):
    """A folder of a source, bound to namespaces."""

    name = "git_binding"
    about = "A folder of a Git source, bound to namespaces."
    parts = ("name",)
    table: ClassVar[Sequence[Field]] = (
        Field("name", "name", "Its name.", required=True, fixed=True),
        Field("source", "source", "The name of its Git source.", required=True, fixed=True),
        Field("path", "path", "The folder; the root when empty."),
        Field("namespace", "namespace", "The namespace that the folder stands for."),
        Field("layout", "layout", "How files are told apart."),
        Field("kinds", "policy.kinds", "What is applied.", TEXTS),
        Field("automated", "policy.automated", "Whether a commit is applied by itself.", BOOL),
        Field("prune", "policy.prune", "Whether what is gone from Git is deleted.", BOOL),
        Field("adopt", "policy.adopt", "Whether what is there already is taken over.", BOOL),
        Field("self_heal", "policy.selfHeal", "Whether drift is set back.", BOOL),
        Field("allow_empty", "policy.allowEmpty", "Whether an empty folder is obeyed.", BOOL),
        Field("max_delete_percent", "policy.maxDeletePercent", "A guard of deletions.", NUMBER),
        Field("on_invalid", "policy.onInvalid", "`FAIL` or `QUARANTINE`."),
        Field("edit_mode", "policy.editMode", "What an edit beside Git may do."),
        Field("require_approval", "policy.requireApproval", "Whether someone must agree.", BOOL),
        Field("previews", "policy.previews", "Whether pull requests get namespaces.", BOOL),
    )

    def find(self, state: State) -> dict[str, Any] | None:
        """Its settings, with the name of its source."""
        data = self.client.find(f"/gitops/bindings/{quote(state['name'], safe='')}")
        if data is None:
            return None
        source = self.client.call("GET", f"/gitops/sources/{data['sourceId']}")
        return {**data, "source": source["name"]}

    def write(self, state: State, *, is_new: bool) -> None:
        """Binds the folder or replaces the settings."""
        data = body(self.table, state)
        if is_new:
            self.client.call("POST", "/gitops/bindings", json=data)
        else:
            del data["source"]
            self.client.call("PUT", f"/gitops/bindings/{quote(state['name'], safe='')}", json=data)

    def remove(self, state: State) -> None:
        """Forgets it; what it applied stays."""
        self.client.call("DELETE", f"/gitops/bindings/{quote(state['name'], safe='')}")
