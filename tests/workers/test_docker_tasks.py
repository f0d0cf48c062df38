"""The docker tasks one by one on a real engine: what each property does."""

import io

import pytest

from tests.conftest import make_driver
from tests.support.docker import SHELL_IMAGE, engine, shell_image

#: one after the other: they name, list and prune what the engine has
pytestmark = [pytest.mark.slow, pytest.mark.docker]
MARK = "trunkline-test-mark"


@pytest.fixture
def client():
    client = engine()
    shell_image(client)
    yield client
    for container in client.containers.list(all=True, filters={"label": MARK}):
        container.remove(force=True)
    for image in client.images.list(filters={"label": MARK}):
        client.images.remove(image.id, force=True)
    client.close()


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, *tasks):
    return driver.run("id: docks\nnamespace: company.team\ntasks:\n" + "\n".join(tasks))


def task(task_id, kind, *lines):
    head = f"  - id: {task_id}\n    type: io.kestra.plugin.docker.cli.{kind}"
    return "\n".join([head, *(f"    {line}" for line in lines)])


def ended(driver, execution):
    assert driver.state(execution) == "SUCCESS", driver.messages(execution)


def marked(client, command=("sleep", "60"), **more):
    return client.containers.run(
        SHELL_IMAGE, list(command), detach=True, init=True, labels={MARK: "1"}, **more
    )


FROM = f"FROM {SHELL_IMAGE}"


def test_an_image_is_built_from_a_file_of_the_directory_with_what_lies_beside_it(driver, client):
    lines = [
        "inputFiles:",
        "  sub/My.Dockerfile: |",
        f"    {FROM}",
        "    COPY data.txt /data.txt",
        "  data.txt: copied",
        "dockerfile: sub/My.Dockerfile",
        "pull: false",
        f"labels: {{{MARK}: '1'}}",
        'platforms: ["linux/amd64"]',
        "tags: ['https://trunkline-test-file:1']",
    ]
    use = task("use", "Run", "containerImage: trunkline-test-file:1", "pullPolicy: NEVER",
               'commands: [cat, /data.txt]')  # fmt: skip
    execution = run(driver, task("build", "Build", *lines), use)

    ended(driver, execution)
    assert "copied" in driver.messages(execution)
    found = client.images.get("trunkline-test-file:1")
    assert driver.outputs(execution, "build")["imageId"] == found.id


def test_a_build_for_two_platforms_says_what_this_engine_can_do(driver, client):
    lines = ["dockerfile: FROM x", "tags: [x]", 'platforms: ["linux/amd64", "linux/arm64"]']
    execution = run(driver, task("build", "Build", *lines))

    assert driver.state(execution) == "FAILED"
    assert "platform" in " ".join(driver.messages(execution))


def test_the_options_of_a_run_reach_the_engine(driver, client):
    lines = [
        f"containerImage: {SHELL_IMAGE}",
        "pullPolicy: NEVER",
        "entryPoint: [sh, -c]",
        'commands: ["sleep 30"]',
        "env: {NAME: '{{ 1 + 1 }}'}",
        "user: '1234'",
        "extraHosts: ['db.internal:10.0.0.7']",
        "networkMode: none",
        "shmSize: 16MB",
        "cpu: {cpus: 0.25}",
        "memory: {memory: 64MB, memorySwap: 64MB, memoryReservation: 32m}",
        "wait: false",
    ]
    execution = run(driver, task("run", "Run", *lines))

    ended(driver, execution)
    container = client.containers.get(driver.outputs(execution, "run")["taskRunner"]["containerId"])
    try:
        host, config = container.attrs["HostConfig"], container.attrs["Config"]
        assert (config["Entrypoint"], config["Cmd"]) == (["sh", "-c"], ["sleep 30"])
        assert "NAME=2" in config["Env"]
        assert config["User"] == "1234"
        assert host["ExtraHosts"] == ["db.internal:10.0.0.7"]
        assert (host["NetworkMode"], host["ShmSize"]) == ("none", 16 << 20)
        assert host["NanoCpus"] == 250_000_000
        memory = (host["Memory"], host["MemorySwap"], host["MemoryReservation"])
        assert memory == (64 << 20, 64 << 20, 32 << 20)
    finally:
        container.remove(force=True)


