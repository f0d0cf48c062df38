"""Downloads larger than they may be in memory."""

import io
import os
import tracemalloc
import zipfile

from app.database.logs import LogLine
from app.service import downloads, log_lines, namespace_files, search

MB = 1_000_000
LINES = 40_000


def line(rt, n, **more):
    return LogLine(
        namespace="team.a", flow_id="f", execution_id="e", task_id="t", task_run_id="r",
        attempt=0, seq=n, at=rt.clock(), level=2, message=f"{n} " + "x" * 500, **more,
    )  # fmt: skip


def peak_of(pieces):
    """How many bytes were held at once while pieces were taken, and how many came."""
    tracemalloc.start()
    came = sum(len(piece) for piece in pieces)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held, came


def test_a_long_log_is_loaded_in_bounded_memory_and_in_order(driver):
    for start in range(0, LINES, 1000):
        log_lines.store(driver.rt, [line(driver.rt, n) for n in range(start, start + 1000)])
    wanted = {"execution_id": "e"}

    held, came = peak_of(row.message for row in downloads.log_lines(driver.rt, wanted))
    numbers = [int(row.message.split()[0]) for row in downloads.log_lines(driver.rt, wanted)]

    assert came > 20 * MB
    assert held < 5 * MB
    assert numbers == list(range(LINES))


def test_lines_that_are_removed_meanwhile_are_left_out(driver):
    log_lines.store(driver.rt, [line(driver.rt, n) for n in range(2 * downloads.LINES)])
    rows = downloads.log_lines(driver.rt, {"execution_id": "e"})
    first = next(rows)

    search.drop_logs(driver.rt, {"execution_id": "e"})

    assert first.message.startswith("0 ")
    assert len(list(rows)) == downloads.LINES - 1


def test_a_namespace_is_packed_in_bounded_memory_and_whole(driver, tmp_path):
    text = os.urandom(MB) * 4  # a deflated megabyte of noise is a megabyte
    for n in range(8):
        namespace_files.write(driver.rt, "team.a", f"folder/{n}.bin", io.BytesIO(text + b"%d" % n))
    namespace_files.make_folder(driver.rt, "team.a", "empty")
    driver.save("id: f\nnamespace: team.a\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, "
                "message: hi}]\n")  # fmt: skip
    path = tmp_path / "files.zip"

    with path.open("wb") as file:
        held, came = peak_of(
            map(Written(file), downloads.archive(driver.rt, "team.a", with_flows=True))
        )

    assert came > 8 * MB
    assert held < 3 * MB
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None
        assert sorted(made.namelist()) == ["_flows/f.yml", *(f"folder/{n}.bin" for n in range(8))]
        assert made.read("folder/7.bin") == text + b"7"


class Written:
    """Writes a piece to a file and hands it on."""

    def __init__(self, file):
        self.file = file

    def __call__(self, piece):
        self.file.write(piece)
        return piece


def test_more_files_and_flows_than_are_read_at_once_are_all_packed(driver, monkeypatch):
    monkeypatch.setattr(downloads, "ROWS", 2)
    for n in range(5):
        namespace_files.write(driver.rt, "team.a", f"{n}.txt", io.BytesIO(b"x"))
        driver.save(f"id: f{n}\nnamespace: team.a\ntasks: [{{id: a, "
                    "type: io.kestra.plugin.core.log.Log, message: hi}]\n")  # fmt: skip

    made = zipfile.ZipFile(
        io.BytesIO(b"".join(downloads.archive(driver.rt, "team.a", with_flows=True)))
    )

    assert sorted(made.namelist()) == [
        *(f"{n}.txt" for n in range(5)), *(f"_flows/f{n}.yml" for n in range(5)),
    ]  # fmt: skip
