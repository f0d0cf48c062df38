"""Calls of flows that there are not, told as files are checked or deployed."""

import pytest

CALL = """\
id: {name}
namespace: {namespace}
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.{task}
    namespace: {called[0]}
    flowId: {called[1]}
"""
LEAF = """\
id: {name}
namespace: {namespace}
tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: m}}]
"""
ITEMS = 'ForEachItem\n    items: "{{ inputs.x }}"'


def write(folder, name, called=None, *, namespace="team.a", task="Subflow"):
    text = LEAF if called is None else CALL
    path = folder / f"{name}.yaml"
    path.write_text(text.format(name=name, namespace=namespace, called=called, task=task))
    return path


def warnings(done):
    return [line for line in (done.out + done.err).splitlines() if "warning" in line]


def test_a_call_of_a_flow_that_neither_the_folder_nor_the_server_has_is_told(run, served, tmp_path):
    (there := tmp_path / "there").mkdir()
    (folder := tmp_path / "folder").mkdir()
    run("flow", "deploy", str(write(there, "known")))
    path = write(folder, "one", ("team.a", "nope"))
    write(folder, "two", ("team.a", "three"))
    write(folder, "three", ("team.a", "known"))
    purge = LEAF.replace(
        "log.Log, message: m", "execution.PurgeExecutions, namespace: x, flowId: y, endDate: x"
    )
    (folder / "six.yaml").write_text(purge.format(name="six", namespace="team.a"))
    write(folder, "four", ("team.a", '"{{ inputs.which }}"'))

    asked = run("flow", "validate", "--server", str(folder))
    deployed = run("flow", "deploy", str(folder))

    wanted = "no flow team.a/nope: neither among these files nor on the server"
    for done in (asked, deployed):
        assert done.code == 0, done
        assert warnings(done) == [f"{path}:7:5: warning: tasks[0].flowId: {wanted}"]


@pytest.mark.parametrize("task", ["Subflow", ITEMS])
def test_without_a_server_only_calls_among_the_files_own_namespaces_are_told(run, tmp_path, task):
    path = write(tmp_path, "one", ("team.a", "nope"), task=task)
    write(tmp_path, "two", ("elsewhere", "nope"))

    folder = run("flow", "validate", str(tmp_path))
    alone = run("flow", "validate", str(path))

    [told] = warnings(folder)
    assert told.startswith(f"{path}:")
    assert told.endswith("tasks[0].flowId: no flow team.a/nope: not among these files")
    assert warnings(alone) == []
    assert (folder.code, alone.code) == (0, 0)


def test_files_that_cannot_be_read_are_told_beside_such_calls(run, tmp_path):
    path = write(tmp_path, "one", ("team.a", "nope"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "torn.yaml").write_text("id: [")

    done = run("flow", "validate", str(tmp_path))

    assert done.code == 1
    assert len(warnings(done)) == 1
    assert warnings(done)[0].startswith(f"{path}:")
    assert f"{tmp_path / 'bytes.yaml'}:1:1: the file is not UTF-8" in done.out
