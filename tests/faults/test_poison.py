"""A row, a message, a flow that cannot be processed: set aside, and the rest goes on."""

import json

import pytest

from app.dispatch.celery_app import make_celery

LOG = "io.kestra.plugin.core.log.Log"


def flow(cluster, name):
    cluster.flow(f"id: {name}\nnamespace: faults\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")


def spoil(cluster, name):
    """What a removed plug-in or a hand in the database does to a saved flow."""
    tasks = [{"id": "a", "type": "org.example.Gone"}]
    document = json.dumps({"id": name, "namespace": "faults", "tasks": tasks})
    with cluster.database.transaction() as tx:
        tx.exec_driver_sql(f"update flow_revisions set document = '{document}' where id = '{name}'")


@pytest.mark.slow
def test_a_flow_that_cannot_be_built_ends_with_its_reason_and_others_go_on(cluster):
    flow(cluster, "spoiled")
    flow(cluster, "sound")
    cluster.proc("worker").kill_group()
    bad = cluster.start("spoiled")
    spoil(cluster, "spoiled")
    cluster.proc("beat").kill_group()
    cluster.revive()  # no process has the flow in its cache
    good = [cluster.start("sound") for _ in range(3)]
    states = cluster.states(good)
    done = cluster.wait(bad)
    lines = cluster.client.get(f"/logs/{bad}").json()

    assert states == {"SUCCESS": 3}
    assert done["state"]["current"] == "FAILED"
    assert "set aside after 3 tries" in lines[-1]["message"]
    assert "org.example.Gone" in lines[-1]["message"]


def test_messages_that_mean_nothing_are_dropped_and_others_go_on(cluster):
    app = make_celery(cluster.settings)
    for name, kwargs in (
        ("trunkline.run", {"execution": "none", "sequence": "none", "pos": 0, "attempt": 1}),
        ("trunkline.run", {"what": "ever"}),
        ("os.system", {"command": "true"}),
    ):
        app.send_task(name, kwargs=kwargs, queue="engine", retry=False)
    with app.producer_or_acquire() as producer:
        for kind in ("application/x-python-serialize", "application/json", "text/unknown"):
            producer.publish(
                b"\x80\x04.",
                routing_key="engine",
                content_type=kind,
                content_encoding="binary",
                retry=False,
            )
    flow(cluster, "sound")
    good = [cluster.start("sound") for _ in range(3)]

    assert cluster.states(good) == {"SUCCESS": 3}
    assert cluster.proc("worker").is_alive
