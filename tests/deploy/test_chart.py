"""The Helm chart, the units and the compose file: what can be checked without a cluster."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from app.service import health
from app.settings import Settings
from tests.deploy.tools import tool

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "trunkline"


def rendered(*options: str, values: Path | None = None) -> list[dict]:
    command = [tool("helm"), "template", "t", str(CHART), "--kube-version", "1.31.0"]
    for option in options:
        command += ["--set", option]
    command += ["--values", str(values)] if values else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def pods(documents):
    for document in documents:
        if document["kind"] in ("Deployment", "Job"):
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def test_the_chart_has_no_faults():
    done = subprocess.run(
        [tool("helm"), "lint", "--strict", str(CHART)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", ["1.27", "1.31", "1.37"])
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("storage.url=s3://bucket/files", "keda.enabled=true"),
        ("ingress.enabled=true", "ingress.className=nginx", "ingress.tlsSecretName=tls"),
        ("maintenance=true", "tmpSize="),
    ],
    ids=["plain", "scaled", "ingress", "maintenance"],
)
def test_every_object_is_valid_by_the_schema_of_kubernetes(options, version):
    """Strict: an unknown field is one too many. KEDA's own schema can be had from no registry."""
    checked = [d for d in rendered(*options) if d["kind"] != "ScaledObject"]
    for document in checked:
        kubernetes_validate.validate(document, version, strict=True)

    assert {"Deployment", "Job", "NetworkPolicy", "Service"} <= {d["kind"] for d in checked}


