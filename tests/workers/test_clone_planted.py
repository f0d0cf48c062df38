"""Repositories that scripts have written, and settings of an author: Git runs nothing for them."""

import re

import pytest

from tests.workers.test_clone import clone, driver, foreign, http, module, repository
from workers.git.remote import _REFUSED

__all__ = ["driver", "foreign", "http", "repository"]
PLANT = """      - id: old
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {type: io.kestra.plugin.core.runner.Process}
        commands:
          - mkdir -p real part
          - for at in @AT@; do cd "$WORKING_DIR/$at" && git init -q .
            && git config filter.x.smudge 'touch @TRACE@-filter; cat'
            && git config core.alternateRefsCommand 'touch @TRACE@-refs; true'
            && git config submodule.part.update '!touch @TRACE@-module'
            && echo '* filter=x' > .git/info/attributes; done
"""


@pytest.mark.parametrize(
    ("at", "more"),
    [
        (".", ""),
        (". part", ""),
        ("real", " && cd .. && mv real/.git kept && printf 'gitdir\\072 kept' > .git"),
        ("real", " && cd .. && mv real/.git kept && ln -s kept .git"),
    ],
    ids=["root", "module", "file", "link"],
)
def test_a_repository_that_lies_there_is_not_obeyed(driver, repository, tmp_path, at, more):
    trace = tmp_path / "trace"
    module(repository, "../remote.git")
    before = (
        PLANT.replace("@AT@", at).replace("@TRACE@", str(trace)).replace("; done", more + "; done")
    )

    state, log, _ = clone(driver, f"url: {repository.url}", "cloneSubmodules: true", before=before)

    assert state == "SUCCESS", log
    assert "second" in log
    assert [path.name for path in tmp_path.glob("trace*")] == []


def test_no_setting_of_the_author_is_obeyed_by_the_clone_itself(driver, repository, monkeypatch):
    """Also one that the list does not know: it is written when all is done."""
    monkeypatch.setattr("workers.git.remote._REFUSED", re.compile("none"))
    trace = repository.bare.parent / "trace"
    module(repository, "../remote.git")

    state, log, _ = clone(
        driver, f"url: {repository.url}", "cloneSubmodules: true",
        f"gitConfig: {{submodule.part.update: '!touch {trace}'}}",
    )  # fmt: skip

    assert state == "SUCCESS", log
    assert "update = !touch" in log
    assert not trace.exists()


@pytest.mark.parametrize(
    "key",
    ["submodule.part.update", "core.alternateRefsCommand", "core.worktree", "diff.external",
     "http.proxy", "http.https://a.example/.proxy", "http.https://a/.cookieFile", "http.sslKey",
     "remote.origin.url", "lfs.customtransfer.x.path", "gpg.ssh.defaultKeyCommand",
     "url.https://a/.insteadOf", "includeIf.gitdir:/x.path", "mergetool.x.cmd",
     "extensions.partialClone", "trailer.x.command", "init.templateDir", "CORE.SSHCOMMAND"],
)  # fmt: skip
def test_a_setting_that_runs_reads_or_leads_elsewhere_is_refused(key):
    assert _REFUSED.fullmatch(key)


@pytest.mark.parametrize(
    "key",
    ["user.name", "core.autocrlf", "core.fileMode", "http.postBuffer", "http.sslVerify",
     "http.extraHeader", "branch.main.merge", "push.default", "fetch.prune", "x.y", "tag.sort"],
)  # fmt: skip
def test_other_settings_are_taken(key):
    assert not _REFUSED.fullmatch(key)
