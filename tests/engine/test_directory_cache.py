"""The `cache` of a WorkingDirectory: what the next run finds, and when it finds nothing."""

import zipfile

import pytest

from app.errors import Invalid
from app.service import purging, search
from app.storage.storage import StoredFileNotFound

FILES = "io.kestra.plugin.core.storage.LocalFiles"
AT = "/company/team/warm/dir/cache/cache.zip"


def flow(more="", *, fail=False, patterns="['*.txt']", content="hello"):
    bad = "      - {id: bad, type: io.kestra.plugin.core.execution.Fail}" if fail else ""
    return f"""
id: warm
namespace: company.team
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    cache: {{patterns: {patterns}{more}}}
    tasks:
      - {{id: found, type: {FILES}, outputs: ['**.txt']}}
      - {{id: write, type: {FILES}, inputs: {{a.txt: "{content}", b.bin: x, sub/c.txt: c}}}}
{bad}
"""


def found(driver, execution):
    return sorted((driver.outputs(execution, "found") or {}).get("uris") or {})


def runs(driver, text, times=2):
    return [found(driver, driver.run(text)) for _ in range(times)]


def test_the_next_run_finds_the_files_that_the_patterns_name(driver):
    assert runs(driver, flow()) == [[], ["a.txt"]]
    assert runs(driver, flow(patterns="['**.txt']")) == [["a.txt"], ["a.txt", "sub/c.txt"]]


def test_files_older_than_their_time_to_live_are_left_aside(driver):
    first = runs(driver, flow(", ttl: PT5m"))
    driver.clock.advance(301)
    second = runs(driver, flow(", ttl: PT5m"))

    assert (first, second) == ([[], ["a.txt"]], [[], ["a.txt"]])


def test_a_directory_that_failed_keeps_nothing(driver):
    driver.run(flow(fail=True))

    with pytest.raises(StoredFileNotFound):
        driver.rt.storage.open(AT)


def test_what_did_not_change_is_not_stored_again(driver):
    quiet = flow().replace(f"      - {{id: write, type: {FILES}, inputs", "      #")
    driver.run(flow())
    with driver.rt.storage.open(AT) as stream:
        before = stream.read()
    driver.run(quiet)

    with driver.rt.storage.open(AT) as stream:
        assert stream.read() == before


def test_each_iteration_has_files_of_its_own(driver):
    text = f"""
id: warm
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - id: dir
        type: io.kestra.plugin.core.flow.WorkingDirectory
        cache: {{patterns: ['*.txt']}}
        tasks:
          - {{id: found, type: {FILES}, outputs: ['*.txt']}}
          - {{id: write, type: {FILES}, inputs: {{"{{{{ workerTaskrun.value }}}}.txt": x}}}}
"""
    driver.run(text)
    second = driver.run(text)
    seen = [
        sorted(run.outputs["uris"])
        for run in search.whole(driver.rt, second)[1]
        if run.task_id == "found"
    ]

    assert seen == [["a.txt"], ["b.txt"]]


def test_the_archive_goes_when_its_time_is_over(driver):
    driver.run(flow(", ttl: PT5m"))
    early = purging.purge(driver.rt)
    driver.clock.advance(301)

    assert (early, purging.purge(driver.rt)) == (0, 1)
    assert not driver.rt.storage.exists(AT)


def test_an_archive_that_is_spoiled_costs_a_warning(driver, tmp_path):
    driver.run(flow())
    (tmp_path / "x").write_bytes(b"no archive")
    with (tmp_path / "x").open("rb") as stream:
        driver.rt.storage.put(AT, stream)
    execution = driver.run(flow())

    assert driver.state(execution) == "SUCCESS"
    assert found(driver, execution) == []
    assert any("cannot be restored" in text for text in driver.messages(execution))


def test_an_archive_cannot_write_outside_of_the_directory(driver, tmp_path):
    driver.run(flow())
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../outside.txt", "x")
    with (tmp_path / "x.zip").open("rb") as stream:
        driver.rt.storage.put(AT, stream)
    execution = driver.run(flow())

    assert driver.state(execution) == "SUCCESS"
    assert any("cannot be restored" in text for text in driver.messages(execution))


def test_a_cache_without_patterns_is_refused(driver):
    with pytest.raises(Invalid, match=r"cache\.patterns: must not be null"):
        driver.save(flow().replace("patterns: ['*.txt']", "ttl: PT1S"))
