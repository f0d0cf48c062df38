"""A real API server of Kubernetes on loopback, with an etcd of its own. No pod ever runs."""

import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.certificates import make_certificates
from tests.support.postgres import free_port

TOKEN = "of-an-administrator"  # on loopback, for as long as the test


def api_server(folder: Path) -> "ApiServer":
    """A server; without its programs the test is skipped: `build_apiserver.sh` builds the one."""
    for name in ("etcd", "kube-apiserver"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    return ApiServer(folder)


class ApiServer:
    """What it answers to an object is what a cluster would, before anything is scheduled."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.running: list[subprocess.Popen[bytes]] = []
        self.authority, certificate, key = make_certificates(folder / "tls")
        (folder / "tokens.csv").write_text(f'{TOKEN},admin,1,"system:masters"\n', encoding="ascii")
        store, peers = (f"http://127.0.0.1:{free_port()}" for _ in "12")
        self._start("etcd", **{
            "data-dir": folder / "etcd", "listen-client-urls": store,
            "advertise-client-urls": store, "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers, "initial-cluster": f"default={peers}",
        })  # fmt: skip
        self._start("kube-apiserver", **{
            "etcd-servers": store, "bind-address": "127.0.0.1", "secure-port": self.port,
            "tls-cert-file": certificate, "tls-private-key-file": key,
            "service-account-issuer": "https://kubernetes.test",
            "service-account-key-file": certificate, "service-account-signing-key-file": key,
            "service-cluster-ip-range": "10.0.0.0/24", "token-auth-file": folder / "tokens.csv",
            "authorization-mode": "RBAC",
            # the accounts of namespaces are made by a controller, which does not run here
            "disable-admission-plugins": "ServiceAccount",
        })  # fmt: skip
        self.client = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            verify=ssl.create_default_context(cafile=str(self.authority)),
            timeout=30,
        )
        self._resources: dict[tuple[str, str], str] = {}
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def _start(self, name: str, **options: object) -> None:
        arguments = [f"--{option}={value}" for option, value in options.items()]
        with (self.folder / f"{name}.log").open("ab") as log:
            made = subprocess.Popen([name, *arguments], stdout=log, stderr=log, cwd=self.folder)
        self.running.append(made)

    def _await_ready(self) -> None:
        ends = time.monotonic() + 180
        while True:
            try:
                if self.client.get("/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            log = (self.folder / "kube-apiserver.log").read_text("utf-8", errors="replace")
            assert all(one.poll() is None for one in self.running), log[-3000:]
            assert time.monotonic() < ends, log[-3000:]
            time.sleep(0.2)

    def post(self, document: Mapping[str, Any], namespace: str, *, dry: bool = True) -> Any:
        """The server's answer to a new object; `dry`: everything but the writing of it."""
        params = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry else {})}
        return self.client.post(
            self._path(document, namespace), params=params, content=json.dumps(document),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip

    def _path(self, document: Mapping[str, Any], namespace: str) -> str:
        version, kind = document["apiVersion"], document["kind"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self._resources:
            for found in self.client.get(root).raise_for_status().json()["resources"]:
                if "/" not in found["name"]:
                    self._resources[(version, found["kind"])] = found["name"]
        name = self._resources[(version, kind)]
        return f"{root}/{name}" if kind == "Namespace" else f"{root}/namespaces/{namespace}/{name}"

    @property
    def helm_environ(self) -> dict[str, str]:
        """Where Helm finds this server, and who it is there."""
        return {
            **os.environ,
            "KUBECONFIG": str(self.folder / "none"),
            "HELM_KUBEAPISERVER": f"https://127.0.0.1:{self.port}",
            "HELM_KUBECAFILE": str(self.authority),
            "HELM_KUBETOKEN": TOKEN,
            "HELM_CACHE_HOME": str(self.folder / "helm"),
        }

    def stop(self) -> None:
        """Ends both."""
        self.client.close()
        for process in reversed(self.running):
            process.kill()
            process.wait(30)