def test_ports_are_bound_where_they_are_asked_for(driver, client):
    lines = [
        f"containerImage: {SHELL_IMAGE}",
        "pullPolicy: NEVER",
        "commands: [sleep, '30']",
        "portBindings: ['127.0.0.1:18099:80/tcp', '18098:81']",
        "wait: false",
    ]
    execution = run(driver, task("run", "Run", *lines))

    ended(driver, execution)
    container = client.containers.get(driver.outputs(execution, "run")["taskRunner"]["containerId"])
    try:
        bound = container.attrs["HostConfig"]["PortBindings"]
        assert bound["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "18099"}]
        assert bound["81/tcp"][0]["HostPort"] == "18098"
    finally:
        container.remove(force=True)


@pytest.mark.parametrize("how", ["id", "prefix", "name"])
@pytest.mark.parametrize("more", ["kill: true", "delete: false"])
def test_a_container_is_stopped_by_its_id_a_prefix_or_its_name(driver, client, how, more):
    container = marked(client, name="trunkline-test-stopped")
    given = {"id": container.id, "prefix": container.id[:10], "name": container.name}[how]

    execution = run(driver, task("stop", "Stop", f"containerId: '{given}'", more))

    ended(driver, execution)
    found = client.containers.list(all=True, filters={"label": MARK})
    assert [one.status for one in found] == (["exited"] if "delete" in more else [])


def test_containers_and_images_are_removed_by_id_and_by_name(driver, client):
    first, second = marked(client, name="trunkline-test-one"), marked(client, command=["true"])
    client.images.get(SHELL_IMAGE).tag("trunkline-test-away", "1")
    second.wait()
    kept = run(driver, task("rm", "Rm", f"containerIds: ['{first.id}']"))
    lines = [f"containerIds: [trunkline-test-one, '{second.id[:12]}']", "force: true",
             "removeVolumes: true", "imageIds: ['trunkline-test-away:1']"]  # fmt: skip
    execution = run(driver, task("rm", "Rm", *lines))

    assert driver.state(kept) == "FAILED"  # it runs, and no force was asked for
    ended(driver, execution)
    assert client.containers.list(all=True, filters={"label": MARK}) == []
    assert client.images.list("trunkline-test-away") == []
    assert client.images.get(SHELL_IMAGE)


def build(client, tag, name="1"):
    text = f"{FROM}\nLABEL {MARK}={name}\n"
    client.images.build(fileobj=io.BytesIO(text.encode()), tag=tag, rm=True)


def test_unused_images_are_pruned_by_their_label_and_no_others(driver, client):
    build(client, "trunkline-test-prune:1", "a")
    build(client, "trunkline-test-prune:2", "b")
    lines = ["pruneType: IMAGES", f"labelFilters: ['{MARK}=a']"]
    execution = run(driver, task("prune", "Prune", *lines))

    ended(driver, execution)
    assert [t for i in client.images.list("trunkline-test-prune") for t in i.tags] == [
        "trunkline-test-prune:2"
    ]
    assert client.images.get(SHELL_IMAGE)


def test_of_the_cache_of_builds_no_more_is_pruned_than_was_asked_for(driver, client, monkeypatch):
    asked = []
    prune = "docker.api.build.BuildApiMixin.prune_builds"
    monkeypatch.setattr(prune, lambda _self, filters=None: asked.append(filters) or {})

    run(driver, task("prune", "Prune", "pruneType: BUILD", "until: 24h"))
    by_label = run(driver, task("prune", "Prune", "pruneType: BUILD", "labelFilters: [a=b]"))

    assert asked == [{"until": "24h"}]
    assert driver.state(by_label) == "FAILED"
    assert "a cache of builds has no labels" in " ".join(driver.messages(by_label))


@pytest.mark.parametrize("kind", ["CONTAINERS", "NETWORKS", "VOLUMES", "BUILD"])
def test_other_things_are_pruned_too(driver, client, kind):
    container = marked(client, command=["true"])
    container.wait()
    client.networks.create("trunkline-test-net", labels={MARK: "1"})
    client.volumes.create("trunkline-test-volume", labels={MARK: "1"})
    more = [] if kind == "BUILD" else [f"labelFilters: ['{MARK}']"]
    try:
        execution = run(driver, task("prune", "Prune", f"pruneType: {kind}", *more))

        ended(driver, execution)
        left = {
            "CONTAINERS": client.containers.list(all=True, filters={"label": MARK}),
            "NETWORKS": client.networks.list(filters={"label": MARK}),
            "VOLUMES": client.volumes.list(filters={"label": MARK}),
        }
        assert [name for name, found in left.items() if not found] == (
            [] if kind == "BUILD" else [kind]
        )
    finally:
        for network in client.networks.list(filters={"label": MARK}):
            network.remove()
        for volume in client.volumes.list(filters={"label": MARK}):
            volume.remove()


def test_images_are_listed_by_name_and_by_label(driver, client):
    build(client, "trunkline-test-list:1", "a")
    build(client, "trunkline-test-other:1", "b")
    name = "imageNameFilter: trunkline-test-list"
    execution = run(
        driver,
        task("all", "ImageLs", "showAll: true"),
        task("named", "ImageLs", name),
        task("labelled", "ImageLs", f"labelFilter: {{{MARK}: b}}"),
        task("none", "ImageLs", name, f"labelFilter: {{{MARK}: b}}"),
    )

    ended(driver, execution)
    found = {key: driver.outputs(execution, key) for key in ("all", "named", "labelled", "none")}
    assert all(one["count"] == len(one["images"]) for one in found.values())
    assert found["all"]["count"] >= 3
    (named,), (labelled,) = found["named"]["images"], found["labelled"]["images"]
    assert named["repoTags"] == ["trunkline-test-list:1"]
    assert named["id"].startswith("sha256:")
    assert (named["labels"][MARK], named["size"] > 0, named["created"] > 0) == ("a", True, True)
    assert labelled["repoTags"] == ["trunkline-test-other:1"]
    assert found["none"]["images"] == []


@pytest.mark.parametrize(
    ("target", "tag"),
    [("trunkline-test-t", "latest"), ("localhost:5999/a/b", "latest"), ("trunkline-test-t:7", "7")],
)
def test_a_tag_makes_the_target_known(driver, client, target, tag):
    lines = [f"sourceImage: {SHELL_IMAGE}", f"targetImage: '{target}'"]
    execution = run(driver, task("tag", "Tag", *lines))
    try:
        ended(driver, execution)
        assert f"{target.removesuffix(':7')}:{tag}" in client.images.get(SHELL_IMAGE).tags
    finally:
        client.images.remove(target)


def test_a_push_without_a_tag_is_refused(driver, client):
    execution = run(driver, task("push", "Push", "tags: []"))

    assert driver.state(execution) == "FAILED"
    assert "At least one tag must be provided" in driver.messages(execution)
