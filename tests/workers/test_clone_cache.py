"""Copies of repositories that are cloned again and again: less is fetched, nothing else differs."""

import shutil

import pytest

from tests.support.git_servers import PASSWORD, USER, GitHttp
from tests.workers.test_clone import clone, driver, repository, sha_of  # noqa: F401


@pytest.fixture
def http(tmp_path):
    made = GitHttp(tmp_path)
    yield made
    made.stop()


def first_then_slow(cases):
    """The first case each time, the others with what is slow."""
    return [cases[0], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[1:])]


def lines(http, *more, user=USER):
    login = [f"username: {user}", "password: \"{{ secret('GIT') }}\""]
    return [f"url: {http.url('remote.git')}", *login, *more]


def copies(driver):  # noqa: F811
    return sorted((driver.rt.settings.data_dir / "clones").glob("*.git"))


def set_room(driver, size):  # noqa: F811
    settings = driver.rt.settings.model_copy(update={"git_cache_bytes": size})
    object.__setattr__(driver.rt, "settings", settings)


def ok(driver, *given):  # noqa: F811
    state, log, _ = clone(driver, *given)
    assert state == "SUCCESS", log
    assert PASSWORD not in log
    return log


@pytest.mark.parametrize(
    "more", first_then_slow([(), ("branch: feature/only",), ("tag: v1",), ("depth: 0",)])
)
def test_a_clone_by_a_copy_is_the_clone_it_would_be(driver, http, repository, more):  # noqa: F811
    plain = ok(driver, *lines(http, *more))
    assert copies(driver) == []
    built = ok(driver, *lines(http, *more))
    (copy,) = copies(driver)
    used = ok(driver, *lines(http, *more))

    assert plain == built == used
    assert copies(driver) == [copy]


def test_what_is_new_is_seen_and_the_clone_stands_alone(driver, http, repository):  # noqa: F811
    for _ in range(2):
        ok(driver, *lines(http))
    repository.commit({"late.txt": "later\n"})
    before = len(http.seen)

    log = ok(driver, *lines(http, "depth: 0"))
    shutil.rmtree(copies(driver)[0])
    again = ok(driver, *lines(http, "depth: 0"))

    assert "later" in log
    assert sha_of(repository, "main") in log
    assert log == again
    assert len(http.seen) > before  # the remote is asked each time


def test_a_broken_copy_costs_no_clone_and_is_replaced(driver, http, repository):  # noqa: F811
    for _ in range(2):
        ok(driver, *lines(http))
    (copy,) = copies(driver)
    for pack in [*copy.rglob("*.pack"), *copy.glob("objects/??/*")]:
        pack.chmod(0o644)
        pack.write_bytes(b"spoiled")

    log = ok(driver, *lines(http, "depth: 0"))
    ok(driver, *lines(http, "depth: 0"))

    assert sha_of(repository, "main") in log


def test_another_login_has_a_copy_of_its_own(driver, http, repository):  # noqa: F811
    for _ in range(2):
        ok(driver, *lines(http))

    state, _, _ = clone(driver, *lines(http, user="somebody"))

    assert state == "FAILED"
    assert len(copies(driver)) == 1


@pytest.mark.parametrize("room", [0, 1])
def test_copies_take_no_more_room_than_they_may(driver, http, repository, room):  # noqa: F811
    set_room(driver, room)

    for _ in range(3):
        ok(driver, *lines(http))

    assert copies(driver) == []


def test_a_half_built_copy_hinders_nobody(driver, http, repository):  # noqa: F811
    ok(driver, *lines(http))
    half = driver.rt.settings.data_dir / "clones" / ".half"
    half.mkdir()

    for _ in range(2):
        ok(driver, *lines(http))

    assert len(copies(driver)) == 1
