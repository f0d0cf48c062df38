"""The chart before a real API server of Kubernetes: what it accepts, and what it lets pods do.

There is no node behind it, so no pod runs. Run by `make test-cluster`, which builds the server:
that takes longer than CI has for all of its tests.
"""

import subprocess

import pytest

from tests.deploy.test_chart import CHART, pods, rendered
from tests.deploy.tools import tool
from tests.support.kubernetes import api_server

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]
OPTIONS = {
    "plain": (),
    "object store": ("storage.url=s3://bucket/files",),
    "ingress": ("ingress.enabled=true", "ingress.className=nginx", "ingress.tlsSecretName=tls"),
    "maintenance": ("maintenance=true",),
}


@pytest.fixture(scope="module")
def kubernetes(tmp_path_factory):
    server = api_server(tmp_path_factory.mktemp("kubernetes"))
    yield server
    server.stop()


def helm(server, *words):
    """What Helm says; it waits for no hook, since no job ends where nothing runs it."""
    command = [tool("helm"), *words, "--namespace", "default"]
    done = subprocess.run(
        command, env=server.helm_environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_server_accepts_every_object(kubernetes, options):
    documents = rendered(*options)
    answers = {
        f"{document['kind']} {document['metadata']['name']}": kubernetes.post(document, "default")
        for document in documents
    }
    refused = {name: one.text for name, one in answers.items() if one.status_code != 201}

    assert len(answers) > 10
    assert refused == {}


@pytest.mark.parametrize(
    ("where", "wrong", "said"),
    [
        ("containers", {"livenesProbe": {}}, "livenesProbe"),
        ("containers", {"resources": {"limits": {"cpu": "much"}}}, "quantities"),
        ("volumes", {"name": "Not A Name"}, "Not A Name"),
    ],
    ids=["misspelt", "no quantity", "no name"],
)
def test_the_server_refuses_what_is_wrong(kubernetes, where, wrong, said):
    deployment = next(d for d in rendered() if d["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"][where][0].update(wrong)

    answer = kubernetes.post(deployment, "default")

    assert answer.status_code in (400, 422)
    assert said in answer.json()["message"]


def test_all_pods_but_that_of_scripts_pass_the_strictest_standard_and_all_the_middle_one(
    kubernetes,
):
    """Pod Security Standards, as the server's own admission holds a namespace to them."""
    passed = {}
    for standard in ("restricted", "baseline"):
        labels = {"pod-security.kubernetes.io/enforce": standard}
        namespace = {"apiVersion": "v1", "kind": "Namespace"}
        named = {"metadata": {"name": standard, "labels": labels}}
        kubernetes.post(namespace | named, "", dry=False).raise_for_status()
        for name, spec in pods(rendered()):
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
            answer = kubernetes.post(pod, standard)
            assert answer.status_code in (201, 403), answer.text
            passed[(standard, name)] = answer.status_code == 201

    assert len(passed) >= 12
    assert [key for key, well in passed.items() if not well] == [("restricted", "t-worker-script")]


def test_a_release_is_installed_upgraded_and_taken_back_and_its_files_outlive_it(kubernetes):
    images = []

    def image():
        answer = kubernetes.client.get("/apis/apps/v1/namespaces/default/deployments/r-api")
        (container,) = answer.json()["spec"]["template"]["spec"]["containers"]
        return container["image"]

    helm(kubernetes, "install", "r", str(CHART), "--no-hooks", "--set", "image.tag=v1")
    images.append(image())
    helm(kubernetes, "upgrade", "r", str(CHART), "--no-hooks", "--set", "image.tag=v2")
    images.append(image())
    helm(kubernetes, "rollback", "r", "1", "--no-hooks")
    images.append(image())
    helm(kubernetes, "uninstall", "r", "--no-hooks")
    left = kubernetes.client.get("/apis/apps/v1/namespaces/default/deployments").json()["items"]
    claims = kubernetes.client.get("/api/v1/namespaces/default/persistentvolumeclaims").json()

    assert images == ["trunkline:v1", "trunkline:v2", "trunkline:v1"]
    assert left == []
    assert [claim["metadata"]["name"] for claim in claims["items"]] == ["r-storage"]
