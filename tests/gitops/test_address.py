"""Addresses that Git may have, and those that mean one repository."""

import pytest

from app.gitops.address import (
    RefusedAddress,
    check_address,
    commit_url,
    url_key,
    without_credentials,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.org/team/flows.git",
        "http://127.0.0.1:3000/x",
        "ssh://git@git.example.org:2222/team/flows",
        "git@git.example.org:team/flows.git",
    ],
)
def test_a_plain_address_is_allowed(url):
    assert check_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ext::sh -c id",
        "ext::sh",
        "--upload-pack=x",
        "-oProxyCommand=x@y:z",
        "file:///etc",
        "ftp://x/y",
        "https://",
        "https://user:secret@host/x",
        "https://token@host/x",
        "ssh://-oProxyCommand=x/y",
        "git@-oProxy:x",
        "host:-x",
        "/etc/passwd",
        "https://host/a b",
        "https://host/a\nb",
        "https://[secret/x",
        "ssh://git@host:99999/x",
        "https://user:secret@h\u2100st/x",
        "https://user:secret/more@host/x",
    ],
)
def test_a_dangerous_address_is_refused_without_its_secret(url):
    with pytest.raises(RefusedAddress) as caught:
        check_address(url)

    assert "secret" not in str(caught.value)


def test_local_repositories_are_for_servers_that_allow_them():
    assert check_address("file:///x", allow_local=True) == "file:///x"


def test_the_refusal_of_a_local_repository_names_the_setting():
    with pytest.raises(RefusedAddress, match="TRUNKLINE_GIT_ALLOW_FILE_PROTOCOL"):
        check_address("file:///x")


def test_one_repository_has_one_key_however_it_is_spelt():
    spellings = [
        "https://git.example.org/Team/Flows.git",
        "https://user@GIT.example.org:443/team//flows/",
        "ssh://git@git.example.org:22/team/flows.git",
        "git@git.example.org:Team/flows.git",
    ]

    assert {url_key(url) for url in spellings} == {"git.example.org/team/flows"}


def test_credentials_leave_messages():
    text = "fatal: unable to access 'https://bob:hunter2@host/x': no"

    assert without_credentials(text) == "fatal: unable to access 'https://host/x': no"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("git@git.example.org:a/b.git", "https://git.example.org/a/b/commit/1"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/commits/1"),
        ("ssh://git@h:22/a/b.git", "https://h/a/b/commit/1"),
        ("file:///x", None),
    ],
)
def test_a_commit_has_an_address_on_the_web(url, shown):
    assert commit_url(url, "1") == shown
