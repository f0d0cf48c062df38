"""How Git authenticates: by environment and private files, never by argument or address."""

import re
import shlex
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from app.gitops import gate
from app.gitops.address import host_and_port
from app.plugin.outgoing import OutgoingPolicy

#: answers Git's HTTP; Git asks it for one origin alone
_HELPER = """#!/bin/sh
[ "$1" = get ] || exit 0
printf 'username=%s\\npassword=%s\\n' "$TRUNKLINE_GIT_USERNAME" "$TRUNKLINE_GIT_PASSWORD"
"""
#: answers ssh about its key, nobody about anything else
_ASKPASS = """#!/bin/sh
case "$1" in
  "Enter passphrase for "*) printf '%s' "$TRUNKLINE_GIT_PASSPHRASE" ;;
  *) exit 1 ;;
esac
"""
SYSTEM_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts"
_NOWHERE = Path("/nonexistent")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]+")
#: what Git may inherit from the process around it
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")
#: where distributions keep what they trust
_SYSTEM_CAS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_WAYS = ("http_proxy", "https_proxy", "HTTPS_PROXY")  #: Git reads no `HTTP_PROXY`
_SOCKS = "socks5h://127.0.0.1"
_THROUGH = (sys.executable, "-I", "-S", str(Path(__file__).with_name("through_gate.py")))
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a remote may ask for. Values are plain text and must not be logged."""

    username: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    known_hosts: str = ""  #: lines of a `known_hosts` file
    host_key_checking: str = "yes"  #: `yes`, `accept-new` or `no`, as ssh spells them
    known_hosts_file: Path | None = None  #: where keys accepted on first use are kept
    ca_file: str = ""  #: PEM bundle that is trusted for https
    ca: str = ""  #: the same as text
    proxy: str = ""
    use_proxy: bool = True
    connect_s: int = 10  #: of ssh; Git's own HTTP has no such limit
    stall_s: int = 60  #: a transfer that is slower than 1000 bytes a second for so long ends


@contextmanager
def git_environment(
    given: Credentials,
    url: str,
    inherited: Mapping[str, str],
    policy: OutgoingPolicy,
    *,
    allow_local: bool = False,
) -> Iterator[dict[str, str]]:
    """The environment of one Git command; its private files live as long as the block.

    Only the scheme, host and port of `url` are answered: a submodule or a redirection elsewhere
    is asked for without credentials. Git connects where the policy allows it, or by the proxy that
    it is given or that the machine has. Raises RefusedTarget for the host of `url`, or the proxy.
    """
    proxied = bool(given.proxy) or (given.use_proxy and any(inherited.get(n) for n in _WAYS))
    for target in (given.proxy, "" if proxied else url):
        _check(target, policy)
    with _private(given) as folder, gate.opened(policy) as port:
        names = _INHERITED + (_PROXIES if proxied else ())
        env = {key: inherited[key] for key in names if key in inherited}
        env |= {
            "HOME": str(folder),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ALLOW_PROTOCOL": "http:https:ssh" + (":file" if allow_local else ""),
            "GIT_LFS_SKIP_SMUDGE": "1",
        }
        env["GIT_SSH_COMMAND"] = _ssh(given, url, folder, port)
        if given.passphrase:
            env |= _askpass(given, folder)
        if given.password:
            env["TRUNKLINE_GIT_USERNAME"] = given.username
            env["TRUNKLINE_GIT_PASSWORD"] = given.password
        env |= _config(given, url, folder, given.proxy or ("" if proxied else f"{_SOCKS}:{port}"))
        yield env


def _check(target: str, policy: OutgoingPolicy) -> None:
    """Asks early, for a clear reason; what cannot be resolved is left for Git to tell."""
    parts = urlsplit(target) if "://" in target else None
    host = (parts.hostname or "") if parts else host_and_port(target, "ssh")[0]
    if host and (parts is None or parts.scheme != "file"):
        with suppress(OSError, UnicodeError):
            gate.checked(policy, host, 0)


@contextmanager
def _private(given: Credentials) -> Iterator[Path]:
    """A folder that this user alone may read; none is made when nothing is to lie in it."""
    texts = (given.password, given.private_key, given.passphrase, given.known_hosts.strip())
    if not any((*texts, given.ca, given.ca_file)) and given.known_hosts_file is not None:
        yield _NOWHERE
        return
    with TemporaryDirectory(prefix="trunkline-git-") as name:
        Path(name).chmod(0o700)
        yield Path(name)


def _askpass(given: Credentials, folder: Path) -> dict[str, str]:
    return {
        "SSH_ASKPASS": str(_script(folder / "askpass", _ASKPASS)),
        "SSH_ASKPASS_REQUIRE": "force",
        "TRUNKLINE_GIT_PASSPHRASE": given.passphrase,
    }


def _script(path: Path, text: str) -> Path:
    path.write_text(text, encoding="ascii")
    path.chmod(0o700)
    return path


def _ssh(given: Credentials, url: str, folder: Path, port: int) -> str:
    """The ssh command: our key alone, for one host alone; no agent, nothing of the machine's
    user."""
    files = []
    if given.known_hosts_file is not None:
        # the first file is the one that ssh adds newly accepted keys to
        files.append(str(given.known_hosts_file))
    if given.known_hosts.strip() or not files:
        hosts = folder / "known_hosts"
        hosts.write_text(given.known_hosts.strip() + "\n", encoding="utf-8")
        files.append(str(hosts))
    options = {
        "StrictHostKeyChecking": given.host_key_checking,
        "UserKnownHostsFile": " ".join(files),
        "GlobalKnownHostsFile": SYSTEM_KNOWN_HOSTS,
        "IdentitiesOnly": "yes",
        "ConnectTimeout": str(given.connect_s),
        "BatchMode": "no" if given.passphrase else "yes",
        "PreferredAuthentications": "publickey",  # a server never gets to ask for a password
        "IdentityFile": "none",  # beside our key: those of the machine's user
        "ProxyCommand": f"{shlex.join([*_THROUGH, str(port)])} %h %p",
    }
    command = ["ssh", "-F", _key_for(given, url, folder) or "/dev/null"]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    return shlex.join(command)


def _key_for(given: Credentials, url: str, folder: Path) -> str:
    """The ssh configuration that offers the key to the host and port of an address."""
    host, port = host_and_port(url, "ssh")
    if not given.private_key or not _HOST.fullmatch(host):
        return ""
    key_file, config = folder / "key", folder / "ssh_config"
    key_file.touch(mode=0o600)
    key_file.write_text(given.private_key.strip() + "\n", encoding="utf-8")
    match = f'Match originalhost {host} exec "test %p = {port or 22}"'
    config.write_text(f"{match}\n  IdentityFile {key_file}\n", encoding="utf-8")
    return str(config)


def _bundle(given: Credentials, folder: Path) -> Path:
    """The given authorities with those that the machine trusts: Git takes one file only."""
    own = Path(given.ca_file).read_text(encoding="utf-8") if given.ca_file else given.ca
    known = ssl.get_default_verify_paths().cafile
    system = next((path for path in (known, *_SYSTEM_CAS) if path and Path(path).is_file()), None)
    bundle = folder / "ca.pem"
    others = Path(system).read_text(encoding="utf-8", errors="replace") if system else ""
    bundle.write_text(f"{own.rstrip()}\n{others}", encoding="utf-8")
    return bundle


def _config(given: Credentials, url: str, folder: Path, proxy: str) -> dict[str, str]:
    """Git settings by environment: nothing is written to a repository, nothing shows in `ps`."""
    settings = {
        "credential.helper": "",
        "protocol.ext.allow": "never",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": str(given.stall_s),
        "http.followRedirects": "initial",
        "core.hooksPath": "/dev/null",
        "core.fsmonitor": "false",
        "safe.directory": "*",
    }
    if given.ca_file or given.ca:
        settings["http.sslCAInfo"] = str(_bundle(given, folder))
    if proxy:
        settings["http.proxy"] = proxy
    parts = urlsplit(url)
    if (
        given.password
        and parts.scheme in ("http", "https")
        and _HOST.fullmatch(parts.hostname or "")
    ):
        origin = f"{parts.scheme}://{parts.netloc}"
        helper = _script(folder / "helper", _HELPER)
        settings[f"credential.{origin}.helper"] = shlex.quote(str(helper))
    env = {"GIT_CONFIG_COUNT": str(len(settings))}
    for n, (key, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    return env