def test_the_schema_of_kubernetes_refuses_a_field_that_is_misspelt():
    deployment = next(d for d in rendered() if d["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError, match="livenesProbe"):
        kubernetes_validate.validate(deployment, "1.31", strict=True)


def test_there_is_a_deployment_for_each_process_and_a_migration_before_them():
    documents = rendered()

    kinds = {(d["kind"], d["metadata"]["name"]) for d in documents}
    names = ("api", "beat", "worker-engine", "worker-git", "worker-script")
    assert {("Deployment", f"t-{name}") for name in names} <= kinds
    job = next(d for d in documents if d["kind"] == "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    claims = [v for v in job["spec"]["template"]["spec"]["volumes"] if "persistentVolumeClaim" in v]
    assert claims == []  # it would wait for one that is made after it


def test_during_maintenance_nothing_runs_but_a_pod_that_waits():
    documents = rendered("maintenance=true", "keda.enabled=true")

    deployments = {d["metadata"]["name"]: d["spec"] for d in documents if d["kind"] == "Deployment"}
    pod = deployments.pop("t-maintenance")["template"]["spec"]
    assert {spec["replicas"] for spec in deployments.values()} == {0}
    assert not any(d["kind"] == "ScaledObject" for d in documents)
    assert "args" not in pod["containers"][0]
    assert {v["name"] for v in pod["volumes"]} == {"secrets", "tmp", "data", "storage"}
    assert "t-maintenance" not in dict(pods(rendered()))


def test_scripts_of_other_users_may_not_read_the_secrets_and_uploads_have_room():
    for name, pod in pods(rendered()):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert volumes["secrets"]["secret"]["defaultMode"] == 0o440, name
        assert volumes["tmp"]["emptyDir"]["sizeLimit"] == "20Gi", name


def test_no_pod_may_more_than_it_needs():
    for name, pod in pods(rendered()):
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"], name
        assert not security["allowPrivilegeEscalation"], name
        assert security["capabilities"]["drop"] == ["ALL"], name
        assert not pod["automountServiceAccountToken"], name
        assert (security.get("runAsUser") == 0) == (name == "t-worker-script"), name


def test_every_process_has_limits_and_a_probe_and_a_beat_that_stands_still_fails_its_own(tmp_path):
    probes = {}
    for name, pod in pods(rendered("settings.pulse=" + str(tmp_path / "alive"))):
        (container,) = pod["containers"]
        assert {"cpu", "memory"} <= set(container["resources"]["limits"]), name
        if name != "t-migrate":
            probes[name] = container["livenessProbe"]
    command = probes["t-beat"]["exec"]["command"]

    def asked():
        return subprocess.run(command, capture_output=True, check=False).returncode

    never = asked()
    (tmp_path / "alive").touch()
    lives = asked()
    os.utime(tmp_path / "alive", (time.time() - 100, time.time() - 100))

    assert [never, lives, asked()] == [1, 0, 1]
    assert all(probes[name]["exec"]["command"] == command for name in probes if name != "t-api")


def test_probes_of_the_api_wait_until_it_has_told_what_hangs():
    """One second, where nothing is said, would take every instance out while the broker hangs."""
    (api,) = dict(pods(rendered()))["t-api"]["containers"]

    for name in ("readinessProbe", "livenessProbe"):
        assert api[name]["timeoutSeconds"] > health.ANSWER_S + 1, name


def test_an_api_that_is_replaced_serves_until_nobody_sends_it_requests():
    """A pod gets its SIGTERM while proxies still send to it: it waits before that."""
    found = dict(pods(rendered()))
    (api,) = found["t-api"]["containers"]
    command, seconds = api["lifecycle"]["preStop"]["exec"]["command"]

    assert command == "sleep"
    assert 5 <= int(seconds) < found["t-api"]["terminationGracePeriodSeconds"] - 30


def test_without_a_file_there_is_no_probe_of_it():
    without = {name: pod["containers"][0] for name, pod in pods(rendered("settings.pulse="))}

    assert "livenessProbe" not in without["t-beat"]
    assert "livenessProbe" in without["t-api"]


def test_secrets_are_files_and_never_values():
    for name, pod in pods(rendered()):
        (container,) = pod["containers"]
        variables = {entry["name"]: entry["value"] for entry in container["env"]}
        assert "TRUNKLINE_DATABASE_URL_FILE" in variables, name
        assert not {"TRUNKLINE_DATABASE_URL", "TRUNKLINE_ENCRYPTION_KEY"} & set(variables), name


def test_every_setting_that_the_chart_writes_is_one():
    for name, pod in pods(rendered()):
        for entry in pod["containers"][0]["env"]:
            setting = entry["name"].removeprefix("TRUNKLINE_").removesuffix("_FILE").lower()
            assert setting in Settings.model_fields, (name, entry["name"])


def test_every_process_is_told_how_to_reach_an_object_store():
    found = rendered("extraEnv[0].name=AWS_DEFAULT_REGION", "extraEnv[0].value=eu-central-1")

    for name, pod in pods(found):
        given = {"name": "AWS_DEFAULT_REGION", "value": "eu-central-1"}
        assert given in pod["containers"][0]["env"], name


def test_large_numbers_of_a_values_file_stay_whole(tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text("settings: {max_upload_bytes: 5000000000, lease_s: 1.5, traces: true}")

    documents = rendered(values=values)

    _, pod = next(pods(documents))
    texts = {entry["name"]: entry["value"] for entry in pod["containers"][0]["env"]}
    assert texts["TRUNKLINE_MAX_UPLOAD_BYTES"] == "5000000000"
    assert texts["TRUNKLINE_LEASE_S"] == "1.5"
    assert texts["TRUNKLINE_TRACES"] == "true"


def test_the_api_may_reach_its_object_store_and_metrics_may_be_kept_to_some():
    documents = rendered("networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus")

    policy = next(d for d in documents if d["kind"] == "NetworkPolicy")["spec"]
    assert {"ports": [{"port": 443}]} in policy["egress"]
    (metrics,) = policy["ingress"]
    assert metrics["from"] == [{"podSelector": {"matchLabels": {"app": "prometheus"}}}]


def test_with_keda_the_number_of_workers_follows_what_waits():
    documents = rendered("keda.enabled=true")

    scalers = {d["metadata"]["name"]: d for d in documents if d["kind"] == "ScaledObject"}
    trigger = scalers["t-worker-engine"]["spec"]["triggers"][0]
    assert 'trunkline_task_runs_runnable{queue=~"engine|default"}' in trigger["metadata"]["query"]
    assert 'trunkline_task_runs_running{queue=~"engine|default"}' in trigger["metadata"]["query"]
    worker = next(d for d in documents if d["metadata"]["name"] == "t-worker-engine")
    assert "replicas" not in worker["spec"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("workers.engine.queues=Not A Queue", "queues"),
        ("image.pullPolicy=Sometimes", "pullPolicy"),
        ("secretName=", "secretName"),
        ("settings.database_url=postgresql://a:b@c/d", "database_url"),
        ("api.replica=5", "replica"),
        ("metrics=true", "metrics"),
        ("tmpSize=much", "tmpSize"),
        ("extraEnv[0].name=TRUNKLINE_ENCRYPTION_KEY", "extraEnv"),
    ],
)
def test_a_wrong_value_is_refused_by_name(wrong, named):
    command = [
        tool("helm"),
        "template",
        "t",
        str(CHART),
        "--kube-version",
        "1.31.0",
        "--set",
        wrong,
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert named in done.stderr


def test_every_unit_starts_a_command_of_ours_and_gives_it_time_to_stop():
    for path in (DEPLOY / "systemd").glob("*.service"):
        text = path.read_text()
        assert "ExecStart=/opt/trunkline/bin/trunkline " in text, path.name
        assert "Restart=always" in text
        assert "KillMode=mixed" in text
    worker = (DEPLOY / "systemd" / "trunkline-worker@.service").read_text()
    seconds = int(worker.partition("TimeoutStopSec=")[2].splitlines()[0])
    assert seconds >= Settings().soft_shutdown_s + 25


def test_every_unit_that_shows_metrics_may_have_a_port_of_its_own():
    """A file of the unit's own, read after the one that all of them share."""
    files = {}
    for path in (DEPLOY / "systemd").glob("*.service"):
        lines = path.read_text().splitlines()
        files[path.stem] = [
            line.partition("=")[2] for line in lines if line.startswith("EnvironmentFile=")
        ]
    flower = files.pop("trunkline-flower")

    assert {shared for shared, _ in files.values()} == {"/etc/trunkline/trunkline.env"}
    assert {own for _, own in files.values()} == {
        "-/etc/trunkline/api.env",
        "-/etc/trunkline/beat.env",
        "-/etc/trunkline/worker-%i.env",
    }
    assert flower == ["/etc/trunkline/flower.env"]


def test_flower_keeps_off_the_files_of_the_installation():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    assert any(volume.startswith("storage:") for volume in services["worker-git"]["volumes"])
    assert not any(volume.startswith("storage:") for volume in services["flower"]["volumes"])


def test_every_service_of_compose_has_limits_and_a_health_check():
    """Those of YAML's own merge: what Compose starts."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    for name, service in services.items():
        assert {"cpus", "mem_limit", "restart"} <= set(service), name
        assert "healthcheck" in service, name


def test_systemd_finds_no_fault_in_the_units(tmp_path):
    """In a root of its own, where what they start is there."""
    analyze = tool("systemd-analyze")
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(DEPLOY / "systemd", units)
    program = tmp_path / "opt" / "trunkline" / "bin" / "trunkline"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in ("script", "docker"):
        drop_ins = units / f"trunkline-worker@{name}.service.d"
        drop_ins.mkdir()
        (units / f"trunkline-worker-{name}.conf").rename(drop_ins / "trunkline.conf")
    names = ["trunkline-worker@engine", "trunkline-worker@script", "trunkline-worker@docker"]
    names += ["trunkline-api", "trunkline-beat", "trunkline-flower"]
    command = [analyze, "verify", f"--root={tmp_path}", "--man=no", "--recursive-errors=no"]

    done = subprocess.run(
        [*command, *(f"{name}.service" for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_compose_file_names_settings_that_exist_and_no_secret():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    for name, service in services.items():
        for variable, value in (service.get("environment") or {}).items():
            if variable.startswith("TRUNKLINE_") and variable != "TRUNKLINE_CONFIG":
                setting = variable.removeprefix("TRUNKLINE_").removesuffix("_FILE").lower()
                assert setting in Settings.model_fields, (name, variable)
            if "PASSWORD" in variable or "KEY" in variable:
                private = name == "worker-script"  # where its scripts cannot look
                place = "/run/private/" if private else "/run/secrets/"
                assert str(value).startswith(place), (name, variable)
